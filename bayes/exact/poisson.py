r"""The states of a Poisson mixture with one or two components.

Given the allocation, a component with $N$ observations that sum to $S$ has the density

$$\int \mathrm{Gamma}(\lambda \mid a, b) \prod_{i} \frac{\lambda^{x_i} e^{-\lambda}}{x_i!} \, d\lambda
  = \frac{1}{\prod_i x_i!} \, \frac{b^a}{\Gamma(a)} \, \frac{\Gamma(a + S)}{(b + N)^{a + S}} ,$$

and its rate the posterior $\mathrm{Gamma}(a + S, b + N)$. The allocation enters by $(N_1, S_1)$ alone, the others of
the two components being $n - N_1$ and $\sum x - S_1$: these are the states, and ``sums.py`` counts the allocations of each.
Those with $N_1 < n/2$ stand for their mirror images too, hence count twice.

Under the weak prior $a = 1$ and $b$ is unknown: a state then has one of the values of $b$ that ``poisson_scale.py`` sums
over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array, Data, Gamma, Model, Prior, SharedRate

from .poisson_exposure import exposed_states
from .poisson_rates import GammaGivenStates
from .poisson_scale import RARELY_EMPTY, over_scales
from .states import States, log_allocation, probable
from .sums import Integers, ways


@dataclass(frozen=True)
class StatesGivenScale:
    """The probable states at one b: their ``rows`` and ``columns`` in the table of sums, and the logarithms of their terms.

    ``log_mass`` is the logarithm of the sum of the terms of all states.
    """

    log_mass: float
    scale: float
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    log_terms: Array


@dataclass(frozen=True)
class Table:
    """All states of the labels: in row r and column s the first component has the sum ``lowest[r]`` + s.

    ``log_terms`` has what does not depend on b: the number of allocations, their probability, and Γ(``shape`` + S) of each
    component. ``sizes`` has shape ``(rows, k)``, and ``total`` is the sum of all counts.
    """

    log_terms: Array
    sizes: Integers
    lowest: Integers
    total: int
    shape: float

    def given(self, scale: float, log_weight: float) -> StatesGivenScale:
        """Return the probable states at this b, whose terms have a common factor."""
        log_rates = np.log(scale + self.sizes)
        first, other = log_rates[:, 0], log_rates[:, 1:].sum(axis=1)
        each = self.shape * np.log(scale) - special.gammaln(self.shape)
        constant = log_weight + self.sizes.shape[1] * each
        of_rows = constant - self.shape * (first + other) - self.total * other
        sums = self.lowest[:, None] + np.arange(self.log_terms.shape[1])
        log_terms = self.log_terms + of_rows[:, None] - (first - other)[:, None] * sums
        log_mass, kept, _ = probable(log_terms)
        rows, columns = np.divmod(kept, log_terms.shape[1])
        return StatesGivenScale(log_mass, scale, rows, columns, log_terms[rows, columns])

    def sums(self, states: StatesGivenScale) -> Integers:
        """Return the sums of the components in these states, shape ``(S, k)``."""
        first = self.lowest[states.rows] + states.columns
        return np.stack([first, self.total - first][: self.sizes.shape[1]], axis=1)


def states(data: Data, model: Model, prior: Prior) -> States:
    """Return all states of the labels, and of the scale where it is unknown.

    Raises
    ------
    ValueError
        When there are more than two components, or when the table of sums would be too large.
    """
    if model.components > 2:
        raise ValueError(
            f"components = {model.components}: the exact posterior of family {model.family!r} is there for 1 or 2."
        )
    given, compressed = prior.components, data.compress()
    if compressed.is_exposed:
        return exposed_states(compressed, model, prior)
    values, times = compressed.values[:, 0].astype(np.int64), compressed.weights.astype(np.int64)
    if isinstance(given, SharedRate):
        table = _table(values, times, 1.0, model, prior)
        found = over_scales(given, table.given)
    else:
        assert isinstance(given, Gamma)
        table = _table(values, times, given.shape, model, prior)
        found = [table.given(given.rate, 0.0)]
    log_sum = float(special.logsumexp([each.log_mass for each in found]))
    _, kept, probabilities = probable(np.concatenate([each.log_terms for each in found]))
    sizes = np.concatenate([table.sizes[each.rows] for each in found])[kept]
    sums = np.concatenate([table.sums(each) for each in found])[kept]
    scales = np.repeat([each.scale for each in found], [len(each.rows) for each in found])[kept, None]
    evidence = log_sum - float(times @ special.gammaln(values + 1.0))
    has_empty = probabilities @ (sizes == 0).any(axis=1)
    has_variance = isinstance(given, Gamma) or has_empty < RARELY_EMPTY
    of_rates = GammaGivenStates(table.shape + sums, scales + sizes, has_variance)
    return States(evidence, probabilities, sizes.astype(float), of_rates)


def _table(values: Integers, times: Integers, shape: float, model: Model, prior: Prior) -> Table:
    n, total = int(times.sum()), int(values @ times)
    if model.components == 1:
        return Table(np.array([[special.gammaln(shape + total)]]), np.array([[n]]), np.array([total]), total, shape)
    counted = ways(values, times)
    log_terms, chosen = counted.log_ways, np.arange(len(counted.lowest))
    sizes = np.stack([chosen, n - chosen], axis=1)
    # A row stands for its mirror image, too, but for the one that is its own.
    log_names = np.log(np.where(2 * chosen == n, 1.0, 2.0))
    log_terms += (log_allocation(sizes.astype(float), model, prior) + log_names)[:, None]
    log_gammas = special.gammaln(shape + np.arange(total + 1))
    for row, lowest in zip(log_terms, counted.lowest, strict=True):
        first = np.minimum(lowest + np.arange(len(row)), total)
        row += log_gammas[first] + log_gammas[total - first]
    return Table(log_terms, sizes, counted.lowest, total, shape)
