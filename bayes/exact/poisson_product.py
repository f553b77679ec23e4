r"""The states of a mixture of products of Poissons: every partition of the rows, under the conjugate prior.

Given the allocation, a component whose rows have the exposure $E$ (their number, unless told otherwise) and sum to $S_j$
in column $j$ has the density of one column
(``poisson.py``) for each of its columns,

$$\prod_i \prod_j \frac{e_i^{x_{ij}}}{x_{ij}!} \, \prod_j \frac{b_j^a}{\Gamma(a)} \,
  \frac{\Gamma(a + S_j)}{(b_j + E)^{a + S_j}} ,$$

and its rates the posteriors $\mathrm{Gamma}(a + S_j, b_j + E)$. The sums of many columns are hardly ever equal, so that
the allocations are visited one by one, as those of Gaussians are. Parameters have a name where there is one component.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from models import Array, Data, Gammas, Model, PoissonProduct, Prior

from .gaussian import closed
from .marginal import Marginal
from .partitions import partitions
from .states import States, log_allocation, probable


@dataclass(frozen=True)
class GammasGivenStates:
    """In each state every rate has a Gamma(shape, rate) distribution; both of shape ``(S, k, d)``."""

    shapes: Array
    rates: Array

    def log_predictive(self, y: Array, exposure: float = 1.0) -> Array:
        """Evaluate the negative binomial distributions of a new row, one for each column."""
        shapes, rates, counts = self.shapes[:, None], self.rates[:, None], y[:, None, :]
        ways = special.gammaln(shapes + counts) - special.gammaln(shapes) - special.gammaln(counts + 1)
        return np.asarray(
            (ways - shapes * np.log1p(exposure / rates) - counts * np.log1p(rates / exposure)).sum(axis=-1)
        )

    def sample(self, states: NDArray[np.intp], rng: np.random.Generator) -> PoissonProduct:
        return PoissonProduct(rng.gamma(self.shapes[states], 1 / self.rates[states]))

    def ranks(self) -> Array:
        self._require_one()
        return np.ones((len(self.shapes), 1, 1))

    def with_one_more(self, y: Array, component: int, exposure: float = 1.0) -> GammasGivenStates:
        # A single component has one rank, whatever else is known of it.
        self._require_one()
        return self

    def marginals(self, probabilities: Array, columns: tuple[str, ...]) -> dict[str, Marginal]:
        self._require_one()
        names = PoissonProduct(self.shapes[0]).scalars(None, columns)
        pairs = zip(self.shapes[0, 0], self.rates[0, 0], strict=True)
        found = [closed(stats.gamma(shape, scale=1 / rate)) for shape, rate in pairs]
        return dict(zip(names, found, strict=True))

    def _require_one(self) -> None:
        if self.shapes.shape[1] > 1:
            raise ValueError(
                f"components = {self.shapes.shape[1]}: the parameters of this family have an exact distribution by "
                "name for one component only; evidence, predictive density and independent draws are there for more."
            )


def states(data: Data, model: Model, prior: Prior) -> States:
    """Return every partition of the rows.

    Raises
    ------
    ValueError
        When there are too many.
    """
    given = cast(Gammas, prior.components)
    labels, log_names = partitions(int(data.size), model.components)
    seen = data.weights.astype(np.intp)
    x, exposure = np.repeat(data.values, seen, axis=0), np.ones(data.rows) if data.exposure is None else data.exposure
    members = np.stack([(labels == j).astype(np.float64) for j in range(model.components)], axis=1)
    sizes, sums = members.sum(axis=2), members @ x
    exposures = members @ np.repeat(exposure, seen)
    components = GammasGivenStates(given.shape + sums, given.rates + exposures[..., None])
    each = special.gammaln(components.shapes) - components.shapes * np.log(components.rates)
    each += given.shape * np.log(given.rates) - special.gammaln(given.shape)
    log_marginal = each.sum(axis=(1, 2)) + data.weights @ data.log_base
    evidence, kept, probabilities = probable(log_names + log_allocation(sizes, model, prior) + log_marginal)
    of_rates = GammasGivenStates(components.shapes[kept], components.rates[kept])
    return States(evidence, probabilities, sizes[kept], of_rates)
