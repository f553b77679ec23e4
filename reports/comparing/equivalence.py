"""Proof, for the very fit shown, that EM and PyMC work on the same likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes import LogLikelihood, build, newton_gain
from em import Fit, Status
from models import Mixture

RANDOM_POINTS = 5
RELATIVE_TOLERANCE = 1e-9
# EM stops within 1e-8 nats of its limit by its own extrapolation; the Newton step that checks it is as good as that.
GRADIENT_TOLERANCE = 1e-6


class EquivalenceError(RuntimeError):
    """EM and PyMC do not compute the same log-likelihood, so that comparing them would mean nothing."""


@dataclass(frozen=True)
class Equivalence:
    """The log-likelihoods, in nats, that EM and PyMC give the same parameters, and PyMC's gradient at EM's answer.

    ``em`` and ``pymc`` have one entry for the fit and then one for each random point. ``remaining`` is the rise, in
    nats, that a Newton step from EM's answer promises by PyMC's gradient: zero at a maximum. ``gradient`` is the largest
    absolute entry of that gradient. Both are ``None`` when EM did not end at an interior maximum.
    """

    em: tuple[float, ...]
    pymc: tuple[float, ...]
    remaining: float | None
    gradient: float | None

    @property
    def relative_difference(self) -> float:
        """The largest difference between the two, relative to the log-likelihood."""
        ours, theirs = np.array(self.em), np.array(self.pymc)
        return float(np.max(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))))

    @property
    def holds(self) -> bool:
        """Whether the log-likelihoods agree and the gradient vanishes where it must, within the stated tolerances."""
        stationary = self.remaining is None or self.remaining <= GRADIENT_TOLERANCE
        return self.relative_difference <= RELATIVE_TOLERANCE and stationary


def prove(fit: Fit, points: list[Mixture], textbook: LogLikelihood, fused: LogLikelihood) -> Equivalence:
    """Evaluate both sides at the fit and at the given random points.

    The log-likelihoods and the gradient are those of the textbook graph; the Hessian that gives the gradient its scale
    is taken from the fused one, which is faster and the same function.

    Raises
    ------
    EquivalenceError
        When they differ by more than rounding explains.
    """
    data, interior = fit.data, fit.status is Status.CONVERGED and fused.has_inside(fit.mixture)
    at_fit, gradient = textbook.with_gradient(fit.mixture)
    equivalence = Equivalence(
        em=(fit.log_likelihood, *(float(p.log_likelihood(data.values, data.weights)) for p in points)),
        pymc=(at_fit, *(textbook(point) for point in points)),
        remaining=newton_gain(gradient, fused.information(fit.mixture)) if interior else None,
        gradient=float(np.abs(gradient).max()) if interior else None,
    )
    if not equivalence.holds:
        raise EquivalenceError(
            f"EM and PyMC are not the same model here: their log-likelihoods differ by "
            f"{equivalence.relative_difference:.2g} (relative; at most {RELATIVE_TOLERANCE:g} is rounding), and a Newton "
            f"step from EM's answer would gain {equivalence.remaining} nats (at most {GRADIENT_TOLERANCE:g} is "
            "expected). No report is written; please report this as a bug."
        )
    return equivalence


def prove_for(fit: Fit, rng: np.random.Generator) -> Equivalence:
    """Build the PyMC model of the fit's own data and prove the equivalence there and at draws from the prior."""
    prior = fit.prior or fit.model.prior(fit.data)
    textbook, fused = (
        LogLikelihood(build(fit.data, fit.model, prior, likelihood), fit.model, prior)
        for likelihood in ("textbook", "fused")
    )
    return prove(fit, [prior.sample(rng) for _ in range(RANDOM_POINTS)], textbook, fused)
