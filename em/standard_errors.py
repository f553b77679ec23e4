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
there is nothing to be near. These have NaN, and ``problem`` says in a sentence why.

**On the edge.** A parameter on the edge of its range, such as a rate or a weight of zero, is not where the log-likelihood is
flat, and has none either. In place of the interval stands the edge with a one-sided limit by the profile likelihood
(``em/edge.py``), and the scale is called *profile*. The others' standard errors are those with this one on the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array, Shown, in_digits

from .ascent import FLAT
from .edge import Edge, limit
from .fitted import Fit
from .information import Information
from .loop import Status

if TYPE_CHECKING:
    import pandas as pd

# Of a parameter's variance, when labels are known, no more than rounding may lie in an undetermined direction.
UNTOUCHED = 1e-12
EDGE, PROFILE = "On the edge of the range", "profile"
NOT_A_MAXIMUM = "The log-likelihood still rises from the estimate: it is no maximum, and nothing has a standard error."
STOPPED = "EM stopped before its limit: the standard errors belong to where it stopped."


@dataclass(frozen=True)
class Scale:
    """A scale for intervals: the function, its inverse, and its derivative.

    Examples
    --------
    >>> from em import fit, scales_of
    >>> logit = scales_of(fit([0, 1, 1, 2, 3, 8, 9, 9, 10, 12], "poisson", 2, starts=10))[0]
    >>> logit.name, round(float(logit.forward(0.8)), 3), round(float(logit.backward(1.386)), 3)
    ('logit', 1.386, 0.8)
    """

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


@dataclass(frozen=True, repr=False)
class StandardErrors(Shown):
    """Large-sample uncertainty of an estimate.

    ``table`` has a row for each parameter with its estimate, standard_error, lower and upper end of the interval at
    ``level``, and the scale on which that is symmetric. ``covariance`` is the covariance matrix of all parameters.
    ``problem`` says why entries are NaN, or what else is wrong; ``None`` when nothing is. ``on_the_edge`` names the
    parameters on the edge of their range, such as a rate of zero: their intervals are one-sided limits by the profile.

    Examples
    --------
    >>> from em import fit, standard_errors
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = standard_errors(fit(x, "poisson", 2, starts=10))
    >>> found.table.loc["rates[1]", ["lower", "upper"]].astype(float).round(2).tolist(), found.problem
    ([0.63, 2.97], None)
    """

    table: pd.DataFrame
    covariance: pd.DataFrame
    level: float
    problem: str | None
    on_the_edge: tuple[str, ...] = ()

    @property
    def shown(self) -> pd.DataFrame:
        """The table as text, to the digits that the standard errors justify."""
        # Where there is none, a fourth of what is left of the range stands for it: of an interval's two halves.
        errors = self.table["standard_error"].fillna((self.table["upper"] - self.table["lower"]) / 4)
        return in_digits(self.table, errors, {})

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield self.shown
        if self.problem:
            yield self.problem


def standard_errors(fitted: Fit, level: float = 0.95) -> StandardErrors:
    """Standard errors and intervals of every parameter that ``Model.scalars`` names.

    Parameters
    ----------
    fitted
        An estimate; a MAP estimate's standard errors are those of the normal approximation to the posterior at its mode.
    level
        The coverage of the intervals.

    Returns
    -------
    StandardErrors
        A ``table`` with a row for each parameter, and their ``covariance``.

    Raises
    ------
    ValueError
        When the level is not between zero and one.

    Examples
    --------
    >>> from em import fit, standard_errors
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> standard_errors(fit(x, family="poisson", components=2, starts=10)).table["standard_error"].round(2)
    parameter
    weights[1]    0.16
    weights[2]    0.16
    rates[1]      0.54
    rates[2]      1.44
    Name: standard_error, dtype: float64
    """
    return standard_errors_from(fitted, information_of(fitted), level)


def standard_errors_from(fitted: Fit, found: Information | None, level: float) -> StandardErrors:
    """Tabulate standard errors and intervals from an information matrix that is already known."""
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level!r}.")
    return _tabulated(fitted, *uncertainty(fitted, found), level)


def information_of(fitted: Fit) -> Information | None:
    """The observed information at an estimate, found once for each; ``None`` where the likelihood is unbounded.

    Parameters
    ----------
    fitted
        An estimate.

    Returns
    -------
    Information or None
        The observed information, that of the complete data and what the labels take away.

    Examples
    --------
    >>> from em import fit, information_of
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> information_of(fit(x, "poisson", 2, starts=10)).is_regular
    True
    """
    return fitted.information


def uncertainty(fitted: Fit, found: Information | None) -> tuple[Array, Array, str | None]:
    """Standard errors and correlations of the named parameters, NaN where there are none, and a sentence that says why."""
    names = list(fitted.parameters)
    if found is None:
        reason = fitted.climb.reason or "a covariance is singular"
        return *_nothing(names), f"EM collapsed ({reason}): there is no interior maximum, hence no standard error."
    if not found.at_a_maximum:
        return *_nothing(names), NOT_A_MAXIMUM
    sizes, rows = named_tangents(fitted, found)
    edges = _names_on_the_edge(fitted, fitted.edges)
    flat = np.square(rows[:, found.shares <= FLAT]).sum(axis=1)
    edge = (sizes == 0) | np.isin(names, list(edges))
    undetermined = ~edge & (flat > UNTOUCHED * np.square(rows).sum(axis=1))
    deviations = rows[:, found.shares > FLAT] / np.sqrt(found.shares[found.shares > FLAT])
    lengths = np.linalg.norm(deviations, axis=1)
    lengths[edge | undetermined] = np.nan
    directions = deviations / lengths[:, None]
    problem = _problem(fitted, _chosen(names, undetermined), _chosen(names, edge))
    return sizes * lengths, directions @ directions.T, problem


