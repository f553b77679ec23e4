"""Both fits of the same data side by side, matched in their labels, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from bayes import Posterior, match, pareto_k
from em import Atlas, Audit, Fit, StandardErrors, Status, audit, basin_shares, standard_errors
from models import Array, Data, Mixture, Model, Prior

from ..checking.model_fit import ModelFit, model_fit
from .apart import Apart, columns_apart
from .density import DensityCurves, density_curves, thinned
from .departures import Departure, departures
from .equivalence import Equivalence
from .exact import ExactGrade
from .function_space import DRAWS, Distance, distances, selection_of
from .hills import HillBeside, hills_beside
from .large_sample import LargeSample, large_sample
from .matching import matched
from .memberships import Memberships
from .prediction import Prediction, prediction
from .sensitivity import PriorSensitivity, prior_sensitivity

BASIN_DRAWS = 20
PRIOR_DRAWS = 2000
# Chains that have not settled by then crawl: their effective sample size is below one draw in forty.
BATCHES = 16
# What is computed from both fits before anything is shown, in this order.
MEASURES = (
    "parameters",
    "audit",
    "standard_errors",
    "basins",
    "hills",
    "large_sample",
    "pareto_k",
    "memberships",
    "distances",
    "prediction",
    "departures",
    "sensitivity",
    "fits",
)


@dataclass(frozen=True)
class Settings:
    """What can be chosen about how a comparison is computed; together with data and model it fixes every number.

    ``draws``, ``tune`` and ``max_draws`` are of each chain, and ``starts`` is how many EM gets; ``estimate`` is the one that
    is compared, ``"mle"`` or ``"map"``.

    Examples
    --------
    >>> from reports import Settings
    >>> Settings(draws=500).most_draws, Settings(draws=500, max_draws=1000).most_draws
    (8000, 1000)
    """

    seed: int = 0
    draws: int = 1000
    tune: int = 1000
    chains: int = 4
    starts: int = 100
    estimate: str = "mle"
    max_draws: int | None = None

    @property
    def most_draws(self) -> int:
        """The most draws that a chain may take: sixteen times the first ones, unless it was said."""
        return BATCHES * self.draws if self.max_draws is None else self.max_draws


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Both fits of the same data and model, matched in their labels.

    ``em`` is the estimate that is compared (the MLE unless MAP was asked for); ``mle`` and ``map`` are both there.
    ``truth`` is the mixture that simulated data were drawn from, and ``given`` somebody else's estimate. ``exact`` is the
    grade against the exact posterior, when it was asked for; ``under_others`` are posteriors under other priors, by their
    name, where one had to be sampled. ``start`` is where EM started, if somebody gave it. What else follows from the
    fits is computed when it is first asked for.
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
    exact: ExactGrade | None = None
    given: Mixture | None = None
    start: Mixture | None = None
    under_others: Mapping[str, Posterior] = field(default_factory=dict)

    @property
    def em(self) -> Fit:
        """The EM estimate that is compared with the posterior."""
        return self.map if self.settings.estimate == "map" else self.mle

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """One row for each free parameter: truth, given, MLE, MAP, posterior, and where the EM estimate lies in it.

        ``shift`` is (EM estimate − posterior mean) / posterior sd; ``share_below`` is the share of posterior draws below
        the EM estimate; ``inside`` says whether the 95 % interval holds it.
        """
        table = self.posterior.summary.copy()
        table.insert(0, "map", pd.Series(self.map.parameters))
        table.insert(0, "mle", pd.Series(self.mle.parameters))
        for column, mixture in (("given", self.given), ("truth", self.truth)):
            if mixture is not None:
                named = self.model.scalars(mixture, self.data.columns)
                table.insert(0, column, pd.Series({name: float(value) for name, value in named.items()}))
        estimate = table[self.em.estimate]
        table["shift"] = (estimate - table["mean"]) / table["sd"]
        below = {name: float(np.mean(draws < estimate[name])) for name, draws in self.posterior.scalars.items()}
        table["share_below"] = pd.Series(below)
        table["inside"] = (estimate >= table["lower"]) & (estimate <= table["upper"])
        return table

    @cached_property
    def densities(self) -> list[DensityCurves]:
        """For every feature EM's density and the posterior's band around its own."""
        return density_curves(self.data, self.model, self.em.mixture, self.posterior.mixture, self.truth, self.given)

    @cached_property
    def memberships(self) -> Memberships:
        """Which component each row of the data belongs to, by both."""
        return Memberships.of(self.em.mixture, self.posterior.mixture, self.data)

    @cached_property
    def apart(self) -> list[Apart]:
        """Which columns of counts tell the components apart, best first; none unless there are several."""
        return columns_apart(self.data, self.em.mixture, self.posterior.mixture)

    @cached_property
    def selection(self) -> Data:
        """The rows that figures and distances look at: all of them, or an even selection of ten thousand."""
        return selection_of(self.data)

    @cached_property
    def responsibilities(self) -> Array:
        """EM's responsibilities of the selection, shape ``(rows, k)``."""
        return self.em.mixture.responsibilities(self.selection.values, self.selection.exposure, self.selection.known)

    @cached_property
    def membership(self) -> Array:
        """The posterior probability of each component given the observation, E[γ] over draws, of the selection."""
        return self.posterior.predict_proba(self.selection)

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
    def hills(self) -> tuple[HillBeside, ...]:
        """The hills of the posterior, the heaviest first, and which is EM's; none where there is one alone."""
        return hills_beside(self.em, self.posterior)

    @cached_property
    def large_sample(self) -> LargeSample:
        """The posterior against the normal distribution about the MLE."""
        return large_sample(self.standard_errors, self.posterior)

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
        rng = np.random.default_rng([self.settings.seed, DRAWS])
        return distances(self.em.mixture, self.posterior, self.membership, rng)

    @cached_property
    def prior_mixtures(self) -> Mixture:
        """Mixtures drawn from the prior, with one leading axis."""
        return mixtures_of_prior(self.prior, self.settings.seed)

    @cached_property
    def effective_draws(self) -> float:
        """How many independent draws the posterior is worth for the parameter that it is worth least for."""
        return max(1.0, float(self.posterior.summary["ess_bulk"].min()))

    @cached_property
    def departures(self) -> tuple[Departure, ...]:
        """How far EM is from the posterior, for each block of parameters; none where EM collapsed."""
        if self.em.status is Status.COLLAPSED:
            return ()
        return departures(self.em, self.posterior.mixture, self.effective_draws)

    @cached_property
    def sensitivity(self) -> PriorSensitivity | None:
        """How much the posterior depends on its prior; ``None`` where EM collapsed."""
        if self.em.status is Status.COLLAPSED:
            return None
        return prior_sensitivity(self.em, self.posterior, self.effective_draws, self.under_others)

    @cached_property
    def fits(self) -> ModelFit:
        """Whether the model fits, by data sets that the posterior makes and EM fits."""
        # The question is the model's: a mode under a prior may lie beside data that the model makes.
        estimate = self.mle if self.mle.status is Status.CONVERGED else self.em
        return model_fit(estimate, self.posterior.mixture, self.settings.seed)

    @cached_property
    def under_the_mode(self) -> Atlas:
        """Where the likelihood leads from the mode under the prior: to the MLE, or to the top of another hill."""
        return basin_shares(self.mle, self.map.mixture[None])

    @cached_property
    def prediction(self) -> Prediction:
        """How well each side predicts an observation that it has not seen."""
        return prediction(self.em, self.posterior)


def side_by_side(
    mle: Fit,
    mode: Fit,
    posterior: Posterior,
    equivalence: Equivalence,
    settings: Settings,
    truth: Mixture | None = None,
    exact: ExactGrade | None = None,
    given: Mixture | None = None,
) -> SideBySide:
    """Put estimates and a posterior side by side, under one permutation of the labels each: the posterior's."""
    data = selection_of(posterior.data)
    reference = posterior.predict_proba(data)
    return SideBySide(
        data=posterior.data,
        model=posterior.model,
        prior=posterior.prior,
        mle=matched(mle, reference, data),
        map=matched(mode, reference, data),
        posterior=posterior,
        equivalence=equivalence,
        truth=None if truth is None else match(truth, reference, data.unlabelled),
        settings=settings,
        exact=exact,
        given=None if given is None else match(given, reference, data.unlabelled),
    )


def mixtures_of_prior(prior: Prior, seed: int) -> Mixture:
    """Draw the mixtures that a figure of the prior shows, with one leading axis."""
    return prior.sample(np.random.default_rng([seed, PRIOR_DRAWS]), (PRIOR_DRAWS,))
