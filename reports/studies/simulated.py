"""The data sets of a study: rows drawn from a truth, each with an exposure of its own where there are exposures."""

from __future__ import annotations

import numpy as np

from models import Data, Mixture
from models.exposed import Exposures
from models.truths import Truth
from models.units import unit_of


def simulated(
    truth: Mixture | Truth,
    size: int,
    rng: np.random.Generator,
    columns: tuple[str, ...],
    name: str,
    exposures: Exposures | None,
) -> Data:
    """Draw so many rows, and before them their exposures where there are any."""
    if exposures is None:
        values, _ = truth.sample(size, rng)
        return Data.of(values, None, columns, name)
    exposure = exposures.draw(size, rng)
    values, _ = truth.sample(size, rng, exposure)
    return Data.of(values, None, columns, name, exposure, exposures.column)


def unit_of_rates(exposures: Exposures | None) -> str:
    """Return what rates are per, such as *per hour*; nothing where every exposure is one."""
    return "" if exposures is None else f"per {unit_of(exposures.column)}"


def exposed_in_words(exposures: Exposures | None) -> list[str]:
    """Say from which exposures those of the rows are drawn, and that rates are per unit of them."""
    if exposures is None:
        return []
    values, per = exposures.values, unit_of_rates(exposures)
    if len(values) == 1:
        return [f"Every row has an exposure of {values[0]:.4g}, and rates are {per}."]
    among = f"{len(values)} values from {values[0]:.4g} to {values[-1]:.4g}"
    return [f"The exposure of each row is drawn from {among}, {exposures.mean:.4g} on average, and rates are {per}."]
