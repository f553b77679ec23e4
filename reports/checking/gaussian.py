r"""What shows whether observations are those of a mixture of Gaussians; the same in all units and axes.

With $y_{ik} = L_k^{-1} (x_i - \mu_k)$, $\Sigma_k = L_k L_k^T$, each row by its share:

- **Skewness** of a component: the length of $\sum_i \gamma_{ik} \, y_{ik} |y_{ik}|^2 / N_k$ (Móri, Rohatgi, Székely
  1993), in one dimension the third moment; its square is about $\chi^2_d$ times a constant, whose cube root is nearly normal
  (Wilson and Hilferty 1931).
- **Kurtosis**: $\sum_i \gamma_{ik} |y_{ik}|^4 / N_k$ in units of $d (d + 2)$, that of the bell curve (Mardia 1970).
- **Farthest observation**: from the component that it is nearest to, with how many as far are expected.
- **Distribution function**: $\sup |F_n - F|$; in more than one dimension that of the density at the observations, whose
  distribution is the same whatever the axes: how much probability lies where the density is lower.

The number of modes is no figure here. Of a thousand observations of three normals 2.5 standard deviations apart that were
fitted by two, a kernel estimate's number of modes gave 12 of 30 data sets away, and one component more (``model_fit``) 21;
three deviations apart 28 and 30; of lognormal groups and of Student's t with three degrees of freedom none and 30.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from em import record_of, step_of
from models import Array, Data, Gaussian, Mixture

from .figure import FEWEST, Figure, Figures, Key, largest_gap, log_gap, normal_of_rare
from .levels import gap_of_levels

# So many observations of the model stand for its distribution of densities, and so many rows are held against it: more
# would see the chance of the former.
SIMULATED, MOST_ROWS = 40_000, 4000
# Whitened rows of all components that are held at a time.
MOST_NUMBERS = 2**18


def figures(data: Data, mixture: Mixture) -> Figures:
    """Return every figure of the observations, at the mixture that was fitted to them."""
    weights, d = data.weights, data.dimension
    sums = _sums(data, mixture)
    counts = np.maximum(sums.counts, np.finfo(float).tiny)
    skewness = np.linalg.norm(sums.thirds / counts[:, None], axis=1)
    kurtosis = sums.fourths / counts / (d * (d + 2))
    found: Figures = {}
    for k, n in enumerate(counts):
        if n < FEWEST:
            continue
        found[Key("skewness", k)] = Figure(float((n * skewness[k] ** 2) ** (1 / 3)), float(skewness[k]))
        found[Key("kurtosis", k)] = Figure(float(np.sqrt(n) * np.log(max(kurtosis[k], 1e-12))), float(kurtosis[k]))
    expected = float(weights.sum() * special.chdtrc(d, sums.farthest))
    found[Key("largest")] = Figure(normal_of_rare(expected), float(np.sqrt(sums.farthest)))
    if d == 1:
        values, counts = record_of(data, 0)
        gap = largest_gap(values, counts, *ends(values, step_of(values, counts) or 0.0, mixture))
        found[Key("distribution")] = Figure(log_gap(gap, float(weights.sum())), gap)
    else:
        rows = data.every(max(1, data.rows // MOST_ROWS))
        gap = gap_of_levels(rows, mixture, SIMULATED)
        found[Key("density")] = Figure(log_gap(gap, float(weights.sum()) * rows.rows / data.rows), gap)
    return found


@dataclass
class _Sums:
    """Sums over all rows, each by its share: of one, $y |y|^2$ and $|y|^4$, shapes ``(k,)``, ``(k, d)`` and ``(k,)``.

    ``farthest`` is the largest squared distance of a row from the component that it is nearest to.
    """

    counts: Array
    thirds: Array
    fourths: Array
    farthest: float = 0.0


def _sums(data: Data, mixture: Mixture) -> _Sums:
    """Sum over the rows, as many at a time as stay in the cache."""
    components = mixture.components
    assert isinstance(components, Gaussian)
    k, d = components.means.shape
    whitening = np.linalg.inv(np.linalg.cholesky(components.covariances))
    sums, rows = _Sums(np.zeros(k), np.zeros((k, d)), np.zeros(k)), max(1, MOST_NUMBERS // (k * d))
    for start in range(0, data.rows, rows):
        x, weights = data.values[start : start + rows], data.weights[start : start + rows]
        whitened = whitening @ (x.T - components.means[..., None])
        squares = np.square(whitened).sum(axis=1)
        shares = mixture.responsibilities(x).T * weights
        sums.counts += shares.sum(axis=1)
        sums.thirds += np.einsum("kn,kdn->kd", shares * squares, whitened)
        sums.fourths += np.einsum("kn,kn->k", shares, np.square(squares))
        sums.farthest = max(sums.farthest, float(squares.min(axis=0).max()))
    return sums


def cumulative(x: Array, mixture: Mixture) -> Array:
    """Return P(X ≤ x) of one feature at each place, shape ``(n,)``."""
    components = mixture.components
    assert isinstance(components, Gaussian)
    deviations = np.sqrt(components.covariances[:, 0, 0])
    return np.asarray(special.ndtr((x[:, None] - components.means[:, 0]) / deviations) @ mixture.weights)


def ends(places: Array, step: float, mixture: Mixture) -> tuple[Array, Array]:
    """Return F half a step above and below each place: what was rounded lies anywhere between."""
    return cumulative(places + step / 2, mixture), cumulative(places - step / 2, mixture)
