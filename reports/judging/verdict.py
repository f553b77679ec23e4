"""The verdict: three questions about two fits, each with a status, a sentence, figures and advice.

*Do EM and Bayes agree?* and if not, which of the known reasons it is; *does the model fit?* (``fit``); *how much do the data
say*, and how much the prior (``precision``, ``prior``)? Agreement on a model that does not fit is not a validation, and a
wide posterior is no difference: so each question has an answer of its own.

To the first belong two groups of checks. One asks whether either side may be read at all, and is made of every comparison:
``em-not-converged``, ``local-optimum``, ``several-hills``, ``degenerate``, ``chains-disagree`` and
``labels-unresolved`` (``readable``). The other explains a difference where there is one (``difference``):
``weakly-identified``, ``prior-dominated`` and ``non-normal-posterior`` (``explanations``). Weak identification is also
named where it may be what keeps the chains from settling, left the labels unresolved, or a component with hardly any
observations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from em import Status
from models import Shown, number

from .advice import mixed
from .answer import Answer
from .codes import Code
from .difference import LARGEST_SHIFT, Difference, allowed
from .explanations import explanations, weakly_identified
from .fit import fit_answer
from .front import front
from .hills import both_answers
from .precision import precision_answer
from .prior import prior_answer
from .readable import READABLE
from .reason import Reason

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

# In the order in which they are named: without a maximum or a posterior there is nothing to compare.
UNDECIDED = {
    Code.EM_NOT_CONVERGED: "No answer yet: EM stopped before it came near its limit.",
    Code.CHAINS_DISAGREE: "No answer yet: the chains have not settled on one posterior to compare EM with.",
    Code.DEGENERATE: "No answer: EM's estimate hangs on a few observations, or there is none.",
    Code.LABELS_UNRESOLVED: "No answer by component: nobody can say which is which. The densities can be compared.",
}
FLAT = "No answer by parameter: the likelihood has no unique maximum. The densities can be compared."


@dataclass(frozen=True, repr=False)
class Verdict(Shown):
    """``status`` is ``"agree"``, ``"differ"`` or ``"undecided"``; one sentence; and the reasons, none when they agree.

    ``fit``, ``precision`` and ``prior`` answer the other questions.
    """

    status: str
    sentence: str
    reasons: tuple[Reason, ...]
    fit: Answer
    precision: Answer
    prior: Answer

    def _said(self) -> Iterator[str]:
        yield self.front
        yield from self.answers()

    def answers(self, phrased: Callable[[str], str] = str) -> Iterator[str]:
        """Yield each question with its answer, what was found and what to do; ``phrased`` puts advice in other terms."""
        yield f"Do EM and Bayes agree? [{self.status}] {self.sentence}"
        for reason in self.reasons:
            yield from _found(reason.code, reason.explanation, phrased(reason.advice))
        for question, answer in (
            ("Does the model fit?", self.fit),
            ("How much do the data say?", self.precision),
            ("How much does the prior say?", self.prior),
        ):
            yield f"{question} [{answer.status}] {answer.sentence}"
            for code, explanation, advice in zip(answer.codes, answer.explanations, answer.advice, strict=True):
                yield from _found(code, explanation, phrased(advice))

    @property
    def agree(self) -> bool | None:
        """Whether the two agree; ``None`` when nothing can be said yet."""
        return {"agree": True, "differ": False}.get(self.status)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all answers: of the reasons, or that of agreement alone, and of what else was found."""
        own = tuple(reason.code for reason in self.reasons) or (Code.AGREE,)
        return (*own, *self.fit.codes, *self.precision.codes, *self.prior.codes)

    @property
    def front(self) -> str:
        """All answers in a breath."""
        return front(self.status, self.fit, self.precision, self.prior)


def _found(code: str, explanation: str, advice: str) -> tuple[str, str]:
    return f"- {code}: {explanation}", f"  What to do: {advice}"


def verdict(both: SideBySide) -> Verdict:
    """Judge two fits side by side."""
    status, sentence, reasons = _agreement_of(both)
    return Verdict(status, sentence, reasons, fit_answer(both), precision_answer(both), prior_answer(both))


