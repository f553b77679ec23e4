"""What was found of a given estimate, in words: one sentence first, then the figures."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from em.information import WORTH_NOTHING
from em.wrong_maps import WHAT_IT_DOES
from models import in_digits
from models.units import units_in_words

from .codes import Claim, Status
from .findings import Findings

if TYPE_CHECKING:
    import pandas as pd

WHAT_IS_CLAIMED = {
    Claim.TOTAL: "the total log-likelihood, as here",
    Claim.OF_THE_STEP_BEFORE: "the log-likelihood of the step before: it belongs to other parameters than those given",
    Claim.OF_THE_TOP: "the log-likelihood of the top, which the given parameters do not reach",
    Claim.MEAN_PER_ROW: "the mean log-likelihood per observation",
    Claim.NEGATIVE: "minus the log-likelihood",
    Claim.NEGATIVE_MEAN: "minus the mean log-likelihood per observation",
    Claim.MINUS_TWICE: "minus twice the log-likelihood, a deviance",
    Claim.WITHOUT_CONSTANT: "the log-likelihood without the terms that no parameter changes",
    Claim.BITS: "the log-likelihood with logarithms of base two",
    Claim.DECIMAL: "the log-likelihood with logarithms of base ten",
    Claim.AIC: "AIC and no log-likelihood",
    Claim.BIC: "BIC and no log-likelihood",
    Claim.MCLUST_BIC: "BIC as mclust has it, with its sign turned, and no log-likelihood",
    Claim.WITH_LABELS: "the log-likelihood of the data together with their likeliest labels",
    Claim.UNKNOWN: "no log-likelihood of this estimate under any known convention: another estimate, model or data set",
}


def sentence(findings: Findings) -> str:
    """What the estimate is, in one sentence, and what else must be known of it."""
    return " ".join([_OF_STATUS[findings.status](findings), *_reason(findings), *_beside_the_best(findings)])


def parts(findings: Findings) -> Iterator[str | pd.DataFrame]:
    """The sentence, what is to be said of how the estimate was read, the figures, and the parameters."""
    yield sentence(findings)
    yield from findings.given.remarks
    yield ""
    yield from (f"{name}: {value}" for name, value in figures(findings))
    yield ""
    yield table(findings)
    yield from units_in_words(findings.found.best.data)


def figures(findings: Findings) -> list[tuple[str, str]]:
    """The figures of what was found, each with its name."""
    own = findings.hill.top
    rows = [
        ("status", str(findings.status)),
        ("model", _model(findings)),
        ("log-likelihood of the estimate", f"{findings.log_likelihood:.6f} nats"),
        ("top of its own hill", f"{own.log_likelihood:.6f} nats" if findings.hill.has_a_top else "none, EM collapses"),
        ("below its own top", nats(findings.below_own_top)),
        ("standard errors off", _errors(findings.standard_errors_off)),
        ("best found", f"{findings.found.best.log_likelihood:.6f} nats, of {_starts(findings)}"),
        ("its own top below the best", nats(findings.below_best)),
    ]
    if findings.claimed is not None:
        rows.append(
            ("stated log-likelihood", f"{findings.given.log_likelihood:.15g}: {WHAT_IS_CLAIMED[findings.claimed]}")
        )
    return rows


def _model(findings: Findings) -> str:
    """The model that the estimate is taken to be of."""
    model = findings.given.model
    covariance = f", {model.covariance} covariance" if model.covariance else ""
    equal = ", equal weights" if model.mixing == "equal" else ""
    return f"{model.components}-component {model.family} mixture{covariance}{equal}"


def table(findings: Findings) -> pd.DataFrame:
    """The parameters to their digits: given, at the top, and how many standard errors they are apart."""
    shown = findings.hill.table
    errors = shown["standard_error"].where(shown["standard_error"] > 0, shown["top"].abs())
    return in_digits(shown, errors, {"off": 2})


def nats(value: float) -> str:
    """A difference of log-likelihoods to two digits."""
    if not isfinite(value):
        return "no end"
    return "less than 0.001 nats" if value < 1e-3 else f"{value:.2g} nats" if value < 100 else f"{value:.0f} nats"


def _maximum(findings: Findings) -> str:
    return (
        f"This is a maximum of the likelihood, and {_starts(findings)} found no higher one: it lies "
        f"{nats(findings.below_own_top)}{_off(findings)} below the top of its hill{_by_rounding(findings)}."
    )


def _by_rounding(findings: Findings) -> str:
    digits = findings.given.digits
    explained = findings.below_own_top > WORTH_NOTHING and findings.is_rounded
    return f", which rounding to {digits} {'digit' if digits == 1 else 'digits'} explains" if explained else ""


def _lower_hill(findings: Findings) -> str:
    return (
        f"This is a maximum, but a lower one: its hill ends {nats(findings.below_best)} below the best that was found."
    )


def _not_a_maximum(findings: Findings) -> str:
    if findings.is_a_saddle:
        return (
            "This is a saddle and no maximum: EM stands still here, and the log-likelihood rises by "
            f"{nats(findings.below_own_top)} beside it."
        )
    return f"This is no maximum: it lies {nats(findings.below_own_top)}{_off(findings)} below the top of its own hill."


def _boundary(findings: Findings) -> str:
    edge = findings.hill.audit.standard_errors.on_the_edge
    named = f" ({', '.join(edge)})" if edge else ""
    end = "" if findings.hill.has_a_top else ", and EM cannot go on from it"
    return f"This lies on the boundary: a weight or a rate of it is zero as far as the data can tell{named}{end}."


def _spurious(findings: Findings) -> str:
    if not findings.hill.has_a_top:
        return f"This leads nowhere: from it EM runs into a singularity ({findings.hill.top.climb.reason})."
    return f"This is a maximum, but probably a spurious one: {' '.join(findings.own_suspicions)}"


_OF_STATUS = {
    Status.MAXIMUM: _maximum,
    Status.LOWER_HILL: _lower_hill,
    Status.NOT_A_MAXIMUM: _not_a_maximum,
    Status.BOUNDARY: _boundary,
    Status.SPURIOUS: _spurious,
}


def _reason(findings: Findings) -> list[str]:
    """Why it is no maximum, if that is known."""
    if findings.mode_under is not None:
        return [f"It is the mode under the {findings.mode_under} prior (MAP), not the maximum of the likelihood."]
    if findings.mistake is not None:
        detail = f" ({findings.explanation.detail})" if findings.explanation.detail else ""
        return [f"This is where EM ends that {WHAT_IT_DOES[findings.mistake]}{detail}."]
    if findings.status is Status.NOT_A_MAXIMUM and findings.stopped_early:
        return [
            f"It looks like an early stop: one step of EM gains {nats(findings.hill.gain)}, and many such steps are left."
        ]
    return []


def _beside_the_best(findings: Findings) -> list[str]:
    """How its hill stands to the best that was found, and whether that can be believed."""
    if not findings.is_on_a_lower_hill or not findings.hill.has_a_top:
        return []
    said = []
    if findings.status is not Status.LOWER_HILL:
        said.append(f"Its own hill ends {nats(findings.below_best)} below the best that was found.")
    if findings.best_is_spurious:
        said.append(f"The best is probably spurious: {' '.join(findings.found.suspicions)}")
        better = findings.found.believable
        if better is None:
            said.append("No other that is higher was found, so that the lower may be the better answer.")
        else:
            gap = better.log_likelihood - findings.hill.top.log_likelihood
            said.append(f"The highest that is not spurious lies {nats(gap)} above its own top.")
    return said


def _off(findings: Findings) -> str:
    off = findings.standard_errors_off
    return "" if off is None else f" and {_errors(off)}"


def _errors(off: float | None) -> str:
    if off is None:
        return "none are known"
    return "less than 0.01 standard errors" if off < 0.01 else f"{off:.2g} standard errors"


def _starts(findings: Findings) -> str:
    count = findings.found.starts
    return "1 start" if count == 1 else f"{count} starts"
