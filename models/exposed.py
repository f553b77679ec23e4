r"""The distribution of counts that were exposed differently, as a histogram of them shows it.

A mixture says how a count is distributed at its own exposure. A histogram of all counts shows the average over the
exposures that there are, $\frac1n \sum_i p(x \mid e_i)$, and so does what is drawn over it or held against it.

A study has no rows before it simulates them: it says from which exposures those of its rows are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .arrays import Array
from .data import Data
from .given_numbers import EXPOSURE, LARGEST_WEIGHT
from .mixture import Mixture

# The average over so many quantiles of the exposures is that over all of them, as far as can be seen.
MOST_EXPOSURES = 40


@dataclass(frozen=True)
class Exposures:
    """The exposures that rows may have: each of the ``values`` with the probability of its share, both of shape ``(m,)``.

    ``column`` is what they are called.
    """

    values: Array
    shares: Array
    column: str = EXPOSURE

    @classmethod
    def of(cls, given: Any) -> Self | None:
        """Read a number, the exposure of every row, or a list of them, all equally likely; ``None`` where all are one.

        Raises
        ------
        ValueError
            When they are no positive numbers.
        """
        numbers = given if isinstance(given, (list, tuple)) else [given]
        if not numbers or not all(map(_is_positive, numbers)):
            raise ValueError(f"exposure must be a positive number, or a list of them to draw from, got {given!r}.")
        exposure = np.asarray(numbers, dtype=np.float64)
        return None if (exposure == 1).all() else cls._counted(exposure, np.ones(len(exposure)), EXPOSURE)

    @classmethod
    def among(cls, data: Data) -> Self | None:
        """Return those of data, each as often as it was seen; ``None`` where there are none."""
        return None if data.exposure is None else cls._counted(data.exposure, data.weights, data.exposure_column)

    @classmethod
    def _counted(cls, exposure: Array, weights: Array, column: str) -> Self:
        distinct, place = np.unique(exposure, return_inverse=True)
        return cls(distinct, np.bincount(place, weights) / weights.sum(), column)

    @property
    def mean(self) -> float:
        """The average exposure of a row."""
        return float(self.shares @ self.values)

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """Draw the exposures of n rows."""
        return np.asarray(rng.choice(self.values, n, p=self.shares))

    def few(self) -> list[tuple[float, float]]:
        """The exposures with their shares; of many the middles of equal shares."""
        values, shares = self.values, self.shares
        if len(values) > MOST_EXPOSURES:
            levels = (np.arange(MOST_EXPOSURES) + 0.5) / MOST_EXPOSURES
            values = values[np.searchsorted(np.cumsum(shares), levels).clip(max=len(values) - 1)]
            shares = np.full(MOST_EXPOSURES, 1 / MOST_EXPOSURES)
        return list(zip(values.tolist(), shares.tolist(), strict=True))

    def document(self) -> dict[str, Any]:
        """Return them as plain numbers, lists and words."""
        return {"column": self.column, "values": self.values.tolist(), "shares": self.shares.tolist()}


def averaged(data: Data, at: Callable[[Array | float | None], Array]) -> Array:
    """Return the average of what is there at each exposure over those of the data; without exposures what is there."""
    exposures = Exposures.among(data)
    if exposures is None:
        return at(None)
    return np.asarray(sum(share * at(exposure) for exposure, share in exposures.few()))


def density_among(data: Data, mixture: Mixture, places: Array) -> Array:
    """Return the density of an observation of the data at each place, shape ``(..., n)``."""

    def at(exposure: Array | float | None) -> Array:
        return np.exp(mixture.log_density(places, None if exposure is None else np.full(len(places), exposure)))

    return averaged(data, at)


def _is_positive(given: Any) -> bool:
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
    return is_number and 1 / LARGEST_WEIGHT <= given <= LARGEST_WEIGHT
