"""The whole verdict of a report on some of the data sets of a study: the answers to its questions, and its codes.

A replicate has short chains and those checks alone that cost next to nothing. What ``compare`` says of the same data takes
ten times as long. Hence it has replicates of its own, fewer of them, and a store of its own beside the study's, so that one
that takes too long is not lost to the study. They are the study's first data sets of each size, bit by bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from models import Model

from ...judging.comparison import compare
from ..running.experiment import Experiment
from ..running.outcome import OK, UNUSABLE, Outcome
from .design import Design

FOLDER = "verdicts"
AGREEMENT = "agreement"
# The other questions that a verdict may answer, each by an attribute that has a status.
QUESTIONS = ("fit", "precision", "prior")
# How far sampling goes on at most: half as far as in a report, so that no data set holds up the others for long.
MOST_DRAWS = 8000
# Which stream of random numbers the two fits of a report have, apart from those of the replicate.
STAGE = 16


@dataclass(frozen=True)
class Judged(Outcome):
    """What a report says of one data set: the ``answers`` by question, and all ``codes``; none when there is no verdict."""

    answers: dict[str, str]
    codes: list[str]

    @classmethod
    def without_answer(cls, size: int, number: int, status: str, reason: str) -> Self:
        """Return the record of a data set that was not judged."""
        return cls(size, number, status, reason, {}, [])


@dataclass(frozen=True)
class Judging(Experiment[Judged]):
    """Whole verdicts on the first ``replications`` data sets of each size of a ``design``."""

    design: Design
    sizes: tuple[int, ...]
    replications: int

    record: ClassVar = Judged

    @classmethod
    def of(cls, design: Design) -> Judging:
        """Return what asks for as many verdicts as the design says."""
        return cls(design, design.sizes, min(design.judged, design.replications))

    def document(self) -> dict[str, Any]:
        """Return the design's settings; how many data sets are judged may grow."""
        return {"verdicts of": {**self.design.document(), "replications": None}}


def judge(judging: Judging, size: int, number: int) -> Judged:
    """Simulate the study's data set of that number, and compare EM and Bayes on it as a report does."""
    design = judging.design
    data = design.simulate(size, np.random.default_rng(design.seeds(size, number)[0]))
    seed = np.random.SeedSequence(design.seed, spawn_key=(size, number, STAGE)).generate_state(1)[0]
    specification = design.model.specification
    try:
        Model.of(data, *specification.values())
    except ValueError as unusable:
        return Judged.without_answer(size, number, UNUSABLE, str(unusable))
    allowed: dict[str, Any] = {"max_draws": MOST_DRAWS, "max_minutes": np.inf}
    verdict = compare(data, **specification, prior=design.prior, seed=int(seed), **allowed).verdict
    return Judged(size, number, OK, None, answers_of(verdict), [str(code) for code in verdict.codes])


def answers_of(verdict: Any) -> dict[str, str]:
    """Return the status of every question that a verdict answers, by the question's name."""
    parts = {question: getattr(verdict, question, None) for question in QUESTIONS}
    answered = {question: str(part.status) for question, part in parts.items() if part is not None}
    return {AGREEMENT: str(verdict.status), **answered}
