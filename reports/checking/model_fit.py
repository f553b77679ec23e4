r"""Does the model fit? Its figures beside those of data that it makes itself, and how much a misfit matters.

Each figure's distance from the middle of its replicates, in their standard deviations, is $z$; a figure that is alarming on
one side alone counts there alone. The model is called into question by its largest $|z|$ over **all** figures, held against
the largest of each replicate: so many figures together raise a false alarm in one right model of a hundred. The largest of
many nearly normal figures is nearly a Gumbel variable, whose mean and deviation a hundred replicates tell well.

With enough data every model is wrong. So a misfit is weighed: by the largest error of the distribution function, and by the
factor between the standard errors that hold without the model (the sandwich's) and the model's own. Where the first is below
one per cent of probability and the second below ten per cent, the model fits as well as anybody needs, and it is said how
well.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from em import Fit, Status, fit, record_of, sandwich, step_of
from models import Array, Mixture

from .codes import FitCode
from .figure import KINDS, Figures, Key, Spread, largest_gap
from .levels import gap_of_levels
from .registry import ends_among
from .replicates import figures_of, replicated, size_of_replicates
from .tied import Tied, tied

FIRST, MOST = 100, 500
# One right model in a hundred.
LEVEL = 0.01
# A figure within so many errors of the limit decides nothing: more replicates do.
ERRORS = 3.0
LARGEST_ERROR, LARGEST_FACTOR = 0.01, 1.1
# A figure of which so many replicates have none says nothing.
SMALLEST_SHARE = 0.9
SMALLEST_SIZE = 20
UNFITTED = (
    "of most data sets that the posterior makes EM finds no maximum, so that there is nothing to hold the data against."
)
# Enough to see one component more that matters, and quick.
STARTS_OF_ONE_MORE, MOST_ROWS_OF_ONE_MORE = 20, 20_000
# So many observations of the model know the distribution of its density to a few thousandths.
SIMULATED, MOST_ROWS_OF_DENSITY = 200_000, 200_000
_GUMBEL = float(np.sqrt(6) / np.pi)
_AT_LEVEL = _GUMBEL * float(-np.log(-np.log1p(-LEVEL)) - np.euler_gamma)


@dataclass(frozen=True)
class Check:
    """One figure of the data beside those of the replicates, whose central 95 % lie from ``lower`` to ``upper``.

    ``z`` is how far it is from their middle in standard deviations, ``alarm`` that on the sides on which it alarms, and
    ``code`` what it says when that is alarming. The range is that of data sets as large as the data, NaN where smaller ones
    do not say it.
    """

    key: Key
    observed: float
    lower: float
    upper: float
    z: float
    alarm: float
    code: FitCode | None

    @property
    def words(self) -> str:
        """What the figure is, in words."""
        kind = KINDS[self.key.kind].words
        if self.key.component is None:
            return kind
        return kind.replace("a component", f"component {self.key.component + 1}")


@dataclass(frozen=True)
class ModelFit:
    """``status`` is ``"fits"``, ``"misfit"`` or ``"unclear"``, with codes, figures and what they were held against.

    ``limit`` is the largest |z| that a right model has in 99 of 100 data sets, over all figures together. ``error`` is the
    largest error of the distribution function of any feature, or of the density, and ``factor`` the largest between the
    standard errors that hold without the model and the model's own (NaN where there are none). ``rows`` is how many
    observations a replicate has.
    """

    status: str
    codes: tuple[FitCode, ...]
    checks: tuple[Check, ...]
    limit: float
    replicates: int
    error: float
    factor: float
    tied: Tied | None = None
    one_more: float | None = None
    problem: str | None = None
    draws: tuple[Figures, ...] = field(default=(), repr=False, compare=False)
    rows: int = 0

    @property
    def worst(self) -> Check | None:
        """The most alarming figure."""
        return max(self.checks, key=lambda check: check.alarm, default=None)


def model_fit(estimate: Fit, posterior: Mixture, seed: int) -> ModelFit:
    """Check whether a model fits: ``posterior`` are draws with leading axes, from which replicates are made."""
    problem = _problem(estimate)
    error = _largest_error(estimate)
    if problem is not None:
        return ModelFit("unclear", (), (), float("nan"), 0, error, float("nan"), problem=problem)
    rng = np.random.default_rng([seed, FIRST])
    judged, factor = _judged(estimate, posterior, rng), _factor(estimate)
    if judged is None:
        return ModelFit("unclear", (), (), float("nan"), 0, error, factor, problem=UNFITTED)
    found = tied(estimate)
    codes = set() if judged.is_near else {check.code for check in judged.checks if check.code is not None}
    codes |= {FitCode.TIED_VALUES} if found is not None else set()
    status = "misfit" if codes else "unclear" if judged.is_near else "fits"
    gain = None
    # What is wrong, and too little to matter.
    if codes and found is None and error < LARGEST_ERROR and abs(np.log(factor)) < np.log(LARGEST_FACTOR):
        status, codes = "fits", set()
    elif codes:
        gain = _one_more(estimate, rng)
        codes |= {FitCode.TOO_FEW_COMPONENTS} if gain is not None else set()
    ordered = tuple(code for code in FitCode if code in codes)
    # The general code says nothing that a special one does not.
    special = tuple(code for code in ordered if code is not FitCode.MISFIT) or ordered
    return ModelFit(
        status,
        special,
        judged.checks,
        judged.limit,
        len(judged.replicates),
        error,
        factor,
        found,
        gain,
        draws=judged.replicates,
        rows=judged.rows,
    )


@dataclass(frozen=True)
class _Judged:
    checks: tuple[Check, ...]
    limit: float
    replicates: tuple[Figures, ...]
    error: float
    rows: int

    @property
    def is_near(self) -> bool:
        """Whether the most alarming figure is within three errors of the limit, which more replicates would move."""
        return abs(max(check.alarm for check in self.checks) - self.limit) < ERRORS * self.error


def _judged(estimate: Fit, posterior: Mixture, rng: np.random.Generator) -> _Judged | None:
    """Judge on a hundred replicates, and where they leave it open on more; ``None`` where EM can fit hardly any."""
    data, model, flat = estimate.data.compress(), estimate.model, posterior.flatten()
    own, size = figures_of(data, estimate.mixture, model), size_of_replicates(data, estimate.mixture)
    found: list[Figures] = []
    while True:
        drawn = flat[rng.integers(len(flat.weights), size=FIRST)]
        found += replicated(drawn, model, estimate.prior, data, size, rng)
        if len(found) < FIRST / 2:
            return None
        judged = _held_against(own, found, size, data.size)
        if not judged.is_near or len(found) > MOST - FIRST:
            return judged


def _held_against(own: Figures, replicates: list[Figures], rows: int, size: float) -> _Judged:
    many = SMALLEST_SHARE * len(replicates)
    keys = [key for key in own if sum(key in each for each in replicates) >= many]
    values = np.array([[each[key].value if key in each else np.nan for key in keys] for each in replicates])
    centre, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0, ddof=1)
    spread = np.where(spread > 0, spread, np.inf)
    # The model's own extremes vary, too, where a figure is alarming on one side alone.
    sides = np.array([[KINDS[key.kind].large is not None, KINDS[key.kind].small is not None] for key in keys])
    alarms = np.nanmax(_alarming((values - centre) / spread, sides), axis=1)
    limit = float(alarms.mean() + _AT_LEVEL * alarms.std(ddof=1))
    z = (np.array([own[key].value for key in keys]) - centre) / spread
    checks = []
    for place, (key, distance, alarm) in enumerate(zip(keys, z, _alarming(z[None], sides)[0], strict=True)):
        shown = np.array([each[key].shown for each in replicates if key in each])
        lower, upper = _range(shown, KINDS[key.kind].spread, rows / size)
        code = _code(key, float(z[place]), limit)
        checks.append(Check(key, own[key].shown, lower, upper, float(distance), float(alarm), code))
    return _Judged(tuple(checks), limit, tuple(replicates), _error_of_limit(alarms), rows)


def _range(shown: Array, spread: Spread, share: float) -> tuple[float, float]:
    """Return the central 95 % of a figure in data sets of which the replicates are a share, as the root of n shrinks it."""
    lower, upper = np.quantile(shown, [0.025, 0.975])
    if share >= 1 or spread is Spread.ALIKE:
        return float(lower), float(upper)
    if spread is Spread.UNKNOWN:
        return float("nan"), float("nan")
    middle, root = (float(shown.mean()) if spread is Spread.ABOUT_THE_MIDDLE else 0.0), float(np.sqrt(share))
    return middle + root * (float(lower) - middle), middle + root * (float(upper) - middle)


def _error_of_limit(alarms: Array) -> float:
    """Return the standard error of the limit: that of mean and deviation of a Gumbel variable (kurtosis 5.4)."""
    relative = 1 / len(alarms) * (1 + _AT_LEVEL * 1.14 + _AT_LEVEL**2 * 1.1)
    return float(alarms.std(ddof=1) * np.sqrt(relative))


def _alarming(z: Array, sides: Array) -> Array:
    """Return how alarming each figure is: its distance on the sides on which it alarms."""
    above, below = np.where(sides[:, 0], z, -np.inf), np.where(sides[:, 1], -z, -np.inf)
    return np.asarray(np.maximum(np.maximum(above, below), 0.0))


def _code(key: Key, z: float, limit: float) -> FitCode | None:
    kind = KINDS[key.kind]
    return kind.large if z > limit else kind.small if z < -limit else None


def _problem(estimate: Fit) -> str | None:
    if estimate.status is not Status.CONVERGED:
        return "EM has no maximum whose fit could be checked."
    if estimate.data.size < SMALLEST_SIZE:
        return f"Fewer than {SMALLEST_SIZE} observations do not show what they are not."
    return None


def _factor(estimate: Fit) -> float:
    """Return the factor between the sandwich's standard errors and the model's where they are farthest apart."""
    found = sandwich(estimate)
    known = [] if found is None else [factor for factor in found.factors if np.isfinite(factor) and factor > 0]
    return float(np.exp(max(np.log(known), key=abs))) if known else float("nan")


def _largest_error(estimate: Fit) -> float:
    """Return the largest error of the distribution function of any feature, or of the density, which sees all of them."""
    gaps = []
    for j in range(estimate.model.dimension):
        values, counts = record_of(estimate.data, j)
        step = step_of(values, counts) or 0.0
        at = ends_among(estimate.data, estimate.model, values, step, estimate.mixture.marginal(j))
        gaps.append(largest_gap(values, counts, *at))
    if estimate.model.dimension > 1 and estimate.status is Status.CONVERGED:
        rows = estimate.data.every(max(1, estimate.data.rows // MOST_ROWS_OF_DENSITY))
        gaps.append(gap_of_levels(rows, estimate.mixture, SIMULATED))
    return max(gaps)


def _one_more(estimate: Fit, rng: np.random.Generator) -> float | None:
    """Return by about how many nats one more component is better, if it is by BIC, and nothing is wrong with that model.

    Of very many rows it is asked of some; nothing is said of a mode, which is no maximum of the likelihood.
    """
    if estimate.prior is not None:
        return None
    data, model = estimate.data.every(max(1, estimate.data.rows // MOST_ROWS_OF_ONE_MORE)), estimate.model
    larger = {**model.specification, "components": model.components + 1}
    try:
        own = fit(data, **model.specification, start=estimate.mixture, starts=1)
        more = fit(data, **larger, starts=STARTS_OF_ONE_MORE, seed=rng)
    except ValueError:
        return None
    gain = more.log_likelihood - own.log_likelihood
    added = more.model.free_parameters - model.free_parameters
    if more.status is not Status.CONVERGED or gain < 0.5 * added * np.log(data.size):
        return None
    judged = _judged(more, more.mixture[None], rng)
    fits = judged is not None and not any(check.code for check in judged.checks)
    return float(gain * estimate.data.size / data.size) if fits else None
