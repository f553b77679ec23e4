"""What ``report.json`` and ``--json`` say of a given estimate: the sentence, and every figure behind it."""

from __future__ import annotations

from typing import Any

from models import Mixture

from .codes import Status
from .judgement import Judgement


def given_document(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement as plain dictionaries, lists, numbers and text."""
    given, hill, found = judgement.given, judgement.hill, judgement.found
    return {
        "status": str(judgement.status),
        "sentence": judgement.sentence,
        "below_own_top": judgement.below_own_top,
        "below_best": judgement.below_best,
        "standard_errors_off": judgement.standard_errors_off,
        "best_is_spurious": judgement.best_is_spurious,
        "mistake": None if judgement.mistake is None else str(judgement.mistake),
        "mode_under": judgement.mode_under,
        "claimed": None if judgement.claimed is None else str(judgement.claimed),
        "log_likelihood": judgement.log_likelihood,
        "stated_log_likelihood": given.log_likelihood,
        "digits": given.digits,
        "remarks": list(given.remarks),
        **_mixture(hill.estimate),
        "own_top": {"log_likelihood": hill.top.log_likelihood, **_mixture(hill.top.mixture)}
        if hill.has_a_top
        else None,
        "best": {
            "log_likelihood": found.best.log_likelihood,
            "starts": found.starts,
            "suspicions": list(found.suspicions),
            **_mixture(found.best.mixture),
        },
        "right_step": judgement.explanation.right_step,
        "wrong_steps": {str(mistake): length for mistake, length in judgement.explanation.wrong_steps.items()},
        "rounding": judgement.explanation.rounding,
        "parameters": hill.table.to_dict(orient="index"),
    }


def unreadable_document(sentence: str) -> dict[str, Any]:
    """Return what is said of an estimate that cannot be read: the sentence alone."""
    figures = (
        "below_own_top",
        "below_best",
        "standard_errors_off",
        "best_is_spurious",
        "mistake",
        "mode_under",
        "claimed",
    )
    return {"status": str(Status.UNREADABLE), "sentence": sentence, **dict.fromkeys(figures)}


def _mixture(mixture: Mixture) -> dict[str, Any]:
    return {name: array.tolist() for name, array in mixture.arrays().items()}