def _agreement_of(both: SideBySide) -> tuple[str, str, tuple[Reason, ...]]:
    """Answer whether EM and Bayes agree, with one sentence and the reasons."""
    found = [reason for check in READABLE if (reason := check(both)) is not None]
    codes, difference = [reason.code for reason in found], Difference(both)
    undecided = [_undecided(code, both) for code in UNDECIDED if code in codes]
    if undecided:
        return "undecided", undecided[0], (*found, *_overlap(both, codes, difference))
    if Code.SEVERAL_HILLS in codes:
        sentence = f"EM and Bayes differ, for there are several hills: {both_answers(both)}."
        return "differ", sentence, (*found, *_overlap(both, codes, difference))
    if difference.is_near:
        return "undecided", _close(both, difference), (*found, *explanations(both, difference))
    if difference:
        # Shift, width and shape are measured from the highest maximum; from a lower one they explain nothing.
        lower = Code.LOCAL_OPTIMUM in codes and both.basins.higher
        found += _overlap(both, codes, difference) if lower else explanations(both, difference)
        return "differ", _difference(both, difference), tuple(found)
    if both.equivalence.undetermined:
        return "undecided", FLAT, (*found, *_overlap(both, codes, difference))
    if found:
        return "differ", _not_the_top(both), tuple(found)
    return "agree", _agreement(both, difference), ()


def _undecided(code: Code, both: SideBySide) -> str:
    if code is Code.CHAINS_DISAGREE and mixed(both):
        return "No answer yet: the draws are too few, or the sampler met places that it could not follow."
    return UNDECIDED[code]


def _close(both: SideBySide, difference: Difference) -> str:
    block, times = difference.nearest
    name = difference.worst_of(block, both.parameters["shift"].abs())
    draws = int(np.ceil(times)) * both.posterior.draws
    return (
        f"No answer yet: of {name} EM and Bayes are about as far apart as would count, nearer to that than "
        f"{both.posterior.draws} draws of each chain can tell; about {draws} would decide (max_draws={draws})."
    )


def _overlap(both: SideBySide, codes: list[Code], difference: Difference) -> list[Reason]:
    """Name weak identification where it may be behind the rest: chains that crawl along a ridge, too.

    It is read from the likelihood at EM's maximum alone, so that EM has to be there, but nothing else has to be settled.
    """
    settled = Code.EM_NOT_CONVERGED not in codes and both.em.status is Status.CONVERGED
    found = weakly_identified(both, difference) if settled else None
    return [] if found is None else [found]


def _agreement(both: SideBySide, difference: Difference) -> str:
    (name, shift), worst = difference.shift, difference.worst
    limit = LARGEST_SHIFT if worst is None else allowed(worst)
    where = f"in the worst direction of {worst.block}" if worst is not None and worst.size > 1 else f"of {name}"
    return (
        f"EM and Bayes agree: no posterior mean lies farther from its {_kind(both)} estimate than {shift:.2f} standard "
        f"deviations ({where}), where more than {limit:.2g} would count."
    )


def _not_the_top(both: SideBySide) -> str:
    return f"The {_kind(both)} estimates lie where the posterior does, but their hill does not stand for all of it."


def _difference(both: SideBySide, difference: Difference) -> str:
    name, outside = difference.parameter, difference.outside
    columns = ("mle", "map", "mean", "sd", "lower", "upper")
    row = {column: float(both.parameters[column][name]) for column in columns}
    # Of a posterior with a long tail the sd says nothing of the digits that are known; the interval does.
    known = min(row["sd"], (row["upper"] - row["lower"]) / 4)
    mle, mode, mean, sd = (number(row[column], known) for column in ("mle", "map", "mean", "sd"))
    lies = (
        f"{len(outside)} of {len(both.parameters)} estimates lie outside their 95 % posterior interval."
        if outside
        else "All estimates still lie inside their 95 % posterior intervals."
    )
    return (
        f"EM and Bayes differ, most of all on {name}: maximum likelihood says {mle}, the posterior mode {mode}, and "
        f"the posterior mean {mean} ± {sd}. {lies}"
    )


def _kind(both: SideBySide) -> str:
    return {"mle": "maximum-likelihood", "map": "maximum-a-posteriori"}[both.em.estimate]
