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

# From here on the two standard errors are too different to be quoted as one.
MATTERS = 1.1


def fit_answer(both: SideBySide) -> Answer:
    """Answer whether the model fits."""
    found = both.fits
    advice = tuple(_ADVICE[code](both) for code in found.codes)
    evidence = _evidence(found)
    if found.problem is not None:
        return Answer("unclear", f"Nobody can say whether the model fits: {found.problem}", evidence=evidence)
    if found.status == "misfit":
        return Answer("misfit", _of_misfit(both, found), tuple(map(str, found.codes)), advice, evidence)
    if found.status == "unclear":
        worst = _worst(found)
        sentence = (
            f"It is not clear whether the model fits: the {worst.words} is {plain(worst.observed, 3)}, at the very edge of "
            f"what such models make ({_range(worst)})."
        )
        return Answer("unclear", sentence, evidence=evidence)
    return Answer("fits", _of_fit(found), evidence=evidence)


def _of_fit(found: ModelFit) -> str:
    alarmed = [check for check in found.checks if check.code is not None]
    if alarmed:
        return (
            f"The model fits up to an error of {found.error:.1%} of probability and standard errors right to "
            f"{abs(found.factor - 1):.0%}: with so many observations even that can be seen ({_list([alarmed[0].words])})."
        )
    return (
        f"The model fits: none of {len(found.checks)} checks finds anything in the data that the fitted model does not "
        f"make itself, and its distribution function is off by {found.error:.1%} at most."
    )


def _of_misfit(both: SideBySide, found: ModelFit) -> str:
    reasons = [_REASONS[code](found) for code in found.codes]
    said = f"The model does not fit: {_list(reasons)}."
    if abs(np.log(found.factor)) > np.log(MATTERS):
        more, factor = ("larger", found.factor) if found.factor > 1 else ("smaller", 1 / found.factor)
        said += (
            f" Standard errors that do not rest on the model are up to {plain(factor, 2)} times {more}; EM's and the "
            "posterior's both rest on it."
        )
    return said


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


def _range(check: Check) -> str:
    return f"95 % of them lie from {plain(check.lower, 3)} to {plain(check.upper, 3)}"


def _told(code: FitCode, found: ModelFit) -> str:
    """Tell the figure that raised a code most."""
    raised = [check for check in found.checks if check.code is code]
    worst = max(raised, key=lambda check: abs(check.z))
    return f"the {worst.words} is {plain(worst.observed, 3)} ({_range(worst)} where the model is right)"


def _too_few(found: ModelFit) -> str:
    return f"one component more describes the data better by {plain(found.one_more or 0.0, 3)} nats, and passes every check"


def _tied(found: ModelFit) -> str:
    sentence = found.tied.sentence if found.tied is not None else ""
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")


def _list(parts: list[str]) -> str:
    return "; ".join(parts)


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
