"""Whether either side may be read at all: the six checks that every comparison has to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayes import LARGEST_R_HAT, SMALLEST_ESS, largest_r_hat, r_hat_of, smallest_size
from em import Fit, Status, lone_rows, row_in_words

from .codes import Code
from .hills import answer_apart, both_answers, in_percent, mass_of_em, rivals
from .reason import Reason
from .shares import LARGEST_COLLAPSING, LARGEST_RIVAL, LARGEST_UNCLEAR, SMALLEST_BASIN, unclear_labels

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

# A distance of δ standard errors from the maximum costs ½ δ² nats: this is a tenth of one.
LARGEST_DISTANCE = 0.005


def em_not_converged(both: SideBySide) -> Reason | None:
    """Check whether EM ran out of steps, or has more to climb than a tenth of a standard error is worth."""
    em, convergence = both.em, both.audit.convergence
    left = em.climb.remaining if convergence is None else convergence.remaining
    if em.status is not Status.OUT_OF_STEPS and (convergence is None or left <= LARGEST_DISTANCE):
        return None
    evidence: dict[str, float | str] = {"steps": em.steps, "nats_left": left, "nats_allowed": LARGEST_DISTANCE}
    if convergence is not None:
        evidence |= {"rate": convergence.rate, "steps_left": convergence.steps_to(LARGEST_DISTANCE)}
    where = (
        f"with about {left:.2g} nats still to climb"
        if np.isfinite(left)
        else "where the log-likelihood still rises in some direction"
    )
    return Reason.of(
        Code.EM_NOT_CONVERGED,
        both,
        evidence,
        f"EM stopped after {em.steps} steps {where}. Where it stands is a point on the way, not the maximum, so there is "
        "nothing to compare the posterior with.",
    )


def local_optimum(both: SideBySide) -> Reason | None:
    """Check whether EM from posterior draws climbs higher, or the hill of its optimum holds less than half of the mass."""
    basins, (share, error) = both.basins, _share_of_em(both)
    # What runs into a singularity lies on no other hill: that is degenerate.
    # A share within its own error of the half decides nothing.
    alone = share + 3 * error + basins.collapsed >= SMALLEST_BASIN or not basins.finished
    if both.em.status is not Status.CONVERGED or (not basins.higher and alone):
        return None
    best = max((-optimum.gap for optimum in basins.optima), default=0.0)
    evidence: dict[str, float | str] = {
        "posterior_draws_tried": basins.runs,
        "share_in_the_reported_basin": share,
        "share_error": error,
        "share_asked": SMALLEST_BASIN,
        "share_that_climbs_higher": basins.higher,
        "nats_higher": max(best, 0.0),
    }
    if basins.higher:
        explanation = (
            f"Started from posterior draws, EM reaches a log-likelihood that is {best:.3g} nats higher than the one "
            "reported. What was reported is the top of a lower hill: a local optimum."
        )
    else:
        explanation = (
            f"{in_percent(share, error).capitalize()} of the posterior's mass lies on the hill whose top EM reports. The "
            "highest top is narrow, and most of what is probable lies on others."
        )
    return Reason.of(Code.LOCAL_OPTIMUM, both, evidence, explanation)


def _share_of_em(both: SideBySide) -> tuple[float, float]:
    """Return how much of the posterior's mass EM's hill holds: by the evidence where hills were weighed, else by draws."""
    if both.hills:
        return mass_of_em(both)
    share, runs = both.basins.share, max(1, both.basins.finished)
    return share, float(np.sqrt(share * (1 - share) / runs))


def several_hills(both: SideBySide) -> Reason | None:
    """Check whether a hill other than EM's holds more than a twentieth of the mass, and has another answer."""
    if both.em.status is not Status.CONVERGED or not (found := rivals(both)):
        return None
    (share, error), rival = mass_of_em(both), found[0]
    name, away = answer_apart(both, rival)
    return Reason.of(
        Code.SEVERAL_HILLS,
        both,
        {
            "hills": len(both.hills),
            "share_of_the_hill_of_em": share,
            "share_error": error,
            "share_of_the_rival": rival.hill.share,
            "rival_share_error": rival.hill.share_error,
            "rival_share_allowed": LARGEST_RIVAL,
            "parameter": name,
            "standard_deviations_apart": away,
        },
        f"The posterior has more than one hill, weighed by their evidence: {both_answers(both)}. An estimate is the top of "
        "one hill, and a posterior mean lies between them.",
    )


