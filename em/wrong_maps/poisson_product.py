r"""Mistakes with the rates of many columns, and how far a step moves them.

- **Nearest rates** (k-means): $\gamma_{ik} = 1$ for the smallest $\lVert x_i / e_i - \lambda_k \rVert$.
- **Divided by all:** $\lambda_{kj} = \sum_i w_i \gamma_{ik} x_{ij} / \sum_i w_i e_i$.

A step is measured as for one column (``em/wrong_maps/poisson.py``), added up over the columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from models import Array, Mixture, PoissonProduct

from .mistakes import Mistake
from .step import Situation, Step, WrongEStep, WrongMap, one_each


def squared_change(components: PoissonProduct, moved: PoissonProduct) -> Array:
    """The squared change that a move of the rates makes to one observation of each component, shape ``(k,)``."""
    return np.asarray((4 * (np.sqrt(moved.rates) - np.sqrt(components.rates)) ** 2).sum(axis=1))


def squared_rounding(components: PoissonProduct, relative: float) -> Array:
    """The squared change by rounding to half a unit of the last of so many digits, on average, as of one column."""
    return np.asarray(
        (relative**2 * np.broadcast_to(components.rates.max(axis=0), components.rates.shape) / 3).sum(axis=1)
    )


def _nearest(situation: Situation) -> Array:
    rates, seen = cast(PoissonProduct, situation.mixture.components).rates, situation.per_exposure
    distances = np.stack([np.square(seen - row).sum(axis=1) for row in rates], axis=1)
    return one_each(distances.argmin(axis=1), situation.model.components)


def _divided_by_all(situation: Situation) -> Iterator[Step]:
    found = situation.step(situation.responsibilities)
    if found is not None:
        shares = situation.shares_of_exposure[:, None]
        yield Step(Mixture(found.weights, PoissonProduct(found.components.arrays()["rates"] * shares)))


WRONG_E_STEPS = (WrongEStep(Mistake.HARD_ASSIGNMENTS, _nearest),)
WRONG_MAPS = (
    *(e_step.wrong_map for e_step in WRONG_E_STEPS),
    WrongMap(Mistake.DIVIDED_BY_ALL, _divided_by_all),
)
