"""Label switching is undone, and nothing but the labels changes."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from bayes import exchange_costs, match, relabel, stephens
from models import Array, Data, Gaussian, Mixture, Poisson
from tests.known import known

Orders = NDArray[np.intp]


def shuffled(draws: Mixture, rng: np.random.Generator) -> tuple[Mixture, Orders]:
    """Every draw under labels of its own, and the order that gave them."""
    lead, k = draws.weights.shape[:-1], draws.weights.shape[-1]
    orders = rng.permuted(np.broadcast_to(np.arange(k), (*lead, k)), axis=-1)
    return draws.relabel(orders), orders


def separated(family: str, k: int, rng: np.random.Generator, draws: int = 60) -> tuple[Mixture, Data]:
    """Draws with two chains about k components that nothing could confuse, in ascending order."""
    lead = (2, draws // 2, k)
    weights = rng.dirichlet(np.full(k, 30.0), size=lead[:-1])
    centres = np.arange(1, k + 1) ** 2 * 20.0
    if family == "poisson":
        mixture = Mixture(weights, Poisson(centres + rng.normal(size=lead)))
    else:
        means = centres[:, None] * [1.0, -1.0] + rng.normal(size=(*lead, 2))
        covariances = np.exp(rng.normal(scale=0.2, size=(*lead, 1, 1))) * [[2.0, 0.5], [0.5, 1.0]]
        mixture = Mixture(weights, Gaussian(means, covariances))
    return mixture, Data.of(mixture[0, 0].sample(80, rng)[0])


def overlapping(k: int, rng: np.random.Generator, draws: int = 40) -> tuple[Mixture, Data]:
    """Draws so diffuse that no labelling is the right one."""
    lead = (1, draws, k)
    components = Gaussian(rng.normal(size=(*lead, 1)), rng.gamma(2, size=(*lead, 1, 1)))
    return Mixture(rng.dirichlet(np.ones(k), size=lead[:-1]), components), Data.of(rng.normal(size=25))


def objective(responsibilities: Array, weights: Array, orders: Orders) -> float:
    """Stephens' (2000) total of the Kullback–Leibler divergences from every draw to the average, at its best for the
    orders; Σ P log P, which no order changes, is left out."""
    permuted = np.take_along_axis(responsibilities, orders[:, None, :], axis=2)
    return float(-(weights[:, None] * permuted.sum(axis=0) * np.log(permuted.mean(axis=0))).sum())


def by_enumeration(responsibilities: Array, weights: Array, pivot: int) -> tuple[Orders, list[float]]:
    """Stephens' algorithm with all k! permutations of every draw tried, and the objective after each step."""
    draws, _, k = responsibilities.shape
    every = np.array(list(permutations(range(k))))
    average, orders, objectives = responsibilities[pivot], np.full((draws, k), -1), list[float]()
    while True:
        log_average = weights[:, None] * np.log(average)
        costs = np.array([-(responsibilities[:, :, order] * log_average).sum(axis=(1, 2)) for order in every])
        found = every[np.argmin(costs, axis=0)]
        if np.array_equal(found, orders):
            return orders, objectives
        orders = found
        average = np.take_along_axis(responsibilities, orders[:, None, :], axis=2).mean(axis=0)
        objectives.append(objective(responsibilities, weights, orders))


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("family", ["poisson", "gaussian"])
def test_switched_labels_come_back(family: str, k: int) -> None:
    rng = np.random.default_rng(k)
    draws, data = separated(family, k, rng)
    switched, orders = shuffled(draws.flatten(), rng)

    pivot = 7
    found = stephens(switched.responsibilities(data.values), data.weights, pivot)
    # What a shuffle and its undoing come to is the same for all draws: what the pivot was left with.
    undone = np.take_along_axis(orders, found, axis=1)
    np.testing.assert_array_equal(undone, np.broadcast_to(orders[pivot], undone.shape))


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("seed", range(5))
def test_of_components_that_overlap_it_finds_what_trying_all_permutations_finds(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    draws, data = overlapping(k, rng)
    responsibilities = draws.flatten().responsibilities(data.values)
    weights = rng.integers(1, 4, size=len(data.values)).astype(float)

    expected, objectives = by_enumeration(responsibilities, weights, pivot=3)
    assert (np.diff(objectives) <= 1e-12 * np.abs(objectives[1:])).all()
    np.testing.assert_array_equal(stephens(responsibilities, weights, pivot=3), expected)


def test_it_goes_on_when_the_labels_as_they_are_suit_the_pivot() -> None:
    of_first = np.array([[0.3, 0.8], [0.3, 0.4], [0.8, 0.9]])
    responsibilities, weights = np.stack([of_first, 1 - of_first], axis=2), np.ones(2)
    costs = [
        -(responsibilities[:, :, order] * np.log(responsibilities[0])).sum(axis=(1, 2)) for order in ([0, 1], [1, 0])
    ]
    assert (costs[0] < costs[1]).all()

    # Their average does not suit the second draw.
    orders, _ = by_enumeration(responsibilities, weights, pivot=0)
    assert orders.tolist() == [[0, 1], [1, 0], [0, 1]]
    np.testing.assert_array_equal(stephens(responsibilities, weights, pivot=0), orders)


def test_weights_count() -> None:
    # Two rows pull in different directions, and the heavier one decides.
    responsibilities = np.array([[[0.9, 0.1], [0.9, 0.1]], [[0.2, 0.8], [0.9, 0.1]]])
    for weights, order in (([5.0, 1.0], [1, 0]), ([1.0, 5.0], [0, 1])):
        orders = stephens(responsibilities, np.array(weights), pivot=0)
        assert orders.tolist() == [[0, 1], order]


def test_a_responsibility_of_zero_is_no_obstacle() -> None:
    responsibilities = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]])
    orders = stephens(responsibilities, np.ones(1), pivot=0)
    assert orders.tolist() == [[0, 1], [1, 0], [0, 1]]


