"""Why EM and the posterior differ: the data say little, the prior says much, or the posterior is no bell curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from bayes import LARGEST_PARETO_K
from models import match, plain

from ..comparing.large_sample import LARGEST_RATIO
from .difference import LARGEST_SHIFT, NARROWED, Difference
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


def explanations(comparison: SideBySide, difference: Difference) -> list[Reason]:
    """All reasons that apply, and if none does, that the posterior's centre and width are not those of a bell curve."""
    checks = (
        weakly_identified(comparison, difference),
        prior_dominated(comparison, difference),
        non_normal_posterior(comparison),
    )
    return [reason for reason in checks if reason is not None] or [_otherwise(difference)]


def weakly_identified(comparison: SideBySide, difference: Difference) -> Reason | None:
    """In some direction the missing labels take nearly all information, or another optimum is about as good."""
    convergence, gap = comparison.audit.convergence, to_the_nearest_rival(comparison)
    if convergence is None or (1 - convergence.rate > WEAK_SHARE and gap > RIVAL):
        return None
    left, (name, ratio) = max(1 - convergence.rate, 0.0), difference.ratio
    odd = f", and the posterior of {name} is {ratio:.2g} times as wide as its standard error says"
    rival = {"nats_to_the_nearest_optimum": gap, "nats_asked": RIVAL} if gap <= RIVAL else {}
    said = (
        f"The components overlap so much that without labels only {left:.1%} of the information on "
        f"{convergence.least_determined} is left{odd if difference.unlike else ''}."
        if left <= WEAK_SHARE
        else _of_the_rival(comparison, gap) + f"{odd if difference.unlike else ''}."
    )
    return Reason(
        "weakly-identified",
        {
            "share_of_information_left": left,
            "share_asked": WEAK_SHARE,
            "direction": convergence.least_determined,
            "worst_sd_ratio": ratio,
            "worst_sd_ratio_parameter": name,
            "condition": convergence.condition,
            **rival,
        },
        f"{said} Quite different mixtures describe the data about equally well: the maximum is one of them, the posterior "
        "averages over all.",
        "Report every such hill, or densities and predictions alone: standard errors know one hill only."
        if of_equal_height(comparison) > 1
        else "Report the posterior's intervals rather than standard errors; more data or fewer components would help.",
    )


def _of_the_rival(comparison: SideBySide, gap: float) -> str:
    hills = of_equal_height(comparison)
    if hills == 1:
        return f"Another optimum of the likelihood lies only {gap:.2g} nats away"
    return (
        f"The likelihood has {'two' if hills == 2 else hills} hills of equal height: it is chance whose top EM reports"
    )


def prior_dominated(comparison: SideBySide, difference: Difference) -> Reason | None:
    """The prior moves the maximum the way that the mean lies, or the data hardly narrow it."""
    table = comparison.parameters
    top = _top_under_the_mode(comparison)
    shift, pull = (table["mean"] - table["mle"]) / table["sd"], (table["map"] - top) / table["sd"]
    pulled = (shift.abs() > LARGEST_SHIFT) & (pull / shift >= PULLED_SHARE) & (comparison.em.estimate == "mle")
    (wide, width), untaught = difference.width, difference.untaught
    if not pulled.any() and not difference.untaught:
        return None
    least_taught = max(untaught, key=untaught.__getitem__, default=wide)
    name = str(pull[pulled].abs().idxmax()) if pulled.any() else least_taught
    said = (
        f"The prior alone moves the peak of {name} from {plain(top[name], 3)} to {plain(table['map'][name], 3)}, by "
        f"{abs(pull[name]):.1f} posterior standard deviations, towards the posterior mean of "
        f"{plain(table['mean'][name], 3)}."
        if pulled.any()
        else f"The posterior of {name} is {untaught[name]:.0%} as wide as its prior: the data hardly taught anything "
        "about it."
    )
    return Reason(
        "prior-dominated",
        {
            "parameter": name,
            "pull": float(pull[name]),
            "shift_of_the_mean": float(shift[name]),
            "shift_allowed": LARGEST_SHIFT,
            "largest_width_relative_to_prior": width,
            "width_allowed": NARROWED,
            "widest_parameter": wide,
        },
        f"{said} The answer depends on what was assumed before seeing the data.",
        "State the prior with the result, and repeat it with another one or with more data.",
    )


def _top_under_the_mode(comparison: SideBySide) -> pd.Series:
    """The maximum of the likelihood that the prior moves to the mode, parameter by parameter.

    It is the MLE, unless the mode lies on another hill that the data cannot tell from the highest: to take one or the other
    is chance, and the way between them no pull of the prior.
    """
    mle, found = comparison.parameters["mle"], comparison.under_the_mode
    if found.reported is not None or not found.optima or abs(found.optima[0].gap) > RIVAL:
        return mle
    data = comparison.data
    matched = match(found.optima[0].mixture, comparison.map.mixture.responsibilities(data.values), data)
    named = comparison.model.scalars(matched, data.columns)
    return pd.Series({name: float(value) for name, value in named.items()}).reindex(mle.index)


def non_normal_posterior(comparison: SideBySide) -> Reason | None:
    """Skewed parameters, or a normal distribution about the MLE that misses what the posterior holds possible."""
    table, tail = comparison.parameters, comparison.pareto_k
    asymmetry = (table["mean"] - table["median"]).abs() / table["sd"]
    edge = ", ".join(comparison.standard_errors.on_the_edge)
    if not edge and not tail > LARGEST_PARETO_K and asymmetry.max() <= SKEWED:
        return None
    skewed = [str(name) for name in table.index[asymmetry > SKEWED]]
    what = f" The posterior is skewed in {', '.join(skewed)}." if skewed else ""
    what += (
        f" EM's estimate lies on the edge of the range in {edge}, from where the posterior falls away." if edge else ""
    )
    return Reason(
        "non-normal-posterior",
        {
            **({} if edge else {"pareto_k": tail, "pareto_k_allowed": LARGEST_PARETO_K}),
            "largest_asymmetry": float(asymmetry.max()),
            "asymmetry_allowed": SKEWED,
            "most_skewed_parameter": str(asymmetry.idxmax()),
        },
        f"The posterior is not the bell curve that standard errors assume.{what} EM looks for a peak, and a posterior mean "
        "is the centre of mass: only in a symmetric posterior do they coincide.",
        "Quote the posterior's median and interval; for EM, bootstrap intervals rather than standard errors.",
    )


def _otherwise(difference: Difference) -> Reason:
    """What is left: a bell curve that the prior does not pull is centred at the maximum and as wide as it says."""
    (name, shift), (unlike, ratio) = difference.shift, difference.ratio
    said = (
        f"The estimate and the posterior mean of {name} are {shift:.2f} posterior standard deviations apart"
        if difference.shifted
        else f"The posterior of {unlike} is {ratio:.2g} times as wide as its standard error says"
    )
    return Reason(
        "non-normal-posterior",
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
        "Quote the posterior's median and interval; for EM, bootstrap intervals rather than standard errors.",
    )
