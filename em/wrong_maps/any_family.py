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
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import special

from models import Mixture

from .mistakes import Mistake
from .step import Situation, Step, WrongMap, one_each


def _weights_forgotten(situation: Situation) -> Iterator[Step]:
    if not situation.model.weights_are_free:
        return
    log_density = situation.mixture.components.log_density(situation.data.values, situation.data.exposure)
    found = situation.step(special.softmax(log_density, axis=1))
    if found is not None:
        yield Step(found)


def _weights_not_updated(situation: Situation) -> Iterator[Step]:
    if not situation.model.weights_are_free:
        return
    found = situation.step(situation.responsibilities)
    if found is not None:
        k = situation.model.components
        yield Step(Mixture(np.full(k, 1 / k), found.components))


def _hard_assignments(situation: Situation) -> Iterator[Step]:
    log_joint = situation.mixture.log_joint(situation.data.values, situation.data.exposure)
    found = situation.step(one_each(log_joint.argmax(axis=1), situation.model.components))
    if found is not None:
        yield Step(found)


def _wrong_axis(situation: Situation) -> Iterator[Step]:
    if not (situation.mixture.weights > 0).all():  # nothing to normalise
        return
    seen = situation.data.weights
    log_joint = situation.mixture.log_joint(situation.data.values, situation.data.exposure)
    # Each row stands for as many as it was seen, all of which the sum over the observations takes.
    shares = special.softmax(log_joint + np.log(seen)[:, None], axis=0) / seen[:, None]
    found = situation.step(shares)
    if found is not None:
        yield Step(found)


def _unweighted_counts(situation: Situation) -> Iterator[Step]:
    if np.ptp(situation.data.weights) == 0:
        return
    responsibilities = situation.responsibilities
    found = situation.step(responsibilities, np.ones_like(situation.data.weights))
    right = situation.step(responsibilities)
    if found is not None and right is not None:
        yield Step(found)
        yield Step(Mixture(right.weights, found.components), "in the components alone")


WRONG_MAPS = (
    WrongMap(Mistake.WEIGHTS_FORGOTTEN, _weights_forgotten),
    WrongMap(Mistake.WEIGHTS_NOT_UPDATED, _weights_not_updated),
    WrongMap(Mistake.HARD_ASSIGNMENTS, _hard_assignments),
    WrongMap(Mistake.WRONG_AXIS, _wrong_axis),
    WrongMap(Mistake.UNWEIGHTED_COUNTS, _unweighted_counts),
)
