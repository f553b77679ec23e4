"""All labellings of a point in the unconstrained space of a PyMC model.

Every variable of a mixture has the components for its first axis, or is common to all of them. Swapping names swaps the
rows of the former. Of weights that sum to one PyMC's space holds the logarithms, centred, without the last one: it is
minus the sum of the others. Either way a permutation is linear and preserves volume.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np
import pymc as pm
from numpy.typing import NDArray
from pymc.distributions.transforms import SimplexTransform
from scipy import special

from models import Array, free_of

from .orders import cheapest


@dataclass(frozen=True)
class Labellings:
    """The K! permutations of unconstrained points, whose blocks are ``(size, permuted, centred)`` one after the other.

    Components that a known label names are ``fixed``: of these there are no other labellings.
    """

    components: int
    blocks: tuple[tuple[int, bool, bool], ...]
    fixed: tuple[int, ...] = ()

    @classmethod
    def of(cls, built: pm.Model, components: int, fixed: tuple[int, ...] = ()) -> Labellings:
        """Read the blocks off the variables of a PyMC model."""
        shapes = built.initial_point(0)
        blocks = []
        for variable in built.free_RVs:
            size = int(shapes[built.rvs_to_values[variable].name].size)
            dims = built.named_vars_to_dims.get(variable.name, ())
            simplex = isinstance(built.rvs_to_transforms[variable], SimplexTransform)
            blocks.append((size, "component" in dims[:1], simplex))
        return cls(components, tuple(blocks), fixed)

    @property
    def count(self) -> int:
        """The number of labellings."""
        return factorial(len(self._free))

    @property
    def log_count(self) -> float:
        """The logarithm of the number of labellings."""
        return float(special.gammaln(len(self._free) + 1))

    @property
    def _free(self) -> NDArray[np.intp]:
        return free_of(self.fixed, self.components)

    def __call__(self, points: Array) -> Iterator[Array]:
        """Yield the points, shape ``(n, p)``, under one labelling after the other."""
        whole = self._complete(points)
        indices = self._indices()
        order = np.arange(self.components)
        for others in permutations(self._free.tolist()):
            order[self._free] = others
            yield whole[:, np.concatenate([index[order].ravel()[:size] for index, size in indices])]

    def nearest(self, points: Array, centre: Array, factor: Array, most: int) -> Array:
        """Return points under those labellings that bring them nearest to a centre, shape ``(n, most, p)``.

        There are as many of them as there are labellings, if these are fewer.

        Near is measured coordinate by coordinate, in standard deviations of the covariance FFᵀ whose ``factor`` is F.
        """
        whole, middle = self._complete(points), self._complete(centre[None])[0]
        deviations = np.sqrt(np.square(self._complete(factor.T)).sum(axis=0))
        costs = np.zeros((len(points), self.components, self.components))
        for (index, _), (_, permuted, _) in zip(self._indices(), self.blocks, strict=True):
            if permuted:
                away = (whole[:, index][:, None] - middle[index][:, None]) / deviations[index][:, None]
                costs += np.square(away).sum(axis=-1)
        free = self._free
        others = cheapest(costs[:, free][:, :, free], most)
        chosen = np.broadcast_to(np.arange(self.components), (*others.shape[:2], self.components)).copy()
        chosen[..., free] = free[others]
        places = [index[chosen].reshape(*chosen.shape[:2], -1)[..., :size] for index, size in self._indices()]
        return np.take_along_axis(whole[:, None], np.concatenate(places, axis=2), axis=2)

    def _complete(self, points: Array) -> Array:
        """Put the last of the centred logarithms of the weights beside the others."""
        parts, start = [], 0
        for size, _, centred in self.blocks:
            part = points[:, start : start + size]
            parts.append(np.hstack([part, -part.sum(axis=1, keepdims=True)]) if centred else part)
            start += size
        return np.hstack(parts)

    def _indices(self) -> list[tuple[NDArray[np.intp], int]]:
        """Find the places of each block in a completed point, a row for each component, and how many are in a point."""
        found, start = [], 0
        for size, permuted, centred in self.blocks:
            places = np.arange(start, start + size + centred)
            start += len(places)
            rows = places.reshape(self.components, -1) if permuted else np.tile(places, (self.components, 1))
            found.append((rows, size))
        return found
