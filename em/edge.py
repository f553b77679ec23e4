r"""Estimates on the edge of their range: a rate or a weight of zero, which no standard error can describe.

**What lies on the edge.** EM comes near zero without reaching it: a rate of $4 \cdot 10^{-11}$ is a rate of zero as far as
the data can tell. A component that expects less than one event, or holds less than one observation, is held against the
same mixture with exactly none; where the objective is as high there (``em/optimum.py``), the estimate lies on the edge.

**The limit in place of a standard error.** At an edge the log-likelihood is no parabola about its maximum: it falls away
from there with a slope. What can be said is how far the parameter may be from the edge before the data speak against it.
With $\ell_p(v)$ the **profile log-likelihood**, the highest that is reached while the parameter is held at $v$ and all
others are fitted by EM, the limit at level $1 - \alpha$ is where

$$\ell_p(0) - \ell_p(v) = \tfrac12 \, \chi^2_{1, \, 1 - \alpha} ,$$

1.92 nats for 95 %: the end of the likelihood-ratio interval (Wilks 1938), whose other end is the edge itself. It is
comparable to the upper ends of the other parameters' intervals. Under a prior the objective takes the place of the
log-likelihood.

**Holding a parameter.** $Q$ is a sum of terms of which each has one rate, or the weights, so that the constrained M-step is
the free one with that rate replaced. Of the weights one is $v$, and the others share $1 - v$ in proportion to their counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from models import Mixture, Rows

from .ascent import rounding_of
from .e_step import e_step
from .loop import Climb, Status
from .m_step import MStep
from .optimum import TOLERANCE, same_height

# Nats within which the profile is known: of 1.92 no limit needs more.
NEAR = 1e-6
MOST_STEPS = 10_000
# A component of no weight has no M-step. So little weight changes the profile by less than its rounding.
NO_WEIGHT = 1e-13
# Nor has one that its held parameter has driven out; long before that the objective has reached its limit.
EMPTIED = 1e-100
LARGEST_FACTOR = 2.0**60


@dataclass(frozen=True)
class Edge:
    """One parameter on the edge of its range: of which component, at which place, and how to hold it at a value.

    The ``place`` is that among the component's parameters that may be zero; ``None`` is its weight. ``hold`` gives the
    mixture with the parameter at a value, all else as nearly the same as can be.
    """

    component: int
    place: int | None
    hold: Callable[[Mixture, float], Mixture]

    @property
    def of_weights(self) -> bool:
        """Whether the parameter is the component's weight."""
        return self.place is None


def edges_of(data: Rows, mixture: Mixture, m_step: MStep, tolerance: float = TOLERANCE) -> tuple[Edge, ...]:
    """Every parameter that lies on the edge of its range as far as the data can tell, all of them at the same time.

    Of several that could each be zero, such as all the rates that may explain the only event, as many are as the data allow.
    """
    candidates = [edge for edge in _possible(mixture, m_step) if _is_near(edge, mixture, data, m_step)]
    if not candidates:
        return ()
    objective = objective_of(data, mixture, m_step)
    least = objective - same_height(objective, tolerance)

    def allowed(edges: tuple[Edge, ...]) -> bool:
        return objective_of(data, on_the_edge(mixture, edges), m_step) >= least

    found = _as_many_as_allowed((), tuple(candidates), allowed)
    # Of a component without observations the other parameters are not on an edge: nothing is known of them.
    empty = {edge.component for edge in found if edge.of_weights}
    return tuple(edge for edge in found if edge.of_weights or edge.component not in empty)


def _as_many_as_allowed(
    found: tuple[Edge, ...], candidates: tuple[Edge, ...], allowed: Callable[[tuple[Edge, ...]], bool]
) -> tuple[Edge, ...]:
    """Add all of the candidates to those found where that is allowed, else those of either half in turn."""
    if allowed((*found, *candidates)):
        return (*found, *candidates)
    if len(candidates) == 1:
        return found
    half = len(candidates) // 2
    return _as_many_as_allowed(_as_many_as_allowed(found, candidates[:half], allowed), candidates[half:], allowed)


def on_the_edge(mixture: Mixture, edges: tuple[Edge, ...]) -> Mixture:
    """The mixture with these parameters at exactly zero."""
    for edge in edges:
        mixture = edge.hold(mixture, 0.0)
    return mixture


