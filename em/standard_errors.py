r"""Standard errors and intervals of every named parameter, from the observed information by the delta method.

The inverse of the observed information is the large-sample covariance matrix $V$ of the estimate, in the coordinates of a
chart. With $J$ the derivatives of the named parameters in these coordinates, theirs is $J V J^T$ (Louis 1982; Efron and
Hinkley 1978 on why the observed and not the expected information). Under a prior the same matrix is that of the normal
approximation to the posterior about its mode.

**Intervals** are symmetric on the scale $g$ on which the log-likelihood is more nearly quadratic and which no interval can
leave: $g^{-1} \bigl( g(\hat\theta) \pm z \, |g'(\hat\theta)| \, \mathrm{se} \bigr)$, with $g$

- the log-odds for a weight, $g'(\pi) = 1 / \pi (1 - \pi)$;
- the logarithm for whatever is positive (rates, variances), $g'(\lambda) = 1 / \lambda$;
- the identity for whatever may be any number (means, covariances of two features).

**What has no standard error.** Where the information is singular, a parameter that changes along a direction in which the
log-likelihood is flat is not determined; where the log-likelihood still rises there is no maximum; where it is unbounded
there is nothing to be near. These have NaN, and ``problem`` says in a sentence why. A parameter on the edge of its range,
such as a weight of zero, is not where the log-likelihood is flat, and has none either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array

from .fit import Fit
from .information import Information, information
from .loop import Status
from .m_step import MStep

if TYPE_CHECKING:
    import pandas as pd

# Of a parameter's variance, when labels are known, no more than rounding may lie in an undetermined direction.
UNTOUCHED = 1e-12
NOT_A_MAXIMUM = "The log-likelihood still rises from the estimate: it is no maximum, and nothing has a standard error."
STOPPED = "EM stopped before its limit: the standard errors belong to where it stopped."


@dataclass(frozen=True)
class Scale:
    """A scale for intervals: the function, its inverse, and its derivative."""

    name: str
    forward: Callable[[Array], Array]
    backward: Callable[[Array], Array]
    slope: Callable[[Array], Array]


# In the order of the marks that MStep.ranges gives: any number, positive, a share.
SCALES = (
    Scale("identity", lambda x: x, lambda x: x, np.ones_like),
    Scale("log", np.log, np.exp, lambda x: 1 / x),
    Scale("logit", special.logit, special.expit, lambda x: 1 / (x * (1 - x))),
)


@dataclass(frozen=True)
class StandardErrors:
    """Large-sample uncertainty of an estimate.

    ``table`` has a row for each parameter with its estimate, standard_error, lower and upper end of the interval at
    ``level``, and the scale on which that is symmetric. ``covariance`` is the covariance matrix of all parameters.
    ``problem`` says why entries are NaN, or what else is wrong; ``None`` when nothing is.
    """

    table: pd.DataFrame
    covariance: pd.DataFrame
    level: float
    problem: str | None

    def __repr__(self) -> str:
        shown = self.table.to_string(float_format="{:.6g}".format)
        return f"{shown}\n{self.problem}" if self.problem else shown

    def _repr_html_(self) -> str:
        from html import escape

        table = str(self.table.to_html(float_format="{:.6g}".format))
        return f"{table}<p>{escape(self.problem)}</p>" if self.problem else table


def standard_errors(fitted: Fit, level: float = 0.95) -> StandardErrors:
    """Standard errors and intervals of every parameter that ``Model.scalars`` names.

    Parameters
    ----------
    fitted
        An estimate; a MAP estimate's standard errors are those of the normal approximation to the posterior at its mode.
    level
        The coverage of the intervals.

    Raises
    ------
    ValueError
        When the level is not between zero and one.
    """
    return standard_errors_from(fitted, information_of(fitted), level)


def standard_errors_from(fitted: Fit, found: Information | None, level: float) -> StandardErrors:
    """The same from an information matrix that is already known."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level!r}.")
    return _tabulated(fitted, *uncertainty(fitted, found), level)


