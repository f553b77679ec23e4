r"""Points and weights with which a sum over points stands for an expectation under a distribution.

On the line the trapezoidal rule converges exponentially for whatever is analytic in a strip about it (Trefethen and Weideman
2014, theorem 5.1): with steps of a hundredth, far beyond the digits of a double. Tails that fall as a power of $x$ are
reached by $x = \sinh v$, in which they fall exponentially (the same, section 14). In the plane the rule is a product, with
wider steps; in more dimensions so many points would be needed that a large sample takes their place.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array

# φ(9) is 10⁻¹⁸ of φ(0).
REACH = 9.0
STEPS = {1: 0.01, 2: 0.1}
# No expectation of ours changes by points of so little weight, and no weight of data may be much smaller.
LEAST = 1e-40


def normal_points(dimension: int) -> tuple[Array, Array]:
    """Return points of shape ``(m, d)`` and weights of shape ``(m,)`` for N(0, I) in one or two dimensions."""
    ends = int(REACH / STEPS[dimension])
    z: Array = STEPS[dimension] * np.arange(-ends, ends + 1, dtype=np.float64)
    return product(z, np.asarray(STEPS[dimension] * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)), dimension)


def line_points(dimension: int, farthest: float) -> tuple[Array, Array]:
    """Return points and weights for the integral over all of space, in one or two dimensions, out to ± ``farthest``."""
    end = int(np.arcsinh(farthest) / STEPS[dimension])
    v: Array = STEPS[dimension] * np.arange(-end, end + 1, dtype=np.float64)
    return product(np.sinh(v), STEPS[dimension] * np.cosh(v), dimension)


def product(points: Array, weights: Array, dimension: int) -> tuple[Array, Array]:
    """Return the product of a rule on the line with itself, in one dimension the rule as it is."""
    if dimension == 1:
        return points[:, None], weights
    x = np.stack(np.meshgrid(*[points] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
    w = np.prod(np.meshgrid(*[weights] * dimension, indexing="ij"), axis=0).reshape(-1)
    return x, w
