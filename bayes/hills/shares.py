"""The draws of all hills in one set of chains, each hill with its share of every chain."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from models import Array, concatenated

from ..sampler import Chains

type Places = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Chain and draw of each place, each of shape ``(chain, draw)``."""


def parts(shares: Array, draws: int) -> NDArray[np.intp]:
    """Return how many of so many draws each hill has, by largest remainders; one at least."""
    exact = shares / shares.sum() * draws
    counts = np.maximum(1, np.floor(exact).astype(np.intp))
    for hill in np.argsort(counts - exact, kind="stable")[: max(0, draws - counts.sum())]:
        counts[hill] += 1
    counts[int(np.argmax(counts))] += draws - counts.sum()
    return counts


def spread(kept: NDArray[np.bool_], shape: tuple[int, ...]) -> Places:
    """Return places of so many draws of so many chains among those kept, evenly spaced and in order.

    Where all are kept each chain is thinned by itself.
    """
    there = np.argwhere(kept)
    wanted = shape[0] * shape[1]
    chosen = there[np.arange(wanted) * len(there) // wanted]
    return chosen[:, 0].reshape(shape), chosen[:, 1].reshape(shape)


def joined(parts: list[Chains], axis: int) -> Chains:
    """Return chains beside each other (axis 0), or one after the other (axis 1)."""
    variables = xr.concat([each.variables for each in parts], ("chain", "draw")[axis])
    log_likelihood = np.concatenate([each.log_likelihood for each in parts], axis)
    chains, draws = log_likelihood.shape
    names = parts[0].statistics
    return Chains(
        variables.assign_coords(chain=np.arange(chains), draw=np.arange(draws)),
        concatenated([each.mixture for each in parts], axis),
        log_likelihood,
        {name: np.concatenate([each.statistics[name] for each in parts], axis) for name in names},
    )


def shuffled(parts: list[Chains], rng: np.random.Generator) -> tuple[Chains, NDArray[np.intp]]:
    """Return one set of chains of all draws, in an order that is drawn for all chains alike, and the part of each draw."""
    owner = rng.permutation(np.repeat(np.arange(len(parts)), [each.log_likelihood.shape[1] for each in parts]))
    # From one part after the other into the order of the owners.
    order = np.argsort(np.argsort(owner, kind="stable"), kind="stable")
    chains = len(parts[0].log_likelihood)
    everywhere = (np.repeat(np.arange(chains)[:, None], len(owner), axis=1), np.repeat(order[None], chains, axis=0))
    return picked(joined(parts, axis=1), everywhere), owner


def picked(chains: Chains, places: Places) -> Chains:
    """Return the draws at these places."""
    variables = xr.Dataset(
        {name: (each.dims, each.to_numpy()[places]) for name, each in chains.variables.items()},
        {
            **{name: each for name, each in chains.variables.coords.items() if name not in ("chain", "draw")},
            "chain": np.arange(len(places[0])),
            "draw": np.arange(places[0].shape[1]),
        },
    )
    statistics = {name: each[places] for name, each in chains.statistics.items()}
    return Chains(variables, chains.mixture[places], chains.log_likelihood[places], statistics)
