"""Why EM and the posterior differ: the labels are missed, the prior says much, or the posterior is no bell curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from bayes import LARGEST_PARETO_K
from models import match, plain

from ..comparing.large_sample import LARGEST_RATIO
from .codes import Code
from .difference import LARGEST_SHIFT, Difference
from .hills import RIVAL, of_equal_height, to_the_nearest_rival
from .reason import Reason

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

# Where the missing labels take nine tenths of the information in some direction, the standard error there is more than
# three times what it would be with labels, and EM gains at most a tenth of what is left with each step.
WEAK_SHARE = 0.1
# The prior explains a shift of the mean when it alone moves the peak to the same side, half as far or farther. To
# the same side, because skewness draws mode and mean to opposite sides.
PULLED_SHARE = 0.5
# Mean and median apart by a tenth of the standard deviation, twice the Monte Carlo error at an ESS of 400.
SKEWED = 0.1

_DIFFERENT = (
    "Quite different mixtures describe the data about equally well: the maximum is one of them, the posterior averages over "
    "all."
)


def explanations(both: SideBySide, difference: Difference) -> list[Reason]:
    """Find all reasons that apply; when none does, centre and width of the posterior are not those of a bell curve."""
    checks = (
        weakly_identified(both, difference) or weakly_identified_off_the_peak(both, difference),
        prior_dominated(both),
        non_normal_posterior(both),
    )
    return [reason for reason in checks if reason is not None] or [_otherwise(difference)]


def weakly_identified(both: SideBySide, difference: Difference) -> Reason | None:
    """Check whether the missing labels take nearly all information somewhere, or another optimum is about as good."""
    convergence, gap = both.audit.convergence, to_the_nearest_rival(both)
    if convergence is None or (1 - convergence.rate > WEAK_SHARE and gap > RIVAL):
        return None
    left, (name, ratio) = max(1 - convergence.rate, 0.0), difference.ratio
    odd = (
        f", and the posterior of {name} is, on its natural scale, {ratio:.2g} times as wide as its standard error says"
    )
    rival = {"nats_to_the_nearest_optimum": gap, "nats_asked": RIVAL} if gap <= RIVAL else {}
    why = (
        "A component lies on the edge of its range, so"
        if both.standard_errors.on_the_edge
        else "The components overlap so much"
    )
    said = (
        f"{why} that without labels only {left:.1%} of the information on "
        f"{convergence.least_determined} is left{odd if difference.unlike else ''}."
        if left <= WEAK_SHARE
        else _of_the_rival(both, gap) + f"{odd if difference.unlike else ''}."
    )
    return Reason.of(
        Code.WEAKLY_IDENTIFIED,
        both,
        {
            "share_of_information_left": left,
            "share_asked": WEAK_SHARE,
            "direction": convergence.least_determined,
            "worst_sd_ratio": ratio,
            "worst_sd_ratio_parameter": name,
            "condition": convergence.condition,
            **rival,
        },
        f"{said} {_DIFFERENT}",
    )


def weakly_identified_off_the_peak(both: SideBySide, difference: Difference) -> Reason | None:
    """Check whether the missing labels take nearly all information by the width of the posterior, if not by the curvature.

    The curvature is that of the peak alone. A posterior of one hill that is r times as wide as it says knows r² times less.
    """
    convergence = both.audit.convergence
    if convergence is None or both.model.components == 1 or both.hills:
        return None
    left, (name, ratio) = max(1 - convergence.rate, 0.0), difference.ratio
    known = left / max(ratio, 1.0) ** 2
    if not known <= WEAK_SHARE:
        return None
    return Reason.of(
        Code.WEAKLY_IDENTIFIED,
        both,
        {
            "share_of_information_left": left,
            "share_by_the_width": known,
            "share_asked": WEAK_SHARE,
            "direction": convergence.least_determined,
            "worst_sd_ratio": ratio,
            "worst_sd_ratio_parameter": name,
        },
        f"At the maximum {left:.0%} of the information on {convergence.least_determined} is left without labels, but away "
        f"from it hardly any: the posterior of {name} is, on its natural scale, {ratio:.2g} times as wide as its standard "
        f"error says, which leaves {known:.1%}. {_DIFFERENT}",
    )


def _of_the_rival(both: SideBySide, gap: float) -> str:
    hills = of_equal_height(both)
    if hills == 1:
        return f"Another optimum of the likelihood lies only {gap:.2g} nats away"
    return (
        f"The likelihood has {'two' if hills == 2 else hills} hills of equal height: it is chance whose top EM reports"
    )


def prior_dominated(both: SideBySide) -> Reason | None:
    """Check whether the prior moves the maximum towards the posterior mean."""
    table = both.parameters
    top = _top_under_the_mode(both)
    shift, pull = (table["mean"] - table["mle"]) / table["sd"], (table["map"] - top) / table["sd"]
    pulled = (shift.abs() > LARGEST_SHIFT) & (pull / shift >= PULLED_SHARE) & (both.em.estimate == "mle")
    if not pulled.any():
        return None
    name = str(pull[pulled].abs().idxmax())
    return Reason.of(
        Code.PRIOR_DOMINATED,
        both,
        {
            "parameter": name,
            "pull": float(pull[name]),
            "shift_of_the_mean": float(shift[name]),
            "shift_allowed": LARGEST_SHIFT,
        },
        f"The prior alone moves the peak of {name} from {plain(top[name], 3)} to {plain(table['map'][name], 3)}, by "
        f"{abs(pull[name]):.1f} posterior standard deviations, towards the posterior mean of "
        f"{plain(table['mean'][name], 3)}. The answer depends on what was assumed before seeing the data.",
    )


def _top_under_the_mode(both: SideBySide) -> pd.Series:
    """Return the maximum of the likelihood that the prior moves to the mode, parameter by parameter.

    It is the MLE, unless the mode lies on another hill that the data cannot tell from the highest: to take one or the other
    is chance, and the way between them no pull of the prior.
    """
    mle, found = both.parameters["mle"], both.under_the_mode
    if found.reported is not None or not found.optima or abs(found.optima[0].gap) > RIVAL:
        return mle
    data = both.data
    matched = match(
        found.optima[0].mixture, both.map.mixture.responsibilities(data.values, data.exposure, data.known), data
    )
    named = both.model.scalars(matched, data.columns)
    return pd.Series({name: float(value) for name, value in named.items()}).reindex(mle.index)


def non_normal_posterior(both: SideBySide) -> Reason | None:
    """Check whether parameters are skewed, or the normal distribution about the MLE misses much of the posterior."""
    table, tail = both.parameters, both.pareto_k
    asymmetry = (table["mean"] - table["median"]).abs() / table["sd"]
    edge = ", ".join(both.standard_errors.on_the_edge)
    if not edge and not tail > LARGEST_PARETO_K and asymmetry.max() <= SKEWED:
        return None
    return Reason.of(
        Code.NON_NORMAL_POSTERIOR,
        both,
        {
            **({} if edge else {"pareto_k": tail, "pareto_k_allowed": LARGEST_PARETO_K}),
            "largest_asymmetry": float(asymmetry.max()),
            "asymmetry_allowed": SKEWED,
            "most_skewed_parameter": str(asymmetry.idxmax()),
        },
        f"The posterior is not the bell curve that standard errors assume.{_shape(both, asymmetry, edge)}",
    )


def _shape(both: SideBySide, asymmetry: pd.Series, edge: str) -> str:
    """Say in what way the posterior is no bell curve, by the figures that show it."""
    skewed = [str(name) for name in asymmetry.index[asymmetry > SKEWED]]
    said = f" The posterior is skewed in {', '.join(skewed)}." if skewed else ""
    said += (
        f" EM's estimate lies on the edge of the range in {edge}, from where the posterior falls away." if edge else ""
    )
    if said:
        return (
            f"{said} EM looks for a peak, and a posterior mean is the centre of mass: only in a symmetric posterior do "
            "they coincide."
        )
    return (
        f" The bell curve about the estimate misses part of what the posterior holds possible: as a proposal for it, it "
        f"has a Pareto k of {both.pareto_k:.2f}, where {LARGEST_PARETO_K} is allowed."
    )


def _otherwise(difference: Difference) -> Reason:
    """Name what is left: without a pull of the prior, a bell curve is centred at the maximum and as wide as it says."""
    (name, _), (unlike, ratio) = difference.shift, difference.ratio
    shift = float(difference.both.parameters["shift"].abs()[name])
    said = (
        f"The estimate and the posterior mean of {name} are {shift:.2f} posterior standard deviations apart"
        if difference.shifted
        else f"The posterior of {unlike} is, on its natural scale, {ratio:.2g} times as wide as its standard error says"
    )
    return Reason.of(
        Code.NON_NORMAL_POSTERIOR,
        difference.both,
        {
            "largest_shift": shift,
            "shift_allowed": LARGEST_SHIFT,
            "shifted_parameter": name,
            "worst_sd_ratio": ratio,
            "sd_ratio_allowed": LARGEST_RATIO,
            "worst_sd_ratio_parameter": unlike,
        },
        f"{said}, although neither the prior nor overlap explains it. A posterior in the shape of a bell would be centred "
        "at the maximum and as wide as the standard error.",
    )
