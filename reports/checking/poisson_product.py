r"""What shows whether rows of counts are those of a mixture of products of Poissons.

- **Dispersion** inside a component: $\sum_i \gamma_{ik} \sum_j (x_{ij} - \lambda_{kj})^2 / \lambda_{kj}$ over $N_k d$, one
  under the model (Fisher's index of each column, averaged). Columns that go together inside a component do not change it.
- **Dispersion of the sums** of rows: $\sum_i \gamma_{ik} (s_i - \Lambda_k)^2 / (N_k \Lambda_k)$ with
  $s_i = \sum_j x_{ij}$ and $\Lambda_k = \sum_j \lambda_{kj}$. It is one where the columns are independent given the
  component, and above it where they rise and fall together, as counts do whose rows have exposures of their own.
- **Zeros**: how many cells are zero and how many are expected, on Anscombe's scale.
- **Distribution of the density** at the rows, of which there is no distribution function in many columns.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from models import Array, Data, Mixture, PoissonProduct

from .figure import FEWEST, Figure, Figures, Key, log_gap
from .gaussian import MOST_ROWS
from .levels import gap_of_levels

# Rows of the model stand for its distribution of densities: so many numbers, and no fewer rows than are held against it.
SIMULATED_NUMBERS = 80_000
TINY = float(np.finfo(float).tiny)


def figures(data: Data, mixture: Mixture) -> Figures:
    """Return every figure of rows of counts with weights, at the mixture that was fitted to them."""
    components = mixture.components
    assert isinstance(components, PoissonProduct)
    x, rates = data.values, components.rates
    exposure = np.ones(data.rows) if data.exposure is None else data.exposure
    shares = mixture.responsibilities(x, data.exposure) * data.weights[:, None]
    counts = np.maximum(shares.sum(axis=0), TINY)
    found: Figures = {}
    for k in range(len(rates)):
        if counts[k] < FEWEST:
            continue
        seen = rates[k] > 0
        means = exposure[:, None] * rates[k, seen]
        squares = shares[:, k] @ (np.square(x[:, seen] - means) / means)
        within = float(squares.sum() / counts[k] / max(seen.sum(), 1))
        found[Key("dispersion", k)] = Figure(_normal(within, counts[k] * seen.sum()), within)
        totals = exposure * max(float(rates[k].sum()), TINY)
        of_sums = float(shares[:, k] @ (np.square(x.sum(axis=1) - totals) / totals) / counts[k])
        found[Key("sums", k)] = Figure(_normal(of_sums, counts[k]), of_sums)
    zeros = float((x == 0).sum(axis=1) @ data.weights)
    # Without exposures every row expects as many.
    exposed = np.ones(1) if data.exposure is None else exposure
    none = np.stack([np.exp(-exposed[:, None] * row).sum(axis=1) for row in rates], axis=1)
    expected = float((shares * none).sum())
    found[Key("zeros")] = Figure(
        2 * (np.sqrt(zeros + 0.375) - np.sqrt(expected + 0.375)), zeros / data.size / data.dimension
    )
    rows = data.every(max(1, data.rows // MOST_ROWS))
    gap = gap_of_levels(rows, mixture, max(MOST_ROWS, SIMULATED_NUMBERS // data.dimension))
    found[Key("density")] = Figure(log_gap(gap, float(data.size) * rows.rows / data.rows), gap)
    return found


def cumulative(x: Array, mixture: Mixture, exposure: Array | float | None = None) -> Array:
    """Return P(X ≤ x) of one column at each place, shape ``(n,)``."""
    rates = mixture.components.arrays()["rates"][:, 0]
    means = rates if exposure is None else np.reshape(exposure, (-1, 1)) * rates
    return np.asarray(np.where(x < 0, 0.0, special.pdtr(np.maximum(x, 0)[:, None], means) @ mixture.weights))


def ends(places: Array, step: float, mixture: Mixture, exposure: Array | None = None) -> tuple[Array, Array]:
    """Return F at each count and just below it; counts are whole, whatever the step of the record."""
    return cumulative(places, mixture, exposure), cumulative(places - 1, mixture, exposure)


def _normal(index: float, size: float) -> float:
    """Return the index where the right model makes it nearly normal, after so many counts."""
    return float(np.sqrt(size / 2) * np.log(max(index, 1e-12)))
