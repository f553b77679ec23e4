"""Shares of draws, and which hills are one region."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes.hills.regions import regions
from bayes.hills.shares import parts, shuffled, spread
from bayes.sampler import Chains
from models import Mixture, Poisson


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.5, 0.5], [5, 5]),
        ([0.66, 0.34], [7, 3]),
        ([0.998, 0.002], [9, 1]),
        ([0.34, 0.33, 0.33], [4, 3, 3]),
        ([1.0], [10]),
    ],
)
def test_draws_are_shared_out_by_largest_remainders(shares: list[float], expected: list[int]) -> None:
    assert parts(np.array(shares), 10).tolist() == expected


def test_of_chains_that_are_kept_whole_each_is_thinned_by_itself() -> None:
    chain, draw = spread(np.ones((3, 8), dtype=bool), (3, 4))
    np.testing.assert_array_equal(chain, np.repeat([[0], [1], [2]], 4, axis=1))
    np.testing.assert_array_equal(draw, [[0, 2, 4, 6]] * 3)


def test_only_what_is_kept_is_picked() -> None:
    kept = np.array([[True, False, False, True], [False, False, True, True]])
    chain, draw = spread(kept, (2, 2))
    assert kept[chain, draw].all()
    assert len({(int(c), int(d)) for c, d in zip(chain.ravel(), draw.ravel(), strict=True)}) == 4


def chains_of(value: float, draws: int) -> Chains:
    """Two chains whose draws all have one rate, and say when they were drawn."""
    shape = (2, draws)
    rates = np.full((*shape, 1), value)
    coordinates = {"chain": np.arange(2), "draw": np.arange(draws)}
    variables = xr.Dataset({"rates": (("chain", "draw", "component"), rates)}, coordinates)
    at = np.broadcast_to(np.arange(draws), shape)
    return Chains(
        variables, Mixture(np.ones((*shape, 1)), Poisson(rates)), at.astype(float), {"diverging": at % 2 == 0}
    )


def test_every_draw_says_which_part_it_is_of() -> None:
    found, owner = shuffled([chains_of(1.0, 3), chains_of(2.0, 5)], np.random.default_rng(0))
    assert owner.tolist() != sorted(owner.tolist())
    for draws in (found.variables["rates"].to_numpy(), found.mixture.arrays()["rates"]):
        np.testing.assert_array_equal(draws[..., 0], np.broadcast_to(owner + 1.0, (2, 8)))
    for part, size in ((0, 3), (1, 5)):
        # What followed one another still does.
        np.testing.assert_array_equal(found.log_likelihood[:, owner == part], [np.arange(size)] * 2)
        np.testing.assert_array_equal(found.statistics["diverging"][:, owner == part], [np.arange(size) % 2 == 0] * 2)


APART, NOT_MIXED, KNOWN = np.eye(3), np.eye(3, dtype=bool), np.zeros(3, dtype=bool)


def test_hills_that_no_chain_leaves_are_regions_of_their_own() -> None:
    assert len(set(regions(APART, NOT_MIXED, ~KNOWN))) == 3


def test_hills_between_which_chains_mix_are_one() -> None:
    mixed = np.array([[True, True, False], [True, True, False], [False, False, True]])
    first, second, third = regions(APART, mixed, KNOWN)
    assert first == second != third


def test_a_rough_hill_that_its_chains_leave_is_a_shoulder_of_another() -> None:
    left = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.99, 0.01]])
    first, second, third = regions(left, NOT_MIXED, ~KNOWN)
    assert first != second == third
    assert len(set(regions(left, NOT_MIXED, KNOWN))) == 3
