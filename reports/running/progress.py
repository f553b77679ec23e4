"""What long work says of its stages, whoever listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from models import Tick

# Whoever waits for less does not want to choose.
LONG_SECONDS, LONG_HOURS = 120.0, 3
SHORTER = (
    "Fewer draws or chains take less, and so does a part of the rows, or rounding them until many are equal. "
    "A fit by EM alone takes seconds."
)


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


def foretell(progress: Progress, seconds: float) -> None:
    """Say before the chains begin about how long they will take, where that is long, and what takes less."""
    if seconds < LONG_SECONDS or not isinstance(progress, Speaks):
        return
    minutes = f"{seconds / 60:.0f} minutes" if seconds < LONG_HOURS * 3600 else f"{seconds / 3600:.0f} hours"
    progress.say(f"NUTS will take about {minutes} here, if its first draws are enough. {SHORTER}")


class Silence:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> Tick:
        """Return a step that does nothing."""
        return lambda: None
