r"""The weak prior of Poisson components: rates that share one unknown scale.

Each rate is exponential, and the scale of all is learned from the data: with the mean $\bar x$ of the data

$$\lambda_k \mid b \sim \mathrm{Exponential}(b) , \qquad b \sim \mathrm{Exponential}(\bar x) ,$$

where the parameters are inverse means, so that $1/b$ is of the order of $\bar x$. The scale integrates out: as a function
of $b$ the density is that of a $\mathrm{Gamma}(K + 1, \bar x + \sum_k \lambda_k)$,

$$p(\lambda) = \frac{K! \; \bar x}{(\bar x + \sum_k \lambda_k)^{K + 1}} , \qquad
  \mathrm{E}[b \mid \lambda] = \frac{K + 1}{\bar x + \sum_k \lambda_k} .$$
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from ..arrays import Array
from ..components import ComponentPrior
from ..poisson import Poisson, mean_rate
from ..rows import Rows
from .stated import require_parameters, require_positive


@dataclass(frozen=True)
class SharedRate(ComponentPrior):
    """Exponential rates whose inverse mean is unknown and shared, itself exponential with mean 1/``mean``.

    ``mean`` is of the order of the rates, in their unit.

    Examples
    --------
    >>> import numpy as np
    >>> from models import SharedRate
    >>> round(SharedRate(5.0).expected_scale(np.array([1.0, 9.0])), 3)
    0.2
    """

    mean: float

    called: ClassVar[str] = "weak"
    title: ClassVar[str] = "shared rate"
    meanings: ClassVar[dict[str, str]] = {
        "mean": "Of what order the rates are. The scale that all share may be far from it, and the data tell it.",
    }

    @classmethod
    def scaled(cls, data: Rows, components: int, covariance: str | None) -> Self:
        """The prior with the mean of the data."""
        return cls(mean_rate(data))

    @classmethod
    def of(cls, parameters: dict[str, Any], components: int, dimension: int, covariance: str | None) -> Self:
        """The prior with this mean.

        Parameters
        ----------
        parameters
            ``name``, which is ``"shared rate"``, and ``mean``.
        components, dimension, covariance
            The same for every number of components: of these nothing is needed.

        Returns
        -------
        SharedRate
            The prior.

        Raises
        ------
        ValueError
            Names the parameter that does not fit.

        Examples
        --------
        >>> from models import SharedRate
        >>> SharedRate.of({"name": "shared rate", "mean": 5.0}, components=3, dimension=1, covariance=None)
        SharedRate(mean=5.0)
        """
        require_parameters(parameters, cls.title, {"mean": ()})
        require_positive("mean", float(parameters["mean"]))
        return cls(float(parameters["mean"]))

    def log_density(self, components: Poisson) -> Array:
        k = components.rates.shape[-1]
        total = self.mean + components.rates.sum(axis=-1)
        return np.asarray(special.gammaln(k + 1) + np.log(self.mean) - (k + 1) * np.log(total))

    def expected_scale(self, rates: Array) -> float:
        """E[b | λ], the observations' worth of exposure that the prior adds; ``rates`` have shape ``(k,)``."""
        return float((len(rates) + 1) / (self.mean + rates.sum()))

    def sample(self, components: int, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> Poisson:
        scale = rng.exponential(1 / self.mean, size=(*draws, 1))
        return Poisson(rng.exponential(1.0, size=(*draws, components)) / scale)

    def parameters(self) -> dict[str, Any]:
        return {"name": self.title, "mean": self.mean}

    def widened(self, factor: float) -> dict[str, Any]:
        return {**self.parameters(), "mean": factor * self.mean}

    def statement(self) -> str:
        return (
            r"Each rate has the prior $\lambda_k \sim \mathrm{Exponential}(b)$ with one unknown inverse mean for all, "
            rf"$b \sim \mathrm{{Exponential}}({self.mean:.4g})$, which the data tell."
        )

    def origin(self) -> str:
        return (
            "The number is the mean of these data, so that the data are used twice, for little: the unit of the rates."
        )
