r"""The states of a Poisson mixture with one or two components.

Given the allocation, a component with $N$ observations that sum to $S$ has the density

$$\int \mathrm{Gamma}(\lambda \mid a, b) \prod_{i} \frac{\lambda^{x_i} e^{-\lambda}}{x_i!} \, d\lambda
  = \frac{1}{\prod_i x_i!} \, \frac{b^a}{\Gamma(a)} \, \frac{\Gamma(a + S)}{(b + N)^{a + S}} ,$$

and its rate the posterior $\mathrm{Gamma}(a + S, b + N)$. The allocation enters by $(N_1, S_1)$ alone, the others of
the two components being $n - N_1$ and $\sum x - S_1$: these are the states, and ``sums.py`` counts the allocations of each.
Those with $N_1 < n/2$ stand for their mirror images too, hence count twice.

**In ascending order.** Given the state the two rates are independent, $\lambda_j \sim \mathrm{Gamma}(a_j, b_j)$. As
$b_1 \lambda_1 / (b_1 \lambda_1 + b_2 \lambda_2) \sim \mathrm{Beta}(a_1, a_2)$,

$$\Pr(\lambda_1 < \lambda_2) = I_c(a_1, a_2) , \qquad c = \frac{b_1}{b_1 + b_2} ,$$

the Beta distribution function, and since $\lambda^r$ times a Gamma density is a moment times another Gamma density,

$$\mathrm{E} \bigl[ \lambda_1^r ; \, \lambda_1 < \lambda_2 \bigr]
  = \frac{\Gamma(a_1 + r)}{\Gamma(a_1) \, b_1^r} \, I_c(a_1 + r, a_2) .$$

With the distribution functions $F_j$ of the two rates, the smaller one has the distribution function
$1 - (1 - F_1)(1 - F_2)$ and the larger one $F_1 F_2$.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array, Data, Gamma, Model, Poisson, Prior
from models.kernels.compiling import compiled

from .marginal import Marginal
from .states import States, log_allocation, probable
from .sums import Integers, ways

# Below this a product of terms may have lost digits.
SMALLEST = 1e-280


@dataclass(frozen=True)
class GammaGivenStates:
    """In each state every rate has a Gamma(shape, rate) distribution; both of shape ``(S, k)``."""

    shapes: Array
    rates: Array

    def log_predictive(self, y: Array) -> Array:
        """Evaluate the negative binomial distribution of a new count."""
        shapes, rates = self.shapes[:, None, :], self.rates[:, None, :]
        ways = special.gammaln(shapes + y) - self._log_gamma[:, None, :] - special.gammaln(y + 1)
        return np.asarray(ways - shapes * np.log1p(1 / rates) - y * np.log1p(rates))

    @cached_property
    def _log_gamma(self) -> Array:
        return np.asarray(special.gammaln(self.shapes))

    def sample(self, states: NDArray[np.intp], rng: np.random.Generator) -> Poisson:
        return Poisson(rng.gamma(self.shapes[states], 1 / self.rates[states]))

    def ranks(self) -> Array:
        if self.shapes.shape[1] == 1:
            return np.ones((len(self.shapes), 1, 1))
        lower = self._lower(0)
        return np.stack([lower, lower[:, ::-1]], axis=2)

    def with_one_more(self, y: Array, component: int) -> GammaGivenStates:
        one = np.arange(self.shapes.shape[1]) == component
        return GammaGivenStates(self.shapes + one * y[0], self.rates + one)

    def marginals(self, probabilities: Array, columns: tuple[str, ...]) -> dict[str, Marginal]:
        k = self.shapes.shape[1]
        return {f"rates[{r + 1}]": self._marginal(probabilities, r) for r in range(k)}

    def _marginal(self, probabilities: Array, rank: int) -> Marginal:
        """Return the distribution of the smallest rate or, by ``rank`` 1, of the larger of two; a single one is both."""

        def distribution(t: float) -> Array:
            if t <= 0:
                return np.zeros(())
            # That the smallest is above t, or the largest below.
            # A sum and no product of BLAS, which would wake all cores for so little work.
            of_all = np.sum(probabilities * self._above(t, range(k), rank == 1))
            return np.asarray(of_all if rank == 1 else 1 - of_all)

        def density(t: float) -> Array:
            if t <= 0:
                return np.zeros(())
            log_own = special.xlogy(self.shapes - 1, t) - self.rates * t + self.shapes * np.log(self.rates)
            own = np.exp(log_own - self._log_gamma)
            others = [self._above(t, [i for i in range(k) if i != j], rank == 1) for j in range(k)]
            return np.asarray(sum(probabilities @ (own[:, j] * others[j]) for j in range(k)))

        k = self.shapes.shape[1]
        first, second = (float(probabilities @ self._moment(rank, power)) for power in (1, 2))
        return Marginal.of((first, second), density, distribution)

    def _above(self, t: float, components: Iterable[int], below: bool) -> Array:
        """Return the probability that the rates of these components are all above t, or all ``below`` it, in each state."""
        product = np.ones(len(self.shapes))
        for j in components:
            first, last = self._runs
            # In a run of equal N₁ the shape goes up with S₁, or down for the second component.
            ends = (first, last) if j == 0 else (last, first)
            x = self.rates[first, j] * t
            above = special.gammaincc(self.shapes[ends[0], j], x)
            _times_incomplete_gammas(product, self._columns[j], x, *ends, above, below)
        return product

    @cached_property
    def _columns(self) -> Array:
        """The shapes of each component, contiguous."""
        return np.ascontiguousarray(self.shapes.T)

    @cached_property
    def _runs(self) -> tuple[Integers, Integers]:
        """The first and the last state of each run with equal N₁; the states come by N₁, and then by S₁."""
        starts = np.flatnonzero(np.diff(self.rates[:, 0], prepend=-1.0))
        return starts, np.append(starts[1:], len(self.rates)) - 1

    def _moment(self, rank: int, power: int) -> Array:
        moments = np.exp(special.gammaln(self.shapes + power) - special.gammaln(self.shapes)) / self.rates**power
        if self.shapes.shape[1] == 1:
            return np.asarray(moments[:, 0])
        # E[λ₁; λ₂ < λ₁] is E[λ₁] less E[λ₁; λ₁ < λ₂].
        lower = self._tilted[power - 1]
        return np.asarray((moments * (lower if rank == 0 else 1 - lower)).sum(axis=1))

    @cached_property
    def _tilted(self) -> list[Array]:
        """Return ``_lower`` of λ¹ and of λ²."""
        return [self._lower(1), self._lower(2)]

    def _lower(self, power: int) -> Array:
        """Return the probability that a rate is the smaller one when its own density is tilted by λ to this power."""
        cut = self.rates / self.rates.sum(axis=1, keepdims=True)
        return np.asarray(special.betainc(self.shapes + power, self.shapes[:, ::-1], cut))


@compiled
def _times_incomplete_gammas(
    product: Array, shapes: Array, x: Array, starts: Integers, ends: Integers, uppers: Array, below: bool
) -> None:
    """Multiply by Q(shape, x), or by 1 − Q when ``below``, in runs of equal x and shapes that ascend by whole numbers.

    ``uppers`` is Q at the start of each run, and Q(s + 1, x) = Q(s, x) + x^s e^(-x) / Γ(s + 1) (Abramowitz and Stegun
    1964, 6.5.21) makes the rest for a hundredth of the work of computing each by itself.
    """
    for run in range(len(starts)):
        upper, at, log_x, term = uppers[run], shapes[starts[run]], np.log(x[run]), -1.0
        step = 1 if ends[run] >= starts[run] else -1
        for i in range(starts[run], ends[run] + step, step):
            while at < shapes[i] - 0.5:
                # A term that underflowed grows again only below x; all others follow from the one before.
                if term < 0 or (term < SMALLEST and at < x[run] + 1):
                    term = np.exp(at * log_x - x[run] - math.lgamma(at + 1))
                else:
                    term *= x[run] / at
                upper += term
                at += 1
            product[i] *= 1 - upper if below else upper


def states(data: Data, model: Model, prior: Prior) -> States:
    """Return all states of the labels.

    Raises
    ------
    ValueError
        When there are more than two components, or when the table of sums would be too large.
    """
    if model.components > 2:
        raise ValueError(
            f"components = {model.components}: the exact posterior of family {model.family!r} is there for 1 or 2."
        )
    gamma, compressed = cast(Gamma, prior.components), data.compress()
    values, times = compressed.values[:, 0].astype(np.int64), compressed.weights.astype(np.int64)
    n, total = int(times.sum()), int(values @ times)
    if model.components == 1:
        sizes, sums = np.array([[n]]), np.array([[total]])
        log_sum, probabilities = float(_log_marginal(sizes, sums, gamma)[0]), np.ones(1)
    else:
        log_sum, chosen, sum_of_chosen, probabilities = _two(values, times, model, prior)
        sizes = np.stack([chosen, n - chosen], axis=1)
        sums = np.stack([sum_of_chosen, total - sum_of_chosen], axis=1)
    evidence = log_sum - float(times @ special.gammaln(values + 1.0))
    return States(
        evidence, probabilities, sizes.astype(float), GammaGivenStates(gamma.shape + sums, gamma.rate + sizes)
    )


def _two(values: Integers, times: Integers, model: Model, prior: Prior) -> tuple[float, Integers, Integers, Array]:
    """Return the log of the sum of all terms, and of every probable state N₁, S₁ and the probability."""
    counted = ways(values, times)
    n, total = int(times.sum()), int(values @ times)
    terms = counted.log_ways
    for chosen, (row, lowest) in enumerate(zip(terms, counted.lowest, strict=True)):
        there = np.flatnonzero(np.isfinite(row))
        sizes, sum_of_chosen = np.array([chosen, n - chosen]), lowest + there
        sums = np.stack([sum_of_chosen, total - sum_of_chosen], axis=1)
        names = np.log(1.0 if 2 * chosen == n else 2.0)
        of_all = _log_marginal(sizes, sums, cast(Gamma, prior.components)) + log_allocation(sizes, model, prior)
        row[there] += of_all + names
    log_sum, kept, probabilities = probable(terms)
    rows, offsets = np.divmod(kept, terms.shape[1])
    return log_sum, rows, counted.lowest[rows] + offsets, probabilities


def _log_marginal(sizes: Integers, sums: Integers, prior: Gamma) -> Array:
    """Return the log-density of all observations given the state, without their factorials; sum over the last axis."""
    constant = prior.shape * np.log(prior.rate) - special.gammaln(prior.shape)
    shapes = prior.shape + sums
    return np.asarray((constant + special.gammaln(shapes) - shapes * np.log(prior.rate + sizes)).sum(axis=-1))
