"""Sample the posterior: NUTS on the symmetric model, then relabelling, then everything else."""

from __future__ import annotations

import os

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from models import Data, Mixture, Model, Prior, observed, require_effort

from .build import bayesian_components
from .compiled import compiled_model
from .engine import Sampling, Tick
from .posterior import Posterior
from .relabel import relabel
from .sampler import Chains, own_seed, total_log_likelihood

# The pointwise log-likelihood and the replicated data are kept for evenly spaced draws, as many as fit in 20 MB each.
MOST_STORED_VALUES = 2_500_000


def sample(
    x: ArrayLike | Data,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    prior: Prior | str | None = None,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int | np.random.Generator = 0,
    starts: Mixture | None = None,
    on_draw: Tick | None = None,
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
    prior
        The prior, or its name, ``"weak"`` or ``"conjugate"``; unless given, the one that the MAP estimate has as well.
    draws, tune, chains
        The draws kept of each chain, those spent on tuning, and the number of chains.
    seed
        A seed, or the generator that every random draw comes from.
    starts
        Mixtures with one leading axis, of which each chain draws one to start from. Unless given, each chain looks for
        its own among random ones, spread out over the data.
    on_draw
        Called once for each draw of each chain, tuning included.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used; the message names it.
    """
    data = observed(x, weights)
    model = Model.of(data, family, components, covariance, mixing)
    require_effort(model.free_parameters, draws, tune, chains)
    rng = np.random.default_rng(seed)
    sampling = Sampling(draws, tune, chains, os.cpu_count() or 1, own_seed(rng))
    chosen = model.chosen_prior(prior, data)
    found = compiled_model(model, chosen.called).chains(data, chosen, sampling, starts, on_draw)
    # To the last digit what it is of a mixture from anywhere else, where the chains' own comes with the gradient.
    log_likelihood = total_log_likelihood(found.mixture, data)
    mixture = relabel(found.mixture, data, log_likelihood)
    tree = _tree(found, mixture, data, model, rng)
    return Posterior(data, model, chosen, tree, mixture, log_likelihood)


def _tree(found: Chains, mixture: Mixture, data: Data, model: Model, rng: np.random.Generator) -> xr.DataTree:
    """Make all groups of the tree; those that grow with the data have a thinner set of draws."""
    family, posterior = bayesian_components[model.family], found.variables
    observed = family.observed(data)
    dims, of_features = ("observation", "feature")[: observed.ndim], family.coordinates(data)
    coordinates = {"observation": np.arange(len(observed)), **({"feature": of_features["feature"]} if dims[1:] else {})}
    thin = max(1, int(np.ceil(mixture.weights[..., 0].size * observed.size / MOST_STORED_VALUES)))
    kept, rows = mixture[:, ::thin], observed.reshape(len(observed), -1).astype(np.float64)
    replicated = kept.sample(len(rows), rng)[0].reshape(*kept.weights.shape[:2], *observed.shape)
    of_draws = {"chain": posterior["chain"].to_numpy(), "draw": posterior["draw"].to_numpy()}
    of_kept = {**of_draws, "draw": of_draws["draw"][::thin]}
    thinned, lead = {"every_nth_draw": thin}, ("chain", "draw")
    return xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "relabelled_posterior": _relabelled(posterior, mixture),
            "sample_stats": xr.Dataset({name: (lead, each) for name, each in found.statistics.items()}, of_draws),
            "observed_data": xr.Dataset({"x": (dims, observed)}, coordinates),
            "log_likelihood": xr.Dataset({"x": ((*lead, dims[0]), kept.log_density(rows))}, of_kept, thinned),
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
