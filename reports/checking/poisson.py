r"""What shows whether counts are those of a mixture of Poisson distributions.

- **Dispersion** inside a component: $\sum_i \gamma_{ik} (x_i - e_i \lambda_k)^2 / (N_k e_i \lambda_k)$, one under the
  model (Fisher's index, each count as far as it belongs to the component).
- **Zeros**: how many there are and how many $\sum_i p(0 \mid e_i)$ are expected, on the scale
  $2 \sqrt{\cdot + 3/8}$, on which counts have variance one (Anscombe 1948).
- **Largest count**, that with the least probability to be as large at its exposure: how many such are expected.
- **Distribution function**: $\sup_x |F_n(x) - F(x)|$.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from models import Array, Data, Mixture, Poisson
from models.exposed import averaged

from .figure import FEWEST, Figure, Figures, Key, largest_gap, log_gap, normal_of_rare


def figures(data: Data, mixture: Mixture) -> Figures:
    """Return every figure of distinct counts with weights, at the mixture that was fitted to them."""
    components = mixture.components
    assert isinstance(components, Poisson)
    x, weights, rates = data.values[:, 0], data.weights, components.rates
    found = _dispersion(data, mixture, rates)
    n, pi = weights.sum(), mixture.weights
    zeros, expected = float(weights[x == 0].sum()), float(n * (pi @ averaged(data, lambda e: _nothing(rates, e))))
    found[Key("zeros")] = Figure(2 * (np.sqrt(zeros + 0.375) - np.sqrt(expected + 0.375)), zeros / n)
    largest = float(x.max())
    if data.exposure is None:
        beyond = survival(largest - 1, mixture)
    else:
        above = 1 - cumulative(x - 1, mixture, data.exposure)
        largest, beyond = float(x[above.argmin()]), float(above.min())
    found[Key("largest")] = Figure(normal_of_rare(float(n * beyond)), largest)
    counted = data if data.exposure is None else replace(data, exposure=None).distinct()
    places = counted.values[:, 0]
    upper = averaged(data, lambda exposure: cumulative(places, mixture, exposure))
    lower = averaged(data, lambda exposure: cumulative(places - 1, mixture, exposure))
    gap = largest_gap(places, counted.weights, upper, lower)
    found[Key("distribution")] = Figure(log_gap(gap, float(n)), gap)
    return found


def cumulative(x: Array, mixture: Mixture, exposure: Array | float | None = None) -> Array:
    """Return P(X ≤ x) at each place, shape ``(n,)``."""
    rates = mixture.components.location()
    means = rates if exposure is None else np.reshape(exposure, (-1, 1)) * rates
    return np.asarray(np.where(x < 0, 0.0, special.pdtr(np.maximum(x, 0)[:, None], means) @ mixture.weights))


def ends(places: Array, step: float, mixture: Mixture, exposure: Array | None = None) -> tuple[Array, Array]:
    """Return F at each count and just below it; counts are whole, whatever the step of the record."""
    return cumulative(places, mixture, exposure), cumulative(places - 1, mixture, exposure)


def _nothing(rates: Array, exposure: Array | float | None) -> Array:
    return np.exp(-rates if exposure is None else -rates * exposure)


def survival(x: float, mixture: Mixture) -> float:
    """Return P(X > x)."""
    rates = mixture.components.location()
    return 1.0 if x < 0 else float(special.pdtrc(x, rates) @ mixture.weights)


def _dispersion(data: Data, mixture: Mixture, rates: Array) -> Figures:
    x, exposure = data.values, data.exposure
    shares = mixture.responsibilities(x, exposure) * data.weights[:, None]
    counts = np.maximum(shares.sum(axis=0), np.finfo(float).tiny)
    squares = (shares * np.square(x - rates)).sum(axis=0)
    if exposure is not None:
        # Each count's own variance is its exposure times the rate.
        squares = (shares * np.square(x - exposure[:, None] * rates) / exposure[:, None]).sum(axis=0)
    indices = squares / np.maximum(counts * rates, np.finfo(float).tiny)
    values = np.sqrt(counts / 2) * np.log(np.maximum(indices, 1e-12))
    return {
        Key("dispersion", k): Figure(float(value), float(index))
        for k, (value, index) in enumerate(zip(values, indices, strict=True))
        if counts[k] >= FEWEST
    }
