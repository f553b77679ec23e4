"""A table with a row for each component, in the names that people give its columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import Data, Given

MEANS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
COVARIANCES = [[[4, 0.5], [0.5, 9]], [[1, 0.1], [0.1, 2]], [[3, -0.7], [-0.7, 5]]]
TABLES = {
    "numbers": "weight mean_1 mean_2 cov_1_1 cov_1_2 cov_2_2",
    "brackets": "pi mu[1] mu[2] sigma[1,1] sigma[1,2] sigma[2,2]",
    "digits": "pro mean1 mean2 cov11 cov12 cov22",
    "names": "proportion mean_a mean_b cov_a_a cov_a_b cov_b_b",
    "points": "weights mean.a mean.b covariance.a.a covariance.b.a covariance.b.b",
}


@pytest.mark.parametrize("words", TABLES)
def test_a_row_for_each_component(words):
    names = TABLES[words].split()
    rows = [[w, *m, c[0][0], c[0][1], c[1][1]] for w, m, c in zip([0.2, 0.3, 0.5], MEANS, COVARIANCES, strict=True)]
    frame = pd.DataFrame(rows, columns=names)
    for given in (frame, frame.to_dict("list"), frame.to_dict("records"), {"components": frame.to_dict("records")}):
        found = Given.of(given)
        np.testing.assert_array_equal(found.mixture.arrays()["means"], MEANS)
        np.testing.assert_array_equal(found.mixture.arrays()["covariances"], COVARIANCES)
        assert found.model.covariance == "full"


def test_features_come_in_the_order_of_the_data():
    x = np.random.default_rng(0).normal(size=(30, 2))
    table = {"weight": [0.5, 0.5], "mean_b": [0.0, 1.0], "mean_a": [2.0, 3.0], "sd_b": [1.0, 1.1], "sd_a": [2.0, 2.2]}
    found = Given.of(table, Data.of(x, columns=("a", "b")))
    np.testing.assert_array_equal(found.mixture.arrays()["means"], [[2, 0], [3, 1]])
    np.testing.assert_array_equal(np.sqrt(found.mixture.arrays()["covariances"][0]), [[2, 0], [0, 1]])


def test_one_feature():
    numbered = {"k": [1, 2], "component": ["a", "b"]}
    found = Given.of(pd.DataFrame({**numbered, "weight": [0.2, 0.8], "mean": [1.0, 5.0], "sd": [2.0, 3.0]}))
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"].ravel(), [4, 9])
    found = Given.of([{"weight": 0.2, "rate": 1.5}, {"weight": 0.8, "rate": 4.0}])
    np.testing.assert_array_equal(found.mixture.arrays()["rates"], [1.5, 4.0])


def test_arrays_for_each_component():
    records = [
        {"weight": w, "mean": m, "covariance": c} for w, m, c in zip([0.2, 0.3, 0.5], MEANS, COVARIANCES, strict=True)
    ]
    np.testing.assert_array_equal(Given.of(records).mixture.arrays()["covariances"], COVARIANCES)


def test_a_cholesky_factor_in_columns():
    names = ["weight", "mean_1", "mean_2", "chol_1_1", "chol_2_1", "chol_2_2"]
    found = Given.of(pd.DataFrame([[0.5, 0, 0, 2, 1, 3], [0.5, 1, 1, 1, 0, 1]], columns=names))
    np.testing.assert_array_equal(found.mixture.arrays()["covariances"][0], [[4, 2], [2, 10]])


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="covariances have no column for '1' and '2'"):
        Given.of({"weight": [1.0], "mean_1": [0.0], "mean_2": [1.0], "cov_1_1": [2.0], "cov_2_2": [2.0]})
    with pytest.raises(ValueError, match="column 'c', which is none of the features 'a', 'b'"):
        Given.of({"weight": [1.0], "mean_a": [0.0], "mean_b": [1.0], "sd_a": [2.0], "sd_c": [2.0]})