def named_tangents(fitted: Fit, found: Information) -> tuple[Array, Array]:
    """The derivative of each named parameter along each direction of the information, in units of its size.

    The sizes have shape ``(parameters,)``, the derivatives ``(parameters, p)``. Squares of the derivatives themselves need
    not fit a double.
    """
    tangents = np.array(list(fitted.model.scalars(found.chart.tangents(), fitted.columns).values()))
    sizes = np.abs(tangents).max(axis=1, initial=0)
    scales = found.chart.scales
    rows = tangents / np.where(sizes > 0, sizes, 1)[:, None]
    return sizes, np.asarray((rows / scales) @ (found.directions * scales[:, None]))


def _names_on_the_edge(fitted: Fit, edges: tuple[Edge, ...]) -> dict[str, tuple[Edge, bool]]:
    """The parameters on the edge by name, and whether they are there at one in place of zero: of two weights the other."""
    found: dict[str, tuple[Edge, bool]] = {}
    for edge in edges:
        held = [fitted.model.scalars(edge.hold(fitted.mixture, value), fitted.columns) for value in (0.0, 0.5)]
        moved = [name for name in held[0] if held[0][name] != held[1][name] and held[0][name] in (0, 1)]
        found |= {name: (edge, bool(held[0][name] == 1)) for name in moved}
    return found


def _nothing(names: list[str]) -> tuple[Array, Array]:
    return np.full(len(names), np.nan), np.full((len(names), len(names)), np.nan)


def _chosen(names: list[str], which: NDArray[np.bool_]) -> list[str]:
    return [name for name, chosen in zip(names, which, strict=True) if chosen]


def _problem(fitted: Fit, undetermined: list[str], edge: list[str]) -> str | None:
    sentences = []
    if undetermined:
        sentences.append(
            f"The data do not determine {', '.join(undetermined)}: the log-likelihood is flat in a direction in which "
            "these change."
        )
    if edge:
        sentences.append(f"{EDGE}, where there is no standard error: {', '.join(edge)}.")
    if fitted.status is not Status.CONVERGED:
        sentences.append(STOPPED)
    return " ".join(sentences) or None


def _tabulated(fitted: Fit, errors: Array, correlations: Array, problem: str | None, level: float) -> StandardErrors:
    import pandas as pd

    names, estimates = list(fitted.parameters), np.array(list(fitted.parameters.values()))
    # The square of a standard error need not fit a double though the error does.
    with np.errstate(over="ignore", under="ignore"):
        covariance = correlations * errors[:, None] * errors
    scales = scales_of(fitted)
    kinds = [scale.name for scale in scales]
    lower, upper = intervals(estimates, errors, scales, level)
    # Where there is no maximum, nothing is said of its edges either.
    edges = _names_on_the_edge(fitted, fitted.edges) if fitted.status is not Status.COLLAPSED else {}
    limits = _limits(fitted, edges, level) if problem != NOT_A_MAXIMUM else {}
    for name, (low, high) in limits.items():
        place = names.index(name)
        lower[place], upper[place], kinds[place] = low, high, PROFILE
    columns = {"estimate": estimates, "standard_error": errors, "lower": lower, "upper": upper, "scale": kinds}
    table = pd.DataFrame(columns, index=pd.Index(names, name="parameter"))
    if limits:
        problem = f"{problem or ''} {_said_of(limits, level)}".strip()
    return StandardErrors(table, pd.DataFrame(covariance, names, names), level, problem, tuple(limits))


def _limits(fitted: Fit, edges: dict[str, tuple[Edge, bool]], level: float) -> dict[str, tuple[float, float]]:
    """The lower and upper end of each parameter on the edge: the edge itself, and the limit by the profile likelihood."""
    data, m_step = fitted.observations.compress(), fitted.m_step
    found = {}
    for name, (edge, at_one) in edges.items():
        farthest = limit(edge, data, fitted.mixture, m_step, level)
        found[name] = (1 - farthest, 1.0) if at_one else (0.0, farthest)
    return found


def _said_of(limits: dict[str, tuple[float, float]], level: float) -> str:
    return (
        f"In its place stands a one-sided limit by the profile likelihood, at {level:.0%}: "
        f"{', '.join(f'{name} {_end_of(*ends)}' for name, ends in limits.items())}."
    )


def _end_of(lower: float, upper: float) -> str:
    if np.isinf(upper):
        return "without any (other components can take its place)"
    return f"at most {upper:.3g}" if lower == 0 else f"at least {lower:.3g}"


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


def scales_of(fitted: Fit) -> list[Scale]:
    """The scale on which the interval of each named parameter is symmetric.

    Parameters
    ----------
    fitted
        An estimate.

    Returns
    -------
    list of Scale
        The scale of each parameter, in the order of the table.

    Examples
    --------
    >>> from em import fit, scales_of
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> [scale.name for scale in scales_of(fit(x, "poisson", 2, starts=10))]
    ['logit', 'logit', 'log', 'log']
    """
    ranges = fitted.m_step.ranges(fitted.mixture)
    return [SCALES[int(mark)] for mark in fitted.model.scalars(ranges, fitted.columns).values()]
