r"""Data that were rounded, binned or hold one value many times, where a density takes every value for exact.

**The step.** In a column in which values repeat, the step $h$ of the record is the largest number of which all gaps between
distinct values are whole multiples, up to a twentieth of it. It scales with the data, so that no unit plays a part. A map
that mixes columns leaves none with a step: what was rounded is then no longer to be seen.

**Wider by the step.** A value that was rounded to steps of $h$ lies anywhere within $\pm h/2$ of what was recorded, with a
variance of $h^2/12$, which is added to that of the component (Sheppard 1898):

$$\sigma_{\mathrm{recorded}}^2 \approx \sigma^2 + \frac{h^2}{12} .$$

It is worth a word where it is a hundredth of the variance at least (an error of half a per cent in the standard deviation
is below what two digits show) and a quarter of the standard error of the variance (whose interval then covers 94 % rather
than 95 %).

**No bound.** The density of a component that draws together on one recorded value grows without end, and with a standard
deviation below $h/2$ it fits between two steps. Sheppard's correction is then no longer true, either: it is off by
terms of the order $4 e^{-2 \pi^2 \sigma^2 / h^2}$, which at $\sigma_{\mathrm{recorded}} = h/2$ is about a seventh.

**One value many times.** A density leads to expect $n \, P(x - h/2 < X < x + h/2)$ times a recorded value $x$, where $h$ is
the smallest gap between distinct values if there is no step; components below $h/2$ do not count. A value that occurs ten
times as often, five times as often as its neighbours, and in a twentieth of the data, is not of that density: a limit of
detection, a code for a missing value, zeros.

Counts are whole numbers by their nature: a Poisson model is never warned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, partial
from math import floor, log10

import numpy as np
from scipy import special

from models import Array, Data, Mixture

from .fitted import Fit
from .standard_errors import StandardErrors, standard_errors

TOLERANCE = 0.05
# Gaps within so many roundings of the largest value are arithmetic's, and a step of so small a share of the range is no
# harm to anybody.
ROUNDINGS = 16
SMALLEST_STEP = 1e-6
SMALLEST_SHARE = 0.01
SMALLEST_ERROR = 0.25
HALF_A_STEP = 0.5
TIMES_EXPECTED, TIMES_NEIGHBOURS, SHARE_OF_DATA = 10.0, 5.0, 0.05


class Kind(StrEnum):
    """What rounding does: a component without bound, variances that are too wide, or one value that occurs too often.

    Examples
    --------
    >>> from em import Kind, fit, rounding
    >>> from models import Data
    >>> data = Data.of([-3, -2, -1, 0, 1, 2, 3], weights=[1, 12, 48, 78, 48, 12, 1])
    >>> [found.kind is Kind.WIDENED for found in rounding(fit(data, "gaussian", 1))]
    [True]
    """

    UNBOUNDED = "rounded-unbounded"
    WIDENED = "rounded-widened"
    REPEATED = "repeated-value"


@dataclass(frozen=True)
class Rounded:
    """What rounding does to an estimate: the ``column`` and its ``step`` (``None`` where there is none), and a sentence.

    ``variances`` holds those of the components that are concerned, and ``corrected`` what they are without that of rounding,
    a twelfth of the square of ``step``; both are empty for other kinds than a widened one.

    Examples
    --------
    >>> from em import fit, rounding
    >>> from models import Data
    >>> data = Data.of([-3, -2, -1, 0, 1, 2, 3], weights=[1, 12, 48, 78, 48, 12, 1])
    >>> found = rounding(fit(data, "gaussian", 1))[0]
    >>> found.step, round(found.variances[0], 2), round(found.corrected[0], 2)
    (1.0, 1.05, 0.97)
    """

    kind: Kind
    column: str
    step: float | None
    sentence: str
    variances: tuple[float, ...] = ()
    corrected: tuple[float, ...] = ()


def rounding(fitted: Fit, errors: StandardErrors | None = None) -> tuple[Rounded, ...]:
    """What rounding, binning and repeated values do to an estimate of continuous data, nothing where they are harmless.

    ``errors`` are its standard errors where they are already known.

    Parameters
    ----------
    fitted
        An estimate.
    errors
        Its standard errors, where they are known already.

    Returns
    -------
    tuple of Rounded
        What rounding or repeated values may have done, each with a sentence; none where nothing is to be said.

    Examples
    --------
    >>> from em import fit, rounding
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> rounding(fit(x, "poisson", 2, starts=10))
    ()
    """
    if fitted.model.counts:
        return ()
    columns = (_Column(fitted, j) for j in range(fitted.model.dimension))
    checks = (_narrow, partial(_widened, errors=errors), _repeated)
    return tuple(found for column in columns for check in checks if (found := check(column)) is not None)


@dataclass(frozen=True)
class _Column:
    """The distinct values of column j with how often each occurs, and the mixture's own distribution of it."""

    fitted: Fit
    j: int

    @property
    def name(self) -> str:
        return self.fitted.data.columns[self.j]

    @cached_property
    def record(self) -> tuple[Array, Array]:
        return record_of(self.fitted.data, self.j)

    @cached_property
    def step(self) -> float | None:
        return step_of(*self.record)

    @cached_property
    def means(self) -> Array:
        return np.asarray(self._marginal["means"][:, 0])

    @cached_property
    def variances(self) -> Array:
        return np.asarray(self._marginal["covariances"][:, 0, 0])

    @property
    def deviations(self) -> Array:
        return np.asarray(np.sqrt(self.variances))

    @property
    def _marginal(self) -> dict[str, Array]:
        return self.fitted.mixture.components.marginal(self.j).arrays()


