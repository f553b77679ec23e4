"""The conjugate prior of Poisson components: a Gamma distribution for each rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from ..arrays import Array
from ..components import ComponentPrior
from ..poisson import Poisson, mean_rate
from ..rows import Rows
from .stated import require_parameters


@dataclass(frozen=True)
class Gamma(ComponentPrior):
    """Every rate has a Gamma(shape, rate) prior, with mean shape/rate.

    Parameters
    ----------
    shape
        The shape, without unit.
    rate
        The rate, in units of one over a rate of the data.

    Examples
    --------
    >>> from models import Data, Gamma, Model
    >>> prior = Model("poisson", 2).prior(Data.of([0, 1, 9, 10]), "conjugate")
    >>> isinstance(prior.components, Gamma)
    True
    """

    shape: float
    rate: float

    called: ClassVar[str] = "conjugate"
    is_conjugate: ClassVar[bool] = True
    title: ClassVar[str] = "Gamma"
    meanings: ClassVar[dict[str, str]] = {
        "shape": "The larger the shape, the nearer all rates are to their mean; with 1 they are exponential.",
        "rate": "The mean of a rate is shape / rate.",
    }

    @classmethod
    def scaled(cls, data: Rows, components: int, covariance: str | None) -> Self:
        """Gamma(1, 1/mean of the data): flat on the scale of the counts, and its mode never pulls a rate off zero."""
        return cls(1.0, 1 / mean_rate(data))

    @classmethod
    def of(cls, parameters: dict[str, Any], components: int, dimension: int, covariance: str | None) -> Self:
        """The prior with this shape and rate.

        Parameters
        ----------
        parameters
            ``name``, which is ``"Gamma"``, ``shape`` and ``rate``.
        components, dimension, covariance
            The same for every number of components: of these nothing is needed.

        Returns
        -------
        Gamma
            The prior.

        Raises
        ------
        ValueError
            Names the parameter that does not fit.

        Examples
        --------
        >>> from models import Gamma
        >>> Gamma.of({"name": "Gamma", "shape": 2.0, "rate": 0.4}, components=3, dimension=1, covariance=None)
        Gamma(shape=2.0, rate=0.4)
        """
        require_parameters(parameters, cls.title, {"shape": (), "rate": ()})
        found = cls(float(parameters["shape"]), float(parameters["rate"]))
        if not (found.shape > 0 and found.rate > 0):
            raise ValueError(f"the prior's shape and rate must be positive, got {found.shape:g} and {found.rate:g}.")
        return found

    def log_density(self, components: Poisson) -> Array:
        rates = components.rates
        constant = self.shape * np.log(self.rate) - special.gammaln(self.shape)
        return np.asarray((constant + special.xlogy(self.shape - 1, rates) - self.rate * rates).sum(axis=-1))

    def sample(self, components: int, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> Poisson:
        return Poisson(rng.gamma(self.shape, 1 / self.rate, size=(*draws, components)))

    def parameters(self) -> dict[str, Any]:
        return {"name": self.title, "shape": self.shape, "rate": self.rate}

    def widened(self, factor: float) -> dict[str, Any]:
        return {**self.parameters(), "rate": self.rate / factor}

    def statement(self) -> str:
        return (
            rf"Each rate has the prior $\lambda_k \sim \mathrm{{Gamma}}({self.shape:.4g}, {self.rate:.4g})$ "
            "(shape and rate)."
        )

    def origin(self) -> str:
        return "Its mean is the mean of the data, and its standard deviation is as large as its mean."
