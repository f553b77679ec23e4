"""The codes of a judgement of draws."""

from __future__ import annotations

from enum import StrEnum


class DrawsStatus(StrEnum):
    """What given draws are found to be, the gravest first; the last three are no faults."""

    OTHER_MODEL = "other-model"
    MISREAD = "misread"
    CHAINS_APART = "chains-apart"
    MISSED_HILL = "missed-hill"
    OTHER_POSTERIOR = "other-posterior"
    LABEL_SWITCHING = "label-switching"
    FEW_DRAWS = "few-draws"
    UNKNOWN_PRIOR = "unknown-prior"
    NOT_COMPARED = "not-compared"
    SAME_POSTERIOR = "same-posterior"


class DrawsClaim(StrEnum):
    """What the log-likelihood that comes with draws was found to be."""

    SAME = "same"
    ANOTHER_CONSTANT = "another-constant"
    WITHOUT_CONSTANT = "without-constant"
    MEAN_PER_ROW = "mean-per-row"
    NEGATIVE = "negative"
    MINUS_TWICE = "minus-twice"
    OTHER_DATA = "other-data"
    OTHER_MODEL = "other-model"