def degenerate(both: SideBySide) -> Reason | None:
    """Check whether every start collapsed, EM from posterior draws does, or the estimate hangs on a few observations."""
    em = both.em
    if em.status is Status.COLLAPSED:
        return Reason.of(
            Code.DEGENERATE,
            both,
            {"collapse": str(em.climb.reason), "starts": len(em.starts)},
            f"{_who_collapsed(em)} ({em.climb.reason}). The likelihood grows without bound when a component "
            f"shrinks onto a single point, so there is no interior maximum to compare.{_of_lone_rows(both)}",
        )
    running = both.basins.collapsed
    if running > LARGEST_COLLAPSING:
        return Reason.of(
            Code.DEGENERATE,
            both,
            {"share_of_posterior_draws_that_collapse": running, "share_allowed": LARGEST_COLLAPSING},
            f"From {running:.0%} of the posterior draws EM collapses: there the likelihood grows without bound as a "
            "component shrinks onto a few observations or onto equal ones. Nothing but the prior holds the posterior back, "
            "and the optimum that EM reports is another hill.",
        )
    findings = both.audit.degeneracy.findings
    if not findings:
        return None
    evidence: dict[str, float | str] = {finding.code: finding.value for finding in findings}
    evidence |= {f"{finding.code}_threshold": finding.threshold for finding in findings}
    return Reason.of(
        Code.DEGENERATE,
        both,
        evidence,
        " ".join(finding.sentence for finding in findings)
        + f" A maximum that hangs on so few observations says more about them than about the data."
        f"{_of_lone_rows(both)}",
    )


def _who_collapsed(em: Fit) -> str:
    return "Every start of EM collapsed" if em.search is None else "From the given start EM collapsed"


def _of_lone_rows(both: SideBySide) -> str:
    """Say what single rows do to the estimate."""
    data = both.data
    return "".join(
        f" Row {row + 1} ({row_in_words(data, row)}) lies so far from all others that it is a component by itself, "
        f"and leaves {both.model.components - 1} for the rest."
        for row in lone_rows(both.em)
    )


def chains_disagree(both: SideBySide) -> Reason | None:
    """Check whether chains differ, diverge, or rest on too few effective draws.

    What no labels can change has to be settled in every case, and the parameters where their labels are clear.
    """
    posterior, r_hat, size = both.posterior, largest_r_hat(both.posterior), smallest_size(both.posterior)
    wrong = []
    if not np.isfinite(r_hat):
        wrong.append("a quantity never moved, so that its R-hat cannot be told")
    elif r_hat > LARGEST_R_HAT:
        wrong.append(f"R-hat is {r_hat:.3f} at most where it should be below {LARGEST_R_HAT}")
    if size < SMALLEST_ESS:
        wrong.append(f"the draws are worth only {size:.0f} independent ones where {SMALLEST_ESS} are needed")
    if posterior.divergences:
        wrong.append(f"{posterior.divergences} of the sampler's steps diverged")
    if not wrong:
        return None
    return Reason.of(
        Code.CHAINS_DISAGREE,
        both,
        {
            "largest_r_hat": r_hat,
            "r_hat_allowed": LARGEST_R_HAT,
            "smallest_effective_sample_size": size,
            "effective_sample_size_asked": SMALLEST_ESS,
            "divergences": posterior.divergences,
        },
        f"{_unsettled(r_hat)} after {posterior.draws} draws each: {'; '.join(wrong)}. What is read off them may still "
        "change.",
    )


def _unsettled(r_hat: float) -> str:
    """Say what is wrong: chains that differ, or draws that are too few of chains that agree."""
    if r_hat <= LARGEST_R_HAT:
        return "The chains look over the same places, but are not enough"
    return "The chains have not settled on one posterior"


def labels_unresolved(both: SideBySide) -> Reason | None:
    """Check whether two components could exchange their names in too many draws."""
    unclear = unclear_labels(both.posterior.mixture, both.data)
    if unclear <= LARGEST_UNCLEAR:
        return None
    return Reason.of(
        Code.LABELS_UNRESOLVED,
        both,
        {
            "share_of_draws_with_unclear_labels": unclear,
            "share_allowed": LARGEST_UNCLEAR,
            "largest_r_hat": r_hat_of(both.posterior.summary),
        },
        f"In {unclear:.0%} of the posterior draws two components could exchange their names and fit almost as well. What "
        "is said of a single component is then partly about another one; densities and predictions are not affected.",
    )


READABLE = (em_not_converged, local_optimum, several_hills, degenerate, chains_disagree, labels_unresolved)
