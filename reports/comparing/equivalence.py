r"""Proof, for the very fit shown, that EM and PyMC work on the same likelihood.

**The values.** At EM's answer and at random points both sides give the log-likelihood. Two correct programs differ by
rounding: with $t$ the terms of an observation's log-density (``Components.size_of_terms``), each of which is known to a few
units in the last place, by at most a few times $\epsilon \sum_i w_i \sum_k \gamma_{ik} \sum |t_{ik}|$. That bound is
allowed, and a billionth of $\sum_i w_i (1 + |\log p(x_i)|)$ beside it. Neither vanishes where the log-likelihoods of the
observations cancel in their sum, and neither depends on the units of the data: all is computed in their frame.

**The gradient.** Where EM says that it stands at a maximum PyMC's gradient has to vanish, and with it what a Newton step
would gain, $\frac12 g^T I^{-1} g$ nats. $I$ is EM's own information (Louis 1982), and along its eigenvectors, in units in
which the information of the complete data is one, the gain is $\frac12 g_j^2 / \lambda_j$. A direction is *determined*
where $\lambda_j$ is above ``em.FLAT``. Below it EM itself cannot tell a ridge from a flat place, so that it climbs until
$\frac12 g_j^2$ is small beside that share, and the same is asked of PyMC's gradient: there ``em.FLAT`` stands for
$\lambda_j$, be that zero or negative. Such a direction says that the likelihood has no unique maximum. It says nothing
against the two being one model, and never stops a report.

**Many rows.** The textbook graph takes hundreds of times as long as a pass of EM. Of more rows than
``MOST_TEXTBOOK_ROWS`` it is evaluated on an even selection and held against the fused graph there, value and gradient; the
fused graph, which is the one that is sampled, is then held against EM on all rows.

Two things beside EM's tolerance keep a sound gain from zero: EM's answer is a double, whose last digit may be large beside
a standard error where the data lie far from zero, and what it costs to move every parameter by a unit in the last place
is allowed for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bayes import LogLikelihood, build
from em import FLAT, Fit, Information, Status, information_of
from models import Array, Data, Mixture, Shown

RANDOM_POINTS = 5
RELATIVE_TOLERANCE = 1e-9
# Units in the last place for each term: a log-density takes a dozen operations, and a few more lead to its parameters.
UNITS = 64
# EM stops within 1e-8 nats of its limit by its own extrapolation; the Newton step that checks it is as good as that.
GRADIENT_TOLERANCE = 1e-6
# The chart is differentiated by steps of a hundredth of a complete-data standard error, or of one and of a factor of e.
CHART_STEP = 1e-2
MOST_TEXTBOOK_ROWS = 20_000
# A gradient is a sum over the rows of terms that cancel there; its own largest entry says how many digits are left.
GRADIENT_DIGITS = 1e-8
EPSILON = float(np.finfo(float).eps)

NOT_ONE_MODEL = "EM and PyMC are not the same model here:"
A_BUG = "No report is written; please report this as a bug."


class EquivalenceError(RuntimeError):
    """EM and PyMC do not compute the same log-likelihood, so that comparing them would mean nothing.

    Examples
    --------
    It is a mistake in this suite, and not in the data:

    >>> from reports import EquivalenceError, compare
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> try:
    ...     both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    ... except EquivalenceError as error:
    ...     print(f"please report this: {error}")
    >>> both.equivalence.holds
    True
    """


@dataclass(frozen=True, repr=False)
class Equivalence(Shown):
    """The log-likelihoods, in nats, that EM and PyMC give the same parameters, and PyMC's gradient at EM's answer.

    ``em`` and ``pymc`` have one entry for the fit and then one for each random point. ``sizes`` are what the observations'
    log-likelihoods come to there without their signs, and ``rounding`` how much of a difference rounding explains.
    ``remaining`` is the rise, in nats, that a Newton step from EM's answer promises by PyMC's gradient: zero at a maximum.
    ``gradient`` is the largest absolute entry of that gradient, and ``last_digit`` the rise that EM's answer may miss
    because it is written in doubles. The first two are ``None`` when EM did not end at an interior maximum.
    ``undetermined`` counts the directions in which the likelihood is flat there, so that no maximum is the only one.
    ``textbook_rows`` is on how many rows the textbook graph was evaluated, where these are not all.

    Examples
    --------
    >>> from reports import compare
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> proof = both.equivalence
    >>> proof.relative_difference < 1e-12, proof.remaining < 1e-6
    (True, True)
    """

    em: tuple[float, ...]
    pymc: tuple[float, ...]
    remaining: float | None
    gradient: float | None
    sizes: tuple[float, ...] = ()
    rounding: tuple[float, ...] = ()
    last_digit: float = 0.0
    undetermined: int = 0
    textbook_rows: int | None = None

    def _said(self) -> Iterator[str]:
        yield (
            f"EM and PyMC {'are one model' if self.holds else 'are not one model'}: their log-likelihoods differ by at most "
            f"{self.relative_difference:.2g} of their size at {len(self.em)} points"
        )
        if self.remaining is not None:
            yield f"By PyMC's gradient {self.remaining:.2g} nats are left to climb from EM's answer."

    @property
    def relative_differences(self) -> tuple[float, ...]:
        """The difference at each point, relative to the size of what adds up to the log-likelihood."""
        return tuple(float(each) for each in np.abs(np.array(self.em) - np.array(self.pymc)) / self._sizes)

    @property
    def relative_difference(self) -> float:
        """The largest relative difference at any of the points."""
        return float(np.max(self.relative_differences))

    @property
    def relative_tolerance(self) -> float:
        """How large a relative difference may be, at the point where the difference uses up most of what is allowed."""
        allowed = RELATIVE_TOLERANCE + np.array(self.rounding or np.zeros(len(self.em))) / self._sizes
        return float(allowed[np.argmax(np.array(self.relative_differences) / allowed)])

    @property
    def gradient_tolerance(self) -> float:
        """How much a Newton step from EM's answer may gain, in nats."""
        return GRADIENT_TOLERANCE + self.last_digit

    @property
    def same_values(self) -> bool:
        """Whether the log-likelihoods agree at every point, but for rounding."""
        allowed = RELATIVE_TOLERANCE * self._sizes + np.array(self.rounding or np.zeros(len(self.em)))
        return bool((np.abs(np.array(self.em) - np.array(self.pymc)) <= allowed).all())

    @property
    def holds(self) -> bool:
        """Whether the log-likelihoods agree and the gradient vanishes where it must, within the stated tolerances."""
        stationary = self.remaining is None or self.remaining <= self.gradient_tolerance
        return self.same_values and stationary

    @property
    def _sizes(self) -> Array:
        return np.array(self.sizes) if self.sizes else np.maximum(1, np.abs(self.pymc))