def record_of(data: Data, j: int) -> tuple[Array, Array]:
    """Return the distinct values of column j in ascending order, and how often each occurs.

    Values that only arithmetic tells apart are one.

    Parameters
    ----------
    data
        The rows.
    j
        The column, counted from zero.

    Returns
    -------
    numpy.ndarray
        The distinct values, ascending, shape ``(m,)``.
    numpy.ndarray
        How often each occurs, of the same shape.

    Examples
    --------
    >>> from em import record_of
    >>> from models import Data
    >>> values, counts = record_of(Data.of([2.5, 1.0, 2.5, 4.0]), 0)
    >>> values.tolist(), counts.tolist()
    ([1.0, 2.5, 4.0], [1.0, 2.0, 1.0])
    """
    rows = data.compress()
    order = np.argsort(rows.values[:, j], kind="stable")
    ordered = rows.values[order, j]
    apart = np.diff(ordered) > ROUNDINGS * np.finfo(float).eps * np.abs(ordered).max()
    firsts = np.flatnonzero(np.append(True, apart))
    return ordered[firsts], np.add.reduceat(rows.weights[order], firsts)


def step_of(values: Array, counts: Array) -> float | None:
    """Return the step of a record, ``None`` where no value repeats or no step is large enough to matter.

    Parameters
    ----------
    values
        The distinct values, ascending, shape ``(m,)``.
    counts
        How often each occurs, of the same shape.

    Returns
    -------
    float or None
        The step, in the units of the values.

    Examples
    --------
    >>> import numpy as np
    >>> from em import step_of
    >>> step_of(np.array([1.0, 2.5, 4.0, 8.5]), np.array([3.0, 1.0, 2.0, 1.0]))
    1.5
    """
    return None if counts.max() < 2 else common_step(np.diff(values))


def common_step(gaps: Array) -> float | None:
    """The largest number of which all gaps are whole multiples, by Euclid's algorithm; ``None`` where it is tiny."""
    if not gaps.size:
        return None
    step, least = float(gaps.min()), SMALLEST_STEP * float(gaps.sum())
    while step > least:
        left = np.abs(gaps - step * np.rint(gaps / step))
        if (left <= TOLERANCE * step).all():
            return float(gaps.sum() / np.rint(gaps / step).sum())
        step = float(left[left > TOLERANCE * step].min())
    return None


def _narrow(column: _Column) -> Rounded | None:
    """Components that fit between two steps."""
    if column.step is None:
        return None
    narrow = np.flatnonzero(column.deviations < HALF_A_STEP * column.step)
    if not narrow.size:
        return None
    which = ", ".join(f"component {k + 1} (standard deviation {column.deviations[k]:.2g})" for k in narrow)
    return Rounded(
        Kind.UNBOUNDED,
        column.name,
        column.step,
        f"Rounded data, densities are unbounded: {column.name!r} is recorded in steps of {column.step:.4g}, and {which} "
        f"{'is' if narrow.size == 1 else 'are'} narrower than half a step. The density there grows without end as a "
        "component draws together on one recorded value, so that it says how the values were rounded, not how they are "
        "spread: take fewer components, or values that are recorded more finely.",
    )


