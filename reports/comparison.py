"""Fit a mixture by EM and by Bayesian inference, and hold the two side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bayes import Posterior, match, pareto_k, sample
from em import (
    Atlas,
    Audit,
    Fit,
    StandardErrors,
    Status,
    audit,
    basin_shares,
    fit,
    require_estimate,
    standard_errors,
    starts_of,
)
from models import Array, Data, Mixture, Model, Prior, in_digits, observed

from .density import DensityCurves, density_curves, thinned
from .equivalence import Equivalence, prove_for
from .exact import ExactGrade, exact_of, grade
from .function_space import Distance, distances
from .large_sample import LargeSample, large_sample
from .prediction import Prediction, prediction
from .source import Source
from .verdict import Verdict, verdict

MEMBERSHIP_DRAWS = 400
BASIN_DRAWS = 20
PRIOR_DRAWS = 2000
# What is computed from both fits before anything is shown, in this order.
AUDIT = (
    "parameters",
    "audit",
    "standard_errors",
    "basins",
    "large_sample",
    "pareto_k",
    "distances",
    "prediction",
    "prior_widths",
    "verdict",
)


@dataclass(frozen=True)
class Settings:
    """What can be chosen about how a comparison is computed; together with data and model it fixes every number."""

    seed: int = 0
    draws: int = 1000
    tune: int = 1000
    chains: int = 4
    starts: int = 100
    estimate: str = "mle"


class Progress(Protocol):
    """What is told about each stage of a comparison, such as progress bars."""

    def stage(self, name: str, total: int) -> Callable[[], None]:
        """Begin a stage of so many steps, and return what to call after each."""


class Silence:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> Callable[[], None]:
        """Return a step that does nothing."""
        return lambda: None


@dataclass(frozen=True)
class Comparison:
    """Both fits of the same data and model, matched in their labels.

    ``em`` is the estimate that is compared (the MLE unless MAP was asked for); ``mle`` and ``map`` are both there.
    ``truth`` is the mixture that simulated data were drawn from. ``seconds`` says how long each stage took. ``exact`` is the
    grade against the exact posterior, when it was asked for; ``source`` says where the data can be read again. What else
    follows from the fits is computed when it is first asked for; :func:`compare` asks for all that takes long.
    """

    data: Data
    model: Model
    prior: Prior
    mle: Fit
    map: Fit
    posterior: Posterior
    equivalence: Equivalence
    truth: Mixture | None
    settings: Settings
    seconds: dict[str, float]
    title: str
    command: str | None = None
    exact: ExactGrade | None = None
    source: Source | None = None

    @property
    def em(self) -> Fit:
        """The EM estimate that is compared with the posterior."""
        return self.map if self.settings.estimate == "map" else self.mle

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """One row for each free parameter: truth, MLE, MAP, posterior, and where the EM estimate lies in it.

        ``shift`` is (EM estimate − posterior mean) / posterior sd; ``share_below`` is the share of posterior draws below
        the EM estimate; ``inside`` says whether the 95 % interval holds it.
        """
        table = self.posterior.summary.copy()
        table.insert(0, "map", pd.Series(self.map.parameters))
        table.insert(0, "mle", pd.Series(self.mle.parameters))
        if self.truth is not None:
            named = self.model.scalars(self.truth, self.data.columns)
            table.insert(0, "truth", pd.Series({name: float(value) for name, value in named.items()}))
        estimate = table[self.em.estimate]
        table["shift"] = (estimate - table["mean"]) / table["sd"]
        below = {name: float(np.mean(draws < estimate[name])) for name, draws in self.posterior.scalars.items()}
        table["share_below"] = pd.Series(below)
        table["inside"] = (estimate >= table["lower"]) & (estimate <= table["upper"])
        return table

    @cached_property
    def densities(self) -> list[DensityCurves]:
        """For every feature EM's density and the posterior's band around its own."""
        return density_curves(self.data, self.model, self.em.mixture, self.posterior.mixture, self.truth)

    @cached_property
    def responsibilities(self) -> Array:
        """EM's responsibilities, shape ``(rows, k)``."""
        return self.em.mixture.responsibilities(self.data.values)

    @cached_property
    def membership(self) -> Array:
        """The posterior probability of each component given the observation, E[γ] over draws, shape ``(rows, k)``."""
        return _membership(self.posterior)

    @cached_property
    def audit(self) -> Audit:
        """What EM has to say about its own estimate."""
        return audit(self.em)

    @cached_property
    def standard_errors(self) -> StandardErrors:
        """The large-sample uncertainty of the MLE."""
        return standard_errors(self.mle)

    @cached_property
    def basins(self) -> Atlas:
        """Where EM ends when it starts from posterior draws."""
        return basin_shares(self.em, thinned(self.posterior.mixture, BASIN_DRAWS))

    @cached_property
    def large_sample(self) -> LargeSample:
        """The posterior against the normal distribution about the MLE."""
        return large_sample(self)

    @cached_property
    def pareto_k(self) -> float:
        """The Pareto k of that normal distribution as a proposal for the posterior.

        NaN where there is none: about an estimate on the edge, or of EM that collapsed.
        """
        if self.standard_errors.on_the_edge or self.mle.status is Status.COLLAPSED:
            return float("nan")
        rng = np.random.default_rng([self.settings.seed, len(self.parameters)])
        return pareto_k(self.data, self.model, self.prior, self.mle.mixture, rng)

    @cached_property
    def distances(self) -> list[Distance]:
        """How far EM's mixture is from the posterior predictive, in function space."""
        return distances(self)

    @cached_property
    def _prior_draws(self) -> dict[str, Array]:
        rng = np.random.default_rng([self.settings.seed, PRIOR_DRAWS])
        return self.model.scalars(self.prior.sample(rng, (PRIOR_DRAWS,)), self.data.columns)

    @cached_property
    def prior_widths(self) -> pd.Series:
        """The length of the central 95 % of each parameter's prior."""
        lower, upper = np.quantile(list(self._prior_draws.values()), [0.025, 0.975], axis=1)
        return pd.Series(upper - lower, index=list(self._prior_draws))

    @cached_property
    def prior_inside(self) -> pd.Series:
        """The share of each parameter's prior that lies in the central 95 % of its posterior, on whatever scale."""
        ends = self.posterior.summary
        inside = {
            name: float(np.mean((drawn >= ends["lower"][name]) & (drawn <= ends["upper"][name])))
            for name, drawn in self._prior_draws.items()
        }
        return pd.Series(inside)

    @cached_property
    def under_the_mode(self) -> Atlas:
        """Where the likelihood leads from the mode under the prior: to the MLE, or to the top of another hill."""
        return basin_shares(self.mle, self.map.mixture[None])

    @cached_property
    def prediction(self) -> Prediction:
        """How well each side predicts an observation that it has not seen."""
        return prediction(self)

    @cached_property
    def verdict(self) -> Verdict:
        """Whether EM and Bayes agree, and if not, for which of the known reasons."""
        return verdict(self)

    def document(self) -> dict[str, Any]:
        """Everything that the page shows, as ``report.json`` holds it."""
        from .document import document

        return document(self)

    def save(self, folder: Path | str, figures: str | None = None) -> Path:
        """Write the report into a folder, whole or not at all, and return the path of its page.

        ``figures`` may name a format, ``"svg"`` or ``"png"``, to have every figure as a file of its own as well.
        """
        from .write import write_report

        return write_report(self, Path(folder), figures)

    def _shown(self) -> pd.DataFrame:
        """The table as text, to the digits that the posterior's standard deviations justify."""
        columns = ("truth", "mle", "map", "mean", "sd", "lower", "upper", "r_hat", "shift")
        table = self.parameters[[column for column in columns if column in self.parameters]]
        return in_digits(table, table["sd"], {"r_hat": 3, "shift": 2})

    def __repr__(self) -> str:
        return f"{self.verdict.sentence}\n{self._shown().to_string()}"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.verdict.sentence)}</p>{self._shown().to_html()}"


