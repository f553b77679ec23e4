"""A line for each stage on standard error, for a log, or for a terminal before its bars are there."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models import Tick


def say(stage: str) -> None:
    """Say at once, with the time of day, that a stage begins."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {stage}\n")
    sys.stderr.flush()


class Lines:
    """Progress where nobody draws bars: what each stage is called, when it begins."""

    def say(self, sentence: str) -> None:
        """Say a sentence."""
        say(sentence)

    def stage(self, name: str, total: int) -> Tick:
        """Begin a stage, whose steps are not shown."""
        say(name)
        return lambda: None

    def passes(self, name: str) -> Callable[[int, int], None]:
        """Begin a stage of many passes, which are not shown either."""
        said = False

        def step(number: int, parts: int) -> None:
            nonlocal said
            if not said:
                said = True
                say(name)

        return step


class Quiet(Lines):
    """Progress that the user does not want to see."""

    def say(self, sentence: str) -> None:
        """Say nothing."""

    def stage(self, name: str, total: int) -> Tick:
        """Return a step that does nothing."""
        return lambda: None

    def passes(self, name: str) -> Callable[[int, int], None]:
        """Return a step that does nothing."""
        return lambda number, parts: None
