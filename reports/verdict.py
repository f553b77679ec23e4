"""The verdict: do EM and Bayes agree, and if not, which of the known reasons it is, with figures and advice.

Two groups of checks. The first asks whether either side may be read at all, and is made of every comparison:
``em-not-converged``, ``local-optimum``, ``degenerate``, ``chains-disagree`` and ``labels-unresolved``. The second explains a
difference where there is one: ``weakly-identified``, ``prior-dominated`` and ``non-normal-posterior``. There is a difference
when an EM estimate lies outside the posterior's 95 % interval, or when MLE, MAP and posterior mean lie farther apart than
Monte Carlo error and a reader's eye allow (``LARGEST_SHIFT``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayes import LARGEST_PARETO_K, LARGEST_R_HAT, SMALLEST_ESS, exchange_costs
from em import Status

from .large_sample import LARGEST_RATIO

if TYPE_CHECKING:
    from .comparison import Comparison

CODES = (
    "agree",
    "em-not-converged",
    "local-optimum",
    "degenerate",
    "chains-disagree",
    "labels-unresolved",
    "weakly-identified",
    "prior-dominated",
    "non-normal-posterior",
)
UNDECIDED = ("em-not-converged", "degenerate", "chains-disagree", "labels-unresolved")

# Half a posterior standard deviation: a shift that a reader of the two tables would call the same value, and that
# the Monte Carlo error of the mean (sd / √ESS, at most 0.05 sd once the ESS exceeds 400) cannot produce.
LARGEST_SHIFT = 0.5
# A distance of δ standard errors from the maximum costs ½ δ² nats: this is a tenth of one.
LARGEST_DISTANCE = 0.005
# A higher optimum counts when it is higher by more than both climbs' tolerance and rounding.
HIGHER = 1e-3
# A draw whose two closest labels differ by less than log 20 could bear either; a twentieth of such draws is the share at
# which a 95 % interval begins to hold the other component.
CLEAR_LABELS = float(np.log(20))
LARGEST_UNCLEAR = 0.05
# Where the missing labels take nine tenths of the information in some direction, the standard error there is more than
# three times what it would be with labels, and EM gains at most a tenth of what is left with each step.
WEAK_SHARE = 0.1
# Mean and median apart by a tenth of the standard deviation, twice the Monte Carlo error at an ESS of 400.
SKEWED = 0.1
# The posterior of a parameter that the data teach something about is less than half as wide as the prior.
NARROWED = 0.5


@dataclass(frozen=True)
class Reason:
    """Why the two cannot be compared or differ: a code, the figures that show it, what it means and what to do."""

    code: str
    evidence: dict[str, float | str]
    explanation: str
    advice: str


@dataclass(frozen=True)
class Verdict:
    """``status`` is ``"agree"``, ``"differ"`` or ``"undecided"``; one sentence; and the reasons, none when they agree."""

    status: str
    sentence: str
    reasons: tuple[Reason, ...]

    @property
    def agree(self) -> bool | None:
        """Whether the two agree; ``None`` when nothing can be said yet."""
        return {"agree": True, "differ": False}.get(self.status)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, or ``("agree",)``."""
        return tuple(reason.code for reason in self.reasons) or ("agree",)


def verdict(comparison: Comparison) -> Verdict:
    """Judge a comparison."""
    found = [reason for check in READABLE if (reason := check(comparison)) is not None]
    differs = bool(_outside(comparison)) or _largest_shift(comparison)[1] > LARGEST_SHIFT
    if differs and not any(reason.code in UNDECIDED for reason in found):
        found += _explanations(comparison)
    codes = [reason.code for reason in found]
    if any(code in UNDECIDED for code in codes):
        return Verdict("undecided", _undecided(found), tuple(found))
    if differs or found:
        return Verdict("differ", _difference(comparison, differs), tuple(found))
    return Verdict("agree", _agreement(comparison), ())


