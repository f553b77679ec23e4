r"""Standard errors that hold when the model does not: the sandwich (Huber 1967; White 1982).

At the parameter whose mixture is closest to the truth the estimate has the large-sample covariance matrix

$$I^{-1} J I^{-1} , \qquad J = \sum_i w_i \, \bar s_i \bar s_i^T ,$$

with $I$ the observed information and $\bar s_i = \nabla \log p(x_i \mid \hat\theta)$ the score of one observation. Where the
model is right $J$ and $I$ are the same in expectation (the information equality), and nothing but $I^{-1}$ is left. The
trace of $I^{-1} J$ is Takeuchi's penalty (1976): the number of parameters, where the model is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import Array, Data, Mixture

from .fitted import Fit
from .information import Information, information, scored
from .m_step import MStep
from .standard_errors import information_of, named_tangents


@dataclass(frozen=True)
class Sandwich:
    """``standard_errors`` and ``covariance`` of the named parameters, shapes ``(p,)`` and ``(p, p)``.

    ``names`` has their names. ``factors``, shape ``(p,)``, are these standard errors in units of the model's own, and
    ``penalty`` is tr(I⁻¹J).

    Examples
    --------
    >>> from em import fit, sandwich
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = sandwich(fit(x, "poisson", 2, starts=10))
    >>> found.names[2:], found.factors[2:].round(2).tolist(), round(found.penalty, 2)
    (('rates[1]', 'rates[2]'), [0.85, 0.46], 1.95)
    """

    names: tuple[str, ...]
    standard_errors: Array
    covariance: Array
    factors: Array
    penalty: float


def sandwich(fitted: Fit) -> Sandwich | None:
    """Return the sandwich of an estimate; ``None`` where it is no regular maximum.

    Parameters
    ----------
    fitted
        An estimate.

    Returns
    -------
    Sandwich or None
        Standard errors and covariance that hold when the model does not.

    Examples
    --------
    >>> from em import fit, sandwich
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> sandwich(fit(x, family="poisson", components=2, starts=10)).standard_errors.round(2)
    array([0.16, 0.16, 0.46, 0.67])
    """
    found = information_of(fitted)
    if found is None or not found.is_regular or not found.at_a_maximum:
        return None
    sizes, rows = named_tangents(fitted, found)
    meat = _meat(found, fitted.data.compress())
    movable = found.movable
    deviations = rows[:, movable] / np.sqrt(found.shares[movable])
    covariance = (deviations @ meat @ deviations.T) * np.outer(sizes, sizes)
    model = np.linalg.norm(deviations, axis=1) * sizes
    errors = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = errors / model
    return Sandwich(tuple(fitted.parameters), errors, covariance, factors, float(np.trace(meat)))


def penalty_of(data: Data, mixture: Mixture, m_step: MStep) -> float | None:
    """Return Takeuchi's penalty tr(I⁻¹J) of a maximum; ``None`` where it is no regular one.

    Parameters
    ----------
    data
        The rows.
    mixture
        A maximum of the likelihood.
    m_step
        The M-step of the model.

    Returns
    -------
    float or None
        The penalty, near the number of free parameters where the model is right.

    Examples
    --------
    >>> from em import fit, penalty_of
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, "poisson", 2, starts=10)
    >>> round(penalty_of(fitted.data, fitted.mixture, fitted.m_step), 2)
    1.95
    """
    try:
        found = information(data, mixture, m_step)
    except np.linalg.LinAlgError:
        return None
    return float(np.trace(_meat(found, data))) if found.is_regular and found.at_a_maximum else None


def _meat(found: Information, data: Data) -> Array:
    """Return J in the directions of the information, each in units of its standard error."""
    root = found.directions[:, found.movable] / np.sqrt(found.shares[found.movable])
    whole = np.zeros((root.shape[1], root.shape[1]))
    for block in scored(found.chart, data):
        scores = root.T @ block.expected
        whole += (scores * block.weights) @ scores.T
    return whole
