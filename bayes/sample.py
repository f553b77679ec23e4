"""Sample the posterior: NUTS on the symmetric model, then relabelling, then everything else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from models import (
    AnyPrior,
    Data,
    GivenLabels,
    Mixture,
    Model,
    Prior,
    Tick,
    observed,
    require_effort,
    require_whole_weights,
    usable_cores,
)

from .build import bayesian_components
from .compiled import compiled_for
from .engine import Sampling
from .going_on import most_draws, until_enough
from .hills.weigh import Weighed, weighed
from .labelled import repeated
from .posterior import Posterior
from .relabel import relabel
from .sampler import Chains, own_seed, total_log_likelihood

# The pointwise log-likelihood and the replicated data follow from the draws, and are kept for evenly spaced ones, as many as
# fit in 2 MB each.
MOST_STORED_VALUES = 250_000


def sample(
    x: ArrayLike | Data,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
    prior: AnyPrior | None = None,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int | np.random.Generator = 0,
    starts: Mixture | None = None,
    optima: Mixture | None = None,
    max_draws: int | None = None,
    until: Callable[[Posterior], bool] | None = None,
    on_draw: Tick | None = None,
    on_longer: Callable[[int], Tick] | None = None,
) -> Posterior:
    """Sample the posterior of a mixture, as a PyMC model, and relabel every draw.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    family, components, covariance, mixing
        The model, as in ``em.fit``.
    weights
        How often each observation was seen, shape ``(n,)``, in whole numbers.
    exposure
        How long, or how much, was watched for each count, shape ``(n,)``, as in ``em.fit``.
    known
        The labels of the observations whose component is known, shape ``(n,)``, as in ``em.fit``.
    prior
        The prior, its parameters ``{"weights": …, "components": …}``, or its name, ``"weak"`` or ``"conjugate"``; unless
        given, the one that the MAP estimate has as well.
    draws, tune, chains
        The draws kept of each chain, those spent on tuning, and the number of chains.
    max_draws
        While R-hat is above 1.01, or an effective sample size below 400, the same chains go on, to this many draws of
        each at most; unless given, they end after ``draws``.
    until
        Whether the draws are enough for what they are wanted for, asked beside R-hat and effective sample sizes.
    seed
        A seed, or the generator that every random draw comes from.
    starts
        Mixtures with one leading axis, of which each chain draws one to start from. Unless given, each chain looks for
        its own among random ones, spread out over the data.
    optima
        Mixtures with one leading axis that may be the tops of hills of their own, such as the optima that EM found. Each
        hill is given its share of the draws by its evidence, wherever the chains happen to have fallen. Unless given, the
        draws are shared out as the chains fell.
    on_draw
        Called once for each draw of each chain, tuning included, as far as ``draws``.
    on_longer
        Called with the draws of each chain when a longer run begins, and returns what is called for each of its draws.

    Returns
    -------
    Posterior
        The draws, relabelled, and what they say about every parameter.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used; the message names it.

    Examples
    --------
    >>> from bayes import sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> posterior.mixture.weights.shape
    (2, 500, 2)
    >>> posterior.summary.columns.to_list()[:5]
    ['mean', 'median', 'sd', 'lower', 'upper']
    """
    data = observed(x, weights, exposure, known)
    require_whole_weights(data)
    model = Model.of(data, family, components, covariance, mixing)
    require_effort(model.free_parameters, draws, tune, chains)
    rng = np.random.default_rng(seed)
    sampling = Sampling(draws, tune, chains, usable_cores(), own_seed(rng))
    chosen = model.chosen_prior(prior, data)

    def sampled(draws: int, on_draw: Tick | None) -> Posterior:
        longer = replace(sampling, draws=draws)
        return _sampled(data, model, chosen, longer, starts, optima, copy.deepcopy(rng), on_draw)

    return until_enough(sampled, draws, most_draws(draws, max_draws), until, on_draw, on_longer)


def _sampled(
    data: Data,
    model: Model,
    prior: Prior,
    sampling: Sampling,
    starts: Mixture | None,
    optima: Mixture | None,
    rng: np.random.Generator,
    on_draw: Tick | None,
) -> Posterior:
    compiled = compiled_for(data, model, prior.called)
    spread_out = compiled.chains(data, prior, sampling, starts, on_draw)
    found = Weighed(spread_out) if optima is None else weighed(compiled, data, prior, sampling, optima, spread_out)
    # To the last digit what it is of a mixture from anywhere else, where the chains' own comes with the gradient.
    log_likelihood = total_log_likelihood(found.chains.mixture, data)
    mixture = relabel(found.chains.mixture, data, log_likelihood)
    tree = _tree(found.chains, mixture, data, model, rng)
    return Posterior(data, model, prior, tree, mixture, log_likelihood, found.hills, found.owner)


def _tree(found: Chains, mixture: Mixture, data: Data, model: Model, rng: np.random.Generator) -> xr.DataTree:
    """Make all groups of the tree; those that grow with the data have a thinner set of draws."""
    family, posterior = bayesian_components[model.family], found.variables
    observed = family.observed(data)
    dims, of_features = ("observation", "feature")[: observed.ndim], family.coordinates(data)
    coordinates = {"observation": np.arange(len(observed)), **({"feature": of_features["feature"]} if dims[1:] else {})}
    thin = max(1, int(np.ceil(mixture.weights[..., 0].size * observed.size / MOST_STORED_VALUES)))
    kept, rows = mixture[:, ::thin], observed.reshape(len(observed), -1).astype(np.float64)
    exposure, labels = repeated(data.exposure, data), repeated(data.known, data)
    replicated = kept.sample(len(rows), rng, exposure)[0].reshape(*kept.weights.shape[:2], *observed.shape)
    replicated = replicated.astype(observed.dtype)
    seen: dict[str, Any] = {"x": (dims, observed), **({} if exposure is None else {"exposure": (dims[:1], exposure)})}
    if labels is not None:
        seen["label"] = (dims[:1], labels)
    of_draws = {"chain": posterior["chain"].to_numpy(), "draw": posterior["draw"].to_numpy()}
    of_kept = {**of_draws, "draw": of_draws["draw"][::thin]}
    thinned, lead = {"every_nth_draw": thin}, ("chain", "draw")
    return xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "relabelled_posterior": _relabelled(posterior, mixture),
            "sample_stats": xr.Dataset({name: (lead, each) for name, each in found.statistics.items()}, of_draws),
            "observed_data": xr.Dataset(seen, coordinates),
            "log_likelihood": xr.Dataset(
                {"x": ((*lead, dims[0]), kept.log_density(rows, exposure, labels))}, of_kept, thinned
            ),
            "posterior_predictive": xr.Dataset({"x": ((*lead, *dims), replicated)}, of_kept, thinned),
        }
    )


def _relabelled(posterior: xr.Dataset, mixture: Mixture) -> xr.Dataset:
    names = [name for name in mixture.arrays() if name in posterior]
    arrays = mixture.arrays()
    return xr.Dataset(
        {name: (posterior[name].dims, arrays[name].reshape(posterior[name].shape)) for name in names},
        coords=posterior.coords,
    )
