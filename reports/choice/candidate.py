"""What the criteria say of one number of components, and what keeps them from being trusted there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes import LARGEST_PARETO_K, LARGEST_R_HAT, SMALLEST_ESS, Evidence, LeaveOneOut, Posterior
from em import Criteria, Fit, Kind, Rounded, Status

# Two evidences with a larger standard error each, and a Bayes factor of 3 is within two standard errors of 1.
LARGEST_EVIDENCE_ERROR = float(np.log(3) / (2 * np.sqrt(2)))
# A correct evidence is further from the exact one in six of a hundred thousand runs.
LARGEST_Z = 4.0


@dataclass(frozen=True)
class Candidate:
    """One number of ``components``, with every criterion that there is for it.

    ``criteria`` is ``None`` when EM collapsed, and ``reason`` says how; ``evidence`` and ``exact_evidence`` (log p(x) in
    nats, without sampling) are ``None`` when they are out of reach, and their ``problem`` says why. ``r_hat`` is the
    largest and ``ess`` the smallest of the quantities that no labelling changes, as none changes a criterion.
    ``findings`` say what of EM's estimate hangs on few observations, ``rounded`` what rounding does to it.
    """

    components: int
    free_parameters: int
    status: Status
    reason: str | None
    criteria: Criteria | None
    leave_one_out: LeaveOneOut
    evidence: Evidence | None
    evidence_problem: str | None
    exact_evidence: float | None
    exact_problem: str | None
    r_hat: float
    ess: float
    divergences: int
    findings: tuple[str, ...] = ()
    rounded: tuple[Rounded, ...] = ()

    @property
    def unbounded(self) -> tuple[Rounded, ...]:
        """What leaves the density without bound, and every criterion without a meaning: rounding and repeated values."""
        return tuple(found for found in self.rounded if found.kind is not Kind.WIDENED)

    @property
    def log_evidence(self) -> Evidence | None:
        """The exact evidence, which has no error, where there is one; else that of bridge sampling."""
        return self.evidence if self.exact_evidence is None else Evidence(self.exact_evidence, 0.0)

    @property
    def bridge_z(self) -> float | None:
        """How far bridge sampling is from the exact evidence, in its own standard errors."""
        if self.evidence is None or self.exact_evidence is None:
            return None
        return (self.evidence.log_evidence - self.exact_evidence) / self.evidence.standard_error

    @property
    def em_problems(self) -> list[str]:
        """What keeps AIC, BIC and ICL from being trusted."""
        if self.status is Status.COLLAPSED:
            return [f"every start of EM collapsed ({self.reason}), so that AIC, BIC and ICL are missing"]
        if self.status is not Status.CONVERGED:
            return ["EM did not converge, so that AIC, BIC and ICL are too large"]
        return []

    @property
    def chain_problems(self) -> list[str]:
        """What keeps the draws, hence both LOO and the evidence, from being trusted."""
        found = []
        # What never moves has no R-hat.
        if not self.r_hat <= LARGEST_R_HAT:
            found.append(f"the chains disagree, with R-hat {self.r_hat:.3f}")
        if not self.ess >= SMALLEST_ESS:
            found.append(f"the effective sample size is {self.ess:.0f} only")
        if self.divergences:
            found.append(f"{self.divergences} transitions diverged after tuning")
        return found

    @property
    def leave_one_out_problems(self) -> list[str]:
        """What keeps LOO from being trusted, the chains apart."""
        score = self.leave_one_out
        bad = float(score.weights @ ~(score.pareto_k <= LARGEST_PARETO_K))
        if not bad:
            return []
        return [
            f"LOO rests on few draws for {bad:g} of {score.weights.sum():g} observations, with Pareto k up to "
            f"{score.worst_pareto_k:.2f}"
        ]

    @property
    def evidence_problems(self) -> list[str]:
        """What keeps the evidence from being trusted, the chains apart, or why it is missing."""
        z = self.bridge_z
        if z is not None and abs(z) > LARGEST_Z:
            return [f"the evidence by bridge sampling is {z:+.1f} of its standard errors from the exact one"]
        if self.exact_evidence is not None:
            return []
        if self.evidence is None:
            return [f"no evidence, since {str(self.evidence_problem).rstrip('.')}"]
        if not self.evidence.standard_error <= LARGEST_EVIDENCE_ERROR:
            return [f"the evidence has a standard error of {self.evidence.standard_error:.2f} nats"]
        return []

    @property
    def problems(self) -> list[str]:
        """All that keeps a criterion from being trusted, and what rounding does."""
        # Where the density has no bound, nobody asks by how much its variances are too wide.
        rounded = [_clause(found.sentence) for found in self.unbounded or self.rounded]
        of_each = [*self.em_problems, *self.chain_problems, *self.leave_one_out_problems, *self.evidence_problems]
        return [*rounded, *of_each]


def _clause(sentence: str) -> str:
    """Return a sentence as a part of one: without its capital and its full stop."""
    return sentence[0].lower() + sentence[1:].rstrip(".")


def candidate(
    fit: Fit,
    criteria: Criteria | None,
    findings: tuple[str, ...],
    posterior: Posterior,
    leave_one_out: LeaveOneOut,
    evidence: Evidence | str,
    exact_evidence: float | str,
    rounded: tuple[Rounded, ...] = (),
) -> Candidate:
    """Gather what was found; text in the place of an evidence says why there is none."""
    invariant = posterior.label_invariant
    return Candidate(
        components=fit.model.components,
        free_parameters=fit.model.free_parameters,
        status=fit.status,
        reason=fit.climb.reason,
        criteria=criteria,
        leave_one_out=leave_one_out,
        evidence=None if isinstance(evidence, str) else evidence,
        evidence_problem=evidence if isinstance(evidence, str) else None,
        exact_evidence=None if isinstance(exact_evidence, str) else exact_evidence,
        exact_problem=exact_evidence if isinstance(exact_evidence, str) else None,
        r_hat=float(invariant["r_hat"].max(skipna=False)),
        ess=float(invariant[["ess_bulk", "ess_tail"]].to_numpy().min()),
        divergences=posterior.divergences,
        findings=findings,
        rounded=rounded,
    )
