"""What a verdict says, question by question: the same words in a terminal, in Python and in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answer import Answer
    from .verdict import Verdict


def answers(verdict: Verdict, phrased: Callable[[str], str] = str) -> Iterator[str]:
    """Yield each question with its answer, what was found, and what to do; ``phrased`` puts advice in the reader's terms."""
    yield f"Do EM and Bayes agree? [{verdict.status}] {verdict.sentence}"
    for reason in verdict.reasons:
        yield from _found(reason.code, reason.explanation, phrased(reason.advice))
    for question, answer in (
        ("Does the model fit?", verdict.fit),
        ("How much do the data say?", verdict.precision),
        ("How much does the prior say?", verdict.prior),
    ):
        yield f"{question} [{answer.status}] {answer.sentence}"
        yield from _advised(answer, phrased)


def _advised(answer: Answer, phrased: Callable[[str], str]) -> Iterator[str]:
    for code, explanation, advice in zip(answer.codes, answer.explanations, answer.advice, strict=True):
        yield from _found(code, explanation, phrased(advice))


def _found(code: str, explanation: str, advice: str) -> tuple[str, str]:
    return f"- {code}: {explanation}", f"  What to do: {advice}"