def em_not_converged(comparison: Comparison) -> Reason | None:
    """EM ran out of steps, or what it has left to climb is worth more than a tenth of a standard error."""
    em, convergence = comparison.em, comparison.audit.convergence
    left = em.climb.remaining if convergence is None else convergence.remaining
    if em.status is not Status.OUT_OF_STEPS and (convergence is None or left <= LARGEST_DISTANCE):
        return None
    evidence: dict[str, float | str] = {"steps": em.steps, "nats_left": left, "nats_allowed": LARGEST_DISTANCE}
    if convergence is not None:
        evidence |= {"rate": convergence.rate, "steps_left": convergence.steps_to(1e-8)}
    return Reason(
        "em-not-converged",
        evidence,
        f"EM stopped after {em.steps} steps with about {left:.2g} nats still to climb. Where it stands is a point on the "
        "way, not the maximum, so there is nothing to compare the posterior with.",
        "Let EM take more steps (max_steps), or start it from more places (--starts).",
    )


def local_optimum(comparison: Comparison) -> Reason | None:
    """EM from posterior draws climbs higher than the reported optimum, or most draws lie on another hill."""
    basins = comparison.basins
    if comparison.em.status is not Status.CONVERGED or (not basins.higher and basins.share >= 0.5):
        return None
    best = max((-optimum.gap for optimum in basins.optima), default=0.0)
    evidence: dict[str, float | str] = {
        "posterior_draws_tried": basins.runs,
        "share_in_the_reported_basin": basins.share,
        "share_that_climbs_higher": basins.higher,
        "nats_higher": max(best, 0.0),
    }
    if basins.higher:
        explanation = (
            f"Started from posterior draws, EM reaches a log-likelihood that is {best:.3g} nats higher than the one "
            "reported. What was reported is the top of a lower hill: a local optimum."
        )
        advice = "Give EM more starts (--starts), or start it from a posterior draw."
    else:
        explanation = (
            f"Only {basins.share:.0%} of the posterior draws lie on the hill whose top EM reports. The highest top is "
            "narrow, and most of what is probable lies on others."
        )
        advice = "Report the posterior, and name the optima of the atlas: one point cannot stand for several hills."
    return Reason("local-optimum", evidence, explanation, advice)


def degenerate(comparison: Comparison) -> Reason | None:
    """Every start collapsed, or the estimate hangs on a few observations."""
    em = comparison.em
    if em.status is Status.COLLAPSED:
        return Reason(
            "degenerate",
            {"collapse": str(em.climb.reason), "starts": len(em.starts)},
            f"Every start of EM collapsed ({em.climb.reason}). The likelihood grows without bound when a component "
            "shrinks onto a single point, so there is no interior maximum to compare.",
            "Take fewer components, a tied or spherical covariance, or the MAP estimate (--estimate map).",
        )
    findings = comparison.audit.degeneracy.findings
    if not findings:
        return None
    evidence: dict[str, float | str] = {finding.code: finding.value for finding in findings}
    evidence |= {f"{finding.code}_threshold": finding.threshold for finding in findings}
    return Reason(
        "degenerate",
        evidence,
        " ".join(finding.sentence for finding in findings)
        + " A maximum that hangs on so few observations says more about them than about the data.",
        "Take fewer components, a tied or spherical covariance, or the MAP estimate, and look at those observations.",
    )


def chains_disagree(comparison: Comparison) -> Reason | None:
    """Quantities that no labels can change differ between chains, diverge, or rest on too few effective draws."""
    posterior = comparison.posterior
    table = posterior.label_invariant
    r_hat = float(table["r_hat"].fillna(np.inf).max())
    size = float(np.nan_to_num(table[["ess_bulk", "ess_tail"]].to_numpy(), nan=0.0).min())
    if r_hat <= LARGEST_R_HAT and size >= SMALLEST_ESS and posterior.divergences == 0:
        return None
    return Reason(
        "chains-disagree",
        {
            "largest_r_hat": r_hat,
            "r_hat_allowed": LARGEST_R_HAT,
            "smallest_effective_sample_size": size,
            "effective_sample_size_asked": SMALLEST_ESS,
            "divergences": posterior.divergences,
        },
        f"The chains have not settled on one posterior: R-hat is {r_hat:.3f} at most (it should be below {LARGEST_R_HAT}), "
        f"the smallest effective sample size {size:.0f} (at least {SMALLEST_ESS}), and {posterior.divergences} transitions "
        "diverged. Until they do, their average is an average over accidents.",
        "Sample longer (--tune, --draws), and look at the traces: one chain that stands apart has found another mode.",
    )


