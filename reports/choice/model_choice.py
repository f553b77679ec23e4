"""Fit every number of components both ways, and set the criteria side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bayes import (
    Evidence,
    Posterior,
    evidence,
    exact_posterior,
    leave_one_out,
    require_draws_for_scores,
    sample,
)
from em import Fit, Status, audit, criteria, fit, rounding, starts_of
from models import Data, Model, Prior, observed, require_effort

from ..running.progress import Progress, Silence
from .candidate import Candidate, candidate
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


@dataclass(frozen=True)
class ModelChoice:
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

    def document(self) -> dict[str, Any]:
        """Return everything that the page shows, as ``choice.json`` holds it."""
        from .document import document

        return document(self)

    def save(self, folder: Path | str) -> Path:
        """Write page, document and table into a folder, whole or not at all, and return the path of the page."""
        from .write import write_choice

        return write_choice(self, Path(folder))

    def __repr__(self) -> str:
        lines = [*(f"WARNING: {warning}" for warning in self.warnings), self.sentence, *self.caveats]
        return "\n".join([*lines, self._shown().to_string(float_format="{:.2f}".format, na_rep="–")])

    def _repr_html_(self) -> str:
        from html import escape

        lines = [*(f"WARNING: {warning}" for warning in self.warnings), self.sentence, *self.caveats]
        text = "".join(f"<p>{escape(line)}</p>" for line in lines)
        return text + str(self._shown().to_html(float_format="{:.2f}".format, na_rep="–"))

    def _shown(self) -> pd.DataFrame:
        columns = [
            "log_likelihood", "aic", "bic", "icl", "loo", "loo_standard_error", "worst_pareto_k", "log_evidence",
            "log_evidence_standard_error", "exact_log_evidence", "r_hat",
        ]  # fmt: skip
        names = {
            "loo_standard_error": "±", "worst_pareto_k": "pareto_k", "log_evidence": "evidence",
            "log_evidence_standard_error": "± ", "exact_log_evidence": "exact",
        }  # fmt: skip
        return self.table[columns].rename(columns=names).rename_axis("K")


def choose(
    x: ArrayLike | Data,
    family: str,
    components: Iterable[int] = range(1, 7),
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    prior: Prior | str | None = None,
    seed: int = 0,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    starts: int = 100,
    title: str | None = None,
    command: str | None = None,
    progress: Progress | None = None,
) -> ModelChoice:
    """Compare numbers of components by AIC, BIC, ICL, the leave-one-out score and the evidence.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    family, covariance, mixing, weights
        The model, as in ``em.fit`` and ``bayes.sample``.
    components
        The numbers of components to try, each from 1 on.
    prior
        One prior for the components and the concentration of the weights at every K, or the name of one that each K has
        by ``Model.prior``: ``"weak"`` or ``"conjugate"``.
    seed
        The one seed that every random draw follows from. What one K gets does not depend on which others are tried.
    draws, tune, chains, starts
        How much to sample, and how many starts EM gets, for each K.
    title, command
        What the page is called, and the command that makes it again.
    progress
        Shows every stage of the work, as progress bars do.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used for one of the numbers; the message names it.
    """
    data = observed(x, weights)
    models = [Model.of(data, family, k, covariance, mixing) for k in _numbers(components)]
    settings = ChoiceSettings(seed, draws, tune, chains, starts)
    require_effort(models[-1].free_parameters, draws, tune, chains)
    require_draws_for_scores(draws, chains)
    priors = [model.chosen_prior(_with_components(prior, model.components), data) for model in models]
    progress, seconds = progress or Silence(), {}
    step_of_em = progress.stage("EM", sum(starts_of(model, starts) for model in models))
    step_of_draws = progress.stage("NUTS", chains * (draws + tune) * len(models))
    step_of_criteria = progress.stage("Evidence and LOO", len(models))
    fits, candidates = [], []
    for model, chosen in zip(models, priors, strict=True):
        began = time.perf_counter()
        rng_em, rng_posterior, rng_evidence = np.random.default_rng([seed, model.components]).spawn(3)
        specification = model.specification
        fitted = fit(data, **specification, starts=starts, seed=rng_em, on_start=lambda _: step_of_em())
        amount: dict[str, Any] = {"draws": draws, "tune": tune, "chains": chains, "prior": chosen}
        posterior = sample(data, **specification, **amount, seed=rng_posterior, on_draw=step_of_draws)
        candidates.append(_judged(fitted, posterior, rng_evidence))
        fits.append(fitted)
        step_of_criteria()
        seconds[model.components] = time.perf_counter() - began
    return ModelChoice(
        data, tuple(priors), tuple(fits), tuple(candidates), settings, seconds, title or data.name, command
    )


def _with_components(prior: Prior | str | None, components: int) -> Prior | str | None:
    """Return the prior with the same parameters for so many components."""
    if not isinstance(prior, Prior):
        return prior
    return replace(prior, model=replace(prior.model, components=components))


def _numbers(components: Iterable[int]) -> list[int]:
    numbers = sorted(set(components))
    if not numbers:
        raise ValueError("components is empty: give at least one number of components.")
    return numbers


def _judged(fitted: Fit, posterior: Posterior, rng: np.random.Generator) -> Candidate:
    interior = fitted.status is not Status.COLLAPSED
    return candidate(
        fitted,
        criteria(fitted) if interior else None,
        _findings(fitted) if interior else (),
        posterior,
        leave_one_out(posterior),
        _evidence(posterior, rng),
        _exact_evidence(posterior),
        rounding(fitted),
    )


def _findings(fitted: Fit) -> tuple[str, ...]:
    return tuple(finding.sentence for finding in audit(fitted).degeneracy.findings)


def _evidence(posterior: Posterior, rng: np.random.Generator) -> Evidence | str:
    """Return the evidence by bridge sampling, or why there is none."""
    try:
        return evidence(posterior, rng)
    except np.linalg.LinAlgError:
        return "the draws do not vary in all directions"
    except ValueError as error:
        return str(error)


def _exact_evidence(posterior: Posterior) -> float | str:
    """Return the exact evidence, or why there is none."""
    model = posterior.model.specification
    try:
        return exact_posterior(posterior.data, **model, prior=posterior.prior).evidence
    except ValueError as error:
        return str(error)


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
