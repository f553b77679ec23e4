"""A kind of mixture as an exercise writes it: plain arrays, and what is easily got wrong in its density."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from models import Mixture, Model

from .asking import Answer, Array, Wrong

type LogDensity = Callable[..., Array]


@dataclass(frozen=True)
class Kind:
    """The parameters of a kind of mixture, and how they stand for ours.

    Parameters
    ----------
    parameters
        The names of the arrays beside the weights.
    model
        The model of so many components.
    mixture
        Ours, of weights and those arrays.
    arrays
        Those arrays, of ours.
    values
        How the exercise writes the rows ``(n, d)`` of ours.
    examples
        Mixtures that differ in everything by which a mistake could hide: weights, widths, k and d.
    far
        Two observations, so far from all components of the first example that their densities are zero in doubles.
    slips
        Wrong log-densities, shape ``(n, k)`` of ``(x, *arrays)``, with what is wrong about each.
    m_step_slips
        What known mistakes make of ``(x, responsibilities)``, given somebody's answer.
    """

    parameters: tuple[str, ...]
    model: Callable[[int], Model]
    mixture: Callable[..., Mixture]
    arrays: Callable[[Mixture], Answer]
    values: Callable[[Array], Array]
    examples: tuple[Mixture, ...]
    far: Array
    slips: tuple[tuple[str, LogDensity], ...]
    m_step_slips: Callable[[Array, Array, Answer], Iterable[Wrong]]


def softmax(log_joint: Array) -> Array:
    """Return responsibilities of the log-joints of observations and components, shape ``(n, k)``."""
    return np.asarray(special.softmax(log_joint, axis=1))


def total(log_joint: Array) -> float:
    """Return the log-likelihood that belongs to log-joints."""
    return float(special.logsumexp(log_joint, axis=1).sum())


def joined(weights: Any, log_density: Array) -> Array:
    """Return log-joints of weights and log-densities."""
    return np.asarray(np.log(weights) + log_density)
