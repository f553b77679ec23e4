"""The reference data sets: simulated ones with their truth, the same bits for one seed, and real ones as published."""

import hashlib

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_iris

from models import (
    DEFAULT_SEED,
    Classic,
    Gaussian,
    Model,
    Poisson,
    PoissonProduct,
    classics,
    scenario,
    simulation,
    simulations,
)
from tests.known import known

# Of the values rounded to nine decimals: processors may differ in the last bit of a product.
HASHES = {
    "poisson-three": "9757f0da2788f822",
    "gaussian-five": "fc000cf7cffea47e",
    "gaussian-two": "efc45c8b1ba0b82c",
    "counts-many": "62997014fdd44deb",
    "poisson-exposure": "d158083cf9798fec",
}
MODELS = {
    "poisson-three": Model("poisson", 3),
    "gaussian-five": Model("gaussian", 5, 2, "full"),
    "gaussian-two": Model("gaussian", 2, 1, "full", "equal"),
    "counts-many": Model("poisson-product", 4, 40),
    "poisson-exposure": Model("poisson", 2),
}
each_scenario = pytest.mark.parametrize("name", simulations)
each_classic = pytest.mark.parametrize("name", classics)


def digest(values):
    return hashlib.sha256(np.round(values, 9).astype("<f8").tobytes()).hexdigest()[:16]


@each_scenario
def test_the_default_seed_gives_these_numbers(name):
    assert digest(scenario(name).data.values) == HASHES[name]


@each_scenario
def test_one_seed_gives_the_same_bits_and_another_seed_others(name):
    assert scenario(name).data.sha256 == scenario(name, DEFAULT_SEED).data.sha256
    assert np.array_equal(simulation(name, 7).labels, simulation(name, 7).labels)
    assert simulation(name, 7).data.sha256 == simulation(name, 7).data.sha256 != simulation(name, 8).data.sha256


@each_scenario
def test_the_model_is_the_one_that_the_truth_belongs_to(name):
    simulated = simulation(name)
    assert simulated.model == MODELS[name]
    assert (simulated.name, simulated.data.name) == (name, name)
    checked = Model.of(simulated.data, *[getattr(simulated.model, a) for a in ("family", "components")])
    assert checked.dimension == simulated.model.dimension
    assert isinstance(simulated.truth.components, simulated.model.family_of_components)
    assert len(simulated.truth.weights) == simulated.model.components
    assert simulated.truth.weights.sum() == pytest.approx(1, rel=1e-15)


@each_scenario
def test_the_labels_are_those_the_data_were_drawn_with(name):
    simulated = simulation(name)
    x, k = simulated.data.values, simulated.model.components
    for component in range(k):
        own, of_each = x[simulated.labels == component], simulated.data.exposure
        exposure = 1.0 if of_each is None else of_each[simulated.labels == component].mean()
        truth = simulated.truth.components.take(np.array([component]))
        if isinstance(truth, Poisson):
            # Of counts at exposures e the mean has the mean λ Σe / n and the variance λ Σe / n².
            mean = variance = truth.rates * exposure
        elif isinstance(truth, PoissonProduct):
            mean = variance = truth.rates[0]
        else:
            mean, variance = known(truth, Gaussian).means[0], np.diag(known(truth, Gaussian).covariances[0])
        assert np.all(np.abs(own.mean(axis=0) - mean) < 4.5 * np.sqrt(variance / len(own)))


def test_poisson_three_is_as_described():
    simulated = simulation("poisson-three")
    assert simulated.data.values.shape == (500, 1)
    assert simulated.truth.weights.tolist() == [0.3, 0.4, 0.3]
    assert known(simulated.truth.components, Poisson).rates.tolist() == [30, 100, 150]
    assert stats.chisquare(np.bincount(simulated.labels), [150, 200, 150]).pvalue > 1e-3


def test_gaussian_five_is_spread_over_its_square_at_minus_twenty_thousand_nats():
    simulated = simulation("gaussian-five")
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
    simulated = simulation("gaussian-two")
    assert np.bincount(simulated.labels).tolist() == [20, 20]
    assert simulated.truth.weights.tolist() == [0.5, 0.5]
    assert known(simulated.truth.components, Gaussian).means.ravel().tolist() == [0, 2]
    assert known(simulated.truth.components, Gaussian).covariances.ravel().tolist() == [4, 1]


def test_an_unknown_scenario_is_told_the_known_ones():
    with pytest.raises(ValueError, match="no scenario 'three'; there are 'poisson-three', 'gaussian-five'"):
        scenario("three")


# Summaries by the sources themselves: R prints the means of faithful, and the quartiles of acidity; those of table 1.1 of
# Zucchini and MacDonald a mean of 19.364 and a variance (divisor n - 1) of 51.573; Bortkiewicz counts 122 deaths.
def test_the_files_have_the_published_summaries():
    faithful, acidity = scenario("old-faithful").data, scenario("acidity").data
    assert faithful.mean.round(4).tolist() == [3.4878, 70.8971]
    assert np.quantile(acidity.values, [0, 0.25, 0.5, 0.75, 1]).round(3).tolist() == [2.929, 4.219, 4.727, 6.075, 7.105]
    assert acidity.mean.round(3).tolist() == [5.105]
    earthquakes = scenario("earthquakes").data.values[:, 0]
    assert (round(earthquakes.mean(), 3), round(earthquakes.var(ddof=1), 3)) == (19.364, 51.573)
    kicks = scenario("horse-kicks").data
    assert (kicks.weights @ kicks.values).tolist() == [122]
    assert np.array_equal(scenario("iris").data.values, load_iris().data)
    assert scenario("galaxies").data.values[77] == 26.690


@each_classic
def test_a_real_data_set_says_where_it_comes_from_and_knows_no_truth(name):
    found = known(scenario(name), Classic)
    assert found.data.size == {
        "old-faithful": 272, "galaxies": 82, "acidity": 155, "iris": 150, "horse-kicks": 200, "times-deaths": 1096,
        "earthquakes": 107,
    }[name]  # fmt: skip
    assert (found.name, found.data.name) == (name, name)
    assert found.published(found.model)
    assert not hasattr(found, "truth")
    for said in (found.title, found.lesson, found.source, found.licence, found.finding):
        assert said
    with pytest.raises(ValueError, match=f"{name!r} is a real data set, of which nobody knows the truth"):
        simulation(name)
    with pytest.raises(ValueError, match=f"seed is for data that are simulated, and {name!r} is real"):
        scenario(name, 1)
