"""Somebody else's draws, judged: what was found of them, with its words, and how it is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from bayes import GivenPosterior, Posterior, given_posterior, is_settled, sample
from em import fit
from models import Data, Given, GivenDraws, Mixture, Model, Prior, Shown, named_priors, observed, require_no_labels

from ..comparing.hills import STARTS, optima_of
from ..comparing.side_by_side import BATCHES
from ..reading.posteriors import draws_of
from ..running.progress import Progress, Silence
from .draws_claim import claim_of_draws
from .draws_codes import DrawsStatus
from .draws_difference import posterior_difference
from .draws_estimate import estimate_in_draws
from .draws_findings import FindingsOfDraws
from .draws_hills import shares_on_hills
from .draws_words import parts, sentences

if TYPE_CHECKING:
    import pandas as pd

DRAWS, CHAINS = 1000, 4


class JudgedDraws(Shown, FindingsOfDraws):
    """What :func:`validate_draws` found of somebody else's draws, with its words.

    ``findings`` are all that was found, the gravest first, and ``status`` is that one. ``given`` has the draws as they came
    and relabelled, ``own`` our posterior, ``difference`` how far apart the two are, and ``estimate`` where the point
    estimate lies in the draws. ``claim`` says what their log-likelihood was found to be, ``shares`` which part of them lies
    on each hill of ours, ``meant`` under which other name the same numbers are our posterior, and ``under`` under which
    other prior.

    Examples
    --------
    >>> from bayes import exact_posterior
    >>> from numpy.random import default_rng
    >>> from reports import validate_draws
    >>> exact = exact_posterior([3, 5, 5, 6, 2, 3], "poisson", 1)
    >>> rates = exact.sample(2000, default_rng(1)).components.rates.reshape(4, 500, 1)
    >>> found = validate_draws([3, 5, 5, 6, 2, 3], "poisson", 1, {"rates": rates}, prior="weak")
    >>> found.status
    <DrawsStatus.SAME_POSTERIOR: 'same-posterior'>
    >>> found.difference.differing
    []
    """

    @property
    def sentence(self) -> str:
        """What the draws are, in a few sentences, the gravest first."""
        return " ".join(sentences(self))

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield from parts(self)


def judged_posterior(
    given: GivenPosterior, own: Posterior | None = None, estimate: Mixture | None = None
) -> JudgedDraws:
    """Judge draws by their log-likelihood, their chains, our own posterior and an estimate, as far as these are there."""
    difference = None if own is None else posterior_difference(given.posterior, own)
    shares = () if own is None else tuple(map(float, shares_on_hills(given.posterior, own)))
    return JudgedDraws(
        given=given,
        own=own,
        claim=claim_of_draws(given),
        difference=difference,
        estimate=None if estimate is None else estimate_in_draws(estimate, given.posterior),
        meant=_meant(given, own) if own is not None and difference is not None and difference.differing else None,
        shares=shares,
    )


def _meant(given: GivenPosterior, own: Posterior) -> str | None:
    """Return the name under which the same numbers are our posterior, such as standard deviations."""
    posterior = given.posterior
    for name, mixture in given.draws.others:
        read = replace(given.draws, mixture=mixture)
        other = given_posterior(read, posterior.data, posterior.model, posterior.prior, given.prior_is_stated)
        if not posterior_difference(other.posterior, own).differing:
            return name
    return None


def validate_draws(
    x: ArrayLike | Data,
    family: str,
    components: int,
    draws: Any,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    names: Mapping[str, str] | None = None,
    prior: Prior | str | None = None,
    estimate: Any = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> JudgedDraws:
    """Judge posterior draws that another program made, beside our own posterior and EM.

    Parameters
    ----------
    x, family, components, covariance, mixing, weights, exposure
        Data and model, as in ``em.fit``.
    draws
        What ``read_posterior`` returns, a ``DataTree`` or ``InferenceData`` of ArviZ, or a dictionary of arrays of shape
        ``(chain, draw, ...)``.
    names
        The name of each piece in their program, such as ``{"weights": "theta", "means": "mu", "sds": "sigma"}``; those that
        are known need none.
    prior
        The prior that they were sampled under, or its name. Unless given it is unknown, and they are held against our
        posterior under the default.
    estimate
        A point estimate in any form that ``models.Given`` reads; unless given, EM's own.
    seed
        The seed of our own sampling and of EM's starts.
    progress
        Shows every stage of the work, as progress bars do.

    Returns
    -------
    JudgedDraws
        What the draws are, in a ``sentence``, and the figures.

    Raises
    ------
    ValueError
        When an argument cannot be used; the message names it.

    Examples
    --------
    Independent draws of the exact posterior, in the form of four chains:

    >>> from bayes import exact_posterior
    >>> from numpy.random import default_rng
    >>> from reports import validate_draws
    >>> exact = exact_posterior([3, 5, 5, 6, 2, 3], "poisson", 1)
    >>> rates = exact.sample(2000, default_rng(1)).components.rates.reshape(4, 500, 1)
    >>> validate_draws([3, 5, 5, 6, 2, 3], "poisson", 1, {"rates": rates}, prior="weak").status
    <DrawsStatus.SAME_POSTERIOR: 'same-posterior'>
    """
    data = observed(x, weights, exposure)
    require_no_labels(data.labels, "the judgement of draws")
    model = Model.of(data, family, components, covariance, mixing)
    given = given_of(data, model, draws, names, prior)
    point, shown = estimate_of(given, estimate, seed), progress or Silence()
    return with_its_prior(judged_posterior(given, own_posterior(given, seed, shown), point), seed, shown)


def with_its_prior(judged: JudgedDraws, seed: int, progress: Progress) -> JudgedDraws:
    """Look among the named priors for the one that draws were sampled under, where it is not the one they are held against.

    Nothing is looked for where the prior cannot be why: where they are ours, or misread, or have not settled.
    """
    of_prior = {DrawsStatus.OTHER_POSTERIOR, DrawsStatus.UNKNOWN_PRIOR}
    given, posterior = judged.given, judged.given.posterior
    if not set(judged.findings) <= of_prior | {DrawsStatus.LABEL_SWITCHING} or not of_prior & set(judged.findings):
        return judged
    for name in named_priors:
        if posterior.prior.is_like(posterior.model.prior(posterior.data, name)):
            continue
        other = replace(posterior, prior=posterior.model.prior(posterior.data, name))
        own = own_posterior(replace(given, posterior=other), seed, progress)
        if is_settled(own) and not posterior_difference(posterior, own).differing:
            return replace(judged, under=name)
    return judged


def given_of(
    data: Data, model: Model, draws: Any, names: Mapping[str, str] | None = None, prior: Prior | str | None = None
) -> GivenPosterior:
    """Read draws in any form as a posterior of the model, under the prior that is stated or the default.

    Raises
    ------
    ValueError
        When they are none.
    """
    read = GivenDraws.of(draws_of(draws), model, data, names)
    return given_posterior(read, data, model, model.chosen_prior(prior, data), prior is not None)


def own_posterior(given: GivenPosterior, seed: int, progress: Progress) -> Posterior:
    """Sample our own posterior, as long as it takes to settle, under the prior that the draws are held against."""
    data, model, prior = given.posterior.data, given.posterior.model, given.posterior.prior
    mode = fit(data, **model.specification, estimate="map", prior=prior, starts=STARTS, seed=seed)
    step = progress.stage("NUTS", CHAINS * 2 * DRAWS)
    return sample(
        data,
        **model.specification,
        prior=prior,
        draws=DRAWS,
        chains=CHAINS,
        optima=optima_of(mode),
        max_draws=BATCHES * DRAWS,
        # Not the seed of a posterior that was sampled here, which would be held against itself.
        seed=np.random.default_rng([seed, CHAINS, DRAWS]),
        on_draw=step,
        on_longer=lambda more: progress.stage(f"NUTS, {more} draws", CHAINS * (more + DRAWS)),
    )


def estimate_of(given: GivenPosterior, estimate: Any, seed: int) -> Mixture:
    """Return a given estimate of the same model, or EM's own.

    Raises
    ------
    ValueError
        When the estimate cannot be read, or is of another model.
    """
    data, model = given.posterior.data, given.posterior.model
    if estimate is None:
        return fit(data, **model.specification, starts=STARTS, seed=seed).mixture
    read = Given.of(estimate, data)
    if (read.model.family, read.model.components) != (model.family, model.components):
        raise ValueError(
            f"the estimate is of {read.model.components} {read.model.family} components, the posterior of "
            f"{model.components} {model.family} ones."
        )
    return read.mixture
