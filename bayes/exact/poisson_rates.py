r"""Rates of which each is Gamma given the state, in ascending order.

Given the state the two rates are independent, $\lambda_j \sim \mathrm{Gamma}(a_j, b_j)$. As
$b_1 \lambda_1 / (b_1 \lambda_1 + b_2 \lambda_2) \sim \mathrm{Beta}(a_1, a_2)$,

$$\Pr(\lambda_1 < \lambda_2) = I_c(a_1, a_2) , \qquad c = \frac{b_1}{b_1 + b_2} ,$$

the Beta distribution function, and since $\lambda^r$ times a Gamma density is a moment times another Gamma density,

$$\mathrm{E} \bigl[ \lambda_1^r ; \, \lambda_1 < \lambda_2 \bigr]
  = \frac{\Gamma(a_1 + r)}{\Gamma(a_1) \, b_1^r} \, I_c(a_1 + r, a_2) ,$$

of which each follows from the one before (Abramowitz and Stegun 1964, 26.5.16):

$$I_c(a + 1, b) = I_c(a, b) - \frac{\Gamma(a + b)}{\Gamma(a + 1) \, \Gamma(b)} \, c^a (1 - c)^b .$$

With the distribution functions $F_j$ of the two rates, the smaller one has the distribution function
$1 - (1 - F_1)(1 - F_2)$ and the larger one $F_1 F_2$.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array, Poisson
from models.kernels.compiling import compiled

from .marginal import Marginal
from .sums import Integers

# Below this a product of terms may have lost digits.
SMALLEST = 1e-280


@dataclass(frozen=True)
class GammaGivenStates:
    """In each state every rate has a Gamma(shape, rate) distribution; both of shape ``(S, k)``.

    ``has_variance`` says whether the largest rate has one, over all states.
    """

    shapes: Array
    rates: Array
    has_variance: bool = True

    def log_predictive(self, y: Array, exposure: float = 1.0) -> Array:
        """Evaluate the negative binomial distribution of a new count."""
        ways = special.gammaln(self.shapes[:, None, :] + y) - special.gammaln(y + 1)
        if exposure != 1:
            # A count at the exposure e is one at an exposure of one with the rate e λ, whose distribution has the rate b/e.
            nothing, more = -self.shapes * np.log1p(exposure / self.rates), np.log1p(self.rates / exposure)
            return np.asarray(ways + (nothing - self._log_gamma)[:, None, :] - y * more[:, None, :])
        return np.asarray(ways + (self._log_nothing - self._log_gamma)[:, None, :] - y * self._log_more[:, None, :])

    @cached_property
    def _log_gamma(self) -> Array:
        return np.asarray(special.gammaln(self.shapes))

    @cached_property
    def _log_nothing(self) -> Array:
        """The log-probability of a new count of zero."""
        return np.asarray(-self.shapes * np.log1p(1 / self.rates))

    @cached_property
    def _log_more(self) -> Array:
        return np.log1p(self.rates)

    def sample(self, states: NDArray[np.intp], rng: np.random.Generator) -> Poisson:
        return Poisson(rng.gamma(self.shapes[states], 1 / self.rates[states]))

    def ranks(self) -> Array:
        if self.shapes.shape[1] == 1:
            return np.ones((len(self.shapes), 1, 1))
        lower = self._lower[0]
        return np.stack([lower, lower[:, ::-1]], axis=2)

    def with_one_more(self, y: Array, component: int, exposure: float = 1.0) -> GammaGivenStates:
        one = np.arange(self.shapes.shape[1]) == component
        return replace(self, shapes=self.shapes + one * y[0], rates=self.rates + exposure * one)

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
        if rank == k - 1 and not self.has_variance:
            second = np.inf
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
        moments = self.shapes / self.rates if power == 1 else self.shapes * (self.shapes + 1) / self.rates**2
        if self.shapes.shape[1] == 1:
            return np.asarray(moments[:, 0])
        # E[λ₁; λ₂ < λ₁] is E[λ₁] less E[λ₁; λ₁ < λ₂].
        lower = self._lower[power]
        return np.asarray((moments * (lower if rank == 0 else 1 - lower)).sum(axis=1))

    @cached_property
    def _lower(self) -> list[Array]:
        """The probability that each of two rates is the smaller one when its density is tilted by λ to the power 0, 1, 2."""
        first = special.betainc(self.shapes[:, 0], self.shapes[:, 1], self.rates[:, 0] / self.rates.sum(axis=1))
        lower = [np.stack([first, 1 - first], axis=1)]
        cut = self.rates / self.rates.sum(axis=1, keepdims=True)
        own, other, both = self.shapes, self.shapes[:, ::-1], self.shapes.sum(axis=1, keepdims=True)
        log_term = own * np.log(cut) + other * np.log1p(-cut) - self._log_gamma.sum(axis=1, keepdims=True)
        term = np.exp(log_term + special.gammaln(both) - np.log(own))
        for power in (1, 2):
            lower.append(lower[-1] - term)
            term = term * cut * (both + power - 1) / (own + power)
        return lower


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
