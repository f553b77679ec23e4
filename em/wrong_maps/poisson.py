r"""Mistakes with the rates of Poisson components, and how far a step moves them.

- **Nearest rate** (k-means): $\gamma_{ik} = 1$ for the smallest $|x_i / e_i - \lambda_k|$.
- **Divided by all:** $\lambda_k = \sum_i w_i \gamma_{ik} x_i / n$ in place of $N_k$; with exposures $\sum_i w_i e_i$ in
  place of $\sum_i w_i \gamma_{ik} e_i$.

A step is measured in the information of the complete data, $N_k (\Delta \lambda_k)^2 / \lambda_k$ (``em/poisson.py``, by
$u = \log \lambda$); as $4 N_k (\Delta \sqrt{\lambda_k})^2$, the same for a small step and finite where a rate is zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from models import Array, Mixture, Poisson

from .mistakes import Mistake
from .step import Situation, Step, WrongEStep, WrongMap, one_each


def squared_change(components: Poisson, moved: Poisson) -> Array:
    """The squared standard errors that the rates move, for one observation of each component, ``(k,)``."""
    return np.asarray(4 * (np.sqrt(moved.rates) - np.sqrt(components.rates)) ** 2)


def squared_rounding(components: Poisson, relative: float) -> Array:
    """The squared standard errors that rounding moves the rates, on average and for one observation, ``(k,)``.

    The unit is taken between that of the rate itself, as it is for rounding to digits, and that of the largest, as for
    decimals: relative √(λ max λ).
    """
    return np.full_like(components.rates, relative**2 * components.rates.max() / 3)


def _nearest(situation: Situation) -> Array:
    components = cast(Poisson, situation.mixture.components)
    distances = np.abs(situation.per_exposure - components.rates)
    return one_each(distances.argmin(axis=1), situation.model.components)


def _divided_by_all(situation: Situation) -> Iterator[Step]:
    found = situation.step(situation.responsibilities)
    if found is not None:
        yield Step(Mixture(found.weights, Poisson(found.components.arrays()["rates"] * situation.shares_of_exposure)))


WRONG_E_STEPS = (WrongEStep(Mistake.HARD_ASSIGNMENTS, _nearest),)
WRONG_MAPS = (
    *(e_step.wrong_map for e_step in WRONG_E_STEPS),
    WrongMap(Mistake.DIVIDED_BY_ALL, _divided_by_all),
)
