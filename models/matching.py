"""One permutation of a mixture's components, so that they are those of another, or those that known labels name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .data import Data
from .known import UNKNOWN
from .mixture import Mixture
from .order import assigned


def match(mixture: Mixture, reference: Array, data: Data) -> Mixture:
    """One global permutation of a mixture without leading axes, so that its responsibilities fit the reference's.

    ``reference`` are responsibilities of shape ``(rows, k)``.

    Parameters
    ----------
    mixture
        The mixture, without leading axes.
    reference
        Responsibilities or probabilities of membership, shape ``(n, k)``.
    data
        The rows that they are of.

    Returns
    -------
    Mixture
        The same mixture, its components in the order of the reference.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson, match
    >>> data = Data.of([1, 2, 8, 9])
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> swapped = mixture.relabel(np.array([1, 0]))
    >>> match(swapped, mixture.responsibilities(data.values), data).components.rates
    array([2., 9.])
    """
    own = mixture.responsibilities(data.values, data.exposure, data.known)
    return mixture.relabel(permutation(own, reference, data))


def permutation(own: Array, reference: Array, data: Data) -> NDArray[np.intp]:
    """For each component of the reference the own one that fits it, shape ``(k,)``; both are responsibilities.

    What a known label names is itself.

    Parameters
    ----------
    own
        Responsibilities of a mixture, shape ``(n, k)``.
    reference
        Responsibilities or probabilities of membership, of the same shape.
    data
        The rows that both are of.

    Returns
    -------
    numpy.ndarray
        For each place the old component, shape ``(k,)``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, permutation
    >>> reference = np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]])
    >>> permutation(reference[:, ::-1], reference, Data.of([1, 8, 9]))
    array([1, 0])
    """
    agreement = (own * data.weights[:, None]).T @ reference
    return assigned(-agreement.T, data.fixed)


def aligned(mixture: Mixture, data: Data) -> Mixture:
    """The mixture with its components in the order under which the rows of known label are likeliest.

    The components that no label names follow in the order in which they are.

    Parameters
    ----------
    mixture
        The mixture, without leading axes.
    data
        The rows with what is known of their labels.

    Returns
    -------
    Mixture
        The same mixture, perhaps in another order.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson, aligned
    >>> data = Data.of([1, 2, 8, 9], known=["sick", None, None, "healthy"])
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> data.labels, aligned(mixture, data).components.rates.tolist()
    (('healthy', 'sick'), [9.0, 2.0])
    """
    if data.known is None:
        return mixture
    k = len(mixture.weights)
    costs = np.zeros((k, k))
    for label, part in data.by_label:
        if label != UNKNOWN:
            costs[label] = -(part.weights @ mixture.components.log_density(part.values, part.exposure))
    return mixture.relabel(assigned(np.nan_to_num(costs, posinf=1e300)))
