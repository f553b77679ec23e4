r"""The weak prior of products of Poissons: in each column, rates that share one unknown scale.

Column by column it is the prior of one column (``models/priors/poisson_weak.py``): with the column's mean $\bar x_j$

$$\lambda_{kj} \mid b_j \sim \mathrm{Exponential}(b_j) , \qquad b_j \sim \mathrm{Exponential}(\bar x_j) ,$$

independently for $j = 1, \dots, d$. A common scale of all columns would take the difference between a frequent word and a
rare one for the difference between components. Each scale integrates out as there,

$$p(\lambda) = \prod_{j=1}^d \frac{K! \; \bar x_j}{(\bar x_j + \sum_k \lambda_{kj})^{K + 1}} , \qquad
  \mathrm{E}[b_j \mid \lambda] = \frac{K + 1}{\bar x_j + \sum_k \lambda_{kj}} .$$
"""

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
class SharedRates(ComponentPrior):
    """Exponential rates whose inverse means are unknown and shared by the components, one for each column.

    The inverse mean of column j is itself exponential with mean 1/``means[j]``. ``means``, shape ``(d,)``, are of the order
    of the rates, in their unit.

    Examples
    --------
    >>> import numpy as np
    >>> from models import SharedRates
    >>> prior = SharedRates(np.array([2.0, 5.0]))
    >>> prior.expected_scales(np.array([[1.0, 2.0], [3.0, 8.0]])).tolist()
    [0.5, 0.2]
    """

    means: Array

    called: ClassVar[str] = "weak"
    title: ClassVar[str] = "shared rate by column"
    meanings: ClassVar[dict[str, str]] = {
        "means": "Of what order the rates of each column are. The scale that they share may be far from it.",
    }

    @classmethod
    def scaled(cls, data: Rows, components: int, covariance: str | None) -> Self:
        """The prior with the means of the columns."""
        return cls(mean_rates(data))

    @classmethod
    def of(cls, parameters: dict[str, Any], components: int, dimension: int, covariance: str | None) -> Self:
        """The prior with these means.

        Parameters
        ----------
        parameters
            ``name``, which is ``"shared rate by column"``, and ``means``, shape ``(d,)``.
        components
            How many components there are, which makes no difference.
        dimension
            How many columns there are, d.
        covariance
            ``None``, since counts have none.

        Returns
        -------
        SharedRates
            The prior.

        Raises
        ------
        ValueError
            Names the parameter that does not fit.

        Examples
        --------
        >>> from models import SharedRates
        >>> given = {"name": "shared rate by column", "means": [2.0, 5.0]}
        >>> SharedRates.of(given, components=3, dimension=2, covariance=None).means.tolist()
        [2.0, 5.0]
        """
        require_parameters(parameters, cls.title, {"means": (dimension,)})
        found = cls(np.asarray(parameters["means"], dtype=float))
        require_positive("means", found.means)
        return found

    def log_density(self, components: PoissonProduct) -> Array:
        k, totals = components.rates.shape[-2], self.means + components.rates.sum(axis=-2)
        return np.asarray((special.gammaln(k + 1) + np.log(self.means) - (k + 1) * np.log(totals)).sum(axis=-1))

    def expected_scales(self, rates: Array) -> Array:
        """E[b | λ], the exposure that the prior adds in each column; ``rates`` have shape ``(k, d)``, they ``(d,)``."""
        return np.asarray((len(rates) + 1) / (self.means + rates.sum(axis=0)))

    def sample(self, components: int, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> PoissonProduct:
        d = len(self.means)
        scales = rng.exponential(1 / self.means, size=(*draws, 1, d))
        return PoissonProduct(rng.exponential(1.0, size=(*draws, components, d)) / scales)

    def parameters(self) -> dict[str, Any]:
        return {"name": self.title, "means": np.asarray(self.means).tolist()}

    def widened(self, factor: float) -> dict[str, Any]:
        return {**self.parameters(), "means": (factor * self.means).tolist()}

    def statement(self) -> str:
        return (
            r"Each rate has the prior $\lambda_{kj} \sim \mathrm{Exponential}(b_j)$ with one unknown inverse mean for each "
            r"column, $b_j \sim \mathrm{Exponential}(m_j)$, which the data tell."
        )

    def origin(self) -> str:
        return (
            r"The numbers $m_j$ are the means of these columns, so that the data are used twice, for little: the unit of "
            "the rates."
        )
