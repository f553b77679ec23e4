"""The codes of a verdict. Light to import: the command line lists them in its help."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why the two cannot be compared or differ, or that they agree; in the order in which a verdict names them."""

    AGREE = "agree"
    EM_NOT_CONVERGED = "em-not-converged"
    LOCAL_OPTIMUM = "local-optimum"
    SEVERAL_HILLS = "several-hills"
    DEGENERATE = "degenerate"
    CHAINS_DISAGREE = "chains-disagree"
    LABELS_UNRESOLVED = "labels-unresolved"
    WEAKLY_IDENTIFIED = "weakly-identified"
    PRIOR_DOMINATED = "prior-dominated"
    NON_NORMAL_POSTERIOR = "non-normal-posterior"


CODES = tuple(Code)
REASON_CODES = tuple(code for code in Code if code is not Code.AGREE)
