"""One permutation of a mixture's components, so that they are those of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .components import Array
from .data import Data
from .known import assigned
from .mixture import Mixture


def match(mixture: Mixture, reference: Array, data: Data) -> Mixture:
    """One global permutation of a mixture without leading axes, so that its responsibilities fit the reference's.

    ``reference`` are responsibilities of shape ``(rows, k)``.
    """
    own = mixture.responsibilities(data.values, data.exposure, data.known)
    return mixture.relabel(permutation(own, reference, data))


def permutation(own: Array, reference: Array, data: Data) -> NDArray[np.intp]:
    """For each component of the reference the own one that fits it, shape ``(k,)``; both are responsibilities.

    What a known label names is itself.
    """
    agreement = (own * data.weights[:, None]).T @ reference
    return assigned(-agreement.T, data.fixed)
