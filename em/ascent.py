r"""Faster than EM's own steps: quasi-Newton ascent that starts where plain EM has settled on one hill.

Near its limit EM gains a constant share $r$ of what is left, and where the components overlap $r$ is .999 and more. The
E-step knows more than EM uses: by Fisher's identity the gradient of the log-likelihood is that of $Q$ at the current
parameters, a function of the expected statistics (the families' charts turn these into it). From differences of
gradients the method of Broyden, Fletcher, Goldfarb and Shanno learns the curvature that the missing labels leave, in the
form with limited memory (Nocedal 1980; Jamshidian and Jennrich 1997 apply it to EM).

**Coordinates.** A step is taken in a *chart*: unconstrained coordinates $v$ about the mixture where the ascent began,
scaled so that the information of the complete data is the identity matrix there. The information of the observed data
is then $I - R$, with $R$ the share that the missing labels take away, whose largest eigenvalue is EM's rate $r$. All of
its eigenvalues lie between zero and one; a step along the plain gradient is to first order a step of EM; and only the
few slow directions have to be learnt.

**Safety.** A step $s$ from $v_0$ to $v_1$ with objective $f$ and gradient $g$ is accepted only when it looks as one does
that stays on one concave hill:

1. the objective does not fall, $f_1 \ge f_0$;
2. the slope lessens along the step, $s^T g_1 < s^T g_0$;
3. the rise is that of a nearly quadratic function, which is the mean slope
   (the trapezoidal rule): $\lvert f_1 - f_0 - \tfrac12 s^T (g_0 + g_1) \rvert \le \tfrac14 \lvert f_1 - f_0 \rvert$.

A step over a valley into another optimum breaks the last. A refused step is shortened; after a few refusals plain EM,
which climbs whatever the terrain, takes over until its gains have settled again. The rise of the whole ascent is held
against what the decline of EM's gains let expect: when it is more than twice that, the ascent has found another hill, and
EM goes on from where it began.

**Summits.** An optimum at which another run has ended is the end of this one as well, when the step that leads there passes
the same tests, and is no longer than any other: no coordinate moves by more than a standard deviation or a factor of e.

**The end.** Where the gradient vanishes there may also be a saddle, which plain EM passes by slowly. Hence the smallest
eigenvalue $\lambda$ of the information, $1 - r$, is found by the method of Lanczos from differences of gradients. When it
is negative, EM goes on from a point beside the saddle; otherwise $|g|^2 / 2 \lambda$ bounds what is left to climb.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from models import Array, Expectation, Mixture

from .chart import Chart

EPSILON = float(np.finfo(float).eps)
MEMORY = 40
TRIALS = 3
# Coordinates are moved by a hundredth of a complete-data standard error.
DIFFERENCE = 1e-2
# A direction with so small a share of the complete data's information is flat, be the share negative or positive. EM ends
# 1e-8 nats below its limit, which there is some 0.04 complete-data standard errors away from it, over which the share
# itself changes by more; and a step of ten of them along it changes the objective by less than a thousandth of a nat,
# within which two ends of EM are one (``em/optimum.py``).
FLAT = 1e-5
# The sign of the smallest eigenvalue matters, and little more than its size.
KRYLOV_VECTORS, KRYLOV_TOLERANCE, RESTARTS = 12, 0.3, 3


@dataclass(frozen=True)
class Point:
    """A visited mixture, what the E-step found there, the objective in nats, and why EM cannot go on if it cannot."""

    mixture: Mixture
    expectation: Expectation
    objective: float
    collapse: str | None = None


class Summit(NamedTuple):
    """An optimum that a run has reached, and what may be left to climb there in nats."""

    mixture: Mixture
    left: float


def rounding_of[Objective: (float, Array)](objective: Objective) -> Objective:
    """What a sum over all observations may err by, in nats."""
    return 8 * EPSILON * (1 + abs(objective))


class Ascent:
    """Quasi-Newton steps from a point, in the chart about it."""

    def __init__(
        self, point: Point, chart: Chart, evaluate: Callable[[Mixture], Point], summits: Sequence[Summit] = ()
    ) -> None:
        self._chart, self._evaluate = chart, evaluate
        self._summits = [(chart.place_of(mixture) * chart.scales, left) for mixture, left in summits]
        self._place = np.zeros(len(chart.scales))
        self._point, self._gradient = point, self._scaled_gradient(self._place, point)
        self._steps: deque[tuple[Array, Array, float]] = deque(maxlen=MEMORY)

    def run(self, tolerance: float, ceiling: float) -> list[tuple[Point, float]]:
        """Yield its own point and those that follow, each with what is left to climb in nats.

        It ends at a point with no more than ``tolerance`` left, beside a saddle, or where no step can be trusted. The
        list is empty when the objective rises above ``ceiling``, because then this is not the hill that EM was on.
        """
        visited: list[tuple[Point, float]] = []
        smallest = 1.0
        while self._point.objective <= ceiling:
            left = np.inf
            # The eigenvalue that was found a step ago says whether it is time to look for it again.
            near = 0.5 * float(self._gradient @ self._direction()) <= 0.1 * tolerance
            near = near and self._left(smallest) <= tolerance
            summit = self._summit() if near or not visited else None
            if summit is not None:
                # Of a hill whose top is above the ceiling no other step need be taken.
                return [*visited, (self._point, np.inf), summit] if summit[0].objective <= ceiling else []
            if near:
                smallest, direction = self._smallest_information()
                if smallest < -FLAT:
                    beside = self._beside(direction)
                    return [*visited, (self._point, np.inf), *([(beside, np.inf)] if beside else [])]
                left = self._left(smallest)
            visited.append((self._point, left))
            if left <= tolerance or not self._step():
                return visited
        return []

    def _left(self, smallest: float) -> float:
        """What may be left to climb; the eigenvalue that Lanczos finds errs upwards, hence twice |g|²/2λ."""
        return float(self._gradient @ self._gradient) / max(smallest, FLAT)

    def _summit(self) -> tuple[Point, float] | None:
        """The first of the summits to which a step can be trusted, and what may be left to climb there."""
        for place, left in self._summits:
            step = place - self._place
            if not np.abs(step / self._chart.scales).max() <= 1:
                continue
            point = self._at(place)
            if point is not None and self._trusted(step, point, self._scaled_gradient(place, point)):
                return point, left
        return None

    def _step(self) -> bool:
        direction = self._capped(self._direction())
        length = 1.0
        for _ in range(TRIALS):
            place = self._place + length * direction
            point = self._at(place)
            if point is not None:
                gradient = self._scaled_gradient(place, point)
                if self._trusted(length * direction, point, gradient):
                    step, change = length * direction, self._gradient - gradient
                    self._steps.append((step, change, float(step @ change)))
                    self._place, self._point, self._gradient = place, point, gradient
                    return True
            length *= 0.25
        return False

    def _trusted(self, step: Array, point: Point, gradient: Array) -> bool:
        rise, before, after = point.objective - self._point.objective, step @ self._gradient, step @ gradient
        rounding = rounding_of(point.objective)
        return bool(rise >= 0 and after < before and abs(rise - 0.5 * (before + after)) <= 0.25 * abs(rise) + rounding)

    def _direction(self) -> Array:
        """The inverse of the learnt curvature times the gradient, by two loops over the last steps (Nocedal 1980)."""
        direction, shares = self._gradient.copy(), []
        for step, change, curvature in reversed(self._steps):
            share = (step @ direction) / curvature
            direction -= share * change
            shares.append(share)
        for (step, change, curvature), share in zip(self._steps, reversed(shares), strict=True):
            direction += (share - (change @ direction) / curvature) * step
        return direction

    def _smallest_information(self) -> tuple[float, Array]:
        """The smallest eigenvalue of the information, relative to that of the complete data, and its eigenvector."""
        dimension = len(self._place)

        def times(vector: Array) -> Array:
            flat = vector.ravel()
            step = self._capped(DIFFERENCE / np.linalg.norm(flat) * flat)
            place = self._place + step
            change = self._gradient - self._scaled_gradient(place, self._evaluated(place))
            return np.asarray(change * (np.linalg.norm(flat) / np.linalg.norm(step)))

        if dimension < 4:
            values, vectors = np.linalg.eigh(np.array([times(unit) for unit in np.eye(dimension)]))
            return float(values[0]), vectors[:, 0]
        operator = LinearOperator((dimension, dimension), matvec=times, dtype=np.float64)
        beginning = np.cos(np.arange(dimension))
        try:
            values, vectors = eigsh(
                operator,
                k=1,
                which="SA",
                v0=beginning,
                ncv=min(dimension, KRYLOV_VECTORS),
                tol=KRYLOV_TOLERANCE,
                maxiter=RESTARTS,
            )
        except ArpackNoConvergence:
            return 0.0, beginning
        except ArpackError:
            if times(beginning).any():
                raise
            return 0.0, beginning  # flat to the last digit, which leaves Lanczos nowhere to go
        return float(values[0]), vectors[:, 0]

    def _beside(self, direction: Array) -> Point | None:
        """A higher point along the direction, at best on the side where the ascent came from."""
        side = -np.sign(self._place @ direction) or 1.0
        for length in (10.0, 1.0, 0.1):
            step = self._capped(side * length * direction)
            for place in (self._place + step, self._place - step):
                point = self._at(place)
                if point is not None and point.objective > self._point.objective:
                    return point
        return None

    def _capped(self, step: Array) -> Array:
        """The step, shortened until no coordinate moves by more than one: a standard deviation, or a factor of e."""
        return np.asarray(step / max(1.0, np.abs(step / self._chart.scales).max()))

    def _at(self, place: Array) -> Point | None:
        """The point at this place, unless the mixture there has collapsed."""
        try:
            point = self._evaluated(place)
        except np.linalg.LinAlgError:
            return None
        return point if point.collapse is None else None

    def _evaluated(self, place: Array) -> Point:
        return self._evaluate(self._chart.at(place / self._chart.scales))

    def _scaled_gradient(self, place: Array, point: Point) -> Array:
        gradient = self._chart.gradient(place / self._chart.scales, point.expectation.statistics)
        return np.asarray(gradient / self._chart.scales)
