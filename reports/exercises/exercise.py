"""An exercise: what is told, the blanks to be filled in, and the check of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from .asking import Function, UnusableError
from .finding import Finding

# Every check of a blank asks on the same fresh data, so that two hand-ins are asked the same.
CHECKED_WITH = 2026

titles: dict[str, str] = {
    "gaussian": "EM for a mixture of Gaussians in several dimensions",
    "one-dimension": "EM for a mixture of normals on a line",
    "poisson": "EM for a mixture of Poissons",
    "posterior": "The posterior of a mixture: the model in PyMC, label switching, and the comparison with EM",
}


@dataclass(frozen=True)
class Blank:
    """One function to be written.

    Parameters
    ----------
    name
        The function's name.
    task
        What it has to do, in Markdown.
    signature
        Its first line and docstring.
    solution
        The lines of its body, without indentation.
    check
        Says what is wrong with a function, or nothing; the second text is a remark on a right one.
    points
        How many points it is worth.
    """

    name: str
    task: str
    signature: str
    solution: str
    check: Callable[[Function, np.random.Generator], tuple[str, str]]
    points: int


@dataclass(frozen=True)
class Exercise:
    """A notebook's worth of blanks.

    Parameters
    ----------
    name
        What the command line calls it.
    introduction
        The text above everything, in Markdown.
    preparation
        The code that imports what is needed and makes the data.
    derivation
        What is to be derived by hand, in Markdown.
    derived
        The modules whose text is the derivation in the instructor's notebook.
    blanks
        The functions to be written, in order.
    closing
        The code that puts the functions to use.
    """

    name: str
    introduction: str
    preparation: str
    derivation: str
    derived: tuple[str, ...]
    blanks: tuple[Blank, ...]
    closing: str

    @property
    def title(self) -> str:
        """What the exercise is about."""
        return titles[self.name]

    def check(self, function: Function) -> Finding:
        """Hold a function against ours on fresh data; its name says which blank it fills.

        Raises
        ------
        ValueError
            When no blank of this exercise has the function's name.
        """
        name = getattr(function, "__name__", "")
        return self.check_blank(name, function)

    def check_blank(self, name: str, function: Function) -> Finding:
        """Hold a function against ours on fresh data as the blank of that name."""
        blank = next((blank for blank in self.blanks if blank.name == name), None)
        if blank is None:
            raise ValueError(
                f"function must be named after a blank of this exercise, one of "
                f"{', '.join(repr(blank.name) for blank in self.blanks)}, got {name!r}."
            )
        if not callable(function):
            return Finding(name, "It is no function.", "", 0, blank.points)
        try:
            reason, remark = blank.check(function, np.random.default_rng(CHECKED_WITH))
        except UnusableError as error:
            reason, remark = str(error), ""
        return Finding(name, reason, remark, 0 if reason else blank.points, blank.points)

    def missing(self, *functions: Function) -> list[str]:
        """Return the names of those functions that are not right yet."""
        return [finding.blank for finding in map(self.check, functions) if not finding.right]


def exercise(name: str) -> Exercise:
    """Return the exercise of that name.

    Raises
    ------
    ValueError
        When there is none of that name.
    """
    if name not in titles:
        from models.suggestion import suggestion

        raise ValueError(f"there is no exercise {name!r}{suggestion(name, titles)}")
    made: Exercise = import_module(f".{name.replace('-', '_')}", __package__).EXERCISE
    return made
