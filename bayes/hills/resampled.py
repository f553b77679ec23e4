"""Draws of a hill that no chain stays on: those of importance sampling, drawn again in proportion to their ratios.

A hill with a few per cent of the mass beside a heavy one may be left by every chain while it is tuned, and not be found
again in a thousand draws. Its mass is known all the same, and so are draws from it (Rubin 1987).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ..sampler import Chains, total_log_likelihood
from .importance import Masses
from .target import Target


def resampled(
    target: Target, masses: Masses, members: list[int], like: Chains, shape: tuple[int, int], rng: np.random.Generator
) -> Chains:
    """Return so many draws of so many chains of the region of these hills, with the statistics that ``like`` has.

    No transition led to them: what a statistic would say of one is unknown, or nought where it is a count.
    """
    points = masses.points.reshape(-1, masses.points.shape[-1])
    log_ratios = np.where(np.isin(masses.owners(points), members), masses.log_ratios.ravel(), -np.inf)
    chosen = rng.choice(len(points), size=shape, p=special.softmax(log_ratios))
    drawn = target.chains(points[chosen])
    statistics = {name: _unknown(each.dtype, shape) for name, each in like.statistics.items()}
    statistics["lp"] = target.log_density(points[chosen].reshape(-1, points.shape[-1])).reshape(shape)
    return Chains(*drawn, total_log_likelihood(drawn[1], target.written), statistics)


def _unknown(dtype: np.dtype[np.generic], shape: tuple[int, int]) -> NDArray[np.generic]:
    return np.full(shape, np.nan if dtype.kind == "f" else 0, dtype=dtype)
