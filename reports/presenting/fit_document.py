"""An EM estimate as ``report.json`` holds it, and as ``fit --json`` prints it."""

from __future__ import annotations

from typing import Any

from em import Fit, Start
from models import Mixture

from .endings import endings


def fit_document(fit: Fit) -> dict[str, Any]:
    """Return an EM estimate and how it was reached; beside a given start the search as well."""
    beside = {} if fit.search is None else {"search": _search(fit.search, fit.from_where)}
    return {
        "estimate": fit.estimate,
        "status": str(fit.status),
        "reason": fit.climb.reason,
        "log_likelihood": fit.log_likelihood,
        "objective": float(fit.climb.objective[-1]),
        "remaining": fit.climb.remaining,
        "steps": fit.steps,
        **mixture_document(fit.mixture),
        "parameters": fit.parameters,
        "trace": fit.climb.log_likelihood.tolist(),
        "starts": [_start(start) for start in fit.starts],
        **beside,
    }


def fit_in_short(fit: Fit) -> dict[str, Any]:
    """Return the same with a line for each place that starts ended in, and none for each start."""
    whole = fit_document(fit)
    searches = [whole, *([whole["search"]] if "search" in whole else [])]
    for each in searches:
        del each["starts"]
    return {**whole, "endings": [ending._asdict() for ending in endings(fit)]}


def _start(start: Start) -> dict[str, Any]:
    return {
        "kind": start.kind,
        "status": str(start.status),
        "reason": start.reason,
        "log_likelihood": start.log_likelihood,
        "objective": start.objective,
        "steps": start.steps,
    }


def _search(found: Fit, sentence: str) -> dict[str, Any]:
    """Return what a search over starts found, and in words how an estimate from a given start stands to it."""
    return {
        "status": str(found.status),
        "log_likelihood": found.log_likelihood,
        "objective": float(found.climb.objective[-1]),
        "sentence": sentence,
        **mixture_document(found.mixture),
        "starts": [_start(start) for start in found.starts],
    }


def mixture_document(mixture: Mixture) -> dict[str, Any]:
    """Return weights, and means with covariances or rates."""
    return {name: array.tolist() for name, array in mixture.arrays().items()}
