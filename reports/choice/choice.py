"""The criteria of every number of components, side by side, and what they say together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from em import Fit
from models import Data, Model, Prior, Shown

from .candidate import Candidate
from .sentence import agree, agreement, caveats, sentence, without_bound
from .standing import Standing, standings


@dataclass(frozen=True)
class ChoiceSettings:
    """What can be chosen about how the criteria are computed; with data and model it fixes every number."""

    seed: int = 0
    draws: int = 1000
    tune: int = 1000
    chains: int = 4
    starts: int = 100


@dataclass(frozen=True, repr=False)
class Choice(Shown):
    """The criteria of every number of components that was tried, in ascending order.

    ``priors`` and ``fits`` (EM's maximum-likelihood estimates) are in the same order; ``seconds`` says how long each K took.
    """

    data: Data
    priors: tuple[Prior, ...]
    fits: tuple[Fit, ...]
    candidates: tuple[Candidate, ...]
    settings: ChoiceSettings
    seconds: dict[int, float]
    title: str
    command: str | None = None

    @property
    def tried(self) -> tuple[int, ...]:
        """The numbers of components."""
        return tuple(each.components for each in self.candidates)

    @property
    def model(self) -> Model:
        """The model with the fewest components; the others differ in their number alone."""
        return self.fits[0].model

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """What each criterion says: AIC, BIC, ICL, LOO and the evidence."""
        return standings(self.candidates)

    @property
    def agree(self) -> bool | None:
        """Whether all criteria are content with the same one K; ``None`` when they leave open which."""
        return agree(self.standings)

    @property
    def agreement(self) -> tuple[int, ...]:
        """The K that no criterion speaks against."""
        return agreement(self.standings)

    @property
    def sentence(self) -> str:
        """What the criteria take, and what they agree on; or why densities cannot be compared where they would take it."""
        return without_bound(self.standings, self.candidates) or sentence(self.standings, self.tried)

    @property
    def caveats(self) -> list[str]:
        """Which criteria are missing or not to be trusted at which K; ``warnings`` say why."""
        return caveats(self.standings)

    @property
    def warnings(self) -> list[str]:
        """What is missing or not to be trusted, one sentence for each K that has any of it."""
        return [f"K = {each.components}: {'; '.join(each.problems)}." for each in self.candidates if each.problems]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each K: log-likelihood, AIC, BIC and ICL; LOO and evidence in nats, with errors and diagnostics."""
        loo = next(standing for standing in self.standings if standing.criterion == "loo")
        rows = [_row(each, loo) for each in self.candidates]
        return pd.DataFrame(rows, index=pd.Index(self.tried, name="components"))

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield from (f"WARNING: {warning}" for warning in self.warnings)
        yield self.sentence
        yield from self.caveats
        yield self._shown()

    def _shown(self) -> pd.DataFrame:
        columns = [
            "log_likelihood", "aic", "bic", "icl", "loo", "loo_standard_error", "worst_pareto_k", "log_evidence",
            "log_evidence_standard_error", "exact_log_evidence", "r_hat",
        ]  # fmt: skip
        names = {
            "loo_standard_error": "±", "worst_pareto_k": "pareto_k", "log_evidence": "evidence",
            "log_evidence_standard_error": "± ", "exact_log_evidence": "exact",
        }  # fmt: skip
        shown = self.table[columns].rename(columns=names).rename_axis("K")
        return shown.map(lambda value: "–" if pd.isna(value) else f"{value:.2f}")


def _row(each: Candidate, loo: Standing) -> dict[str, Any]:
    of_em, score, k = each.criteria, each.leave_one_out, each.components
    nothing = float("nan")
    return {
        "free_parameters": each.free_parameters,
        "em_status": str(each.status),
        "log_likelihood": of_em.log_likelihood if of_em else nothing,
        "aic": of_em.aic if of_em else nothing,
        "bic": of_em.bic if of_em else nothing,
        "icl": of_em.icl if of_em else nothing,
        "loo": score.elpd,
        "loo_standard_error": score.standard_error,
        "loo_behind": loo.behind[k],
        "loo_behind_standard_error": loo.errors[k],
        "worst_pareto_k": score.worst_pareto_k,
        "log_evidence": each.evidence.log_evidence if each.evidence else nothing,
        "log_evidence_standard_error": each.evidence.standard_error if each.evidence else nothing,
        "exact_log_evidence": nothing if each.exact_evidence is None else each.exact_evidence,
        "r_hat": each.r_hat,
        "ess": each.ess,
        "divergences": each.divergences,
        "problems": "; ".join(each.problems),
    }
