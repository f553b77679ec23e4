"""A mixture: weights and components. An estimate and a posterior are both one; leading axes are draws."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Array
from .callers import OUR_FOLDERS
from .components import Components, Statistics
from .data import Data
from .known import UNKNOWN, Labels, only_known
from .order import ascending_order

# Of many draws so many numbers at a time, which stay in the cache of a core.
BLOCK_VALUES = 2**16


@dataclass(frozen=True)
class Expectation:
    """What an E-step yields: the observed-data log-likelihood in nats, and the expected sufficient statistics.

    Those of two sets of rows add up.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson
    >>> mixture = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 9.0])))
    >>> low, high = mixture.expectation(Data.of([0, 1])), mixture.expectation(Data.of([9, 10]))
    >>> round((low + high).log_likelihood, 2), round(mixture.expectation(Data.of([0, 1, 9, 10])).log_likelihood, 2)
    (-10.23, -10.23)
    """

    log_likelihood: float
    statistics: Statistics

    def __add__(self, other: Expectation) -> Expectation:
        """Return the expectation over two sets of rows together."""
        return Expectation(self.log_likelihood + other.log_likelihood, self.statistics + other.statistics)


@dataclass(frozen=True)
class Mixture:
    """``weights`` of shape ``(..., k)`` that sum to one, and k ``components`` with the same leading axes.

    Parameters
    ----------
    weights
        The weights π, which sum to one, shape ``(..., k)``.
    components
        The k components, with the same leading axes.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Mixture, Poisson
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> mixture.responsibilities(np.array([[1.0], [5.0], [12.0]])).round(3)
    array([[0.991, 0.009],
           [0.203, 0.797],
           [0.   , 1.   ]])
    >>> values, labels = mixture.sample(1000, np.random.default_rng(0))
    >>> values.shape
    (1000, 1)
    """

    weights: Array
    components: Components

    @classmethod
    def of(cls, given: Any, x: ArrayLike | Data | None = None) -> Mixture:
        """Read somebody else's point estimate, in any form that :meth:`Given.of` knows; what is to be said is a warning.

        Parameters
        ----------
        given
            A dictionary of parameters, a fitted object of another program, or anything else that :meth:`Given.of` reads.
        x
            The data that it is an estimate from, which say what the numbers alone leave open.

        Returns
        -------
        Mixture
            The mixture, without leading axes.

        Raises
        ------
        ValueError
            When it is no mixture, or can be two, or is none of the data ``x``.

        Examples
        --------
        >>> from models import Mixture
        >>> Mixture.of({"weights": [0.3, 0.7], "rates": [2.0, 9.0]}).weights
        array([0.3, 0.7])
        """
        mixture, remarks = _readers[-1](given, x)
        for remark in remarks:
            warnings.warn(remark, UserWarning, skip_file_prefixes=OUR_FOLDERS)
        return mixture

    def log_joint(self, x: Array, exposure: Array | None = None, known: Labels | None = None) -> Array:
        """log π_k + log p(x | k) for each observation and component, shape ``(..., n, k)``, in nats.

        Here as elsewhere ``exposure``, shape ``(n,)``, is that of each observation, and one where there is none; and
        ``known``, of the same shape, the component that it is known to come from, −1 where that is unknown, and everywhere
        unless given. Of a component that an observation is known not to come from it is −∞.
        """
        with np.errstate(divide="ignore"):
            log_weights = np.log(self.weights)
        joint = np.asarray(log_weights[..., None, :] + self.components.log_density(x, exposure))
        return only_known(joint, known, -np.inf)

    def log_density(self, x: Array, exposure: Array | None = None, known: Labels | None = None) -> Array:
        """log p(x) with the label summed out, shape ``(..., n)``, in nats; log p(x, z) where the label z is known."""
        lead = self.weights.shape[:-1]
        if not lead:
            return _log_sum(self.log_joint(x, exposure, known))
        blocks = self.in_blocks(np.size(x))
        found = np.concatenate([_log_sum(block.log_joint(x, exposure, known)) for block in blocks])
        return found.reshape(*lead, len(x))

    def log_likelihood(
        self, x: Array, weights: Array | None = None, exposure: Array | None = None, known: Labels | None = None
    ) -> Array:
        """The total log-likelihood of all observations, shape ``(...)``, in nats."""
        log_density = self.log_density(x, exposure, known)
        return np.asarray(log_density.sum(axis=-1) if weights is None else log_density @ weights)

    def expectation(self, data: Data) -> Expectation:
        """Log-likelihood and expected statistics in one pass that holds no n×k array; without leading axes only.

        Of rows whose label is known they are those of a mixture in which no other component has any weight.
        """
        parts = [
            Expectation(*self.components.expectation(part, self._weights_under(label))) for label, part in data.by_label
        ]
        return reduce(add, parts)

    def _weights_under(self, label: int) -> Array:
        """The weights that are left under a known label."""
        return self.weights if label == UNKNOWN else np.where(np.arange(len(self.weights)) == label, self.weights, 0.0)

    def responsibilities(self, x: Array, exposure: Array | None = None, known: Labels | None = None) -> Array:
        """γ: the probability of each component given the observation, shape ``(..., n, k)``."""
        _, terms, total = _shifted(self.log_joint(x, exposure, known))
        with np.errstate(invalid="ignore"):
            return np.moveaxis(terms / total, 0, -1)

    def sample(self, n: int, rng: np.random.Generator, exposure: Array | None = None) -> tuple[Array, NDArray[np.intp]]:
        """Draw n observations from each, shape ``(..., n, d)``, and their labels, shape ``(..., n)``."""
        labels = self.sample_labels(n, rng)
        return self.components.sample(labels, rng, exposure), labels

    def sample_labels(self, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw the labels of n observations from each, shape ``(..., n)``."""
        below = np.cumsum(self.weights, axis=-1)[..., None, :]
        uniform = rng.random((*self.weights.shape[:-1], n, 1))
        return np.asarray((uniform * below[..., -1:] >= below[..., :-1]).sum(axis=-1))

    def sample_like(self, data: Data, rng: np.random.Generator, size: int | None = None) -> Data:
        """Draw as many observations as the data have, or so many, exposed as those are; without leading axes only.

        The labels of as many of them are known.
        """
        number = round(data.size) if size is None else size
        exposure = data.exposures(number)
        values, labels = self.sample(number, rng, exposure)
        drawn = Data.of(values, None, data.columns, data.name, exposure, data.exposure_column)
        return replace(drawn, known=data.known_among(labels), labels=data.labels, known_column=data.known_column)

    def relabel(self, order: NDArray[np.intp]) -> Mixture:
        """Give new place j to old component ``order[..., j]``."""
        return Mixture(np.take_along_axis(self.weights, order, axis=-1), self.components.take(order))

    def marginal(self, feature: int) -> Mixture:
        """The mixture that one feature alone follows."""
        return Mixture(self.weights, self.components.marginal(feature))

    def affine(self, before: Array, matrix: Array, after: Array) -> Mixture:
        """The mixture that ``matrix (x − before) + after`` follows when x follows this one."""
        return Mixture(self.weights, self.components.affine(before, matrix, after))

    def ascending(self, fixed: Sequence[int] = ()) -> Mixture:
        """Return this mixture with its components in ascending order of (first) mean or rate, but for the fixed ones."""
        return self.relabel(ascending_order(self.components.location(), fixed))

    def arrays(self) -> dict[str, Array]:
        """The weights and every parameter of the components by name."""
        return {"weights": self.weights, **self.components.arrays()}

    def __getitem__(self, index: Any) -> Mixture:
        """Select among the leading axes, as a NumPy array does."""
        return Mixture(self.weights[index], self.components.map(lambda array: array[index]))

    def thinned(self, most: int) -> Mixture:
        """Evenly spaced draws of all chains, at most that many, with one leading axis."""
        flat = self.flatten()
        return flat[:: max(1, -(-len(flat.weights) // most))]

    def in_blocks(self, rows: int) -> Iterator[Mixture]:
        """All draws in their order, so few at a time that what they say of so many rows stays in the cache of a core.

        Of no draws there is one block, with none.
        """
        flat = self.flatten()
        draws = max(1, BLOCK_VALUES // max(1, rows * flat.weights.shape[-1]))
        return (flat[start : start + draws] for start in range(0, max(1, len(flat.weights)), draws))

    def flatten(self) -> Mixture:
        """All leading axes as one."""
        lead = self.weights.ndim - 1
        return Mixture(
            self.weights.reshape(-1, self.weights.shape[-1]),
            self.components.map(lambda array: array.reshape(-1, *array.shape[lead:])),
        )


# What reads an estimate has to know what a mixture is: it stands above, and is named here when the package is imported.
type Reader = Callable[[Any, ArrayLike | Data | None], tuple[Mixture, tuple[str, ...]]]
_readers: list[Reader] = []


def reader_of_estimates(reader: Reader) -> Reader:
    """Let :meth:`Mixture.of` read by this function, which returns a mixture and what is to be said of it."""
    _readers.append(reader)
    return reader


def concatenated(mixtures: Sequence[Mixture], axis: int = 0) -> Mixture:
    """Return mixtures of one family joined along one of their leading axes.

    Parameters
    ----------
    mixtures
        Mixtures of the same model with leading axes.
    axis
        The leading axis along which they are put together.

    Returns
    -------
    Mixture
        One mixture with all of their draws.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Mixture, Poisson, concatenated
    >>> one = Mixture(np.array([[0.3, 0.7]]), Poisson(np.array([[2.0, 9.0]])))
    >>> concatenated([one, one]).weights.shape
    (2, 2)
    """
    arrays = [mixture.components.arrays() for mixture in mixtures]
    joined = {name: np.concatenate([each[name] for each in arrays], axis) for name in arrays[0]}
    weights = np.concatenate([mixture.weights for mixture in mixtures], axis)
    return Mixture(weights, type(mixtures[0].components)(**joined))


def _log_sum(log_joint: Array) -> Array:
    """The logarithm of the sum over the last axis of the exponentials."""
    shift, _, total = _shifted(log_joint)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total) + shift)


def _shifted(log_joint: Array) -> tuple[Array, Array, Array]:
    """The largest entry of the last axis, which comes first here, the exponentials of all less it, and their sum.

    The last axis is short and the others are long, so that components go by one at a time, and each operation runs over
    all else, in a fraction of the time that SciPy takes (Blanchard, Higham and Higham 2021, section 2, on the shift).
    """
    places = np.moveaxis(log_joint, -1, 0)
    largest = np.maximum.reduce(places)
    # Where no component has a density nothing is left to be taken out.
    shift = np.where(np.isfinite(largest), largest, 0.0)
    terms = np.exp(places - shift)
    return shift, terms, np.add.reduce(terms)