# ---------------------------------------------------------------------------------------------------------------------
# Draws of a posterior


def log_likelihood(draws: Mixture, data: Data) -> Array:
    return draws.log_likelihood(data.values, data.weights)


@pytest.mark.parametrize("k", [1, 2, 4])
@pytest.mark.parametrize("family", ["poisson", "gaussian"])
def test_relabelled_draws_are_the_draws_before_they_were_shuffled(family: str, k: int) -> None:
    rng = np.random.default_rng(k)
    draws, data = separated(family, k, rng)
    switched, _ = shuffled(draws, rng)
    relabelled = relabel(switched, data, log_likelihood(switched, data))
    # Their components ascend; hence even the one permutation that is left over is determined.
    for name, array in draws.arrays().items():
        np.testing.assert_array_equal(relabelled.arrays()[name], array, err_msg=name)


def test_so_are_those_of_more_rows_than_are_looked_at() -> None:
    rng = np.random.default_rng(0)
    draws, _ = separated("gaussian", 3, rng)
    data = Data.of(draws[0, 0].sample(2500, rng)[0])
    switched, _ = shuffled(draws, rng)
    relabelled = relabel(switched, data, log_likelihood(switched, data))
    np.testing.assert_array_equal(relabelled.weights, draws.weights)


def test_components_ascend_by_their_average_location() -> None:
    draws, data = overlapping(4, np.random.default_rng(1), draws=200)
    relabelled = relabel(draws, data, log_likelihood(draws, data))
    locations = relabelled.components.location().mean(axis=(0, 1))
    assert (np.diff(locations) > 0).all()


@pytest.mark.parametrize("k", [2, 3])
def test_nothing_changes_but_the_labels(k: int) -> None:
    draws, data = overlapping(k, np.random.default_rng(2))
    relabelled = relabel(draws, data, log_likelihood(draws, data))

    # Weights and parameters move together: every draw is one of the k! permutations of what it was.
    def rows(mixture: Mixture) -> Array:
        components = known(mixture.components, Gaussian)
        columns = [mixture.weights[..., None], components.means, components.covariances[..., 0]]
        return np.concatenate(columns, axis=-1).reshape(-1, k, 3)

    for before, after in zip(rows(draws), rows(relabelled), strict=True):
        assert sorted(map(tuple, before)) == sorted(map(tuple, after))

    # The order of a sum of k terms is rounding.
    places = np.linspace(-3, 3, 13)[:, None]
    np.testing.assert_allclose(relabelled.log_density(places), draws.log_density(places), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_match_finds_the_permutation_that_agrees_best(k: int) -> None:
    rng = np.random.default_rng(k)
    draws, data = overlapping(k, rng, draws=10)
    data = Data.of(data.values, weights=rng.integers(1, 5, size=len(data.values)))
    reference = draws[0].responsibilities(data.values).mean(axis=0)
    mixture = draws[0, 4]

    def agreement(order: tuple[int, ...]) -> float:
        own = mixture.relabel(np.array(order)).responsibilities(data.values)
        return float((data.weights[:, None] * own * reference).sum())

    best = max(permutations(range(k)), key=agreement)
    matched = match(mixture, reference, data)
    for name, array in mixture.relabel(np.array(best)).arrays().items():
        np.testing.assert_array_equal(matched.arrays()[name], array)


def test_match_undoes_a_permutation() -> None:
    rng = np.random.default_rng(0)
    draws, data = separated("gaussian", 4, rng)
    truth = draws[0, 0]
    matched = match(truth.relabel(np.array([2, 0, 3, 1])), truth.responsibilities(data.values), data)
    for name, array in truth.arrays().items():
        np.testing.assert_array_equal(matched.arrays()[name], array)


def test_the_cost_of_an_exchange_is_that_of_the_cheapest_swap() -> None:
    """Every swap of two of three labels written out by the formula, with counts as weights."""
    rng = np.random.default_rng(8)
    data = Data.of(rng.poisson(6, 40), rng.integers(1, 4, 40))
    draws = Mixture(rng.dirichlet([5, 5, 5], size=(2, 30)), Poisson(rng.gamma([20, 60, 70], 0.1, size=(2, 30, 3))))
    shares = draws.responsibilities(data.values)
    log_average = np.log(shares.mean(axis=(0, 1)))

    def cost(order: list[int]) -> np.ndarray:
        return np.asarray(-np.einsum("i,cdij,ij->cd", data.weights, shares, log_average[:, order]))

    as_they_are = cost([0, 1, 2])
    swaps = [cost(order) - as_they_are for order in ([1, 0, 2], [2, 1, 0], [0, 2, 1])]
    # Responsibilities are held in single precision: 1e-6 of sums of some hundred nats.
    np.testing.assert_allclose(exchange_costs(draws, data), np.min(swaps, axis=0), atol=1e-3)
    assert np.isinf(exchange_costs(Mixture(np.ones((2, 5, 1)), Poisson(np.ones((2, 5, 1)))), data)).all()
