"""``choice.json``: everything that the page shows, for programs. ``schema/choice.schema.json`` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..files.documents import GENERATOR, finite
from ..files.provenance import versions
from ..presenting.inputs import data_document, model_document
from .candidate import Candidate
from .choice import Choice
from .standing import Standing

SCHEMA_VERSION = "1.0"


def document(choice: Choice) -> dict[str, Any]:
    """Return plain dictionaries, lists, numbers and text; a number that is not finite becomes null."""
    whole = {
        "schema_version": SCHEMA_VERSION,
        "generator": GENERATOR,
        "title": choice.title,
        "sentence": choice.sentence,
        "agree": choice.agree,
        "agreement": list(choice.agreement),
        "caveats": choice.caveats,
        "warnings": choice.warnings,
        "data": data_document(choice.data),
        "candidates": [
            {
                "model": {**model_document(fit.model), "prior": prior.parameters()},
                "em": {"status": str(each.status), "reason": each.reason, "parameters": fit.parameters},
                **_candidate(each),
            }
            for each, fit, prior in zip(choice.candidates, choice.fits, choice.priors, strict=True)
        ],
        "standings": {standing.criterion: _standing(standing) for standing in choice.standings},
        "provenance": provenance(choice),
    }
    return finite(whole)  # type: ignore[no-any-return]


def provenance(choice: Choice) -> dict[str, Any]:
    """Return where the numbers come from and how to get them again; ``seconds`` alone changes from run to run."""
    return {
        "versions": versions(),
        "settings": asdict(choice.settings),
        "data_sha256": choice.data.sha256,
        "command": choice.command,
        "seconds": {str(k): round(seconds, 3) for k, seconds in choice.seconds.items()},
    }


def _candidate(each: Candidate) -> dict[str, Any]:
    score = each.leave_one_out
    return {
        "criteria": None if each.criteria is None else asdict(each.criteria),
        "leave_one_out": {
            "elpd": score.elpd,
            "standard_error": score.standard_error,
            "worst_pareto_k": score.worst_pareto_k,
        },
        "evidence": None if each.evidence is None else asdict(each.evidence),
        "evidence_problem": each.evidence_problem,
        "exact_evidence": each.exact_evidence,
        "exact_problem": each.exact_problem,
        "r_hat": each.r_hat,
        "ess": each.ess,
        "divergences": each.divergences,
        "problems": each.problems,
        "findings": list(each.findings),
    }


def _standing(standing: Standing) -> dict[str, Any]:
    speaks = standing.speaks
    return {
        "best": standing.best if speaks else None,
        "contenders": list(standing.contenders) if speaks else [],
        "behind": standing.behind,
        "errors": standing.errors,
        "resolution": standing.resolution,
        "missing": list(standing.missing),
        "doubtful": list(standing.doubtful),
    }
