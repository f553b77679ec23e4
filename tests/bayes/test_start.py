"""Chains start spread out over the data, and each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from bayes import compiled_model
from bayes.start import sloping, spread_out_start
from models import Data, Gaussian, Mixture, Model, Poisson, families, simulation
from tests.bayes.problems import PROBLEMS, Problem


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_a_start_is_a_mixture_of_the_model_that_the_data_are_possible_under(problem: Problem) -> None:
    start = spread_out_start(problem.data.compress(), problem.model, np.random.default_rng(0))
    k, d = problem.components, problem.dimension
    np.testing.assert_allclose(start.weights.sum(), 1, rtol=1e-15)
    if problem.mixing == "equal":
        np.testing.assert_array_equal(start.weights, np.full(k, 1 / k))
    assert np.isfinite(start.log_likelihood(problem.data.values))
    if isinstance(start.components, Gaussian):
        assert start.components.means.shape == (k, d)
        assert np.linalg.eigvalsh(start.components.covariances).min() > 0
        structured = start.components.structured(problem.model.covariance)
        np.testing.assert_array_equal(start.components.covariances, structured.covariances)


def test_its_centres_are_observations() -> None:
    problem = Problem("gaussian", 3, 2, "full")
    components = spread_out_start(problem.data, problem.model, np.random.default_rng(1)).components
    assert isinstance(components, Gaussian)
    assert {tuple(mean) for mean in components.means} <= {tuple(row) for row in problem.data.values}


def test_chains_start_apart_from_each_other() -> None:
    reference = simulation("gaussian-five")
    rng = np.random.default_rng(2)
    starts = [spread_out_start(reference.data, reference.model, rng) for _ in range(4)]
    likelihoods = [float(start.log_likelihood(reference.data.values)) for start in starts]
    assert len(set(likelihoods)) == 4
    # None of them is a maximum, which fits within some nats of the truth.
    truth = float(reference.truth.log_likelihood(reference.data.values))
    assert max(likelihoods) < truth - 100


def test_one_seed_gives_one_start() -> None:
    problem = Problem("gaussian", 2, 2, "full")
    first, second = (spread_out_start(problem.data, problem.model, np.random.default_rng(3)) for _ in range(2))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(second.arrays()[name], array)


def test_a_count_of_zero_is_no_rate() -> None:
    data = Data.of([0, 0, 0, 0, 0, 7])
    start = spread_out_start(data, Model.of(data, "poisson", 3), np.random.default_rng(4))
    assert isinstance(start.components, Poisson)
    assert (start.components.rates > 0).all()


def test_rows_seen_often_are_chosen_often() -> None:
    data = Data.of([1.0, 2.0, 3.0, 100.0], weights=[1e6, 1e6, 1e6, 1])
    model = Model.of(data, "gaussian", 2)
    rng = np.random.default_rng(5)
    centres = [spread_out_start(data, model, rng).components.location() for _ in range(20)]
    # The odd row has a chance of 3e-7 for each of the 20 · 40 · 2 centres tried.
    assert np.max(centres) < 100


@pytest.mark.parametrize("family", families)
def test_clusters_of_the_same_size_leave_a_slope_in_every_coordinate(family: str) -> None:
    """Without one in the weights the sampler refuses to begin."""
    data = Data.of(np.repeat([0.0, 1.0, 2.0, 200.0, 201.0, 202.0], 8)).compress()
    model = Model.of(data, family, 2)
    prior, compiled, rng = model.prior(data), compiled_model(model), np.random.default_rng(6)
    log_density = compiled.log_density(data, prior)
    for _ in range(10):
        _, gradient = log_density(compiled.unconstrained(spread_out_start(data, model, rng), prior))
        assert (gradient != 0).all()


def test_components_that_differ_in_width_alone_are_started_so() -> None:
    """From equal widths one chain in six stays in a false mode, 100 nats below the right one."""
    rng = np.random.default_rng(8)
    data = Data.of(np.concatenate([rng.normal(0, 1, 300), rng.normal(0, 5.3, 300)]))
    model = Model.of(data, "gaussian", 2)
    ratios = []
    for _ in range(20):
        components = spread_out_start(data, model, rng).components
        assert isinstance(components, Gaussian)
        ratios.append(components.covariances.max() / components.covariances.min())
    # The truth is 28; half of the candidates are as wide as each other.
    assert np.median(ratios) > 2


def test_a_place_without_slope_is_left_in_that_coordinate_alone() -> None:
    place = np.array([0.0, 1.0, 2.0])
    moved = sloping(place, lambda x: x - np.array([0.0, 3.0, 2.0]), np.random.default_rng(5))
    assert moved[1] == place[1]
    assert (np.abs(moved - place)[[0, 2]] > 0).all()


@pytest.mark.parametrize(
    ("x", "family"),
    [
        ([3, 5, 4], "poisson"),
        ([4, 4, 4, 4], "poisson"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], "gaussian"),
        ([[0.0, 0.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]], "gaussian"),
    ],
    ids=["counts", "counts alike", "a line", "a plane"],
)
def test_a_row_at_the_mean_is_no_place_to_be_stuck_at(x: ArrayLike, family: str) -> None:
    data = Data.of(x)
    model = Model.of(data, family, 1)
    at_the_mean = np.argmin(np.abs(data.values - data.mean).sum(axis=1))
    middle = model.family_of_components.around(data.values[[at_the_mean]], data)
    start = Mixture(np.ones((1, 1)), middle.map(lambda array: array[None]))
    found = compiled_model(model).sample(data, draws=200, tune=200, chains=2, seed=1, starts=start)
    location = found.mixture.components.location().ravel()
    # By symmetry the mean of the data is that of the posterior, or nearly so for counts: within five errors, 400 draws being
    # worth 100 independent ones, and a tenth of a standard deviation for what the prior of a rate pulls.
    assert abs(location.mean() - data.mean[0]) < (5 / 10 + 0.1) * location.std()
