r"""Does the model fit? Its figures beside those of data that it makes itself, and how much a misfit matters.

Each figure's distance from the middle of its replicates, in their standard deviations, is $z$; a figure that is alarming on
one side alone counts there alone. The model is called into question by its largest $|z|$ over **all** figures, held against
the largest of each replicate: so many figures together raise a false alarm in one right model of fifty. The largest of
many nearly normal figures is nearly a Gumbel variable, whose mean and deviation a hundred replicates tell well.

With enough data every model is wrong. So a misfit is weighed: by the largest error of the distribution function, and by the
factor between the standard errors that hold without the model (the sandwich's) and the model's own. Where the first is below
one per cent of probability and the second below ten per cent, the model fits as well as anybody needs, and it is said how
well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from em import Fit, Status, fit, record_of, sandwich, step_of
from models import Array, Mixture

from .codes import FitCode
from .figure import KINDS, Figures, Key, largest_gap
from .registry import cumulative_of
from .replicates import figures_of, replicated
from .tied import Tied, tied

FIRST, MORE = 100, 400
# One right model in fifty.
LEVEL = 0.02
# So near the limit, in units of |z|, more replicates decide.
NEAR = 0.8
ERRORS = 3.0
LARGEST_ERROR, LARGEST_FACTOR = 0.01, 1.1
# A figure of which so many replicates have none says nothing.
SMALLEST_SHARE = 0.9
SMALLEST_SIZE = 20
UNFITTED = (
    "of most data sets that the posterior makes EM finds no maximum, so that there is nothing to hold the data against."
)
STARTS_OF_ONE_MORE = 20
_GUMBEL = float(np.sqrt(6) / np.pi)
_AT_LEVEL = _GUMBEL * float(-np.log(-np.log1p(-LEVEL)) - np.euler_gamma)


@dataclass(frozen=True)
class Check:
    """One figure of the data beside those of the replicates, whose central 95 % lie from ``lower`` to ``upper``.

    ``z`` is how far it is from their middle in standard deviations, and ``code`` what it says when that is alarming.
    """

    key: Key
    observed: float
    lower: float
    upper: float
    z: float
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

    ``limit`` is the largest |z| that a right model has in 98 of 100 data sets, over all figures together. ``error`` is the
    largest error of the distribution function of any feature, and ``factor`` the largest between the standard errors that
    hold without the model and the model's own (NaN where there are none).
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

    @property
    def worst(self) -> Check | None:
        """The figure that is farthest from its replicates."""
        return max(self.checks, key=lambda check: abs(check.z), default=None)


def model_fit(estimate: Fit, posterior: Mixture, seed: int) -> ModelFit:
    """Check whether a model fits: ``posterior`` are draws with leading axes, from which replicates are made."""
    problem = _problem(estimate)
    error = _largest_error(estimate)
    if problem is not None:
        return ModelFit("unclear", (), (), float("nan"), 0, error, float("nan"), problem=problem)
    rng = np.random.default_rng([seed, FIRST])
    judged, factor = _judged(estimate, _draws_of(posterior, rng), rng), _factor(estimate)
    if judged is None:
        return ModelFit("unclear", (), (), float("nan"), 0, error, factor, problem=UNFITTED)
    found = tied(estimate)
    codes = {check.code for check in judged.checks if check.code is not None}
    codes |= {FitCode.TIED_VALUES} if found is not None else set()
    gain = _one_more(estimate, rng) if codes else None
    codes |= {FitCode.TOO_FEW_COMPONENTS} if gain is not None else set()
    status = "misfit" if codes else "unclear" if judged.is_near else "fits"
    # What is wrong, and too little to matter.
    if codes and found is None and error < LARGEST_ERROR and abs(np.log(factor)) < np.log(LARGEST_FACTOR):
        status, codes = "fits", set()
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
    )


@dataclass(frozen=True)
class _Judged:
    checks: tuple[Check, ...]
    limit: float
    replicates: tuple[Figures, ...]
    largest: float
    error: float

    @property
    def is_near(self) -> bool:
        """Whether the largest figure is within three errors of the limit, which more replicates would move."""
        return abs(self.largest - self.limit) < ERRORS * self.error


def _judged(estimate: Fit, draws: Iterator[Mixture], rng: np.random.Generator) -> _Judged | None:
    """Judge on a hundred replicates, and where they leave it open on more; ``None`` where EM can fit hardly any."""
    data, model = estimate.data.compress(), estimate.model
    own = figures_of(data, estimate.mixture, model)
    found = list(replicated(next(draws), model, data, rng))
    if len(found) < FIRST / 2:
        return None
    judged = _held_against(own, found)
    if abs(judged.largest - judged.limit) < NEAR:
        found += replicated(next(draws), model, data, rng)
        judged = _held_against(own, found)
    return judged


def _held_against(own: Figures, replicates: list[Figures]) -> _Judged:
    many = SMALLEST_SHARE * max(len(replicates), 1)
    keys = [key for key in own if sum(key in each for each in replicates) >= many]
    values = np.array([[each[key].value if key in each else np.nan for key in keys] for each in replicates])
    shown = np.array([[each[key].shown if key in each else np.nan for key in keys] for each in replicates])
    centre, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0, ddof=1)
    spread = np.where(spread > 0, spread, np.inf)
    # The model's own extremes vary, too, where a figure is alarming on one side alone.
    sides = np.array([[KINDS[key.kind].large is not None, KINDS[key.kind].small is not None] for key in keys])
    alarms = np.nanmax(_alarming((values - centre) / spread, sides), axis=1)
    limit = float(alarms.mean() + _AT_LEVEL * alarms.std(ddof=1))
    z = (np.array([own[key].value for key in keys]) - centre) / spread
    ends = np.nanquantile(shown, [0.025, 0.975], axis=0)
    checks = tuple(
        Check(key, own[key].shown, float(low), float(high), float(each), _code(key, float(each), limit))
        for key, low, high, each in zip(keys, *ends, z, strict=True)
    )
    largest = float(_alarming(z[None], sides).max())
    return _Judged(checks, limit, tuple(replicates), largest, _error_of_limit(alarms))


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


def _draws_of(posterior: Mixture, rng: np.random.Generator) -> Iterator[Mixture]:
    """Yield the mixtures of a first batch of replicates, and of a second."""
    flat = posterior.flatten()
    for many in (FIRST, MORE):
        yield flat[rng.integers(len(flat.weights), size=many)]


def _problem(estimate: Fit) -> str | None:
    if estimate.status is not Status.CONVERGED:
        return "EM has no maximum whose fit could be checked."
    if estimate.data.size < SMALLEST_SIZE:
        return f"Fewer than {SMALLEST_SIZE} observations do not show what they are not."
    return None


def _factor(estimate: Fit) -> float:
    found = sandwich(estimate)
    if found is None:
        return float("nan")
    return float(np.exp(max(np.log(found.factors[np.isfinite(found.factors)]), key=abs, default=0.0)))


def _largest_error(estimate: Fit) -> float:
    """Return the largest error of the distribution function, over all features."""
    cumulative, gaps = cumulative_of(estimate.model), []
    for j in range(estimate.model.dimension):
        values, counts = record_of(estimate.data, j)
        mixture = estimate.mixture.marginal(j)
        if estimate.model.counts:
            ends = cumulative(values, mixture), cumulative(values - 1, mixture)
        else:
            half = (step_of(values, counts) or 0.0) / 2
            ends = cumulative(values + half, mixture), cumulative(values - half, mixture)
        gaps.append(largest_gap(values, counts, *ends))
    return max(gaps)


def _one_more(estimate: Fit, rng: np.random.Generator) -> float | None:
    """Return by how many nats one more component is better, if it is by BIC, and nothing is wrong with that model."""
    data, model = estimate.data, estimate.model
    larger = {**model.specification, "components": model.components + 1}
    try:
        more = fit(data, **larger, starts=STARTS_OF_ONE_MORE, seed=rng)
    except ValueError:
        return None
    gain = more.log_likelihood - estimate.log_likelihood
    added = more.model.free_parameters - model.free_parameters
    if more.status is not Status.CONVERGED or gain < 0.5 * added * np.log(data.size):
        return None
    repeated = more.mixture[None][np.zeros(FIRST, dtype=np.intp)]
    judged = _judged(more, iter([repeated, repeated]), rng)
    fits = judged is not None and not any(check.code for check in judged.checks)
    return float(gain) if fits else None
