"""``report.json``: everything that the page shows, for programs. ``schema/report.schema.json`` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from em import Atlas

from ..files.documents import GENERATOR, finite
from ..files.provenance import machine, versions
from ..judging.difference import allowed
from ..judging.prior import agrees
from ..reading.sources import source_document
from .fit_document import fit_document, mixture_document
from .inputs import data_document, model_document
from .literature import literature_document
from .membership_rows import memberships_name
from .saved_as import SCHEMA_VERSION

if TYPE_CHECKING:
    from bayes import Posterior

    from ..checking.model_fit import Check
    from ..comparing.hills import HillBeside
    from ..judging.answer import Answer
    from ..judging.comparison import Comparison
    from .given import GivenEstimate


def document(comparison: Comparison, given: GivenEstimate | None = None) -> dict[str, Any]:
    """Return the whole report as plain dictionaries, lists, numbers and text; a number that is not finite becomes null.

    ``given`` is what it is to say of somebody else's estimate.
    """
    literature = literature_document(comparison)
    whole = {
        "schema_version": SCHEMA_VERSION,
        "generator": GENERATOR,
        "title": comparison.title,
        "verdict": _verdict(comparison),
        "data": {**data_document(comparison.data), "source": source_document(comparison.source)},
        "model": {**model_document(comparison.model), "prior": comparison.prior.parameters()},
        **({} if comparison.start is None else {"start": mixture_document(comparison.start)}),
        "truth": None if comparison.truth is None else mixture_document(comparison.truth),
        "em": fit_document(comparison.mle),
        "map": fit_document(comparison.map),
        "posterior": posterior_document(comparison.posterior),
        "parameters": _parameters(comparison),
        "densities": [_density(curves) for curves in comparison.densities],
        "audit": comparison.audit.to_dict(),
        "basins": atlas_document(comparison.basins),
        "hills": [_hill(each) for each in comparison.hills],
        "large_sample": _large_sample(comparison),
        "distances": [
            {"name": d.name, "em": d.em, "median_draw": d.median, "share_beyond": d.share_beyond}
            for d in comparison.distances
        ],
        "memberships": _memberships(comparison),
        "prediction": asdict(comparison.prediction),
        "equivalence": _equivalence(comparison),
        "exact": _exact(comparison),
        **({} if literature is None else {"literature": literature}),
        **({} if given is None else {"given": given.document}),
        "provenance": provenance(comparison),
    }
    return finite(whole)  # type: ignore[no-any-return]


def posterior_document(posterior: Posterior) -> dict[str, Any]:
    """Return the summary of every scalar parameter, diagnostics and warnings."""
    return {
        "chains": posterior.chains,
        "draws": posterior.draws,
        "divergences": posterior.divergences,
        "warnings": posterior.warnings,
        "parameters": posterior.summary.to_dict(orient="index"),
        "label_invariant": posterior.label_invariant.to_dict(orient="index"),
    }


def provenance(comparison: Comparison) -> dict[str, Any]:
    """Return where the numbers come from and how to get them again; ``seconds`` alone changes from run to run."""
    settings = comparison.settings
    return {
        "versions": versions(),
        "machine": machine(),
        "seed": settings.seed,
        "settings": {
            "estimate": settings.estimate,
            "draws": settings.draws,
            "tune": settings.tune,
            "chains": settings.chains,
            "starts": settings.starts,
            "max_draws": settings.most_draws,
        },
        "data_sha256": comparison.data.sha256,
        "command": comparison.command,
        "seconds": {stage: round(seconds, 3) for stage, seconds in comparison.seconds.items()},
    }


def _verdict(comparison: Comparison) -> dict[str, Any]:
    verdict = comparison.verdict
    return {
        "status": verdict.status,
        "sentence": verdict.sentence,
        "front": verdict.front,
        "codes": list(verdict.codes),
        "reasons": [asdict(reason) for reason in verdict.reasons],
        "fit": {**_answer(verdict.fit), "checks": [_check(check) for check in comparison.fits.checks]},
        "precision": {
            **_answer(verdict.precision),
            "blocks": [{**asdict(each), "shift_allowed": allowed(each)} for each in comparison.departures],
        },
        "prior": {**_answer(verdict.prior), **_sensitivity(comparison)},
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "sentence": answer.sentence,
        "codes": list(answer.codes),
        "explanations": list(answer.explanations),
        "advice": list(answer.advice),
        "evidence": answer.evidence,
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "kind": check.key.kind,
        "component": None if check.key.component is None else check.key.component + 1,
        "observed": check.observed,
        "lower": check.lower,
        "upper": check.upper,
        "z": check.z,
        "code": None if check.code is None else str(check.code),
    }


def _sensitivity(comparison: Comparison) -> dict[str, Any]:
    found = comparison.sensitivity
    if found is None:
        return {"parameters": {}, "other_priors": []}
    return {
        "parameters": {str(name): row for name, row in found.table.to_dict(orient="index").items()},
        "other_priors": [
            {
                "prior": other.name,
                "pareto_k": other.pareto_k,
                "sampled": other.sampled,
                "agree": agrees(other.departures) if other.is_reliable else None,
            }
            for other in found.alternatives
        ],
    }


def atlas_document(atlas: Atlas) -> dict[str, Any]:
    """Return every optimum that runs of EM ended in, the highest first."""
    return {
        "runs": atlas.runs,
        "share": atlas.share,
        "higher": atlas.higher,
        "reported": atlas.reported,
        "statuses": {str(status): count for status, count in atlas.statuses.items()},
        "optima": [
            {
                "log_likelihood": optimum.log_likelihood,
                "objective": optimum.objective,
                "hits": optimum.hits,
                "gap": optimum.gap,
                **mixture_document(optimum.mixture),
            }
            for optimum in atlas.optima
        ],
    }


def _hill(each: HillBeside) -> dict[str, Any]:
    """Return a hill of the posterior, weighed."""
    told = {name: value for name, value in vars(each.hill).items() if name != "mode"}
    return {**told, "is_of_em": each.is_of_em, **mixture_document(each.hill.mode)}


def _large_sample(comparison: Comparison) -> dict[str, Any]:
    meter = comparison.large_sample
    intervals = comparison.standard_errors.table[["lower", "upper", "scale"]]
    rows = meter.table.join(intervals).to_dict(orient="index")
    return {
        "pareto_k": comparison.pareto_k,
        "problem": meter.problem,
        "parameters": {str(name): row for name, row in rows.items()},
    }


def _memberships(comparison: Comparison) -> dict[str, Any]:
    found = comparison.memberships
    return {
        "file": memberships_name(found),
        "rows": len(found.numbers),
        "rows_in_doubt": int(found.in_doubt.sum()),
        "share_in_doubt": found.share_in_doubt,
        "share_alike": found.share_alike,
        "largest_difference": found.largest_difference,
        "draws": found.draws,
        "smallest_log_density": found.smallest_log_density,
    }


def _parameters(comparison: Comparison) -> dict[str, Any]:
    columns = ("truth", "given", "mle", "map", "shift", "share_below", "inside")
    table = comparison.parameters
    kept = table[[column for column in columns if column in table]]
    return {str(name): row for name, row in kept.to_dict(orient="index").items()}


def _density(curves: Any) -> dict[str, Any]:
    return {
        "feature": curves.feature,
        "share_inside": curves.share_inside,
        "overlap": curves.overlap,
        **{name: getattr(curves, name).tolist() for name in ("grid", "em", "mean", "lower", "upper")},
        "truth": None if curves.truth is None else curves.truth.tolist(),
    }


def _equivalence(comparison: Comparison) -> dict[str, Any]:
    found = comparison.equivalence
    return {
        "holds": found.holds,
        "em_log_likelihood": list(found.em),
        "pymc_log_likelihood": list(found.pymc),
        "relative_difference": found.relative_difference,
        "relative_tolerance": found.relative_tolerance,
        "gradient": found.gradient,
        "remaining": found.remaining,
        "gradient_tolerance": found.gradient_tolerance,
        "undetermined_directions": found.undetermined,
        "textbook_rows": found.textbook_rows,
    }


def _exact(comparison: Comparison) -> dict[str, Any] | None:
    graded = comparison.exact
    if graded is None:
        return None
    table = graded.parameters
    return {
        "passed": graded.passed,
        "sentence": graded.sentence,
        "log_evidence": graded.exact_evidence,
        "bridge": None if graded.evidence is None else asdict(graded.evidence),
        "bridge_problem": graded.evidence_problem,
        "parameters": None if table is None else table.to_dict(orient="index"),
        "problem": graded.problem,
        "predictive": graded.predictive.reset_index().to_dict(orient="records"),
    }
