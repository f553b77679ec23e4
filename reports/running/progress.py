"""What long work says of its stages, whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

type Tick = Callable[[], None]
"""What is called after each step of long work."""


class Progress(Protocol):
    """Shows each stage of long work, as progress bars do."""

    def stage(self, name: str, total: int) -> Tick:
        """Begin a stage of so many steps, and return what to call after each."""


class Silence:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> Tick:
        """Return a step that does nothing."""
        return lambda: None
