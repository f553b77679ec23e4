r"""A frame: coordinates of the observations that do not depend on the units or the origin in which they were written.

$y = W (x - b)$, with $b$ the mean of the data and $W$ such that the data have unit spread in $y$. A family says which
$W$ leave its model and its prior what they are: for covariances that may be anything every $W$ does, for diagonal ones a
change of each feature's unit, for spherical ones a change of the common unit and a rotation. Whatever is computed in the
frame and taken back, such as starts, a sampler's draws or steps of differences, is then the same for $x$ and for $A x + b$.

**Directions.** Unit spread leaves a rotation free. The first axis points to the observation that is farthest from the
mean; the second to the one that is farthest from the first axis; and so on. These are the same observations whatever the
units.

The density of $x$ is that of $y$ times $|\det W|$.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np
from scipy import linalg

from .arrays import Array
from .data import Data

# Of observations that are equally far but for rounding the first one counts.
AS_FAR = 1 - 1e-6
# What is left of a row is rounding, a few units in its last place, when it is less than this share.
NOTHING_LEFT = 1e-12


class Movable(Protocol):
    """What can follow the observations into other units and axes, as a mixture and its prior can."""

    def affine(self, before: Array, matrix: Array, after: Array) -> Self:
        """Return what is true of ``matrix (x − before) + after`` when this is true of x."""


@dataclass(frozen=True)
class Frame:
    """The map y = W (x − b): ``offset`` is b, shape ``(d,)``, and ``matrix`` W, shape ``(d, d)``.

    Examples
    --------
    >>> from models import Data, Frame
    >>> metres = Data.of([10.0, 20.0, 60.0])
    >>> millimetres = Data.of([10_000.0, 20_000.0, 60_000.0])
    >>> [Frame.by_feature(data).of_rows(data.values).ravel().round(3).tolist() for data in (metres, millimetres)]
    [[-0.926, -0.463, 1.389], [-0.926, -0.463, 1.389]]
    """

    offset: Array
    matrix: Array

    @classmethod
    def identity(cls, dimension: int) -> Frame:
        """The frame in which everything is as it was written."""
        return cls(np.zeros(dimension), np.eye(dimension))

    @classmethod
    def by_feature(cls, data: Data) -> Frame:
        """Every feature by itself with variance one, its farthest observation above the mean."""
        deviations = np.sqrt(np.diag(data.covariance))
        units = cls(data.mean, np.diag(1 / deviations)).of_rows(data.values)
        signs = [_sign(column[_farthest(np.abs(column))]) for column in units.T]
        return cls(data.mean, np.diag(np.array(signs) / deviations))

    @classmethod
    def by_scale(cls, data: Data) -> Frame:
        """One unit for all features, in which their variances are one on average."""
        deviation = np.sqrt(np.diag(data.covariance).mean())
        return cls(data.mean, np.eye(data.dimension) / deviation)._turned(data)

    @classmethod
    def whitening(cls, data: Data) -> Frame:
        """The frame in which the data's covariance matrix is the identity."""
        matrix = np.diag(1 / np.sqrt(np.diag(data.covariance)))
        # Once loses digits where the features nearly depend on one another; twice is enough (Yamamoto and others 2015).
        for _ in range(2):
            covariance = Data(cls(data.mean, matrix).of_rows(data.values), data.weights, data.columns).covariance
            try:
                root = np.linalg.cholesky(covariance)
            except np.linalg.LinAlgError:
                raise ValueError(
                    "the columns depend on one another to within rounding: leave one out, or choose covariance 'diagonal'."
                ) from None
            matrix = np.linalg.solve(root, matrix)
        return cls(data.mean, matrix)._turned(data)

    @cached_property
    def inverse(self) -> Array:
        """The inverse W⁻¹ of the matrix."""
        return np.linalg.inv(self.matrix)

    @cached_property
    def log_volume(self) -> float:
        """log |det W|, by which the log-density of an observation is higher as it was written."""
        return float(np.linalg.slogdet(self.matrix)[1])

    @cached_property
    def is_identity(self) -> bool:
        """Whether the frame is that in which the observations were written."""
        return not self.offset.any() and np.array_equal(self.matrix, np.eye(len(self.offset)))

    def of_rows(self, values: Array) -> Array:
        """Observations of shape ``(rows, d)`` in the frame; equal ones stay equal to the last digit."""
        centred = values - self.offset
        # Feature by feature: a product of matrices may round a row by its place among the others.
        return np.asarray(sum(centred[:, f, None] * self.matrix[:, f] for f in range(len(self.offset))))

    def of_data(self, data: Data) -> Data:
        """The data in the units and axes of the frame."""
        return data if self.is_identity else replace(data, values=self.of_rows(data.values), notes=())

    def of_mixture[M: Movable](self, mixture: M) -> M:
        """The mixture of the data in the frame; each observation keeps its responsibilities."""
        return mixture if self.is_identity else mixture.affine(self.offset, self.matrix, self._origin)

    def of_prior[P: Movable](self, prior: P) -> P:
        """The prior of a mixture in the frame, which states what the given one states as written."""
        return prior if self.is_identity else prior.affine(self.offset, self.matrix, self._origin)

    def back[M: Movable](self, mixture: M) -> M:
        """A mixture in the frame as the observations were written."""
        return mixture if self.is_identity else mixture.affine(self._origin, self.inverse, self.offset)

    @property
    def _origin(self) -> Array:
        return np.zeros(len(self.offset))

    def _turned(self, data: Data) -> Frame:
        """Turn the axes of this frame towards the farthest observations."""
        rows, axes = self.of_rows(data.values), np.zeros((0, data.dimension))
        left, whole = rows, np.linalg.norm(rows, axis=1).max()
        for _ in range(data.dimension):
            lengths = np.linalg.norm(left, axis=1)
            if lengths.max() <= NOTHING_LEFT * whole:
                # All rows lie in the space of the axes so far, and no other direction has a meaning.
                axes = np.vstack([axes, linalg.null_space(axes).T])
                break
            towards = left[_farthest(lengths)]
            # Anew against the axes before it: what is left of a row may have lost its right angle to them.
            towards = towards - axes.T @ (axes @ towards)
            axes = np.vstack([axes, towards / np.linalg.norm(towards)])
            left = rows - (rows @ axes.T) @ axes
        return Frame(self.offset, axes @ self.matrix)


def _farthest(lengths: Array) -> int:
    return int(np.argmax(lengths >= AS_FAR * lengths.max()))


def _sign(value: float) -> float:
    return -1.0 if value < 0 else 1.0
