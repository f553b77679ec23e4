"""The states of a mixture whose labels are known up to their names, and how probable each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array, Components, Model, Prior

from .marginal import Marginal

# States are left out that together have less than this probability.
NEGLIGIBLE = 1e-12


class GivenStates(Protocol):
    """The posterior of the components given each of S states, for one family."""

    def log_predictive(self, y: Array, exposure: float = 1.0) -> Array:
        """Return the log-density of a new observation of each component at ``y``, ``(m, d)``, in shape ``(S, m, k)``.

        All have the same exposure.
        """

    def sample(self, states: NDArray[np.intp], rng: np.random.Generator) -> Components:
        """Draw the components once for each of these states."""

    def ranks(self) -> Array:
        """Return the probability that component j is the r-th by location, given the state, shape ``(S, j, r)``."""

    def with_one_more(self, y: Array, component: int, exposure: float = 1.0) -> GivenStates:
        """Return the probability that component j is the r-th by location when one more observation ``y`` of it is known."""

    def marginals(self, probabilities: Array, columns: tuple[str, ...]) -> dict[str, Marginal]:
        """Return the distribution of every parameter, by its name, of components that ascend by location."""


@dataclass(frozen=True)
class States:
    """What is known of the labels in each state: its probability and the ``sizes`` of the components, shape ``(S, k)``.

    A state stands for all allocations that are alike but for the names of the labels. ``evidence`` is the logarithm of
    the sum over all states, also those that are too improbable to be kept.
    """

    evidence: float
    probabilities: Array
    sizes: Array
    components: Any


def log_allocation(sizes: Array, model: Model, prior: Prior) -> Array:
    """Return log p(z) of one allocation with these ``sizes``, shape ``(S, k)``: the weights are integrated out."""
    n, k, alpha = sizes.sum(axis=-1), model.components, prior.concentration
    if not model.weights_are_free:
        return np.asarray(-n * np.log(k))
    constant = special.gammaln(k * alpha) - k * special.gammaln(alpha)
    return np.asarray(constant + special.gammaln(alpha + sizes).sum(axis=-1) - special.gammaln(k * alpha + n))


def probable(log_weights: Array) -> tuple[float, NDArray[np.intp], Array]:
    """Return the logarithm of the sum, the indices of all but negligible states, and their probabilities."""
    total = float(special.logsumexp(log_weights))
    kept = np.flatnonzero(log_weights > total + np.log(NEGLIGIBLE / log_weights.size))
    return total, kept, special.softmax(log_weights.ravel()[kept])


def shares(sizes: Array, model: Model, prior: Prior) -> tuple[Array, Array]:
    """Return the shapes a and b of the Beta distribution of each weight given the state, both of shape ``(S, k)``."""
    shape = prior.concentration + sizes
    return shape, shape.sum(axis=-1, keepdims=True) - shape


def expected_weights(sizes: Array, model: Model, prior: Prior) -> Array:
    """Return E[π | z] in each state, shape ``(S, k)``."""
    if not model.weights_are_free:
        return np.full(sizes.shape, 1 / model.components)
    a, b = shares(sizes, model, prior)
    return np.asarray(a / (a + b))
