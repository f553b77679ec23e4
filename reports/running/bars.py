"""Progress bars on standard error, one for each stage of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from models import Tick


class Bars:
    """Draws a bar for every stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def say(self, sentence: str) -> None:
        """Show a sentence above the bars."""
        self._progress.console.print(sentence, markup=False, highlight=False)

    def stage(self, name: str, total: int) -> Tick:
        """Begin a stage of so many steps, and return what to call after each."""
        task = self._progress.add_task(name, total=total)

        def step() -> None:
            self._progress.advance(task)

        return step

    def passes(self, name: str) -> Callable[[int, int], None]:
        """Return what to call after each part, with the pass and how many parts it has; each pass begins the bar anew."""
        last = 0
        task: TaskID | None = None

        def step(number: int, parts: int) -> None:
            nonlocal last, task
            if task is None:
                task = self._progress.add_task(name)
            if number != last:
                last = number
                self._progress.reset(task, total=parts, description=f"{name}, pass {number}")
            self._progress.advance(task)

        return step


@contextmanager
def progress_bars() -> Iterator[Bars]:
    """Show bars until the block ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bars(progress)
