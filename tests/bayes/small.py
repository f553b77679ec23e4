"""Data so few that their posterior can be had exactly, and the draws that are held against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from bayes import Posterior, sample
from models import Array, Data, Gamma, Model, NormalInverseWishart, Prior
from tests.bayes import exact


@dataclass(frozen=True)
class Small:
    """A model of few data, and the places at which its predictive density is looked at."""

    family: str
    components: int
    x: tuple[tuple[float, ...], ...]
    places: tuple[tuple[float, ...], ...]
    covariance: str | None = None
    mixing: str = "free"

    def __str__(self) -> str:
        return "-".join(
            filter(None, [self.family, f"k{self.components}", f"{len(self.x[0])}d", self.covariance, self.mixing])
        )

    @property
    def data(self) -> Data:
        return Data.of(self.x)

    @property
    def model(self) -> Model:
        return Model.of(self.data, self.family, self.components, self.covariance, self.mixing)

    @property
    def prior(self) -> Prior:
        """Tighter than the default, under which a few data leave components empty, and chains far apart."""
        default = self.model.prior(self.data, "conjugate")
        of_components = default.components
        if isinstance(of_components, NormalInverseWishart):
            degrees = of_components.degrees_of_freedom + 4
            of_components = replace(of_components, strength=0.5, degrees_of_freedom=degrees)
        if isinstance(of_components, Gamma):
            of_components = Gamma(2.0, 0.4)
        return replace(default, components=of_components, concentration=1.5)

    def expectations(self) -> dict[str, float]:
        solve = {"poisson": exact.poisson, "gaussian": exact.gaussian}[self.family]
        return solve(self.data.values, self.model, self.prior, np.array(self.places))

    def quantities(self, posterior: Posterior) -> dict[str, Array]:
        return exact.quantities(posterior.mixture, np.array(self.places))


def column(*values: float) -> tuple[tuple[float, ...], ...]:
    return tuple((value,) for value in values)


COUNTS = column(0, 5, 2, 9, 1, 7, 3, 4, 2, 11, 1, 6, 2, 8, 0, 5, 3, 7, 1, 9, 2, 10, 4, 6)
NUMBERS = column(-3.1, -2.4, -2.2, -1.6, -0.7, 1.1, 1.9, 2.0, 2.8, 3.5)
PLANE = ((-1.4, 0.2), (-0.9, -0.7), (-0.2, 0.4), (0.3, -1.1), (1.1, 1.5), (1.7, 0.8), (2.3, 2.2), (2.6, 1.1))
TWO_POISSON = Small("poisson", 2, COUNTS, column(0, 3, 6, 12))
SMALL = [
    TWO_POISSON,
    Small("poisson", 1, COUNTS[:9], column(0, 3, 12)),
    Small("gaussian", 2, NUMBERS, column(-2, 0, 1, 3), "full"),
    Small("gaussian", 2, NUMBERS, column(-2, 0, 1, 3), "tied", "equal"),
    Small("gaussian", 1, NUMBERS, column(-2, 0, 3), "full"),
    Small("gaussian", 1, PLANE, ((-1.0, 0.0), (0.5, 0.5), (2.0, 1.5)), "full"),
    Small("gaussian", 2, PLANE, ((-1.0, 0.0), (0.5, 0.5), (2.0, 1.5)), "tied"),
]


@cache
def posterior_of(small: Small) -> Posterior:
    """Sampled once in a process, so long that R-hat's own noise stays below 0.01 where a draw in ten is effective."""
    return sample(
        small.data,
        small.family,
        small.components,
        covariance=small.covariance,
        mixing=small.mixing,
        prior=small.prior,
        draws=4000,
        seed=1,
    )
