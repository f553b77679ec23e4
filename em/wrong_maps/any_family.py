r"""Mistakes that a program for any family can make, in its E-step or with its weights.

- **Weights forgotten:** $\gamma_{ik} = p(x_i \mid \theta_k) / \sum_j p(x_i \mid \theta_j)$. The prior probability of a
  component belongs in its posterior one; without it $\gamma$ is that of the model with equal weights, while
  $\pi_k = N_k / n$ is still reported.
- **Weights not updated:** $\pi_k = 1/K$ always, where $\pi_k = N_k / n$ maximises $Q$.
- **Hard assignments:** $\gamma_{ik} = 1$ for the largest $\pi_k p(x_i \mid \theta_k)$, else 0. This maximises the
  likelihood of data and labels together (Celeux and Govaert 1992), not that of the data.
- **Wrong axis:** $\gamma_{ik} = \pi_k p(x_i \mid \theta_k) / \sum_{i'} \pi_k p(x_{i'} \mid \theta_k)$, whose sum over the
  observations is one. Then $N_k = 1$ for all $k$.
- **Unweighted counts:** $N_k = \sum_i \gamma_{ik}$ over the distinct rows, without how often $w_i$ each was seen.
- **Exposure forgotten:** $e_i = 1$ in both steps, whatever the exposure of the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import special

from models import Array, Mixture

from .mistakes import Mistake
from .step import Situation, Step, WrongEStep, WrongMap, one_each


def _weights_forgotten(situation: Situation) -> Array | None:
    if not situation.model.weights_are_free:
        return None
    log_density = situation.mixture.components.log_density(situation.data.values, situation.data.exposure)
    return np.asarray(special.softmax(log_density, axis=1))


def _weights_not_updated(situation: Situation) -> Iterator[Step]:
    if not situation.model.weights_are_free:
        return
    found = situation.step(situation.responsibilities)
    if found is not None:
        k = situation.model.components
        yield Step(Mixture(np.full(k, 1 / k), found.components))


def _hard_assignments(situation: Situation) -> Array:
    log_joint = situation.mixture.log_joint(situation.data.values, situation.data.exposure)
    return one_each(log_joint.argmax(axis=1), situation.model.components)


def _wrong_axis(situation: Situation) -> Array | None:
    if not (situation.mixture.weights > 0).all():  # nothing to normalise
        return None
    seen = situation.data.weights
    log_joint = situation.mixture.log_joint(situation.data.values, situation.data.exposure)
    # Each row stands for as many as it was seen, all of which the sum over the observations takes.
    return np.asarray(special.softmax(log_joint + np.log(seen)[:, None], axis=0) / seen[:, None])


def _unweighted_counts(situation: Situation) -> Iterator[Step]:
    if np.ptp(situation.data.weights) == 0:
        return
    responsibilities = situation.responsibilities
    found = situation.step(responsibilities, np.ones_like(situation.data.weights))
    right = situation.step(responsibilities)
    if found is not None and right is not None:
        yield Step(found)
        yield Step(Mixture(right.weights, found.components), "in the components alone")


def _exposure_forgotten(situation: Situation) -> Iterator[Step]:
    if situation.data.exposure is None:
        return
    of_one = Situation(situation.mixture, situation.model, replace(situation.data, exposure=None))
    found = of_one.step(of_one.responsibilities)
    if found is not None:
        yield Step(found)


WRONG_E_STEPS = (
    WrongEStep(Mistake.WEIGHTS_FORGOTTEN, _weights_forgotten),
    WrongEStep(Mistake.HARD_ASSIGNMENTS, _hard_assignments),
    WrongEStep(Mistake.WRONG_AXIS, _wrong_axis),
)
WRONG_MAPS = (
    *(e_step.wrong_map for e_step in WRONG_E_STEPS),
    WrongMap(Mistake.WEIGHTS_NOT_UPDATED, _weights_not_updated),
    WrongMap(Mistake.UNWEIGHTED_COUNTS, _unweighted_counts),
    WrongMap(Mistake.EXPOSURE_FORGOTTEN, _exposure_forgotten),
)
