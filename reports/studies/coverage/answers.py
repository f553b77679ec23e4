"""How often a report's questions have each answer, and how often each code is among its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from ...judging.codes import CODES, Code
from .judging import AGREEMENT, QUESTIONS, Judged
from .proportion import proportion

CODE = "code"
# In the order in which they are read; what is not among them follows by name.
ANSWERS = (*map(str, CODES), "differ", "undecided")


def answers(records: Iterable[Judged]) -> pd.DataFrame:
    """Make a row for each size, question and answer that occurs: share of the judged data sets, Monte Carlo error, number.

    A data set without a verdict answers the first question by its status; ``question`` is *code* for the codes, of which a
    data set may have several.
    """
    judged = list(records)
    totals = Counter(record.size for record in judged)
    counts: Counter[tuple[int, str, str]] = Counter()
    for record in judged:
        given = record.answers or {AGREEMENT: record.status}
        counts.update((record.size, question, answer) for question, answer in given.items())
        counts.update((record.size, CODE, code) for code in record.codes if code != Code.AGREE)
    rows = [(*key, *proportion(counts[key], totals[key[0]]), counts[key]) for key in sorted(counts, key=_place)]
    return pd.DataFrame(rows, columns=["size", "question", "answer", "share", "mcse", "replicates"])


def _place(key: tuple[int, str, str]) -> tuple[int, int, str, int]:
    """Put rows in order by question, then as a verdict names its answers and codes, then by word and size."""
    size, question, answer = key
    place = ANSWERS.index(answer) if answer in ANSWERS else len(ANSWERS)
    return (AGREEMENT, *QUESTIONS, CODE).index(question), place, answer, size