def compare(
    x: ArrayLike | Data,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    prior: Prior | None = None,
    estimate: str = "mle",
    seed: int = 0,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    starts: int = 100,
    truth: Mixture | None = None,
    title: str | None = None,
    command: str | None = None,
    exact: bool = False,
    source: Source | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fit a mixture by EM and by Bayesian inference and compare the two.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    family, components, covariance, mixing, weights, prior
        The model, as in ``em.fit`` and ``bayes.sample``; both sides and the MAP estimate share one prior.
    estimate
        Which EM estimate is held against the posterior, ``"mle"`` or ``"map"``. Both are computed.
    seed
        The one seed that every random draw follows from.
    draws, tune, chains, starts
        How much to sample, and how many starts EM gets.
    truth
        The mixture the data were simulated from, when it is known.
    title, command
        What the report is called, and the command that makes it again.
    exact
        Whether to grade both sides against the exact posterior, which must be within reach.
    source
        Where the data can be read again, which :func:`verify` does.
    progress
        Told about every stage.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used; the message names it.
    reports.NoExactPosteriorError
        A ``ValueError``, before anything is fitted: ``exact`` was asked for, and the posterior is out of reach.
    reports.EquivalenceError
        When EM and PyMC turn out not to be the same model.
    """
    data = observed(x, weights)
    model = Model.of(data, family, components, covariance, mixing)
    require_estimate(estimate)
    settings = Settings(seed, draws, tune, chains, starts, estimate)
    chosen, told = model.chosen_prior(prior, data), progress or Silence()
    # One stream of random numbers for each job, so that none depends on how many the job before it took.
    of_mle, of_map, of_posterior, of_equivalence, of_grade = np.random.default_rng(seed).spawn(5)
    seconds: dict[str, float] = {}
    if exact:
        with _timed("exact", seconds):
            known = exact_of(data, model, chosen)
    specification: dict[str, Any] = asdict(model)
    del specification["dimension"]
    with _timed("em", seconds):
        step = told.stage("EM: maximum likelihood", starts_of(model, starts))
        mle = fit(data, **specification, starts=starts, seed=of_mle, on_start=lambda _: step())
        step = told.stage("EM: maximum a posteriori", starts_of(model, starts))
        mode = fit(
            data, **specification, estimate="map", prior=chosen, starts=starts, seed=of_map, on_start=lambda _: step()
        )
    with _timed("equivalence", seconds):
        step = told.stage("Proof that both are one model", 1)
        equivalence = prove_for(mle, of_equivalence)
        step()
    with _timed("posterior", seconds):
        step = told.stage("NUTS", chains * (draws + tune))
        posterior = sample(
            data,
            **specification,
            prior=chosen,
            draws=draws,
            tune=tune,
            chains=chains,
            seed=of_posterior,
            on_draw=step,
        )
    graded = None
    if exact:
        with _timed("exact grade", seconds):
            graded = grade(posterior, known, mle, of_grade)
    comparison = side_by_side(mle, mode, posterior, equivalence, settings, truth)
    comparison = replace(
        comparison,
        seconds=seconds,
        title=title or data.name,
        command=command,
        exact=graded,
        source=source,
    )
    with _timed("audit", seconds):
        step = told.stage("Audit", len(AUDIT))
        for part in AUDIT:
            getattr(comparison, part)
            step()
    return comparison


def side_by_side(
    mle: Fit,
    mode: Fit,
    posterior: Posterior,
    equivalence: Equivalence,
    settings: Settings,
    truth: Mixture | None = None,
) -> Comparison:
    """Estimates and a posterior of the same data and model, under one permutation of the labels each: the posterior's."""
    reference, data = _membership(posterior), posterior.data
    return Comparison(
        data=data,
        model=posterior.model,
        prior=posterior.prior,
        mle=_matched(mle, reference),
        map=_matched(mode, reference),
        posterior=posterior,
        equivalence=equivalence,
        truth=None if truth is None else match(truth, reference, data),
        settings=settings,
        seconds={},
        title=data.name,
    )


def _membership(posterior: Posterior) -> Array:
    draws = thinned(posterior.mixture, MEMBERSHIP_DRAWS)
    values = posterior.data.values
    return np.asarray(np.mean([draws[i].responsibilities(values) for i in range(len(draws.weights))], axis=0))


def _matched(estimate: Fit, reference: Array) -> Fit:
    """One global permutation of the estimate, so that its labels are the posterior's."""
    return replace(estimate, mixture=match(estimate.mixture, reference, estimate.data))


@contextmanager
def _timed(stage: str, seconds: dict[str, float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began
