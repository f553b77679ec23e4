"""The reference data sets: the same bits for one seed, the truth kept with them."""

import hashlib

import numpy as np
import pytest
from scipy import stats

from models import DEFAULT_SEED, Gaussian, Model, Poisson, PoissonProduct, scenario, scenarios
from tests.known import known

# Of the values rounded to nine decimals: processors may differ in the last bit of a product.
HASHES = {
    "poisson-three": "9757f0da2788f822",
    "gaussian-five": "fc000cf7cffea47e",
    "gaussian-two": "efc45c8b1ba0b82c",
    "counts-many": "62997014fdd44deb",
}
MODELS = {
    "poisson-three": Model("poisson", 3),
    "gaussian-five": Model("gaussian", 5, 2, "full"),
    "gaussian-two": Model("gaussian", 2, 1, "full", "equal"),
    "counts-many": Model("poisson-product", 4, 40),
}
each_scenario = pytest.mark.parametrize("name", scenarios)


def digest(values):
    return hashlib.sha256(np.round(values, 9).astype("<f8").tobytes()).hexdigest()[:16]


@each_scenario
def test_the_default_seed_gives_these_numbers(name):
    assert digest(scenario(name).data.values) == HASHES[name]


@each_scenario
def test_one_seed_gives_the_same_bits_and_another_seed_others(name):
    assert scenario(name).data.sha256 == scenario(name, DEFAULT_SEED).data.sha256
    assert np.array_equal(scenario(name, 7).labels, scenario(name, 7).labels)
    assert scenario(name, 7).data.sha256 == scenario(name, 7).data.sha256 != scenario(name, 8).data.sha256


@each_scenario
def test_the_model_is_the_one_that_the_truth_belongs_to(name):
    simulated = scenario(name)
    assert simulated.model == MODELS[name]
    assert (simulated.name, simulated.data.name, simulated.title) == (name, name, scenarios[name])
    checked = Model.of(simulated.data, *[getattr(simulated.model, a) for a in ("family", "components")])
    assert checked.dimension == simulated.model.dimension
    assert isinstance(simulated.truth.components, simulated.model.family_of_components)
    assert len(simulated.truth.weights) == simulated.model.components
    assert simulated.truth.weights.sum() == pytest.approx(1, rel=1e-15)


@each_scenario
def test_the_labels_are_those_the_data_were_drawn_with(name):
    simulated = scenario(name)
    x, k = simulated.data.values, simulated.model.components
    for component in range(k):
        own = x[simulated.labels == component]
        truth = simulated.truth.components.take(np.array([component]))
        if isinstance(truth, Poisson):
            mean = variance = truth.rates
        elif isinstance(truth, PoissonProduct):
            mean = variance = truth.rates[0]
        else:
            mean, variance = known(truth, Gaussian).means[0], np.diag(known(truth, Gaussian).covariances[0])
        assert np.all(np.abs(own.mean(axis=0) - mean) < 4.5 * np.sqrt(variance / len(own)))


def test_poisson_three_is_as_described():
    simulated = scenario("poisson-three")
    assert simulated.data.values.shape == (500, 1)
    assert simulated.truth.weights.tolist() == [0.3, 0.4, 0.3]
    assert known(simulated.truth.components, Poisson).rates.tolist() == [30, 100, 150]
    assert stats.chisquare(np.bincount(simulated.labels), [150, 200, 150]).pvalue > 1e-3


def test_gaussian_five_is_spread_over_its_square_at_minus_twenty_thousand_nats():
    simulated = scenario("gaussian-five")
    x, covariances = simulated.data.values, known(simulated.truth.components, Gaussian).covariances
    assert x.shape == (5000, 2)
    assert -5 < x.min() < -1
    assert 11 < x.max() < 14
    # "About −20 000": the entropy of these components and weights, give or take the spread of 5000 log-densities.
    assert float(simulated.truth.log_likelihood(x)) == pytest.approx(-20_000, rel=0.03)
    assert np.linalg.eigvalsh(covariances).min() > 0
    for i in range(5):
        for j in range(i):
            assert not np.allclose(covariances[i], covariances[j], rtol=0.1)
    assert stats.chisquare(np.bincount(simulated.labels), 5000 * simulated.truth.weights).pvalue > 1e-3


def test_gaussian_two_has_twenty_draws_of_each():
    simulated = scenario("gaussian-two")
    assert np.bincount(simulated.labels).tolist() == [20, 20]
    assert simulated.truth.weights.tolist() == [0.5, 0.5]
    assert known(simulated.truth.components, Gaussian).means.ravel().tolist() == [0, 2]
    assert known(simulated.truth.components, Gaussian).covariances.ravel().tolist() == [4, 1]


def test_an_unknown_scenario_is_told_the_known_ones():
    with pytest.raises(ValueError, match="no scenario 'three': choose one of 'poisson-three', 'gaussian-five'"):
        scenario("three")
