"""Fit every number of components both ways, and set the criteria side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from bayes import (
    Evidence,
    Posterior,
    Sampling,
    evidence,
    exact_posterior,
    leave_one_out,
    require_draws_for_scores,
    sample,
)
from em import Fit, Status, audit, criteria, fit, rounding, starts_of
from models import (
    AnyPrior,
    Data,
    GivenLabels,
    Model,
    Prior,
    observed,
    require_effort,
    require_whole_weights,
    usable_cores,
)
from models.arguments import require_one_of

from ..running.patience import MOST_MINUTES, require_patience
from ..running.progress import Progress, Silence
from .candidate import Candidate, candidate
from .choice import Choice, ChoiceSettings
from .document import document
from .write import write_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ModelChoice(Choice):
    """What :func:`choose` found: the criteria of every number of components, which can be written into a folder.

    ``table`` has a row for each number of components, its log-likelihood, scores and evidence in nats; ``fits``, ``priors``
    and ``candidates`` are in the same order. ``standings`` is what each criterion says, ``agreement`` the numbers that none
    of them speaks against, and ``sentence`` what they take; ``seconds`` says how long each number took.

    Examples
    --------
    >>> from reports import choose
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = choose(x, "poisson", (1, 2), draws=500, chains=2, starts=10)
    >>> found.agreement
    (2,)
    """

    def document(self) -> dict[str, Any]:
        """Return everything that the page shows, as ``choice.json`` holds it."""
        return document(self)

    def plot(self, criterion: str = "bic", *, ax: Axes | None = None) -> Axes:
        """Draw how many nats each K is behind the best by one criterion, and return the axes.

        Parameters
        ----------
        criterion
            ``"aic"``, ``"bic"``, ``"icl"``, ``"loo"`` or ``"evidence"``.
        ax
            The axes to draw on; new ones unless given.

        Raises
        ------
        ValueError
            When there is no such criterion.
        """
        from ..presenting.figures import onto
        from .figures import deepest, standing

        found = {each.criterion: each for each in self.standings}
        require_one_of("criterion", criterion, found)
        depth = deepest(self.standings)
        return onto(ax, lambda place: standing(found[criterion], self.tried, depth, place))

    def save(self, folder: Path | str) -> Path:
        """Write page, document and table into a folder, whole or not at all, and return the path of the page."""
        return write_choice(self, Path(folder))


def choose(
    x: ArrayLike | Data,
    family: str,
    components: Iterable[int] = range(1, 7),
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
    prior: AnyPrior | None = None,
    seed: int = 0,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    starts: int = 100,
    max_minutes: float = MOST_MINUTES,
    title: str | None = None,
    command: str | None = None,
    progress: Progress | None = None,
) -> ModelChoice:
    """Compare numbers of components by AIC, BIC, ICL, the leave-one-out score and the evidence.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    family, covariance, mixing, weights, exposure, known
        The model, as in ``em.fit`` and ``bayes.sample``.
    components
        The numbers of components to try, each from 1 on.
    prior
        One prior for the components and the concentration of the weights at every K, as such or by its parameters, or the
        name of one that each K has by ``Model.prior``: ``"weak"`` or ``"conjugate"``.
    seed
        The one seed that every random draw follows from. What one K gets does not depend on which others are tried.
    draws, tune, chains, starts
        How much to sample, and how many starts EM gets, for each K.
    max_minutes
        How long the chains of all K may be expected to take, in minutes; what takes longer has to be allowed.
    title, command
        What the page is called, and the command that makes it again.
    progress
        Shows every stage of the work, as progress bars do.

    Returns
    -------
    ModelChoice
        The ``table`` of all criteria, a ``sentence``, ``plot("bic")`` and ``save("folder")``.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used for one of the numbers; the message names it. It is an
        :class:`~models.UnfeasibleError`, before anything is fitted, where it would take more than ``max_minutes``.

    Examples
    --------
    >>> from reports import choose
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = choose(x, "poisson", (1, 2), draws=500, chains=2, starts=10)
    >>> found.table["bic"].round(1).to_dict()
    {1: 72.3, 2: 56.3}
    """
    data = observed(x, weights, exposure, known)
    require_whole_weights(data)
    models = [Model.of(data, family, k, covariance, mixing) for k in _numbers(components)]
    settings = ChoiceSettings(seed, draws, tune, chains, starts)
    require_effort(models[-1].free_parameters, draws, tune, chains)
    require_draws_for_scores(draws, chains)
    priors = [model.chosen_prior(_for(model, prior), data) for model in models]
    progress, seconds = progress or Silence(), {}
    require_patience(data, models, Sampling(draws, tune, chains, usable_cores(), seed), max_minutes, progress)
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


def _for(model: Model, prior: AnyPrior | None) -> AnyPrior | None:
    """Return the prior with the same parameters for so many components as the model has; a single one has no weights."""
    if isinstance(prior, Prior):
        return replace(prior, model=replace(prior.model, components=model.components))
    if isinstance(prior, Mapping) and model.components == 1:
        return {name: part for name, part in prior.items() if name != "weights"}
    return prior


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
