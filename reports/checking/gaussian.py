r"""What shows whether observations are those of a mixture of Gaussians; the same in all units and axes.

With $y_{ik} = L_k^{-1} (x_i - \mu_k)$, $\Sigma_k = L_k L_k^T$, each row by its share:

- **Skewness** of a component: the length of $\sum_i \gamma_{ik} \, y_{ik} |y_{ik}|^2 / N_k$ (Móri, Rohatgi, Székely
  1993), in one dimension the third moment; its square is about $\chi^2_d$ times a constant, whose cube root is nearly normal
  (Wilson and Hilferty 1931).
- **Kurtosis**: $\sum_i \gamma_{ik} |y_{ik}|^4 / N_k$ in units of $d (d + 2)$, that of the bell curve (Mardia 1970).
- **Farthest observation**: from the component that it is nearest to, with how many as far are expected.
- **Distribution function**: $\sup |F_n - F|$; in more than one dimension that of the density at the observations, whose
  distribution is the same whatever the axes: how much probability lies where the density is lower.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from em import record_of, step_of
from models import Array, Data, Gaussian, Mixture

from .figure import FEWEST, Figure, Figures, Key, largest_gap, log_gap, normal_of_rare
from .levels import gap_of_levels

# So many observations of the model stand for its distribution of densities, and so many rows are held against it: more
# would see the chance of the former.
SIMULATED, MOST_ROWS = 40_000, 4000


def figures(data: Data, mixture: Mixture) -> Figures:
    """Return every figure of the observations, at the mixture that was fitted to them."""
    components = mixture.components
    assert isinstance(components, Gaussian)
    x, weights, d = data.values, data.weights, data.dimension
    whitening = np.linalg.inv(np.linalg.cholesky(components.covariances))
    whitened = whitening @ (x.T - components.means[..., None])
    squares = np.square(whitened).sum(axis=1)
    shares = mixture.responsibilities(x).T * weights
    counts = np.maximum(shares.sum(axis=1), np.finfo(float).tiny)
    thirds = np.einsum("kn,kdn->kd", shares * squares, whitened) / counts[:, None]
    skewness = np.linalg.norm(thirds, axis=1)
    kurtosis = np.einsum("kn,kn->k", shares, np.square(squares)) / counts / (d * (d + 2))
    found: Figures = {}
    for k, n in enumerate(counts):
        if n < FEWEST:
            continue
        found[Key("skewness", k)] = Figure(float((n * skewness[k] ** 2) ** (1 / 3)), float(skewness[k]))
        found[Key("kurtosis", k)] = Figure(float(np.sqrt(n) * np.log(max(kurtosis[k], 1e-12))), float(kurtosis[k]))
    farthest = float(squares.min(axis=0).max())
    expected = float(weights.sum() * special.chdtrc(d, farthest))
    found[Key("largest")] = Figure(normal_of_rare(expected), float(np.sqrt(farthest)))
    if d == 1:
        values, counts = record_of(data, 0)
        gap = largest_gap(values, counts, *ends(values, step_of(values, counts) or 0.0, mixture))
        found[Key("distribution")] = Figure(log_gap(gap, float(weights.sum())), gap)
    else:
        rows = data.every(max(1, data.rows // MOST_ROWS))
        gap = gap_of_levels(rows, mixture, SIMULATED)
        found[Key("density")] = Figure(log_gap(gap, float(weights.sum()) * rows.rows / data.rows), gap)
    return found


def cumulative(x: Array, mixture: Mixture) -> Array:
    """Return P(X ≤ x) of one feature at each place, shape ``(n,)``."""
    components = mixture.components
    assert isinstance(components, Gaussian)
    deviations = np.sqrt(components.covariances[:, 0, 0])
    return np.asarray(special.ndtr((x[:, None] - components.means[:, 0]) / deviations) @ mixture.weights)


def ends(places: Array, step: float, mixture: Mixture) -> tuple[Array, Array]:
    """Return F half a step above and below each place: what was rounded lies anywhere between."""
    return cumulative(places + step / 2, mixture), cumulative(places - step / 2, mixture)