def prove(
    fit: Fit, points: list[Mixture], textbook: LogLikelihood, fused: LogLikelihood, nudged: Mixture | None = None
) -> Equivalence:
    """Evaluate both sides at the fit and at the given random points.

    What is shown of PyMC is the textbook graph; the fused one, which is sampled, is held against it, value and gradient.
    ``nudged`` is the fit with every parameter moved by a unit in its last place.

    Raises
    ------
    EquivalenceError
        When they differ by more than rounding explains.
    """
    data, everywhere = fit.data, [fit.mixture, *points]
    at_fit, gradient = textbook.with_gradient(fit.mixture)
    found = information_of(fit) if fit.status is Status.CONVERGED else None
    # Of an estimate on the edge the information is that on the edge itself, where PyMC's coordinates are infinite.
    if found is not None and not (fused.has_inside(fit.mixture) and fused.has_inside(found.chart.mixture)):
        found = None
    seen = data.values, data.exposure, data.known
    equivalence = Equivalence(
        em=(fit.log_likelihood, *(float(p.log_density(*seen) @ data.weights) for p in points)),
        pymc=(at_fit, *(textbook(point) for point in points)),
        remaining=None,
        gradient=None,
        sizes=tuple(float(data.weights @ (1 + np.abs(p.log_density(*seen)))) for p in everywhere),
        rounding=tuple(rounding_of(fit, point) for point in everywhere),
    )
    sampled = replace(equivalence, em=tuple(fused(point) for point in everywhere))
    if found is not None:
        chart = ChartOfPyMC(fused, found)
        gains = [newton_gain(found, chart.pulled(each)) for each in (gradient, fused.gradient(fit.mixture))]
        equivalence = replace(
            equivalence,
            remaining=max(gains),
            gradient=float(np.abs(gradient).max()),
            last_digit=chart.gain_of_moving(nudged or _nudged(fit.mixture)),
            undetermined=int((found.shares <= FLAT).sum()),
        )
    for held in (equivalence, sampled):
        if not held.holds:
            raise EquivalenceError(
                f"{NOT_ONE_MODEL} their log-likelihoods differ by "
                f"{held.relative_difference:.2g} (relative; at most {held.relative_tolerance:.2g} is rounding), and a "
                f"Newton step from EM's answer would gain {held.remaining} nats (at most {held.gradient_tolerance:.2g} is "
                f"expected). {A_BUG}"
            )
    return equivalence


