"""A judgement of draws as a document for programs."""

from __future__ import annotations

from typing import Any

from .draws_findings import FindingsOfDraws
from .draws_words import sentences


def draws_document(judged: FindingsOfDraws) -> dict[str, Any]:
    """Return the judgement as numbers, codes and sentences: what is ``given`` of draws."""
    posterior, claim, difference, estimate = judged.given.posterior, judged.claim, judged.difference, judged.estimate
    return {
        "status": str(judged.status),
        "findings": [str(status) for status in judged.findings],
        "sentences": sentences(judged),
        "notes": list(judged.given.draws.remarks),
        "names": judged.given.draws.called,
        "chains": posterior.chains,
        "draws": posterior.draws,
        "divergences": judged.given.draws.stated.divergences,
        "r_hat": judged.r_hat,
        "chain_log_likelihoods": judged.chain_log_likelihoods,
        "switched": judged.given.switched,
        "labels_are_clear": judged.labels_are_clear,
        "shares_on_own_hills": list(judged.shares),
        "meant": judged.meant,
        "under": judged.under,
        "claimed": None if claim is None else {**vars(claim), "claim": str(claim.claim)},
        "prior": {"is_stated": judged.given.prior_is_stated, **posterior.prior.parameters()},
        "parameters": posterior.summary.to_dict(orient="index"),
        "label_invariant": posterior.label_invariant.to_dict(orient="index"),
        "against_own": None
        if difference is None
        else {
            "limit": difference.limit,
            "differing": difference.differing,
            "quantities": difference.table.to_dict(orient="index"),
        },
        "estimate": None
        if estimate is None
        else {
            "log_likelihood": estimate.log_likelihood,
            "below": estimate.below,
            "beaten_by": estimate.beaten_by,
            "parameters": estimate.table.to_dict(orient="index"),
        },
    }
