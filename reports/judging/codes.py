"""The codes of a verdict. Light to import: the command line lists them in its help."""

from __future__ import annotations

from enum import StrEnum

from ..checking.codes import FitCode


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


# What the answers to the other questions may be called: in what way the model does not fit, and what is little known.
IMPRECISE, PRIOR_SENSITIVE = "imprecise", "prior-sensitive"

CODES = tuple(Code)
REASON_CODES: tuple[str, ...] = tuple(code for code in Code if code is not Code.AGREE)
# All that a verdict may be asked to fail on.
ALL_CODES: tuple[str, ...] = (*REASON_CODES, *FitCode, IMPRECISE, PRIOR_SENSITIVE)
