"""Every sentence of the verdict appears where its figure says so, and stays away where it does not.

The comparison is invented, and of each row one figure is set: what makes the sentence true, beside what makes it false.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from models import Data, Model
from reports.checking.codes import FitCode
from reports.checking.tied import Tied
from reports.judging.comparison import Comparison
from reports.judging.verdict import verdict
from tests.doubles import invented

from .changes import (
    ALIKE,
    Change,
    alike,
    basins,
    both,
    chains,
    collapsed,
    converged,
    departed,
    finding,
    fits,
    hills,
    lone_row,
    misfit,
    no_row_twice,
    on_the_edge,
    out_of_steps,
    parameters,
    prior,
    rival_at,
    setting,
    shifted,
    unchanged,
    under,
    undetermined,
    wide,
)


@pytest.fixture(scope="module")
def base() -> Comparison:
    rng = np.random.default_rng(5)
    data = Data.of(np.concatenate([rng.poisson(3, 150), rng.poisson(15, 150)]).astype(float)).compress()
    found = invented(data, Model("poisson", 2), draws=400)
    changed = both(fits(), departed(), setting(pareto_k=0.1))(found)
    assert verdict(changed).status == "agree"
    return changed


def words(comparison: Comparison) -> str:
    """Return all that a verdict says."""
    found = verdict(comparison)
    parts = [found.front, found.sentence]
    for reason in found.reasons:
        parts += [reason.explanation, reason.advice]
    for answer in (found.fit, found.precision, found.prior):
        parts += [answer.sentence, *answer.explanations, *answer.advice]
    for part in parts:
        assert part.endswith("."), part
        assert not {"nan", "inf"} & set(part.replace(",", "").split()), part
    return "\n".join(parts)


DIFFERENT = both(departed(shifted()), parameters(mean=2.0))
SKEWED = both(departed(shifted()), parameters(mean=2.0, median=1.0))
RUNNING = basins(0.5, collapsing=10)


class Row(NamedTuple):
    """Words, what makes them appear, and what makes them stay away."""

    said: str
    there: Change
    away: Change = unchanged


ROWS = (
    # verdict.py: the first sentence
    Row("EM and Bayes agree: no posterior mean lies farther", departed(shifted(0.4)), departed(shifted(0.6))),
    Row("(of rates[1])", unchanged, departed(replace(ALIKE, block="weights", size=2))),
    Row("(in the worst direction of weights)", departed(replace(ALIKE, block="weights", size=2))),
    Row("EM and Bayes differ, most of all on", DIFFERENT),
    Row(
        "estimates lie outside their 95 % posterior interval",
        both(DIFFERENT, parameters(mean=2.0, inside=False)),
        DIFFERENT,
    ),
    Row("All estimates still lie inside", DIFFERENT, both(DIFFERENT, parameters(mean=2.0, inside=False))),
    Row("about as far apart as would count", departed(shifted(0.52)), departed(shifted(0.6))),
    Row("No answer yet: EM stopped before it came near", out_of_steps),
    Row("No answer yet: the chains have not settled", chains(r_hat=1.2), chains(size=100.0)),
    Row("the draws are too few, or the sampler met places", chains(size=100.0), chains(r_hat=1.2)),
    Row("No answer: EM's estimate hangs on a few observations, or there is none", finding),
    Row("No answer by component: nobody can say which is which", alike),
    Row("No answer by parameter: the likelihood has no unique maximum", undetermined),
    Row("EM and Bayes differ, for there are several hills", hills(0.6), hills(0.97)),
    Row("their hill does not stand for all of it", both(hills(0.3, 0.1)), hills(0.7, 0.1)),
    # readable.py and the advice on it
    Row("nats still to climb", converged(left=0.01), converged(left=0.004)),
    Row("where the log-likelihood still rises in some direction", converged(left=np.inf), converged(left=0.01)),
    Row("Start EM from more places", out_of_steps),
    Row("What was reported is the top of a lower hill", basins(higher=1), basins(0.3)),
    Row("of the posterior's mass lies on the hill whose top EM reports", basins(0.1), basins(0.4)),
    Row("Give EM more starts (starts=", basins(higher=1), basins(0.1)),
    Row("Report the posterior, and name the optima of the atlas", basins(0.1), basins(higher=1)),
    Row("The posterior has more than one hill, weighed by their evidence", hills(0.94), hills(0.96)),
    Row("Report every hill with its share of the mass", hills(0.94), hills(0.94, 0.4)),
    Row("Every start of EM collapsed", collapsed, RUNNING),
    Row("of the posterior draws EM collapses", RUNNING, basins(collapsing=1)),
    Row("A maximum that hangs on so few observations", finding, RUNNING),
    Row("it is a component by itself, and leaves 1 for the rest", both(lone_row, finding), finding),
    Row("leave it out if it is an error, and fit the rest", both(lone_row, finding), finding),
    Row("Take fewer components (components=1), or take the mode", finding, both(lone_row, finding)),
    Row("Look for values that occur many times", RUNNING, both(RUNNING, no_row_twice)),
    Row("a quantity never moved", chains(r_hat=np.nan), chains(r_hat=1.2)),
    Row("R-hat is 1.020 at most", chains(r_hat=1.02), chains(r_hat=1.009)),
    Row("the draws are worth only 399 independent ones", chains(size=399.0), chains(size=401.0)),
    Row("3 of the sampler's steps diverged", chains(diverged=3)),
    Row("The chains look over the same places, but are not enough", chains(size=100.0), chains(r_hat=1.2)),
    Row("The chains have not settled on one posterior after", chains(r_hat=1.2), chains(size=100.0)),
    Row("A longer run will not settle a density without bound", both(chains(r_hat=1.2), RUNNING), chains(r_hat=1.2)),
    Row(
        "such as values that were rounded",
        both(chains(r_hat=1.2), RUNNING),
        both(chains(r_hat=1.2), RUNNING, no_row_twice),
    ),
    Row(
        "will not mix hills of equal height",
        both(chains(r_hat=1.2), rival_at(0.0)),
        both(chains(r_hat=1.2), rival_at(1.0)),
    ),
    Row(
        "will not mix hills of nearly equal height",
        both(chains(r_hat=1.2), rival_at(1.0)),
        both(chains(r_hat=1.2), rival_at(2.0)),
    ),
    Row("Sample longer (tune=", chains(size=100.0), both(chains(r_hat=1.2), rival_at(0.0))),
    Row("two components could exchange their names", alike),
    Row("Compare densities and responsibilities instead of parameters", alike),
    # explanations.py and the advice on it
    Row(
        "The components overlap so much that without labels only 5.0%",
        both(DIFFERENT, converged(0.95)),
        both(DIFFERENT, converged(0.85)),
    ),
    Row(
        "A component lies on the edge of its range, so",
        both(DIFFERENT, converged(0.95), on_the_edge),
        both(DIFFERENT, converged(0.95)),
    ),
    Row(
        "and the posterior of rates[1] is, on its natural scale, 2 times as wide",
        both(DIFFERENT, departed(wide()), converged(0.95)),
        both(DIFFERENT, converged(0.95)),
    ),
    Row(
        "Another optimum of the likelihood lies only 1 nats away",
        both(DIFFERENT, rival_at(1.0)),
        both(DIFFERENT, rival_at(2.0)),
    ),
    Row("two hills of equal height: it is chance", both(DIFFERENT, rival_at(0.0)), both(DIFFERENT, rival_at(1.0))),
    Row("Report every such hill", both(DIFFERENT, rival_at(0.0)), both(DIFFERENT, rival_at(1.0))),
    Row(
        "Report the posterior's intervals rather than standard errors",
        both(DIFFERENT, rival_at(1.0)),
        both(DIFFERENT, rival_at(0.0)),
    ),
    Row(
        "but away from it hardly any",
        both(DIFFERENT, departed(wide(4.0)), converged(0.2)),
        both(DIFFERENT, departed(wide(2.0)), converged(0.2)),
    ),
    Row(
        "The prior alone moves the peak of",
        both(DIFFERENT, parameters(mean=2.0, map=1.2)),
        both(DIFFERENT, parameters(mean=2.0, map=0.8)),
    ),
    Row(
        "State the prior with the result, and repeat it with another one or with more data",
        both(DIFFERENT, parameters(mean=2.0, map=1.2)),
        DIFFERENT,
    ),
    Row(
        "The posterior is skewed in", SKEWED, both(DIFFERENT, setting(pareto_k=0.3), parameters(mean=2.0, median=2.05))
    ),
    Row("lies on the edge of the range in rates[1]", both(SKEWED, on_the_edge), SKEWED),
    Row(
        "The bell curve about the estimate misses part",
        both(DIFFERENT, parameters(mean=2.0, median=2.0), setting(pareto_k=0.9)),
        both(DIFFERENT, parameters(mean=2.0, median=2.0), setting(pareto_k=0.6)),
    ),
    Row(
        "standard deviations apart, although neither the prior nor overlap",
        both(DIFFERENT, parameters(mean=2.0, median=2.0), setting(pareto_k=0.1)),
        SKEWED,
    ),
    Row(
        "as wide as its standard error says, although neither",
        both(departed(wide()), parameters(), setting(pareto_k=0.1)),
        both(DIFFERENT, parameters(mean=2.0, median=2.0), setting(pareto_k=0.1)),
    ),
    Row("the one-sided limit that stands in the edge's place", both(SKEWED, on_the_edge), SKEWED),
    Row("for EM, bootstrap intervals rather than standard errors", SKEWED, both(SKEWED, on_the_edge)),
    # fit.py
    Row("The model fits: none of 2 checks finds anything", unchanged, misfit(FitCode.MISFIT)),
    Row(
        "The model fits up to an error of 0.5% of probability",
        fits(code=FitCode.MISFIT, z=9.0, error=0.005, factor=1.05),
    ),
    Row("It is not clear whether the model fits: the", fits("unclear", z=3.0)),
    Row("Nobody can say whether the model fits:", fits("unclear", problem="EM has no maximum.")),
    Row(
        "Standard errors that do not rest on the model are up to 1.5 times larger",
        misfit(FitCode.MISFIT, factor=1.5),
        misfit(FitCode.MISFIT, factor=1.05),
    ),
    Row(
        "Standard errors that do not rest on the model are up to 2 times smaller",
        misfit(FitCode.MISFIT, factor=0.5),
        misfit(FitCode.MISFIT, factor=0.95),
    ),
    Row("The model does not fit: the variance of the counts inside component 1", misfit(FitCode.OVERDISPERSED)),
    Row("Counts vary more within a group", misfit(FitCode.OVERDISPERSED), misfit(FitCode.UNDERDISPERSED, z=-9.0)),
    Row("Counts vary less within a group", misfit(FitCode.UNDERDISPERSED, z=-9.0), misfit(FitCode.OVERDISPERSED)),
    Row("The model does not fit: the share of zeros is 2", misfit(FitCode.EXCESS_ZEROS, "zeros")),
    Row(
        "Ask whether a zero can mean something else",
        misfit(FitCode.EXCESS_ZEROS, "zeros"),
        misfit(FitCode.OVERDISPERSED),
    ),
    Row("The model does not fit: the farthest observation is 2", misfit(FitCode.HEAVY_TAILS, "largest")),
    Row("Look at the farthest observations", misfit(FitCode.HEAVY_TAILS, "largest"), misfit(FitCode.OVERDISPERSED)),
    Row("The model does not fit: the skewness inside component 1", misfit(FitCode.SKEWED, "skewness")),
    Row("Look at the data on another scale", misfit(FitCode.SKEWED, "skewness"), misfit(FitCode.OVERDISPERSED)),
    Row(
        "one component more describes the data better by 20 nats",
        misfit(FitCode.TOO_FEW_COMPONENTS, one_more=20.0),
        misfit(FitCode.OVERDISPERSED),
    ),
    Row(
        "Take one component more (components=3)",
        misfit(FitCode.TOO_FEW_COMPONENTS, one_more=20.0),
        misfit(FitCode.OVERDISPERSED),
    ),
    Row(
        "The model does not fit: in 'x1' every fifth number",
        misfit(FitCode.TIED_VALUES, tied=Tied("x1", "In 'x1' every fifth number occurs twice as often.", 2.0)),
        misfit(FitCode.OVERDISPERSED),
    ),
    Row(
        "Ask how the values were recorded",
        misfit(FitCode.TIED_VALUES, tied=Tied("x1", "Every fifth.", 2.0)),
        misfit(FitCode.OVERDISPERSED),
    ),
    Row("change the model where they part", misfit(FitCode.MISFIT), misfit(FitCode.OVERDISPERSED)),
    # precision.py
    Row("The data say enough: even", departed(replace(ALIKE, spread=0.24)), departed(replace(ALIKE, spread=0.26))),
    Row("The data say little:", departed(replace(ALIKE, spread=0.26)), departed(replace(ALIKE, spread=0.24))),
    Row("rates[1] is known to within a factor of", unchanged, departed(replace(ALIKE, block="weights"))),
    Row("the odds of weights[", departed(replace(ALIKE, block="weights"))),
    Row(
        ", and 1 more are as vague",
        departed(replace(ALIKE, spread=0.3), replace(ALIKE, block="weights", spread=0.4)),
        departed(replace(ALIKE, spread=0.3)),
    ),
    Row("Quote the interval rather than a number", departed(replace(ALIKE, spread=0.26))),
    Row("Nothing is known of the parameters: EM has no estimate", collapsed),
    Row("Mend what keeps EM from an estimate first", collapsed),
    # prior.py
    Row("The prior hardly matters", prior(0.24, 0.04), prior(0.26)),
    Row("The prior moves rates[1] by 0.26 posterior standard deviations", prior(0.26), prior(0.24)),
    Row("changes with the prior (power-scaling: 0.06", prior(0.0, 0.06), prior(0.0, 0.04)),
    Row(
        "Under a prior twice as wide the answer to the first question",
        prior(0.0, 0.0, under(2.0)),
        prior(0.0, 0.0, under(0.1)),
    ),
    Row(
        "the answer to the first question would be another one",
        prior(0.0, 0.0, under(2.0)),
        prior(0.0, 0.0, under(2.0, 0.8)),
    ),
    Row("State the prior with the result, and repeat it with another one (prior=", prior(0.26), prior(0.24)),
    Row("Without an estimate nobody can say how much the prior says", collapsed),
    # front.py
    Row("EM and Bayes agree, and the model fits", unchanged, DIFFERENT),
    Row("EM and Bayes agree, but the model does not fit (overdispersed)", misfit(FitCode.OVERDISPERSED)),
    Row("EM and Bayes differ, but the model fits", DIFFERENT),
    Row("EM and Bayes differ, and the model does not fit", both(DIFFERENT, misfit(FitCode.OVERDISPERSED))),
    Row("It is not decided whether EM and Bayes agree, but the model fits", chains(r_hat=1.2)),
    Row("EM and Bayes agree, but it is not clear whether the model fits", fits("unclear", z=3.0)),
    Row("; the data say little about some parameters.", departed(replace(ALIKE, spread=0.3))),
    Row("; the answer depends on the prior.", prior(0.26)),
    Row(
        "the data say little about some parameters and the answer depends",
        both(departed(replace(ALIKE, spread=0.3)), prior(0.26)),
        prior(0.26),
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.said)
def test_a_sentence_appears_and_stays_away(base: Comparison, row: Row) -> None:
    assert row.said in words(row.there(base))
    assert row.said not in words(row.away(base))