def labels_unresolved(comparison: Comparison) -> Reason | None:
    """The chains agree on the density, but not on which component is which."""
    posterior = comparison.posterior
    if comparison.model.components == 1 or chains_disagree(comparison) is not None:
        return None
    unclear = float(np.mean(exchange_costs(posterior.mixture, posterior.data) < CLEAR_LABELS))
    r_hat = float(posterior.summary["r_hat"].fillna(np.inf).max())
    if unclear <= LARGEST_UNCLEAR and r_hat <= LARGEST_R_HAT:
        return None
    return Reason(
        "labels-unresolved",
        {
            "share_of_draws_with_unclear_labels": unclear,
            "share_allowed": LARGEST_UNCLEAR,
            "largest_r_hat": r_hat,
            "r_hat_allowed": LARGEST_R_HAT,
        },
        f"In {unclear:.0%} of the posterior draws two components could exchange their names and fit almost as well. What "
        "is said of a single component is then partly about another one; densities and predictions are not affected.",
        "Compare densities and responsibilities instead of parameters, or take fewer components.",
    )


def weakly_identified(comparison: Comparison) -> Reason | None:
    """In some direction the data say little: labels take nearly all information, or standard errors do not fit."""
    convergence, meter = comparison.audit.convergence, comparison.large_sample
    if convergence is None:
        return None
    left = 1 - convergence.rate
    name, ratio = meter.worst_ratio
    unlike = not 1 / LARGEST_RATIO <= ratio <= LARGEST_RATIO
    if left > WEAK_SHARE:
        return None
    odd = f", and the posterior of {name} is {ratio:.2g} times as wide as its standard error says" if unlike else ""
    return Reason(
        "weakly-identified",
        {
            "share_of_information_left": left,
            "share_asked": WEAK_SHARE,
            "direction": convergence.least_determined,
            "worst_sd_ratio": ratio,
            "worst_sd_ratio_parameter": name,
            "condition": convergence.condition,
        },
        f"The components overlap so much that without labels only {left:.1%} of the information on "
        f"{convergence.least_determined} is left{odd}. Quite different mixtures describe the data about equally well: the "
        "maximum is one of them, the posterior averages over all.",
        "Report the posterior's intervals rather than standard errors; more data or fewer components would help.",
    )


def prior_dominated(comparison: Comparison) -> Reason | None:
    """The prior moves the peak by half a standard deviation, or the data hardly narrow it."""
    table = comparison.parameters
    pull = (table["mle"] - table["map"]).abs() / table["sd"]
    width = table["sd"] / comparison.prior_deviations
    pulled, wide = str(pull.idxmax()), str(width.idxmax())
    if pull.max() <= LARGEST_SHIFT and width.max() <= NARROWED:
        return None
    said = (
        f"The prior alone moves the peak of {pulled} from {table['mle'][pulled]:.3g} to {table['map'][pulled]:.3g}, by "
        f"{pull.max():.1f} posterior standard deviations."
        if pull.max() > LARGEST_SHIFT
        else f"The posterior of {wide} is {width.max():.0%} as wide as its prior: the data hardly taught anything about it."
    )
    return Reason(
        "prior-dominated",
        {
            "largest_pull": float(pull.max()),
            "pull_allowed": LARGEST_SHIFT,
            "pulled_parameter": pulled,
            "largest_width_relative_to_prior": float(width.max()),
            "width_allowed": NARROWED,
            "widest_parameter": wide,
        },
        f"{said} With so few data the answer depends on what was assumed before seeing them.",
        "State the prior with the result, repeat it with another one, and compare the MAP estimate (--estimate map).",
    )


