"""Ten short lessons on EM and the posterior, each one self-contained page with something live in it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..running.progress import Progress
    from .lesson import Lesson

# In the order in which they are taught. The module of a lesson has its name, and is imported only when it is wanted.
titles: dict[str, str] = {
    "climbing": "What EM does, and why it climbs",
    "starting": "Where EM ends depends on where it starts",
    "forgotten-weights": "An E-step that forgets the weights",
    "no-maximum": "A likelihood without a maximum",
    "switching": "Label switching, and how to undo it",
    "overlap": "Overlap: when estimate and posterior part",
    "meeting": "With more data they meet",
    "three-ways": "Three ways to treat z",
    "agreement": "Agreement is not truth",
    "prior": "What the prior does",
}


def make(name: str, seed: int, progress: Progress) -> Lesson:
    """Compute the live example of one lesson; each has random numbers of its own, whichever others are made.

    Raises
    ------
    ValueError
        When there is no lesson of that name.
    """
    if name not in titles:
        from models.suggestion import suggestion

        raise ValueError(f"there is no lesson {name!r}{suggestion(name, titles)}")
    generators = dict(zip(titles, np.random.default_rng(seed).spawn(len(titles)), strict=True))
    module = import_module(f".{name.replace('-', '_')}", __name__)
    lesson: Lesson = module.lesson(generators[name], progress)
    return lesson
