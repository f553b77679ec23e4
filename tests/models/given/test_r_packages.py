"""mclust's and flexmix's parameters as jsonlite writes them, by hand and as they were exported."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from models import Given
from tests.cases import CASES
from tests.shared_cases import shared_case


def exported(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared_case(f"estimates/{name}.json").read_text())
    return found


def test_the_exports_are_read():
    deaths = Given.of(exported("flexmix_deaths"))
    assert (deaths.model.family, deaths.model.components) == ("poisson", 2)
    faithful = Given.of(exported("mclust_faithful_vvv2"))
    # Eruptions last two to four minutes or so, and one waits for 54 to 80: d × G, and as many features as components.
    np.testing.assert_allclose(faithful.mixture.arrays()["means"], [[4.29, 79.97], [2.04, 54.48]], atol=0.005)
    assert faithful.mixture.arrays()["covariances"][1, 1, 1] == pytest.approx(33.705, abs=0.001)
    assert faithful.model.covariance == "full"
    assert faithful.log_likelihood == pytest.approx(-1130.264, abs=0.001)
    galaxies = Given.of(exported("mclust_galaxies_v3"))
    assert (galaxies.model.components, galaxies.model.dimension, galaxies.model.covariance) == (3, 1, "full")
    assert [given.notes for given in (deaths, faithful, galaxies)] == [(), (), ()]


def mclust(case: Any, model: str) -> dict[str, Any]:
    arrays = case.mixture.components.arrays()
    d = case.data.dimension
    variance: dict[str, Any] = {"modelName": [model], "d": [d], "G": [3]}
    if d == 1:
        variance["sigmasq"] = arrays["covariances"].ravel().tolist()
    else:
        variance["sigma"] = np.moveaxis(arrays["covariances"], 0, -1).tolist()
    mean = arrays["means"].T.tolist()
    return {"pro": case.mixture.weights.tolist(), "mean": mean[0] if d == 1 else mean, "variance": variance, "Vinv": {}}


MODELS = {"full": ("V", "VVV"), "tied": ("E", "EEE"), "diagonal": ("V", "VVI"), "spherical": ("V", "VII")}


@pytest.mark.parametrize("case", [case for case in CASES if case.covariance], ids=str)
def test_mclust_is_read_without_the_data(case):
    one, several = MODELS[case.covariance]
    parameters = mclust(case, one if case.data.dimension == 1 else several)
    whole = {"data": [1.0], "z": [0.5], "loglik": [-3.0], "parameters": parameters, "modelName": ["VVV"]}
    for given in (parameters, whole):
        found = Given.of(given)
        for name, array in case.mixture.arrays().items():
            np.testing.assert_allclose(found.mixture.arrays()[name], array, rtol=1e-12)
        assert found.model.covariance == ("full" if case.data.dimension == 1 and one == "V" else case.covariance)
    assert found.log_likelihood == -3


def test_a_model_of_mclust_without_a_structure_here_is_held_against_a_larger_one():
    (case,) = [case for case in CASES if str(case) == "gaussian-full-3d"]
    found = Given.of(mclust(case, "VEV"))
    assert found.model.covariance == "full"
    assert "mclust's model VEV" in found.notes[0]


def test_one_component_of_mclust():
    found = Given.of({"pro": 1, "mean": [3.5], "variance": {"modelName": "X", "d": 1, "G": 1, "sigmasq": 2.0}})
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"], [[[2.0]]])


@pytest.mark.parametrize("names", ["rows", "components", "columns"])
def test_flexmix(names):
    rows = [
        {"_row": "Comp.1", "coef.(Intercept)": 1.5, "sigma": 0.5},
        {"_row": "Comp.2", "coef.(Intercept)": 4.0, "sigma": 2.0},
    ]
    inner = [{name: value for name, value in row.items() if name != "_row"} for row in rows]
    parameters: dict[str, Any] = {
        "rows": rows,
        "components": {"Comp.1": {"coef": [1.5], "sigma": [0.5]}, "Comp.2": {"coef": [4.0], "sigma": [2.0]}},
        "columns": {name: [row[name] for row in inner] for name in inner[0]},
    }
    found = Given.of({"prior": [0.3, 0.7], "parameters": parameters[names], "loglik": -7.0})
    np.testing.assert_array_equal(found.mixture.arrays()["means"].ravel(), [1.5, 4.0])
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"].ravel(), [0.25, 4.0])


def test_flexmix_of_counts_has_logarithms_or_rates():
    logarithms = [{"coef.(Intercept)": 0.5}, {"coef.(Intercept)": 1.0}]
    found = Given.of({"prior": [0.3, 0.7], "parameters": logarithms})
    np.testing.assert_allclose(found.mixture.arrays()["rates"], np.exp([0.5, 1.0]), rtol=1e-15)
    found = Given.of({"prior": [0.3, 0.7], "parameters": [{"lambda": 0.5}, {"lambda": 1.0}]})
    np.testing.assert_array_equal(found.mixture.arrays()["rates"], [0.5, 1.0])


def test_flexmix_without_names():
    x = np.random.default_rng(0).poisson(np.repeat([2.0, 9.0], 50))
    rates = [2.0, 9.0]
    for parameters in (rates, [rates], np.log(rates).tolist()):
        found = Given.of({"prior": [0.5, 0.5], "parameters": parameters}, x)
        np.testing.assert_allclose(found.mixture.arrays()["rates"], rates, rtol=1e-15)
    with pytest.raises(ValueError, match="with logarithms of rates or with rates: call them rates"):
        Given.of({"prior": [0.5, 0.5], "parameters": rates})
    found = Given.of({"prior": [0.5, 0.5], "parameters": [[1.0, 4.0], [0.5, 2.0]]})
    np.testing.assert_array_equal(found.mixture.arrays()["means"].ravel(), [1, 4])
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"].ravel(), [0.25, 4])


def test_mixtools():
    found = Given.of(
        {"lambda": [0.3, 0.7], "mu": [0.0, 4.0], "sigma": [2.0, 3.0], "loglik": [-9.0], "ft": "normalmixEM"}
    )
    np.testing.assert_array_equal(found.mixture.weights, [0.3, 0.7])
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"].ravel(), [4, 9])
    matrices = [[[2.0, 0.5], [0.5, 1.0]], [[1.0, 0.0], [0.0, 3.0]]]
    found = Given.of({"lambda": [0.3, 0.7], "mu": [[0.0, 1.0], [4.0, 5.0]], "sigma": matrices})
    np.testing.assert_array_equal(found.mixture.arrays()["means"], [[0, 1], [4, 5]])
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"], matrices)


def test_flexmix_of_several_features():
    rows = [
        {"_row": "Comp.1", "center.b": 1.0, "center.a": 2.0, "cov1": 4.0, "cov2": 0.5, "cov3": 0.5, "cov4": 9.0},
        {"_row": "Comp.2", "center.b": 3.0, "center.a": 4.0, "cov1": 1.0, "cov2": 0.1, "cov3": 0.1, "cov4": 2.0},
    ]
    found = Given.of({"prior": [0.3, 0.7], "parameters": rows})
    np.testing.assert_array_equal(found.mixture.arrays()["means"], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"], [[[4, 0.5], [0.5, 9]], [[1, 0.1], [0.1, 2]]])


def test_flexmix_that_lost_its_names_or_is_a_regression():
    with pytest.raises(ValueError, match="lost their names"):
        Given.of({"prior": [0.3, 0.7], "parameters": [[0.5, 1.0], [1.0, 2.0], [3.0, 4.0]]})
    with pytest.raises(ValueError, match="a regression is no such mixture"):
        Given.of({"prior": [0.3, 0.7], "parameters": [{"coef.(Intercept)": 0.5, "coef.x": 2.0}] * 2})
