"""What long work says of its stages, whoever listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from models import Tick


class Progress(Protocol):
    """Shows each stage of long work, as progress bars do."""

    def stage(self, name: str, total: int) -> Tick:
        """Begin a stage of so many steps, and return what to call after each."""


class Silence:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> Tick:
        """Return a step that does nothing."""
        return lambda: None
