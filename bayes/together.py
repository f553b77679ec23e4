"""Parameters that have one density together, as a variable that PyMC can draw from the prior."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.transforms import LogTransform

from models import Array

AXES = "abc"


def together(
    name: str,
    shape: tuple[int, ...],
    log_density: Callable[[Any], Any],
    draw: Callable[[np.random.Generator], Array],
    *,
    dims: Any,
    positive: bool = False,
) -> Any:
    """Add a variable of this shape with the log-density of all its entries, which ``draw`` draws; some are ``positive``."""
    axes = ",".join(AXES[: len(shape)])
    return pm.CustomDist(
        name,
        np.ones(shape),
        logp=lambda value, ones: log_density(value),
        random=lambda ones, rng, size: _drawn(draw, rng, size),
        support_point=lambda variable, size, ones: ones if positive else pt.zeros_like(ones),
        signature=f"({axes})->({axes})",
        default_transform=LogTogether(len(shape)) if positive else None,
        dims=dims,
    )


class LogTogether(LogTransform):  # type: ignore[misc]
    """The logarithm of every entry, of a distribution that has a density of all together."""

    def __init__(self, axes: int) -> None:
        self.ndim_supp = axes

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:
        """Return the sum of the logarithms."""
        return value.sum(axis=tuple(range(-self.ndim_supp, 0))) if self.ndim_supp else value


def _drawn(draw: Callable[[np.random.Generator], Array], rng: np.random.Generator, size: Any) -> Array:
    """Draw once, or as often as PyMC asks."""
    lead = () if size is None else tuple(size)
    each = [draw(rng) for _ in range(int(np.prod(lead)))]
    return np.reshape(each, (*lead, *np.shape(each[0])))
