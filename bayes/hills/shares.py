"""The draws of all hills in one set of chains, each hill with its share of every chain."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from models import Array, concatenated

from ..sampler import Chains
from .batches import Batch

# Of draws that are all but this share on one hill the rest looked over a pass.
ASTRAY = 0.02

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


def together(
    taken: list[tuple[Batch, list[int]]], sizes: NDArray[np.intp], rng: np.random.Generator
) -> tuple[Chains, NDArray[np.intp]]:
    """Return chains in which hill i has ``sizes[i]`` draws of each, and the hill of each draw, shape ``(draw,)``.

    A batch that lies on the one hill that there is to be drawn from is returned as it is.
    """
    (first, members), draws = taken[0], int(sizes.sum())
    if len(taken) == 1 and first.visits[members].sum() >= 1 - ASTRAY:
        return first.chains, np.zeros(draws, dtype=np.intp)
    chains = len(first.owner)
    owner = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    picked = []
    for hill, (batch, own) in enumerate(taken):
        places = spread(np.isin(batch.owner, own), (chains, int(sizes[hill])))
        picked.append(_pick(batch.chains, places))
    # From one hill after the other into the order of the owners.
    order = np.argsort(np.argsort(owner, kind="stable"), kind="stable")
    return _joined(picked, order), owner


def _pick(chains: Chains, places: Places) -> Chains:
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


def _joined(picked: list[Chains], order: NDArray[np.intp]) -> Chains:
    """Join chains draw after draw, and take the draws in this order."""
    variables = xr.concat([each.variables for each in picked], "draw").isel(draw=order)
    log_likelihood = np.concatenate([each.log_likelihood for each in picked], axis=1)[:, order]
    statistics = {
        name: np.concatenate([each.statistics[name] for each in picked], axis=1)[:, order]
        for name in picked[0].statistics
    }
    return Chains(
        variables.assign_coords(draw=np.arange(len(order))),
        concatenated([each.mixture for each in picked], axis=1)[:, order],
        log_likelihood,
        statistics,
    )
