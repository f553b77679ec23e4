r"""Where the distribution function of uniform ranks lies: simultaneous bands, computed exactly.

**The question.** Of $N$ replicates each has a rank $r_i \in \{0, \dots, L\}$. If the ranks are uniform, then at each of the
points $z_j = j / (L + 1)$, $j = 1, \dots, L$, the number of ranks below $j$,

$$ C_j = \#\{i : r_i < j\} \sim \mathrm{Binomial}(N, z_j), $$

so that one binomial interval says where $C_j$ may lie. A curve looks at all $L$ points, though, and the intervals must be
so wide that it leaves *none* of them with probability $1 - \alpha$ (Säilynoja, Bürkner and Vehtari 2022, section 2).

**One number for all points.** Measure how far out a count is by its two-sided tail,

$$ t_j(c) = 2 \min \{ P(C_j \le c),\ P(C_j \ge c) \}, $$

and the curve by its farthest point, $t = \min_j t_j(C_j)$. The band of tail $\gamma$ consists at each point of the counts
with $t_j(c) > \gamma$. A curve is inside exactly when $t > \gamma$.

**Exactly.** The counts are a Markov chain: given $C_j = c$, each of the $N - c$ other ranks is at least $j$, and is equal to
$j$ with probability $1 / (L + 1 - j)$, so that

$$ C_{j+1} - c \mid C_j = c \ \sim\ \mathrm{Binomial}\left(N - c,\ \frac{z_{j+1} - z_j}{1 - z_j}\right). $$

Carrying the probabilities of the counts inside the band from point to point, and dropping at each what leaves it, ends
with the probability that nothing ever left (their section 2.2). The level is then met from above by bisection over
$\gamma$; since counts are whole numbers, the band keeps at least, and hardly ever exactly, $1 - \alpha$.

The same recursion gives a p-value: the probability that uniform ranks go as far out as these, $1 - P(t > t_{observed})$.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from models import Array

BISECTIONS = 30
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Band:
    """For each point ``z``, shape ``(L,)``, the least and the largest count that lie inside; ``coverage`` is exact."""

    z: Array
    lower: Counts
    upper: Counts
    coverage: float


@cache
def simultaneous_band(replicates: int, ranked: int, level: float) -> Band:
    """Return the narrowest band that holds the whole curve with at least the probability ``level``.

    Parameters
    ----------
    replicates
        How many ranks there are, N.
    ranked
        The largest possible rank: the number L of draws that a true value is ranked among.
    level
        The probability, between 0 and 1.
    """
    narrow, wide = 1.0, 0.0  # tails: the band of the larger one is narrower
    for _ in range(BISECTIONS):
        middle = (narrow + wide) / 2
        narrow, wide = (narrow, middle) if _coverage(replicates, ranked, middle) >= level else (middle, wide)
    lower, upper = _ends(replicates, ranked, wide)
    return Band(_points(ranked), lower, upper, _coverage(replicates, ranked, wide))


def counts_below(ranks: NDArray[np.integer], ranked: int) -> Counts:
    """Return how many ranks are less than 1, …, L, shape ``(L,)``."""
    return np.cumsum(np.bincount(ranks, minlength=ranked + 1))[:-1].astype(np.int64)


def p_value(ranks: NDArray[np.integer], ranked: int) -> float:
    """Return the probability that as many uniform ranks stray as far at any point as these do at their farthest."""
    counts, replicates = counts_below(ranks, ranked), len(ranks)
    farthest = float(_tails(replicates, ranked, counts).min())
    return 1 - _coverage(replicates, ranked, farthest)


def _points(ranked: int) -> Array:
    return np.arange(1, ranked + 1) / (ranked + 1)


def _tails(replicates: int, ranked: int, counts: Counts) -> Array:
    """Return t, the two-sided tail, at every point; ``counts`` has the points last."""
    z = _points(ranked)
    below, above = stats.binom.cdf(counts, replicates, z), stats.binom.sf(counts - 1, replicates, z)
    return np.asarray(2 * np.minimum(below, above))


@cache
def _tails_of_all(replicates: int, ranked: int) -> Array:
    """Return the tail of every possible count at every point, shape ``(N + 1, L)``."""
    return _tails(replicates, ranked, np.arange(replicates + 1)[:, None])


def _ends(replicates: int, ranked: int, tail: float) -> tuple[Counts, Counts]:
    """Return the least and the largest count at each point whose two-sided tail is more than ``tail``."""
    inside = _tails_of_all(replicates, ranked) > tail
    # Where no count is inside the ends cross, and nothing lies between them.
    lower = np.where(inside.any(axis=0), inside.argmax(axis=0), 1)
    upper = np.where(inside.any(axis=0), replicates - inside[::-1].argmax(axis=0), 0)
    return lower.astype(np.int64), upper.astype(np.int64)


def _coverage(replicates: int, ranked: int, tail: float) -> float:
    """Return the probability that the counts of uniform ranks stay between the ends at every point."""
    lower, upper = _ends(replicates, ranked, tail)
    if (lower > upper).any():
        return 0.0
    log_factorial = special.gammaln(np.arange(replicates + 1) + 1.0)
    at, chance = np.array([0]), np.array([1.0])
    for point in range(ranked):
        to = np.arange(lower[point], upper[point] + 1)
        chance = chance @ _binomial(log_factorial, replicates - at[:, None], to - at[:, None], 1 / (ranked + 1 - point))
        at = to
    return float(chance.sum())


def _binomial(log_factorial: Array, trials: Counts, successes: Counts, p: float) -> Array:
    """Return the binomial probabilities, from factorials looked up; zero where there are fewer than no successes."""
    k, rest = np.maximum(successes, 0), np.maximum(trials - successes, 0)
    log_chance = log_factorial[trials] - log_factorial[k] - log_factorial[rest] + k * np.log(p) + rest * np.log1p(-p)
    return np.asarray(np.where((successes >= 0) & (successes <= trials), np.exp(log_chance), 0.0))
