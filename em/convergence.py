r"""How EM converged: its rate, what is left to climb, and the direction that is least determined.

Near a maximum EM's map takes an error $e$ to $R e$ with $R = I_{complete}^{-1} I_{missing}$ (Dempster, Laird and Rubin 1977,
theorem 4). In coordinates in which the complete data's information is the identity $R$ is symmetric, and along its
eigenvector $j$, with eigenvalue $r_j$, the observed information is the share $1 - r_j$. A gradient $g_j$ there means

- an error $e_j = g_j / (1 - r_j)$, which each step multiplies by $r_j$;
- a distance to the limit of $\frac12 (1 - r_j) e_j^2 = g_j^2 / 2 (1 - r_j)$ nats, which each step multiplies by $r_j^2$.

In all, $\frac12 g^T I^{-1} g$ nats are left, and after $t$ steps of EM $\sum_j r_j^{2t} g_j^2 / 2 (1 - r_j)$. The largest
$r_j$ is the rate that is seen in the end: EM's gains shrink by its square.

**The least determined direction** is the eigenvector with the largest $r_j$, along which the labels take away most. Where
it dominates, the named parameters move together along it: the correlation of a parameter's error with the error along the
direction is its derivative along it, divided by $\sqrt{1 - r_j}$ and by its own standard error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import Array, Shown

from .ascent import FLAT
from .fitted import Fit
from .information import Information
from .standard_errors import named_tangents

MOST_STEPS = 2**60
# Of the parameters that move along the least determined direction those are named that do so nearly as much as the first.
NEARLY_AS_MUCH, MOST_NAMES, MIRRORED = 0.8, 4, 1e-9


@dataclass(frozen=True, repr=False)
class Convergence(Shown):
    """EM near its limit.

    ``rates`` are the eigenvalues of the Jacobian of EM's map, descending, and ``left`` what is left to climb along each
    eigenvector, in nats; both have shape ``(p,)``, a parameter on an edge, such as a rate of zero, not counted.
    ``gradient_norm`` is the length of the gradient in units in which a
    complete-data standard error is one. ``condition`` is the ratio of the largest to the smallest eigenvalue of the
    observed information in the same units. ``alignment`` holds, for each named parameter, the correlation of its error
    with that along the least determined direction.

    Examples
    --------
    >>> from em import audit, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = audit(fit(x, "poisson", 2, starts=10)).convergence
    >>> round(found.rate, 3), found.least_determined
    (0.175, 'rates[2]')
    """

    rates: Array
    left: Array
    gradient_norm: float
    condition: float
    alignment: dict[str, float]

    @property
    def rate(self) -> float:
        """The share of an error that is left after a step of EM; in the limit its gains shrink by the square of it."""
        return float(self.rates[0]) if len(self.rates) else 0.0

    @property
    def remaining(self) -> float:
        """How far the objective is below its limit, in nats; infinite where there is no maximum."""
        return float(self.left.sum())

    def _said(self) -> Iterator[str]:
        yield (
            f"Each of EM's own steps leaves {self.rate:.6g} of an error, and {self.remaining:.2g} nats are left to climb "
            f"(gradient {self.gradient_norm:.2g} in natural units, condition number {self.condition:.3g})"
        )

    def steps_to(self, tolerance: float) -> float:
        """How many of EM's own steps lead to within ``tolerance`` nats of the limit; infinite when none do."""
        if not np.isfinite(self.remaining) or (self.rate >= 1 and self.left[0] > tolerance):
            return np.inf
        enough = 1
        while self._left_after(enough - 1) > tolerance and enough < MOST_STEPS:
            enough *= 2
        lowest, highest = enough // 2, enough - 1
        while lowest < highest:
            middle = (lowest + highest) // 2
            lowest, highest = (lowest, middle) if self._left_after(middle) <= tolerance else (middle + 1, highest)
        return float(highest)

    def _left_after(self, steps: int) -> float:
        return float(np.clip(self.rates, 0, 1) ** (2 * steps) @ self.left)

    @property
    def least_determined(self) -> str:
        """The least determined direction in words, such as ``weights[1] against rates[1]``."""
        ranked = sorted(self.alignment, key=lambda name: -round(abs(self.alignment[name]), 6))
        if not ranked or not self.alignment[ranked[0]]:
            return "no parameter is free"
        first = self.alignment[ranked[0]]
        named: list[str] = []
        for name in ranked:
            # Of two weights one mirrors the other.
            mirrors = any(abs(self.alignment[name] + self.alignment[other]) < MIRRORED for other in named)
            if abs(self.alignment[name]) >= NEARLY_AS_MUCH * abs(first) and not mirrors:
                named.append(name)
        shown = [name for name in self.alignment if name in named[:MOST_NAMES]]
        along, opposed = (
            [name for name in shown if (self.alignment[name] * first > 0) is side] for side in (True, False)
        )
        return f"{_listed(along)} against {_listed(opposed)}" if opposed else _listed(along)


def convergence(fitted: Fit, found: Information) -> Convergence:
    """The rate of EM at an estimate, what is left to climb, and the least determined direction.

    Parameters
    ----------
    fitted
        An estimate.
    found
        The information at it.

    Returns
    -------
    Convergence
        The rates of EM, and what is left to climb.

    Examples
    --------
    >>> from em import convergence, fit, information_of
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, "poisson", 2, starts=10)
    >>> round(convergence(fitted, information_of(fitted)).rate, 3)
    0.175
    """
    movable = found.movable
    shares, along = found.shares[movable], (found.directions.T @ found.gradient)[movable]
    left = 0.5 * np.square(along) / np.maximum(shares, FLAT)
    positive = len(shares) == 0 or shares[0] > FLAT
    return Convergence(
        rates=1 - shares,
        left=left if found.at_a_maximum else np.full_like(left, np.inf),
        gradient_norm=float(np.linalg.norm(along)),
        condition=float(shares[-1] / shares[0]) if positive and len(shares) else (1.0 if positive else np.inf),
        alignment=_alignment(fitted, found, movable),
    )


def _alignment(fitted: Fit, found: Information, movable: NDArray[np.bool_]) -> dict[str, float]:
    """The correlation of each named parameter with the least determined direction."""
    if not movable.any():
        return {}
    errors = (named_tangents(fitted, found)[1] / np.sqrt(np.maximum(found.shares, FLAT)))[:, movable]
    lengths = np.linalg.norm(errors, axis=1)
    correlations = errors[:, 0] / np.where(lengths > 0, lengths, 1)
    return dict(zip(fitted.parameters, (float(value) for value in correlations), strict=True))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