def _widened(column: _Column, errors: StandardErrors | None) -> Rounded | None:
    """Variances to which the step adds an amount that matters, of components for which Sheppard's correction holds."""
    if column.step is None:
        return None
    added, variances = column.step**2 / 12, column.variances
    wide = np.flatnonzero((column.deviations >= HALF_A_STEP * column.step) & (added >= SMALLEST_SHARE * variances))
    if not wide.size or not (added >= SMALLEST_ERROR * _errors(column, errors)[wide]).any():
        return None
    recorded, right = variances[wide], variances[wide] - added
    digits = 2 - floor(log10(added))
    one = column.fitted.model.covariance == "tied" or column.fitted.model.components == 1
    shown = [
        f"{_figure(v, digits)} {'' if one else f'of component {k + 1} '}stands for about {_figure(c, digits)}"
        for k, v, c in zip(wide, recorded, right, strict=True)
    ][: 1 if one else None]
    return Rounded(
        Kind.WIDENED,
        column.name,
        column.step,
        f"Rounded data: {column.name!r} is recorded in steps of {column.step:.4g}, and each value is taken for exact. That "
        f"adds about step²/12 = {_figure(added, digits)} to a variance (Sheppard 1898), in EM and in the posterior alike: "
        f"the variance {', and '.join(shown)}.",
        tuple(recorded.tolist()),
        tuple(right.tolist()),
    )


def _errors(column: _Column, known: StandardErrors | None) -> Array:
    """The standard error of each component's variance: from the information or, where it has none, of known labels."""
    fitted = column.fitted
    # Of a component without weight, which a prior allows, nothing is known: its error is infinite.
    with np.errstate(divide="ignore"):
        of_known_labels = column.variances * np.sqrt(2 / (fitted.mixture.weights * fitted.data.size))
    table = (known or standard_errors(fitted)).table["standard_error"]
    found = np.array([table[name] for name in _names_of_variances(fitted, column.j)], dtype=float)
    return np.asarray(np.where(np.isfinite(found), found, of_known_labels))


def _names_of_variances(fitted: Fit, j: int) -> list[str]:
    """The parameter that is each component's variance in feature j: found by its place, whatever the structure calls it."""
    model, components = fitted.model, fitted.mixture.components
    shape = components.arrays()["covariances"].shape
    places = np.arange(np.prod(shape), dtype=float).reshape(shape)
    marked = replace(components, means=np.full(shape[:2], -1.0), covariances=places)  # type: ignore[type-var]
    named = model.scalars(Mixture(np.full(shape[0], -1.0), marked), fitted.data.columns)
    name_of = {float(place): name for name, place in named.items()}
    feature = 0 if model.covariance == "spherical" else j
    own = [0] * shape[0] if model.covariance == "tied" else range(shape[0])
    return [name_of[float(places[k, feature, feature])] for k in own]


def _repeated(column: _Column) -> Rounded | None:
    """The value that stands out of the fitted density and of its neighbours, the most frequent of several."""
    values, counts = column.record
    at = int(counts.argmax())
    neighbours = counts[[i for i in (at - 1, at + 1) if 0 <= i < len(counts)]]
    expected = _expected(column, float(values[at]))
    total = float(counts.sum())
    if (
        counts[at] < SHARE_OF_DATA * total
        or counts[at] < TIMES_EXPECTED * expected
        or counts[at] < TIMES_NEIGHBOURS * neighbours.max(initial=0)
    ):
        return None
    return Rounded(
        Kind.REPEATED,
        column.name,
        column.step,
        f"Repeated values, densities are unbounded: {values[at]:.6g} occurs {counts[at]:g} times in {column.name!r}, "
        f"{counts[at] / total:.0%} of the data, where the fitted density leads to expect {expected:.2g}. A component that "
        "draws together on it makes the likelihood as large as you like: model that value apart (a limit of detection, a "
        "code for a missing value), or leave it out.",
    )


def _expected(column: _Column, value: float) -> float:
    """How many observations the fitted density leads to expect at a recorded value."""
    step = column.step or float(np.diff(column.record[0]).min())
    wide = column.deviations >= HALF_A_STEP * step
    ends = (value + step * np.array([[-0.5], [0.5]]) - column.means[wide]) / column.deviations[wide]
    return float(column.fitted.data.size * column.fitted.mixture.weights[wide] @ np.diff(special.ndtr(ends), axis=0)[0])


def _figure(value: float, digits: int) -> str:
    """Write a number to so many decimals where that reads well, else to four digits."""
    return f"{value:.{digits}f}" if 0 <= digits <= 6 and abs(value) < 1e6 else f"{value:.4g}"