def prove_for(fit: Fit, rng: np.random.Generator) -> Equivalence:
    """Build the PyMC model that is sampled, in the frame of the fit's own data, and prove the equivalence there.

    EM's log-likelihood is the one it found in the units of the data. The points are the fit and draws from the prior.
    """
    prior = fit.prior or fit.model.prior(fit.data)
    frame = fit.model.frame(fit.data)
    data, its_prior = frame.of_data(fit.data), frame.of_prior(prior)
    in_units = fit.data.size * frame.log_volume
    climb = replace(fit.climb, log_likelihood=fit.climb.log_likelihood - in_units)
    framed = replace(fit, observations=data, mixture=frame.of_mixture(fit.mixture), climb=climb)
    some = data.take(slice(None, None, -(-data.rows // MOST_TEXTBOOK_ROWS)))

    def graph(rows: Data, likelihood: str) -> LogLikelihood:
        return LogLikelihood(build(rows, fit.model, its_prior, likelihood), fit.model, its_prior)

    textbook, fused = graph(some, "textbook"), graph(data, "fused")
    points = [its_prior.sample(rng) for _ in range(RANDOM_POINTS)]
    if some.rows < data.rows:
        require_alike(textbook, graph(some, "fused"), [framed.mixture, *points], some)
        textbook = fused
    found = prove(framed, points, textbook, fused, frame.of_mixture(_nudged(fit.mixture)))
    return replace(
        found,
        em=tuple(each + in_units for each in found.em),
        pymc=tuple(each + in_units for each in found.pymc),
        textbook_rows=some.rows if some.rows < data.rows else None,
    )


def require_alike(textbook: LogLikelihood, fused: LogLikelihood, mixtures: list[Mixture], data: Data) -> None:
    """Hold the fused graph against the textbook one on the same rows: values everywhere, the gradient at the first mixture.

    Raises
    ------
    EquivalenceError
        When they differ by more than rounding explains.
    """
    for mixture in mixtures:
        log_density = mixture.log_density(data.values, data.exposure, data.known)
        size, rounding = float(data.weights @ (1 + np.abs(log_density))), rounding_on(data, mixture)
        apart = abs(textbook(mixture) - fused(mixture))
        if apart > RELATIVE_TOLERANCE * size + rounding:
            raise EquivalenceError(
                f"{NOT_ONE_MODEL} their log-likelihoods of {data.rows} rows differ by {apart:.2g} nats. {A_BUG}"
            )
    expected, gradient = textbook.gradient(mixtures[0]), fused.gradient(mixtures[0])
    largest = float(np.abs(expected - gradient).max())
    if largest > GRADIENT_DIGITS * max(1.0, float(np.abs(expected).max())):
        raise EquivalenceError(f"{NOT_ONE_MODEL} their gradients on {data.rows} rows differ by {largest:.2g}. {A_BUG}")


def rounding_of(fit: Fit, mixture: Mixture) -> float:
    """Return what the log-likelihood of a fit's data at a mixture may err by, in nats, on either side."""
    return rounding_on(fit.data, mixture)


def rounding_on(data: Data, mixture: Mixture) -> float:
    """Return what the log-likelihood of these rows at a mixture may err by, in nats, on either side."""
    x, weights, exposure = data.values, data.weights, data.exposure
    terms = mixture.components.size_of_terms(x, exposure) + np.abs(
        np.log(np.maximum(mixture.weights, np.finfo(float).tiny))
    )
    return float(UNITS * EPSILON * (weights @ (mixture.responsibilities(x, exposure, data.known) * terms).sum(axis=1)))


def newton_gain(found: Information, gradient: Array) -> float:
    """Return how much a function would rise by one Newton step, ½ Σ gⱼ²/λⱼ, from its gradient in the chart's coordinates.

    Where the information is flat, be it slightly negative, the least share that counts as determined stands for λ.
    """
    along = found.directions.T @ gradient
    return float(0.5 * np.sum(np.square(along) / np.maximum(found.shares, FLAT)))


class ChartOfPyMC:
    """The unconstrained coordinates of a PyMC model as a function of those of EM's chart."""

    def __init__(self, log_likelihood: LogLikelihood, found: Information) -> None:
        self._coordinates, self._found = log_likelihood.coordinates, found
        steps = CHART_STEP / np.maximum(1, found.chart.scales)
        self._derivatives = np.array([self._derivative(j, step) for j, step in enumerate(steps)])

    def pulled(self, gradient: Array) -> Array:
        """Return PyMC's gradient in the coordinates of the chart."""
        return np.asarray(self._derivatives @ gradient if len(self._derivatives) else np.zeros(0))

    def gain_of_moving(self, mixture: Mixture) -> float:
        """Return what a Newton step would gain from a mixture near the maximum, in nats, at most."""
        if not len(self._derivatives):
            return 0.0
        moved = self._coordinates(mixture) - self._coordinates(self._found.chart.mixture)
        steps = np.linalg.lstsq(self._derivatives.T, moved, rcond=None)[0]
        # No direction has more information than the complete data, in whose units it is at most one.
        return float(0.5 * np.sum(np.square(self._found.chart.scales * steps)))

    def _derivative(self, j: int, step: float) -> Array:
        chart = self._found.chart
        along = step * np.eye(len(chart.scales))[j]
        return (self._coordinates(chart.at(along)) - self._coordinates(chart.at(-along))) / (2 * step)


def _nudged(mixture: Mixture) -> Mixture:
    """Move every parameter of the components by a unit in its last place."""
    return Mixture(mixture.weights, mixture.components.map(lambda array: array * (1 + EPSILON)))