def non_normal_posterior(comparison: Comparison) -> Reason | None:
    """Skewed parameters, or a normal distribution about the MLE that misses what the posterior holds possible."""
    table, tail = comparison.parameters, comparison.large_sample.pareto_k
    asymmetry = (table["mean"] - table["median"]).abs() / table["sd"]
    if tail <= LARGEST_PARETO_K and asymmetry.max() <= SKEWED:
        return None
    skewed = [str(name) for name in table.index[asymmetry > SKEWED]]
    what = f" The posterior is skewed in {', '.join(skewed)}." if skewed else ""
    return Reason(
        "non-normal-posterior",
        {
            "pareto_k": tail,
            "pareto_k_allowed": LARGEST_PARETO_K,
            "largest_asymmetry": float(asymmetry.max()),
            "asymmetry_allowed": SKEWED,
            "most_skewed_parameter": str(asymmetry.idxmax()),
        },
        f"The posterior is not the bell curve that standard errors assume.{what} EM looks for a peak, and a posterior mean "
        "is the centre of mass: only in a symmetric posterior do they coincide.",
        "Quote the posterior's median and interval; for EM, bootstrap intervals rather than standard errors.",
    )


READABLE: tuple[Callable[[Comparison], Reason | None], ...] = (
    em_not_converged,
    local_optimum,
    degenerate,
    chains_disagree,
    labels_unresolved,
)
EXPLAINING: tuple[Callable[[Comparison], Reason | None], ...] = (
    weakly_identified,
    prior_dominated,
    non_normal_posterior,
)


def _explanations(comparison: Comparison) -> list[Reason]:
    """What the difference comes from."""
    found = [reason for check in EXPLAINING if (reason := check(comparison)) is not None]
    return found or [_off_centre(comparison)]


def _off_centre(comparison: Comparison) -> Reason:
    """What is left: a normal posterior whose prior does not pull has its mean at the maximum, and this one has not."""
    name, shift = _largest_shift(comparison)
    return Reason(
        "non-normal-posterior",
        {"largest_shift": shift, "shift_allowed": LARGEST_SHIFT, "shifted_parameter": name},
        f"The maximum and the posterior mean of {name} are {shift:.2f} posterior standard deviations apart, although neither "
        "the prior nor overlap explains it. A posterior in the shape of a bell would have both at one place.",
        "Quote the posterior's median and interval; for EM, bootstrap intervals rather than standard errors.",
    )


def _largest_shift(comparison: Comparison) -> tuple[str, float]:
    """The parameter whose MLE, MAP and posterior mean are farthest apart, in posterior standard deviations."""
    table = comparison.parameters
    points = table[["mle", "map", "mean"]]
    shift = (points.max(axis=1) - points.min(axis=1)) / table["sd"]
    return str(shift.idxmax()), float(shift.max())


def _outside(comparison: Comparison) -> list[str]:
    return [str(name) for name, inside in comparison.parameters["inside"].items() if not inside]


def _agreement(comparison: Comparison) -> str:
    shift = comparison.parameters["shift"].abs()
    return (
        f"EM and Bayes agree: each of the {len(comparison.parameters)} {_kind(comparison)} estimates lies inside the "
        f"central 95 % of its posterior, at most {shift.max():.2f} posterior standard deviations from the posterior mean "
        f"({shift.idxmax()})."
    )


def _difference(comparison: Comparison, differs: bool) -> str:
    if not differs:
        return (
            f"The {_kind(comparison)} estimates lie where the posterior does, but they cannot be trusted as they stand; "
            "the reasons follow."
        )
    name, _ = _largest_shift(comparison)
    row, outside = comparison.parameters.loc[name], _outside(comparison)
    lies = (
        f"{len(outside)} of {len(comparison.parameters)} estimates lie outside their 95 % posterior interval."
        if outside
        else "All estimates still lie inside their 95 % posterior intervals."
    )
    return (
        f"EM and Bayes differ, most of all on {name}: maximum likelihood says {row['mle']:.3g}, the posterior mode "
        f"{row['map']:.3g}, and the posterior mean {row['mean']:.3g} ± {row['sd']:.2g}. {lies}"
    )


def _undecided(found: list[Reason]) -> str:
    first = next(reason.code for reason in found if reason.code in UNDECIDED)
    return {
        "em-not-converged": "No answer yet: EM stopped before it came near its limit.",
        "degenerate": "No answer: EM's estimate hangs on a few observations, or there is none.",
        "chains-disagree": "No answer yet: the chains have not settled on one posterior to compare EM with.",
        "labels-unresolved": "No answer by component: nobody can say which is which. The densities can be compared.",
    }[first]


def _kind(comparison: Comparison) -> str:
    return {"mle": "maximum-likelihood", "map": "maximum-a-posteriori"}[comparison.em.estimate]
