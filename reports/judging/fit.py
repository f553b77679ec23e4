"""Does the model fit? What the checks of the fit say in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from models import plain

from ..checking.codes import FitCode
from ..checking.model_fit import LARGEST_ERROR, LARGEST_FACTOR, Check, ModelFit
from .answer import Answer

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide


def fit_answer(both: SideBySide) -> Answer:
    """Answer whether the model fits."""
    found = both.fits
    evidence = _evidence(found)
    if found.problem is not None:
        return Answer("unclear", f"Nobody can say whether the model fits: {found.problem}", evidence=evidence)
    if found.status == "misfit":
        clauses = tuple(_REASONS[code](found) for code in found.codes)
        explanations = tuple(f"{clause[:1].upper()}{clause[1:]}." for clause in clauses)
        advice = tuple(_ADVICE[code](both) for code in found.codes)
        sentence = f"The model does not fit: {clauses[_foremost(found)]}.{_of_errors(found)}"
        return Answer("misfit", sentence, tuple(map(str, found.codes)), explanations, advice, evidence)
    if found.status == "unclear":
        return Answer(
            "unclear",
            f"It is not clear whether the model fits: {_of_check(_worst(found))}, which is just as much as right models "
            "sometimes have.",
            evidence=evidence,
        )
    return Answer("fits", _of_fit(found), evidence=evidence)


def _foremost(found: ModelFit) -> int:
    """Return which code the sentence names: a remedy that is known, else the figure that is farthest off."""
    for code in (FitCode.TIED_VALUES, FitCode.TOO_FEW_COMPONENTS):
        if code in found.codes:
            return found.codes.index(code)
    return max(range(len(found.codes)), key=lambda place: abs(_loudest(found.codes[place], found).z))


def _of_fit(found: ModelFit) -> str:
    alarmed = [check for check in found.checks if check.code is not None]
    if alarmed:
        return (
            f"The model fits up to an error of {found.error:.1%} of probability and standard errors right to "
            f"{abs(found.factor - 1):.0%}: with so many observations even that can be seen (the {alarmed[0].words})."
        )
    return (
        f"The model fits: none of {len(found.checks)} checks finds anything in the data that the fitted model does not "
        f"make itself, and its distribution function is off by {found.error:.1%} at most."
    )


def _of_errors(found: ModelFit) -> str:
    """Say what the misfit does to standard errors, where it does something."""
    if not abs(np.log(found.factor)) > np.log(LARGEST_FACTOR):
        return ""
    more, factor = ("larger", found.factor) if found.factor > 1 else ("smaller", 1 / found.factor)
    return (
        f" Standard errors that do not rest on the model are up to {plain(factor, 2)} times {more}; EM's and the "
        "posterior's both rest on it."
    )


def _evidence(found: ModelFit) -> dict[str, float | str]:
    return {
        "largest_error_of_the_distribution_function": found.error,
        "error_allowed": LARGEST_ERROR,
        "factor_on_the_standard_errors": found.factor,
        "factor_allowed": LARGEST_FACTOR,
        "replicates": found.replicates,
        "limit": found.limit,
    }


def _worst(found: ModelFit) -> Check:
    worst = found.worst
    assert worst is not None
    return worst


def _of_check(check: Check) -> str:
    return (
        f"the {check.words} is {plain(check.observed, 3)}, and from {plain(check.lower, 3)} to {plain(check.upper, 3)} "
        "where the model is right"
    )


def _loudest(code: FitCode, found: ModelFit) -> Check:
    """Return the figure that raised a code most."""
    return max((check for check in found.checks if check.code is code), key=lambda check: abs(check.z))


def _told(code: FitCode, found: ModelFit) -> str:
    return _of_check(_loudest(code, found))


def _too_few(found: ModelFit) -> str:
    return f"one component more describes the data better by {plain(found.one_more or 0.0, 3)} nats, and passes every check"


def _tied(found: ModelFit) -> str:
    sentence = found.tied.sentence if found.tied is not None else ""
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")


_REASONS: dict[FitCode, Callable[[ModelFit], str]] = {
    FitCode.OVERDISPERSED: lambda found: _told(FitCode.OVERDISPERSED, found),
    FitCode.UNDERDISPERSED: lambda found: _told(FitCode.UNDERDISPERSED, found),
    FitCode.EXCESS_ZEROS: lambda found: _told(FitCode.EXCESS_ZEROS, found),
    FitCode.HEAVY_TAILS: lambda found: _told(FitCode.HEAVY_TAILS, found),
    FitCode.SKEWED: lambda found: _told(FitCode.SKEWED, found),
    FitCode.MISFIT: lambda found: _told(FitCode.MISFIT, found),
    FitCode.TOO_FEW_COMPONENTS: _too_few,
    FitCode.TIED_VALUES: _tied,
}


def _more(both: SideBySide) -> str:
    return f"Take one component more (components={both.model.components + 1}), and compare again."


_ADVICE: dict[FitCode, Callable[[SideBySide], str]] = {
    FitCode.OVERDISPERSED: lambda _: (
        "Counts vary more within a group than a Poisson distribution lets them: take a negative binomial model elsewhere, "
        "or look for an exposure that differs between rows."
    ),
    FitCode.UNDERDISPERSED: lambda _: (
        "Counts vary less within a group than a Poisson distribution lets them: ask whether they are counts of rare, "
        "independent events at all."
    ),
    FitCode.EXCESS_ZEROS: lambda both: (
        "Ask whether a zero can mean something else than a count of none; a component for zeros alone is a component more "
        f"(components={both.model.components + 1})."
    ),
    FitCode.HEAVY_TAILS: lambda _: (
        "Look at the farthest observations: an error is to be left out, and a tail that belongs to the group asks for "
        "another distribution than the model's."
    ),
    FitCode.SKEWED: lambda _: (
        "Look at the data on another scale, such as the logarithm of what is positive, and compare there."
    ),
    FitCode.TOO_FEW_COMPONENTS: _more,
    FitCode.TIED_VALUES: lambda _: (
        "Ask how the values were recorded: round numbers that were guessed are known to within their distance only."
    ),
    FitCode.MISFIT: lambda _: (
        "Look at the figures of the section on the model's fit, and change the model where they part."
    ),
}
