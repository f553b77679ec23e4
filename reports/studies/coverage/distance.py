r"""How far a posterior is from the normal distribution that large samples promise, exactly, from its draws.

The Wasserstein-1 distance of two distributions on the line is the area between their quantile functions (Vallender 1974),

$$ W_1 = \int_0^1 |F^{-1}(p) - G^{-1}(p)|\,dp. $$

In units of the standard error, about the maximum-likelihood estimate, the limit is N(0, 1). The quantile function of $m$
draws is a staircase with the steps $z_{(1)} \le \dots \le z_{(m)}$, each $1/m$ long. On a step from $a$ to $b$ the normal
quantile $q(p) = \Phi^{-1}(p)$ crosses $z$ at most once, at $c = \Phi(z)$ brought into $[a, b]$; and since
$\int q\,dp = -\varphi(q)$, which differentiation shows, the step's area is

$$ \int_a^b |z - q(p)|\,dp = z (c - a) - z (b - c) + \varphi(q(c)) - \varphi(q(a)) + \varphi(q(c)) - \varphi(q(b)). $$

Draws are noisy, too: $m$ independent ones of the limit itself are about $1.3/\sqrt{m}$ from it, which is the least that can
be seen.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from models import Array


def wasserstein_from_normal(z: Array) -> float:
    """Return W₁ between the empirical distribution of standardised draws, shape ``(draws,)``, and N(0, 1)."""
    ascending = np.sort(z)
    edges = np.linspace(0, 1, len(z) + 1)
    start, end = edges[:-1], edges[1:]
    crossing = np.clip(special.ndtr(ascending), start, end)
    at_crossing, at_edges = _density_at_quantile(crossing), _density_at_quantile(edges)
    areas = ascending * (2 * crossing - start - end) + 2 * at_crossing - at_edges[:-1] - at_edges[1:]
    return float(areas.sum())


def _density_at_quantile(p: Array) -> Array:
    """Return φ(Φ⁻¹(p)), which is zero at both ends."""
    return np.asarray(np.exp(-0.5 * special.ndtri(p) ** 2) / np.sqrt(2 * np.pi))
