"""What was found of draws, in words: the gravest finding first, then the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from bayes import LARGEST_R_HAT, SMALLEST_ESS, largest_r_hat, smallest_size
from models import Array, in_digits, number
from models.units import units_in_words

from .draws_codes import DrawsClaim, DrawsStatus
from .draws_difference import INVARIANT
from .draws_findings import FindingsOfDraws

if TYPE_CHECKING:
    import pandas as pd

WHAT_IS_CLAIMED = {
    DrawsClaim.SAME: "the log-likelihood in the draws is ours",
    DrawsClaim.ANOTHER_CONSTANT: "the log-likelihood in the draws is ours but for a constant",
    DrawsClaim.WITHOUT_CONSTANT: "the log-likelihood in the draws is ours without the terms that no parameter changes",
    DrawsClaim.MEAN_PER_ROW: "the log-likelihood in the draws is the mean per observation",
    DrawsClaim.NEGATIVE: "the log-likelihood in the draws has its sign turned",
    DrawsClaim.MINUS_TWICE: "the log-likelihood in the draws is minus twice ours, a deviance",
    DrawsClaim.OTHER_DATA: "the log-likelihood in the draws is of other data",
    DrawsClaim.OTHER_MODEL: "the log-likelihood in the draws is that of another model",
}
# Of a table of hundreds of parameters the first rows are enough to see.
SHOWN = 30
# Monte Carlo errors are about so many times smaller than standard deviations: one more digit than these have.
DIGIT = 20.0


def sentences(judged: FindingsOfDraws) -> list[str]:
    """What was found, a sentence or two for each finding, the gravest first."""
    said = [_OF_STATUS[status](judged) for status in judged.findings]
    if not judged.labels_are_clear:
        said.append(
            "In many draws the labels of some two components might as well be exchanged, so that only what no label "
            "changes can be trusted."
        )
    return [*said, *_of_estimate(judged)]


def parts(judged: FindingsOfDraws) -> Iterator[str | pd.DataFrame]:
    """The sentences, what is to be said of how the draws were read, the figures and the tables."""
    yield from (*sentences(judged), *judged.given.draws.remarks, "")
    yield from (f"{name}: {value}" for name, value in figures(judged))
    if judged.difference is not None:
        shown = judged.difference.table.drop(columns="kind").head(SHOWN)
        kept = {"means_apart": 2, "sds_apart": 2}
        yield from ("", "The draws beside our own:", in_digits(shown, shown["given_sd"] / DIGIT, kept))
        yield from units_in_words(judged.given.posterior.data)
    if judged.estimate is not None:
        table = judged.estimate.table.head(SHOWN)
        beside = in_digits(table.drop(columns="inside"), table["sd"], {"shift": 2})
        yield from ("", "The estimate in the draws:", beside)


def figures(judged: FindingsOfDraws) -> list[tuple[str, str]]:
    """The figures of what was found, each with its name."""
    posterior = judged.given.posterior
    rows = [
        ("status", str(judged.status)),
        ("draws", f"{posterior.chains} chains of {posterior.draws}"),
        ("R-hat of what no label changes", f"{judged.r_hat:.3f}"),
        ("mean log-likelihood of the chains", ", ".join(f"{mean:.2f}" for mean in judged.chain_log_likelihoods)),
        ("draws with other labels than most", f"{judged.given.switched:.1%}"),
        ("prior", "as stated" if judged.given.prior_is_stated else "unknown; held against our default"),
    ]
    if judged.given.draws.stated.divergences is not None:
        rows.append(("divergences", str(judged.given.draws.stated.divergences)))
    if judged.claim is not None:
        rows.append(("log-likelihood that is stated", str(judged.claim.claim)))
    if judged.difference is not None:
        farthest = judged.difference.apart
        rows.append(
            (
                "farthest from our own",
                f"{farthest.max():.1f} Monte Carlo errors ({farthest.idxmax()}), of which chance may make "
                f"{judged.difference.limit:.1f}",
            )
        )
    return rows


def _other_model(judged: FindingsOfDraws) -> str:
    claim = judged.claim
    assert claim is not None
    if claim.claim is DrawsClaim.OTHER_DATA:
        return (
            f"This is not the same model: the log-likelihood in the draws is of {claim.observations} observations, where "
            f"the data have {judged.given.posterior.data.size:g}."
        )
    return (
        f"This is not the same model: {WHAT_IS_CLAIMED[claim.claim]}, on average {claim.difference:+.3g} nats from ours, "
        f"and the difference varies by {claim.spread:.2g} nats over the draws, where no convention would make it vary."
    )


def _misread(judged: FindingsOfDraws) -> str:
    if judged.meant is not None:
        return f"The draws have a wrong name: the same numbers as {judged.meant} are the posterior that we sample."
    return f"The draws seem to be given under the wrong name: {judged.given.draws.doubt}."


def _chains_apart(judged: FindingsOfDraws) -> str:
    means = judged.chain_log_likelihoods
    worst = judged.invariant["r_hat"].fillna(np.inf)
    return (
        f"The chains are in different places: R-hat is {judged.r_hat:.2f} for {worst.idxmax()}, which no labels can change, "
        f"so that this is no label switching; the mean log-likelihood is {max(means):.1f} nats in chain "
        f"{means.index(max(means)) + 1} and {min(means):.1f} in chain {means.index(min(means)) + 1}."
    )


def _missed_hill(judged: FindingsOfDraws) -> str:
    own, number_of_hill = judged.own, judged.missed
    assert own is not None
    assert number_of_hill is not None
    hill = own.hills[number_of_hill]
    own_shares = ", ".join(f"{each.share:.1%}" for each in own.hills)
    return (
        f"The draws have missed a hill with {hill.share:.1%} of the posterior: {judged.shares[number_of_hill]:.1%} of them "
        f"lie on it. The shares of the hills are {own_shares}, those of the draws "
        f"{', '.join(f'{share:.1%}' for share in judged.shares)}."
    )


def _other_posterior(judged: FindingsOfDraws) -> str:
    return f"This is another posterior than ours under the prior that is stated: {_farthest(judged)}. " + (
        _under(judged) or "The prior, the likelihood or the sampler is another one."
    )


def _unknown_prior(judged: FindingsOfDraws) -> str:
    return (
        f"The draws differ from our posterior under the default prior ({judged.given.posterior.prior.called}): "
        f"{_farthest(judged)}. " + (_under(judged) or "Their own prior is unknown and may be why: state it with prior.")
    )


def _under(judged: FindingsOfDraws) -> str:
    return f"They are our posterior under the {judged.under} prior." if judged.under is not None else ""


def _farthest(judged: FindingsOfDraws) -> str:
    difference = judged.difference
    assert difference is not None
    name, beyond = difference.differing[0], len(difference.differing)
    figures = {str(column): value for column, value in difference.table.loc[name].items()}
    what = max(("mean", "sd"), key=lambda moment: abs(figures[f"{moment}s_apart"]))
    given, own, apart = (float(str(figures[name])) for name in (f"given_{what}", f"own_{what}", f"{what}s_apart"))
    error = abs((given - own) / apart)
    kind = "which no labels can change" if figures["kind"] == INVARIANT else "after relabelling"
    return (
        f"{beyond} of {len(difference.table)} quantities differ by more than Monte Carlo error, such as the {what} of "
        f"{name}, {kind}: {number(given, error)} in the draws and {number(own, error)} in ours, "
        f"{abs(apart):.1f} errors apart"
    )


def _label_switching(judged: FindingsOfDraws) -> str:
    given, posterior = judged.given, judged.given.posterior
    shift = {name: _shift(given.as_given[name], posterior.scalars[name]) for name in given.as_given}
    worst = max(shift, key=shift.__getitem__)
    relabelled = posterior.scalars[worst]
    before, after, sd = given.as_given[worst].mean(), relabelled.mean(), relabelled.std()
    return (
        f"Labels are switched in {given.switched:.0%} of the draws ({_where(judged)}): what is averaged under one label "
        f"mixes components. {worst} has the mean {number(before, sd)} as it came, and {number(after, sd)} relabelled."
    )


def _shift(draws: Array, relabelled: Array) -> float:
    return float(abs(draws.mean() - relabelled.mean()) / relabelled.std())


def _where(judged: FindingsOfDraws) -> str:
    shares = judged.given.switched_chains
    whole = [str(chain + 1) for chain in np.flatnonzero(shares > 0.99)]
    if whole and all(share < 0.01 or share > 0.99 for share in shares):
        return f"all of chain{'s' * (len(whole) > 1)} {', '.join(whole)}"
    return f"from {shares.min():.0%} to {shares.max():.0%} of a chain"


def _few_draws(judged: FindingsOfDraws) -> str:
    posterior = judged.given.posterior
    r_hat, size = largest_r_hat(posterior), smallest_size(posterior)
    said = [f"R-hat is {r_hat:.3f}, above {LARGEST_R_HAT}"] if r_hat > LARGEST_R_HAT else []
    said += [f"the smallest effective sample size is {size:.0f}, below {SMALLEST_ESS}"] if size < SMALLEST_ESS else []
    return f"The draws have not settled: {' and '.join(said)}."


def _not_compared(judged: FindingsOfDraws) -> str:
    if judged.own is None:
        return "They were not held against our own posterior."
    return f"Our own chains have not settled, so that nothing follows from them: {' '.join(judged.own.warnings)}"


def _same_posterior(judged: FindingsOfDraws) -> str:
    difference = judged.difference
    assert difference is not None
    what = "" if judged.given.prior_is_stated else ", though their prior was not stated"
    return (
        f"This is the posterior that we sample, too{what}: none of {len(difference.table)} quantities differs by more than "
        f"{difference.limit:.1f} Monte Carlo errors in its mean or sd."
    )


_OF_STATUS: dict[DrawsStatus, Callable[[FindingsOfDraws], str]] = {
    DrawsStatus.OTHER_MODEL: _other_model,
    DrawsStatus.MISREAD: _misread,
    DrawsStatus.CHAINS_APART: _chains_apart,
    DrawsStatus.MISSED_HILL: _missed_hill,
    DrawsStatus.OTHER_POSTERIOR: _other_posterior,
    DrawsStatus.LABEL_SWITCHING: _label_switching,
    DrawsStatus.FEW_DRAWS: _few_draws,
    DrawsStatus.UNKNOWN_PRIOR: _unknown_prior,
    DrawsStatus.NOT_COMPARED: _not_compared,
    DrawsStatus.SAME_POSTERIOR: _same_posterior,
}


def _of_estimate(judged: FindingsOfDraws) -> list[str]:
    estimate = judged.estimate
    if estimate is None:
        return []
    if estimate.beaten_by > 0:
        return [
            f"The estimate is not the maximum of the likelihood: a draw lies {estimate.beaten_by:.2g} nats above it."
        ]
    if not judged.labels_are_clear:
        return []
    outside = [str(name) for name, inside in estimate.table["inside"].items() if not inside]
    if outside:
        return [f"The estimate lies outside the 95 % interval of the draws for {', '.join(outside)}."]
    return ["The estimate lies inside the 95 % interval of the draws for every parameter."]
