"""The front sentence: the answers to all questions in a breath."""

from __future__ import annotations

from .answer import Answer
from .codes import IMPRECISE, PRIOR_SENSITIVE

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


def front(status: str, fit: Answer, precision: Answer, prior: Answer) -> str:
    """Say whether the two agree, whether the model fits, and how much is known; with ``but`` where two answers part."""
    why = f" ({', '.join(fit.codes)})" if fit.codes else ""
    joined = "and" if (status == "agree") == (fit.status == "fits") else "but"
    weak = [_WEAK[code] for code in (*precision.codes, *prior.codes)]
    last = f"; {' and '.join(weak)}" if weak else ""
    return f"{_AGREE[status]}, {joined} {_FIT[fit.status]}{why}{last}."
