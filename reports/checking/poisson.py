r"""What shows whether counts are those of a mixture of Poisson distributions.

- **Dispersion** inside a component: $\sum_i \gamma_{ik} (x_i - \lambda_k)^2 / (N_k \lambda_k)$, one under the model
  (Fisher's index, each count as far as it belongs to the component).
- **Zeros**: how many there are and how many $n \, p(0)$ are expected, on the scale $2 \sqrt{\cdot + 3/8}$, on which counts
  have variance one (Anscombe 1948).
- **Largest count**: how many at least as large are expected.
- **Distribution function**: $\sup_x |F_n(x) - F(x)|$.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from models import Array, Data, Mixture, Poisson

from .figure import FEWEST, Figure, Figures, Key, largest_gap, log_gap, normal_of_rare


def figures(data: Data, mixture: Mixture) -> Figures:
    """Return every figure of distinct counts with weights, at the mixture that was fitted to them."""
    components = mixture.components
    assert isinstance(components, Poisson)
    x, weights, rates = data.values[:, 0], data.weights, components.rates
    found = _dispersion(x, weights, mixture, rates)
    n, pi = weights.sum(), mixture.weights
    zeros, expected = float(weights[x == 0].sum()), float(n * (pi @ np.exp(-rates)))
    found[Key("zeros")] = Figure(2 * (np.sqrt(zeros + 0.375) - np.sqrt(expected + 0.375)), zeros / n)
    largest = float(x.max())
    found[Key("largest")] = Figure(normal_of_rare(float(n * survival(largest - 1, mixture))), largest)
    gap = largest_gap(x, weights, *ends(x, 1.0, mixture))
    found[Key("distribution")] = Figure(log_gap(gap, float(n)), gap)
    return found


def cumulative(x: Array, mixture: Mixture) -> Array:
    """Return P(X ≤ x) at each place, shape ``(n,)``."""
    rates = mixture.components.location()
    return np.asarray(np.where(x < 0, 0.0, special.pdtr(np.maximum(x, 0)[:, None], rates) @ mixture.weights))


def ends(places: Array, step: float, mixture: Mixture) -> tuple[Array, Array]:
    """Return F at each count and just below it; counts are whole, whatever the step of the record."""
    return cumulative(places, mixture), cumulative(places - 1, mixture)


def survival(x: float, mixture: Mixture) -> float:
    """Return P(X > x)."""
    rates = mixture.components.location()
    return 1.0 if x < 0 else float(special.pdtrc(x, rates) @ mixture.weights)


def _dispersion(x: Array, weights: Array, mixture: Mixture, rates: Array) -> Figures:
    shares = mixture.responsibilities(x[:, None]) * weights[:, None]
    counts = np.maximum(shares.sum(axis=0), np.finfo(float).tiny)
    squares = (shares * np.square(x[:, None] - rates)).sum(axis=0)
    indices = squares / np.maximum(counts * rates, np.finfo(float).tiny)
    values = np.sqrt(counts / 2) * np.log(np.maximum(indices, 1e-12))
    return {
        Key("dispersion", k): Figure(float(value), float(index))
        for k, (value, index) in enumerate(zip(values, indices, strict=True))
        if counts[k] >= FEWEST
    }
