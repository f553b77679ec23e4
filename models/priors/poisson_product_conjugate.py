"""The conjugate prior of products of Poissons: a Gamma distribution for each rate, whose mean is that of its column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from ..arrays import Array
from ..components import ComponentPrior
from ..poisson_product import PoissonProduct, mean_rates
from ..rows import Rows
from .stated import require_parameters, require_positive


@dataclass(frozen=True)
class Gammas(ComponentPrior):
    """Every rate of column j has a Gamma(``shape``, ``rates[j]``) prior, with mean shape/rates[j].

    ``shape`` has no unit; ``rates``, shape ``(d,)``, are in units of one over a rate of the data.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Gammas
    >>> prior = Gammas(1.0, np.array([0.5, 0.1]))
    >>> prior.sample(3, np.random.default_rng(0)).rates.shape
    (3, 2)
    """

    shape: float
    rates: Array

    called: ClassVar[str] = "conjugate"
    is_conjugate: ClassVar[bool] = True
    title: ClassVar[str] = "Gamma by column"
    meanings: ClassVar[dict[str, str]] = {
        "shape": "The larger the shape, the nearer all rates are to their column's mean; with 1 they are exponential.",
        "rates": "One for each column: the mean of a rate there is shape / rate.",
    }

    @classmethod
    def scaled(cls, data: Rows, components: int, covariance: str | None) -> Self:
        """Gamma(1, 1/mean of the column): flat on the scale of the counts, and its mode never pulls a rate off zero."""
        return cls(1.0, 1 / mean_rates(data))

    @classmethod
    def of(cls, parameters: dict[str, Any], components: int, dimension: int, covariance: str | None) -> Self:
        """The prior with this shape, and this rate for each column.

        Parameters
        ----------
        parameters
            ``name``, which is ``"Gamma by column"``, ``shape``, and ``rates``, shape ``(d,)``.
        components
            How many components there are, which makes no difference.
        dimension
            How many columns there are, d.
        covariance
            ``None``, since counts have none.

        Returns
        -------
        Gammas
            The prior.

        Raises
        ------
        ValueError
            Names the parameter that does not fit.

        Examples
        --------
        >>> from models import Gammas
        >>> given = {"name": "Gamma by column", "shape": 1.0, "rates": [0.5, 0.1]}
        >>> prior = Gammas.of(given, components=3, dimension=2, covariance=None)
        >>> (prior.shape / prior.rates).tolist()
        [2.0, 10.0]
        """
        require_parameters(parameters, cls.title, {"shape": (), "rates": (dimension,)})
        found = cls(float(parameters["shape"]), np.asarray(parameters["rates"], dtype=float))
        require_positive("shape", found.shape)
        require_positive("rates", found.rates)
        return found

    def log_density(self, components: PoissonProduct) -> Array:
        rates = components.rates
        constant = self.shape * np.log(self.rates) - special.gammaln(self.shape)
        return np.asarray((constant + special.xlogy(self.shape - 1, rates) - self.rates * rates).sum(axis=(-2, -1)))

    def sample(self, components: int, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> PoissonProduct:
        return PoissonProduct(rng.gamma(self.shape, 1 / self.rates, size=(*draws, components, len(self.rates))))

    def parameters(self) -> dict[str, Any]:
        return {"name": self.title, "shape": self.shape, "rates": np.asarray(self.rates).tolist()}

    def widened(self, factor: float) -> dict[str, Any]:
        return {**self.parameters(), "rates": (self.rates / factor).tolist()}

    def statement(self) -> str:
        return (
            rf"Each rate has the prior $\lambda_{{kj}} \sim \mathrm{{Gamma}}({self.shape:.4g}, \beta_j)$ (shape and rate), "
            "with a rate of its own for each column."
        )

    def origin(self) -> str:
        return "Its mean is the mean of the column, and its standard deviation is as large as its mean."
