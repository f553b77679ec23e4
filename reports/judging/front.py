"""The front sentence: the answers to all questions in a breath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .codes import IMPRECISE, PRIOR_SENSITIVE

if TYPE_CHECKING:
    from .verdict import Verdict

_AGREE = {
    "agree": "EM and Bayes agree",
    "differ": "EM and Bayes differ",
    "undecided": "It is not decided whether EM and Bayes agree",
}
_FIT = {
    "fits": "the model fits",
    "misfit": "the model does not fit",
    "unclear": "it is not clear whether the model fits",
}

_WEAK = {IMPRECISE: "the data say little about some parameters", PRIOR_SENSITIVE: "the answer depends on the prior"}


def front(verdict: Verdict) -> str:
    """Say whether the two agree, whether the model fits, and how much is known; with ``but`` where two answers part."""
    parts = (verdict.status == "agree", verdict.fit.status == "fits")
    why = f" ({', '.join(verdict.fit.codes)})" if verdict.fit.codes else ""
    joined = "and" if parts[0] == parts[1] else "but"
    weak = [_WEAK[code] for code in (*verdict.precision.codes, *verdict.prior.codes)]
    last = f"; {' and '.join(weak)}" if weak else ""
    return f"{_AGREE[verdict.status]}, {joined} {_FIT[verdict.fit.status]}{why}{last}."
