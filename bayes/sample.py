"""Sample the posterior: NUTS on the symmetric model, then relabelling, then everything else."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from models import Array, Data, Mixture, Model, Prior

from .build import build, point
from .nuts import nuts
from .posterior import Posterior, posterior_mixture
from .relabel import relabel
from .start import chosen_start

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
    prior: Prior | None = None,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int | np.random.Generator = 0,
    starts: Mixture | None = None,
    on_draw: Callable[[], None] | None = None,
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
        The conjugate prior; unless given, the weakly informative one that the MAP estimate uses as well.
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
    data = x if isinstance(x, Data) else Data.of(x, weights)
    model = Model.of(data, family, components, covariance, mixing)
    for name, value, least in (("draws", draws, 4), ("tune", tune, 1), ("chains", chains, 1)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise ValueError(f"{name} must be a whole number from {least} on, got {value!r}.")
    rng = np.random.default_rng(seed)
    chosen = prior or model.prior(data)
    compressed = data.compress()

    def start(of_chain: np.random.Generator) -> dict[str, Array]:
        return point(chosen_start(starts, compressed, model, of_chain), model, chosen)

    cores, own_seed = min(chains, os.cpu_count() or 1), int(rng.integers(2**31))
    tree = nuts(build(data, model, chosen), start, draws, tune, chains, cores, own_seed, on_draw)
    sampled = posterior_mixture(tree["posterior"].to_dataset(), model)
    log_likelihood = total_log_likelihood(sampled, data)
    mixture = relabel(sampled, data, log_likelihood)
    tree = tree.assign(_groups(tree, mixture, data, model, rng))
    return Posterior(data, model, chosen, tree, mixture, log_likelihood)


def total_log_likelihood(mixture: Mixture, data: Data) -> Array:
    """The total log-likelihood of each draw in nats."""
    flat, compressed = mixture.flatten(), data.compress()
    each = [flat[draw].expectation(compressed).log_likelihood for draw in range(len(flat.weights))]
    return np.reshape(each, mixture.weights.shape[:-1])


def _groups(
    tree: xr.DataTree, mixture: Mixture, data: Data, model: Model, rng: np.random.Generator
) -> dict[str, xr.DataTree]:
    """The groups that PyMC does not make: everything that needs the labels sorted out or a thinner set of draws."""
    posterior = tree["posterior"].to_dataset()
    relabelled = _relabelled(posterior, mixture)
    observed = np.repeat(data.values, data.weights.astype(np.intp), axis=0)
    thin = max(1, int(np.ceil(mixture.weights[..., 0].size * observed.size / MOST_STORED_VALUES)))
    kept = mixture[:, ::thin]
    coords = {"chain": posterior["chain"].to_numpy(), "draw": posterior["draw"].to_numpy()[::thin]}
    dims = tree["observed_data"]["x"].dims
    pointwise = kept.log_density(observed)
    shape = tree["observed_data"]["x"].shape
    replicated = np.array(
        [
            [kept[c, i].sample(len(observed), rng)[0].reshape(shape) for i in range(pointwise.shape[1])]
            for c in range(pointwise.shape[0])
        ]
    )
    return {
        "relabelled_posterior": xr.DataTree(relabelled),
        "log_likelihood": xr.DataTree(
            xr.Dataset({"x": (("chain", "draw", dims[0]), pointwise)}, coords=coords, attrs={"every_nth_draw": thin})
        ),
        "posterior_predictive": xr.DataTree(
            xr.Dataset({"x": (("chain", "draw", *dims), replicated)}, coords=coords, attrs={"every_nth_draw": thin})
        ),
    }


def _relabelled(posterior: xr.Dataset, mixture: Mixture) -> xr.Dataset:
    names = [name for name in mixture.arrays() if name in posterior]
    arrays = mixture.arrays()
    return xr.Dataset(
        {name: (posterior[name].dims, arrays[name].reshape(posterior[name].shape)) for name in names},
        coords=posterior.coords,
    )
