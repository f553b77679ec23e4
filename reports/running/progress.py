"""What long work says of its stages, whoever listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from models import Tick


class Progress(Protocol):
    """Shows each stage of long work, as progress bars do.

    Examples
    --------
    >>> import numpy as np
    >>> from reports import compress
    >>> class Names:
    ...     def stage(self, name, total):
    ...         print(f"{name}: {total} step")
    ...         return lambda: print("done")
    >>> pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    >>> _ = compress(pixels, [2], posterior=0, progress=Names())
    EM, 2 colours: 1 step
    done
    """

    def stage(self, name: str, total: int) -> Tick:
        """Begin a stage of so many steps, and return what to call after each."""


@runtime_checkable
class Speaks(Protocol):
    """Shows sentences, too, as the progress of a command does."""

    def say(self, sentence: str) -> None:
        """Show a sentence."""


class Silence:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> Tick:
        """Return a step that does nothing."""
        return lambda: None
