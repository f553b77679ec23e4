"""The best that a search over starts finds beside a given estimate, and whether it can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from em import Audit, Fit, Kind, Status, atlas, audit, degeneracy, fit, information_of, same_height

from .own_hill import OwnHill


@dataclass(frozen=True)
class BestFound:
    """The highest interior optimum that is known: of a search over starts, or the top of the estimate's own hill.

    ``searched`` is the fit with all starts, ``best`` the highest of all. ``believable`` is the highest optimum above
    the estimate's own hill that is not spurious, ``None`` where there is none.
    """

    searched: Fit
    best: Fit
    believable: Fit | None

    @cached_property
    def audit(self) -> Audit:
        """What EM says about the best."""
        return audit(self.best)

    @property
    def suspicions(self) -> tuple[str, ...]:
        """Why the best may be spurious, a sentence each; none where it is not."""
        return suspicions_of(self.audit)

    @property
    def starts(self) -> int:
        """How many starts were tried."""
        return len(self.searched.starts)


def best_found(hill: OwnHill, searched: Fit) -> BestFound:
    """Hold what a search over starts found against the top of an estimate's own hill."""
    top = hill.top
    if hill.has_a_top and (searched.status is Status.COLLAPSED or not is_above(searched, top)):
        return BestFound(searched, top, None)
    return BestFound(searched, searched, _believable(searched, hill))


def is_above(one: Fit, other: Fit) -> bool:
    """Whether one optimum is higher than another by more than nothing can tell."""
    return one.log_likelihood - other.log_likelihood > same_height(one.log_likelihood)


def suspicions_of(audited: Audit) -> tuple[str, ...]:
    """Why a maximum may be spurious, a sentence each."""
    unbounded = [found.sentence for found in audited.rounding if found.kind is Kind.UNBOUNDED]
    return (*(finding.sentence for finding in audited.degeneracy.findings), *unbounded)


def _believable(searched: Fit, hill: OwnHill) -> Fit | None:
    floor = hill.top.log_likelihood if hill.has_a_top else -float("inf")
    for optimum in atlas(searched).optima:
        if optimum.log_likelihood <= floor + same_height(floor):
            return None
        found = fit(searched.data, **searched.model.specification, start=optimum.mixture)
        if found.status is Status.CONVERGED and not degeneracy(found, information_of(found)).findings:
            return found
    return None
