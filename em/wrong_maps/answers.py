"""What each half of EM gives with one classic mistake, for somebody whose own half is to be held against it."""

from __future__ import annotations

from collections.abc import Iterator

from models import Array, Data, Mixture, Model

from .mistakes import Mistake
from .registry import families_maps
from .step import Situation


def wrong_e_steps(mixture: Mixture, model: Model, data: Data) -> Iterator[tuple[Mistake, Array]]:
    """Yield the responsibilities, shape ``(rows, k)``, of each mistake that an E-step of this model can make."""
    situation = Situation(mixture, model, data)
    for e_step in families_maps[model.family].wrong_e_steps:
        found = e_step.responsibilities(situation)
        if found is not None:
            yield e_step.mistake, found


def wrong_m_steps(mixture: Mixture, model: Model, data: Data) -> Iterator[tuple[Mistake, Mixture]]:
    """Yield where each mistake of an M-step leads that is given the right responsibilities of ``mixture``."""
    situation, maps = Situation(mixture, model, data), families_maps[model.family]
    of_e_steps = {e_step.mistake for e_step in maps.wrong_e_steps}
    for wrong in maps.wrong_maps:
        if wrong.mistake not in of_e_steps:
            yield from ((wrong.mistake, step.mixture) for step in wrong.steps(situation))
