"""What ``report.json`` and ``--json`` say of a given estimate: the sentence, and every figure behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import Mixture

from ..files.documents import finite
from ..presenting.given import GivenEstimate
from .codes import Status
from .judgement import Judgement
from .words import figures

if TYPE_CHECKING:
    from .beside_posterior import BesidePosterior


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


def shown(judgement: Judgement, beside: BesidePosterior) -> GivenEstimate:
    """Return a judgement and what the posterior says of the estimate, as the report shows them."""
    return GivenEstimate(
        str(judgement.status),
        judgement.status is Status.MAXIMUM,
        (judgement.sentence, beside.sentence, *judgement.given.remarks),
        tuple(figures(judgement)),
        judgement.hill.table,
        finite({**given_document(judgement), "posterior": posterior_document(beside)}),
    )


def posterior_document(beside: BesidePosterior) -> dict[str, Any]:
    """Return what the posterior says of the estimate."""
    return {
        "status": beside.status,
        "sentence": beside.sentence,
        "parameter": beside.parameter,
        "shift": beside.shift,
        "outside": list(beside.outside),
    }


def unreadable_document(sentence: str) -> dict[str, Any]:
    """Return what is said of an estimate that cannot be read: the sentence alone."""
    unknown = (
        "below_own_top",
        "below_best",
        "standard_errors_off",
        "best_is_spurious",
        "mistake",
        "mode_under",
        "claimed",
    )
    return {"status": str(Status.UNREADABLE), "sentence": sentence, **dict.fromkeys(unknown)}


def _mixture(mixture: Mixture) -> dict[str, Any]:
    return {name: array.tolist() for name, array in mixture.arrays().items()}
