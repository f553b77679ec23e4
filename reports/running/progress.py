"""What long work says of its stages, whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

type Tick = Callable[[], None]
"""What is called after each step of long work."""


class Progress(Protocol):
    """What is told about each stage of long work, such as progress bars."""

    def stage(self, name: str, total: int) -> Tick:
        """Begin a stage of so many steps, and return what to call after each."""


class Silence:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> Tick:
        """Return a step that does nothing."""
        return lambda: None