def limit(edge: Edge, data: Rows, mixture: Mixture, m_step: MStep, level: float) -> float:
    """The value at which the profile has fallen by half the quantile of χ²₁; infinite, or a weight of one, where none is."""
    fall = float(special.gammaincinv(0.5, level))
    fitted, top = _profile(edge, 0.0, data, edge.hold(mixture, 0.0), m_step)

    def left(value: float) -> float:
        return fall - (top - _profile(edge, value, data, fitted, m_step)[1])

    # With no other component about, a rate of zero after the exposure E falls by Eλ, and a weight by about nπ.
    weight = 1.0 if edge.of_weights else float(mixture.weights[edge.component])
    each = 1.0 if edge.of_weights else data.total_exposure / data.size
    below, above = 0.0, fall / (each * max(1.0, data.size * weight))
    first = above
    largest = 1.0 if edge.of_weights else np.inf
    while above < largest and left(above) > 0:
        below, above = above, min(2 * above, largest)
        if above > LARGEST_FACTOR * first:
            return float("inf")
    if above >= largest:
        return largest
    return float(optimize.brentq(left, below, above, xtol=1e-9 * above, rtol=1e-6))


def objective_of(data: Rows, mixture: Mixture, m_step: MStep) -> float:
    """The log-likelihood, under a prior with its log-density in the measure of the mode, in nats."""
    log_prior = 0.0 if m_step.prior is None else float(m_step.prior.log_mode_density(mixture))
    return e_step(data, mixture).log_likelihood + log_prior


def _possible(mixture: Mixture, m_step: MStep) -> list[Edge]:
    k = m_step.model.components
    weights = [Edge(j, None, _weight_held(j)) for j in range(k)] if m_step.model.weights_are_free else []
    places = np.ndindex(m_step.edge_values(mixture.components).shape)
    return weights + [Edge(j, place, _parameter_held(j, place, m_step)) for j, place in places]


def _is_near(edge: Edge, mixture: Mixture, data: Rows, m_step: MStep) -> bool:
    """Whether the component holds less than one observation, or expects less than one event."""
    weight = float(mixture.weights[edge.component])
    if edge.place is None:
        return weight * data.size < 1
    value = float(m_step.edge_values(mixture.components)[edge.component, edge.place])
    return weight * data.total_exposure * value < 1


def _weight_held(component: int) -> Callable[[Mixture, float], Mixture]:
    def hold(mixture: Mixture, value: float) -> Mixture:
        others = np.delete(mixture.weights, component)
        shares = others / others.sum() if others.sum() > 0 else np.full(len(others), 1 / len(others))
        return Mixture(np.insert((1 - value) * shares, component, value), mixture.components)

    return hold


def _parameter_held(component: int, place: int, m_step: MStep) -> Callable[[Mixture, float], Mixture]:
    def hold(mixture: Mixture, value: float) -> Mixture:
        return replace(mixture, components=m_step.held(mixture.components, component, place, value))

    return hold


def _profile(edge: Edge, value: float, data: Rows, start: Mixture, m_step: MStep) -> tuple[Mixture, float]:
    """The highest objective while the parameter is held at a value, and the mixture that has it."""
    value = max(value, NO_WEIGHT) if edge.of_weights else value
    mixture, objective, gain = edge.hold(start, value), -np.inf, np.inf
    for _ in range(MOST_STEPS):
        expectation = e_step(data, mixture)
        log_prior = 0.0 if m_step.prior is None else float(m_step.prior.log_mode_density(mixture))
        before, objective = objective, expectation.log_likelihood + log_prior
        earlier, gain = gain, objective - before
        # What is left by Aitken's extrapolation, as in ``em/gains.py``.
        if gain <= rounding_of(objective) or (np.inf > earlier > gain and gain**2 <= NEAR * (earlier - gain)):
            break
        if expectation.statistics.counts.min() < EMPTIED:
            break
        mixture = edge.hold(m_step(expectation.statistics, mixture), value)
    return mixture, objective


def onto_the_edge(climbed: Climb, data: Rows, m_step: MStep, keep_path: bool) -> Climb:
    """Take one step more, onto the edge of the range that EM only comes near, where the objective is no lower there."""
    if climbed.status is not Status.CONVERGED:
        return climbed
    edge = on_the_edge(climbed.mixture, edges_of(data, climbed.mixture, m_step))
    if all(np.array_equal(array, climbed.mixture.arrays()[name]) for name, array in edge.arrays().items()):
        return climbed
    objective = objective_of(data, edge, m_step)
    if not objective >= climbed.objective[-1]:
        return climbed
    log_prior = 0.0 if m_step.prior is None else float(m_step.prior.log_mode_density(edge))
    # What is no higher is no step of its own.
    before = len(climbed.objective) - (objective == climbed.objective[-1])
    return replace(
        climbed,
        mixture=edge,
        log_likelihood=np.append(climbed.log_likelihood[:before], objective - log_prior),
        objective=np.append(climbed.objective[:before], objective),
        e_steps=climbed.e_steps + 1,
        path=(*climbed.path[:before], edge) if keep_path else (),
    )
