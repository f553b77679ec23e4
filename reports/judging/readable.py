"""Whether either side may be read at all: the five checks that every comparison has to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayes import LARGEST_R_HAT, SMALLEST_ESS, exchange_costs
from em import Status, lone_rows, row_in_words

from ..comparing.density import thinned
from .advice import more_starts, remedies, settle_the_chains
from .hills import LARGEST_COLLAPSING
from .reason import Reason

if TYPE_CHECKING:
    import pandas as pd

    from ..comparing.side_by_side import SideBySide

# A distance of δ standard errors from the maximum costs ½ δ² nats: this is a tenth of one.
LARGEST_DISTANCE = 0.005
# A draw whose two closest labels differ by less than log 20 could bear either; a twentieth of such draws is the share at
# which a 95 % interval begins to hold the other component.
CLEAR_LABELS = float(np.log(20))
LARGEST_UNCLEAR = 0.05
# In so many draws that share has a standard error of 0.007.
LABEL_DRAWS = 1000
# An optimum stands for the posterior when the greater part of it lies on its hill.
SMALLEST_BASIN = 0.5


def em_not_converged(comparison: SideBySide) -> Reason | None:
    """EM ran out of steps, or what it has left to climb is worth more than a tenth of a standard error."""
    em, convergence = comparison.em, comparison.audit.convergence
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
    return Reason(
        "em-not-converged",
        evidence,
        f"EM stopped after {em.steps} steps {where}. Where it stands is a point on the way, not the maximum, so there is "
        "nothing to compare the posterior with.",
        f"Start EM from more places {more_starts(comparison)}, or take fewer components: on a flat ridge it is slow.",
    )


def local_optimum(comparison: SideBySide) -> Reason | None:
    """EM from posterior draws climbs higher than the reported optimum, or most draws lie on another hill."""
    basins = comparison.basins
    # What runs into a singularity lies on no other hill: that is degenerate.
    alone = basins.share + comparison.basins.collapsed >= SMALLEST_BASIN or not basins.finished
    if comparison.em.status is not Status.CONVERGED or (not basins.higher and alone):
        return None
    best = max((-optimum.gap for optimum in basins.optima), default=0.0)
    evidence: dict[str, float | str] = {
        "posterior_draws_tried": basins.runs,
        "share_in_the_reported_basin": basins.share,
        "share_asked": SMALLEST_BASIN,
        "share_that_climbs_higher": basins.higher,
        "nats_higher": max(best, 0.0),
    }
    if basins.higher:
        explanation = (
            f"Started from posterior draws, EM reaches a log-likelihood that is {best:.3g} nats higher than the one "
            "reported. What was reported is the top of a lower hill: a local optimum."
        )
        advice = f"Give EM more starts {more_starts(comparison)}, or start it from a posterior draw."
    else:
        explanation = (
            f"Only {basins.share:.0%} of the posterior draws lie on the hill whose top EM reports. The highest top is "
            "narrow, and most of what is probable lies on others."
        )
        advice = "Report the posterior, and name the optima of the atlas: one point cannot stand for several hills."
    return Reason("local-optimum", evidence, explanation, advice)


def degenerate(comparison: SideBySide) -> Reason | None:
    """Every start collapsed, or EM from posterior draws does, or the estimate hangs on a few observations."""
    em = comparison.em
    if em.status is Status.COLLAPSED:
        return Reason(
            "degenerate",
            {"collapse": str(em.climb.reason), "starts": len(em.starts)},
            f"Every start of EM collapsed ({em.climb.reason}). The likelihood grows without bound when a component "
            f"shrinks onto a single point, so there is no interior maximum to compare.{_of_lone_rows(comparison)}",
            remedies(comparison),
        )
    collapsing = comparison.basins.collapsed
    if collapsing > LARGEST_COLLAPSING:
        return Reason(
            "degenerate",
            {"share_of_posterior_draws_that_collapse": collapsing, "share_allowed": LARGEST_COLLAPSING},
            f"From {collapsing:.0%} of the posterior draws EM collapses: there the likelihood grows without bound as a "
            "component shrinks onto a few observations or onto equal ones. Nothing but the prior holds the posterior back, "
            "and the optimum that EM reports is another hill.",
            "Look for values that occur many times (rounding, a limit of detection), and model them apart.",
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
        + f" A maximum that hangs on so few observations says more about them than about the data."
        f"{_of_lone_rows(comparison)}",
        remedies(comparison),
    )


def _of_lone_rows(comparison: SideBySide) -> str:
    """What single rows do to the estimate."""
    data = comparison.data
    return "".join(
        f" Row {row + 1} ({row_in_words(data, row)}) lies so far from all others that it is a component by itself, "
        f"and leaves {comparison.model.components - 1} for the rest."
        for row in lone_rows(comparison.em)
    )


def chains_disagree(comparison: SideBySide) -> Reason | None:
    """Chains differ, diverge, or rest on too few effective draws.

    What no labels can change has to be settled in every case, and the parameters where their labels are clear.
    """
    posterior = comparison.posterior
    tables = [posterior.label_invariant, *([posterior.summary] if _unclear(comparison) <= LARGEST_UNCLEAR else [])]
    r_hat, size = max(map(_largest_r_hat, tables)), min(map(_smallest_size, tables))
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
    return Reason(
        "chains-disagree",
        {
            "largest_r_hat": r_hat,
            "r_hat_allowed": LARGEST_R_HAT,
            "smallest_effective_sample_size": size,
            "effective_sample_size_asked": SMALLEST_ESS,
            "divergences": posterior.divergences,
        },
        f"The chains have not settled on one posterior: {'; '.join(wrong)}. Until they do, their average is an average "
        "over accidents.",
        settle_the_chains(comparison, mixed=r_hat <= LARGEST_R_HAT),
    )


def labels_unresolved(comparison: SideBySide) -> Reason | None:
    """Too many draws in which two components could exchange their names."""
    unclear = _unclear(comparison)
    if unclear <= LARGEST_UNCLEAR:
        return None
    return Reason(
        "labels-unresolved",
        {
            "share_of_draws_with_unclear_labels": unclear,
            "share_allowed": LARGEST_UNCLEAR,
            "largest_r_hat": _largest_r_hat(comparison.posterior.summary),
        },
        f"In {unclear:.0%} of the posterior draws two components could exchange their names and fit almost as well. What "
        "is said of a single component is then partly about another one; densities and predictions are not affected.",
        "Compare densities and responsibilities instead of parameters, or take fewer components.",
    )


READABLE = (em_not_converged, local_optimum, degenerate, chains_disagree, labels_unresolved)


def _unclear(comparison: SideBySide) -> float:
    """The share of draws in which some two labels might as well be exchanged."""
    draws = thinned(comparison.posterior.mixture, LABEL_DRAWS)
    return float(np.mean(exchange_costs(draws, comparison.data) < CLEAR_LABELS))


def _largest_r_hat(table: pd.DataFrame) -> float:
    """A quantity that never moves has no R-hat, and is not settled."""
    return float(table["r_hat"].fillna(np.inf).max())


def _smallest_size(table: pd.DataFrame) -> float:
    return float(np.nan_to_num(table[["ess_bulk", "ess_tail"]].to_numpy(), nan=0.0).min())
