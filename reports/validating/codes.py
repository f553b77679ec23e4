"""The codes of a judgement."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What a given estimate is."""

    MAXIMUM = "maximum"
    LOWER_HILL = "lower-hill"
    NOT_A_MAXIMUM = "not-a-maximum"
    BOUNDARY = "boundary"
    SPURIOUS = "spurious"
    UNREADABLE = "unreadable"


class Claim(StrEnum):
    """What a log-likelihood that somebody states was found to be."""

    TOTAL = "total"
    OF_THE_STEP_BEFORE = "of-the-step-before"
    OF_THE_TOP = "of-the-top"
    MEAN_PER_ROW = "mean-per-row"
    NEGATIVE = "negative"
    NEGATIVE_MEAN = "negative-mean-per-row"
    MINUS_TWICE = "minus-twice"
    WITHOUT_CONSTANT = "without-constant"
    BITS = "bits"
    DECIMAL = "decimal-logarithm"
    AIC = "aic"
    BIC = "bic"
    MCLUST_BIC = "mclust-bic"
    WITH_LABELS = "with-labels"
    UNKNOWN = "unknown"


# What --fail-on can name: any status but a maximum, and a mistake.
MISTAKE = "mistake"
FAILURES = (*(str(status) for status in Status if status is not Status.MAXIMUM), MISTAKE)