def information_of(fitted: Fit) -> Information | None:
    """The observed information at an estimate; ``None`` where the likelihood is unbounded."""
    if fitted.status is Status.COLLAPSED:
        return None
    try:
        return information(fitted.data.compress(), fitted.mixture, MStep(fitted.model, fitted.data, fitted.prior))
    except np.linalg.LinAlgError:
        return None


def uncertainty(fitted: Fit, found: Information | None) -> tuple[Array, str | None]:
    """The covariance matrix of the named parameters, with NaN where there is none, and a sentence that says why."""
    names = list(fitted.parameters)
    if found is None:
        reason = fitted.climb.reason or "a covariance is singular"
        return _nothing(names), f"EM collapsed ({reason}): there is no interior maximum, hence no standard error."
    if not found.at_a_maximum:
        return _nothing(names), NOT_A_MAXIMUM
    jacobian = named_tangents(fitted, found)
    covariance = jacobian @ found.inverse @ jacobian.T
    on_the_edge = ~jacobian.any(axis=1)
    flat = np.square(jacobian @ found.undetermined).sum(axis=1)
    undetermined = flat > UNTOUCHED * np.square(jacobian @ found.directions).sum(axis=1)
    without = on_the_edge | undetermined
    covariance[without, :] = covariance[:, without] = np.nan
    return covariance, _problem(fitted, _chosen(names, undetermined), _chosen(names, on_the_edge))


def named_tangents(fitted: Fit, found: Information) -> Array:
    """The derivative of each named parameter in each coordinate of the chart, shape ``(parameters, p)``."""
    tangents = fitted.model.scalars(found.chart.tangents(), fitted.data.columns)
    return np.array(list(tangents.values()))


def _nothing(names: list[str]) -> Array:
    return np.full((len(names), len(names)), np.nan)


def _chosen(names: list[str], which: NDArray[np.bool_]) -> list[str]:
    return [name for name, chosen in zip(names, which, strict=True) if chosen]


def _problem(fitted: Fit, undetermined: list[str], on_the_edge: list[str]) -> str | None:
    sentences = []
    if undetermined:
        sentences.append(
            f"The data do not determine {', '.join(undetermined)}: the log-likelihood is flat in a direction in which "
            "these change."
        )
    if on_the_edge:
        sentences.append(f"On the edge of the range, where there is no standard error: {', '.join(on_the_edge)}.")
    if fitted.status is not Status.CONVERGED:
        sentences.append(STOPPED)
    return " ".join(sentences) or None


def _tabulated(fitted: Fit, covariance: Array, problem: str | None, level: float) -> StandardErrors:
    import pandas as pd

    names = list(fitted.parameters)
    estimates, errors = np.array(list(fitted.parameters.values())), np.sqrt(np.diag(covariance))
    scales = _scales(fitted)
    lower, upper = intervals(estimates, errors, scales, level)
    columns = {"estimate": estimates, "standard_error": errors, "lower": lower, "upper": upper}
    table = pd.DataFrame(
        {**columns, "scale": [scale.name for scale in scales]}, index=pd.Index(names, name="parameter")
    )
    return StandardErrors(table, pd.DataFrame(covariance, names, names), level, problem)


def intervals(estimates: Array, errors: Array, scales: list[Scale], level: float) -> tuple[Array, Array]:
    """The lower and upper ends, symmetric about the estimate on its scale."""
    z = special.ndtri(0.5 + level / 2)
    ends = []
    # An estimate at the edge of its scale, or one that is hardly determined, has an interval without end.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for scale, estimate, error in zip(scales, estimates, errors, strict=True):
            centre, half = scale.forward(estimate), z * scale.slope(estimate) * error
            ends.append((scale.backward(centre - half), scale.backward(centre + half)))
    lower, upper = np.array(ends).T
    return lower, upper


def _scales(fitted: Fit) -> list[Scale]:
    ranges = MStep(fitted.model, fitted.data, fitted.prior).ranges(fitted.mixture)
    return [SCALES[int(mark)] for mark in fitted.model.scalars(ranges, fitted.data.columns).values()]
