"""What observations may be, and the little that is computed from them."""

from dataclasses import replace

import numpy as np
import pytest

from models import Data
from tests import oracles
from tests.cases import CASES


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_a_single_column_may_come_flat():
    data = Data.of([3, 1, 2])
    assert data.values.tolist() == [[3], [1], [2]]
    assert (data.weights.tolist(), data.columns, data.size, data.dimension) == ([1, 1, 1], ("x",), 3, 1)


def test_features_are_numbered_unless_they_have_names():
    x = np.zeros((2, 3))
    assert Data.of(x).columns == ("x1", "x2", "x3")
    assert Data.of(x, columns=("a", "b", "c")).columns == ("a", "b", "c")


def test_rows_of_weight_zero_are_left_out():
    data = Data.of([[1, 2], [3, 4], [5, 6]], weights=[2, 0, 0.5])
    assert (data.values.tolist(), data.weights.tolist(), data.size) == ([[1, 2], [5, 6]], [2, 0.5], 2.5)


def test_data_do_not_change_when_the_callers_arrays_do():
    x, weights = np.array([[1.0], [2.0]]), np.array([1.0, 3.0])
    data = Data.of(x, weights)
    x[:], weights[:] = 9, 9
    assert (data.values.tolist(), data.weights.tolist()) == ([[1], [2]], [1, 3])


def test_mean_and_covariance_are_numpys(rng):
    x, weights = rng.normal(size=(50, 3)), rng.uniform(0.5, 2, size=50)
    data = Data.of(x, weights)
    # Rounding of sums of 50 terms.
    assert data.mean == pytest.approx(np.average(x, axis=0, weights=weights), rel=1e-12, abs=1e-14)
    assert data.covariance == pytest.approx(np.cov(x.T, aweights=weights, ddof=0), rel=1e-12, abs=1e-14)


def test_mean_and_covariance_keep_their_digits_far_from_the_origin(rng):
    # Multiples of 1/1024 below 2^27 + 1 are exact, so that shifting loses nothing.
    x = np.round(1024 * rng.normal(size=(1000, 2))) / 1024
    near, far = Data.of(x), Data.of(x + 2.0**27)
    # One unit in the last place of 1e8 is 1.5e-8; its square is the error that it leaves in the covariance.
    assert far.mean - 2.0**27 == pytest.approx(near.mean, abs=3e-8)
    assert far.covariance == pytest.approx(near.covariance, rel=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_compressing_changes_no_likelihood(case, rng):
    rows = rng.integers(len(case.data.values), size=200)
    weights = rng.integers(1, 4, size=200)
    data = replace(case.data.take(rows), weights=weights.astype(float))
    few = data.compress()
    likelihood_knows = data.values if data.exposure is None else np.column_stack([data.values, data.exposure])
    assert len(few.values) == len(np.unique(likelihood_knows, axis=0)) < 200
    assert few.size == data.size
    # The same terms, added up in another order.
    assert oracles.log_likelihood(case.mixture, few.values, few.weights, few.exposure) == pytest.approx(
        oracles.log_likelihood(case.mixture, data.values, data.weights, data.exposure), rel=1e-12
    )


def test_compressing_sorts_whole_rows():
    data = Data.of([[2, 1], [1, 5], [2, 1], [1, 4]], weights=[1, 2, 3, 4], columns=("a", "b"), name="pairs").compress()
    assert (data.values.tolist(), data.weights.tolist()) == ([[1, 4], [1, 5], [2, 1]], [4, 2, 4])
    assert (data.columns, data.name) == (("a", "b"), "pairs")


def test_the_hash_is_that_of_the_documented_bytes():
    # hashlib.sha256(b"(2, 1)" + struct.pack("<4d", 1, 2, 1, 3)): shape, values, weights.
    expected = "73f5558cc860c769ead1b334c8ee2037d4802d94b45d7f5f88a9d921411a5fcd"
    assert Data.of([1, 2], weights=[1, 3]).sha256 == expected


def test_the_hash_does_not_depend_on_how_the_numbers_are_stored(rng):
    x = rng.integers(9, size=(5, 2))
    stored = [x.astype("<f8"), x.astype(">f8"), x.astype(np.int32), np.asfortranarray(x), x.tolist()]
    assert len({Data.of(array).sha256 for array in stored}) == 1


def test_the_hash_changes_with_values_order_shape_and_weights():
    variants = [
        Data.of([1, 2, 3, 4]),
        Data.of([1, 2, 3, 5]),
        Data.of([2, 1, 3, 4]),
        Data.of([[1, 2], [3, 4]]),
        Data.of([1, 2, 3, 4], weights=[1, 1, 1, 2]),
    ]
    assert len({data.sha256 for data in variants}) == len(variants)


X = [1.0, 2.0, 3.0]
BAD = {
    "text": (["a", "b"], {}, "x must hold numbers"),
    "digits as text": (["1", "2"], {}, "x must hold numbers"),
    "nothing": (None, {}, "x must hold numbers"),
    "a missing value": ([1, None], {}, "x must hold numbers"),
    "complex numbers": ([1 + 2j], {}, "x must hold numbers"),
    "dates": (np.array(["2020-01-01"], dtype="datetime64[D]"), {}, "x must hold numbers"),
    "instants": (np.array([1, 2, 3], dtype="datetime64[ns]"), {}, "x must hold numbers"),
    "durations": (np.array([1, 2, 3], dtype="timedelta64[ns]"), {}, "x must hold numbers"),
    "durations as weights": (X, {"weights": np.array([1, 2, 3], dtype="timedelta64[ns]")}, "weights must hold numbers"),
    "ragged rows": ([[1, 2], [3]], {}, "x must hold numbers in a rectangular array"),
    "masked entries": (
        np.ma.masked_array(np.array(X), mask=np.array([False, True, False])),
        {},
        "x has masked entries",
    ),
    "a scalar": (3.0, {}, r"x must have shape \(n,\) or \(n, d\), got an array of shape \(\)"),
    "three axes": (np.zeros((2, 2, 2)), {}, r"x must have shape .* got an array of shape \(2, 2, 2\)"),
    "no rows": ([], {}, "x is empty"),
    "no columns": (np.zeros((3, 0)), {}, "x is empty"),
    "NaN": ([1, np.nan, 3, np.nan], {}, r"x holds nan in row 2 \(2 such values"),
    "infinity": ([[1, 2], [3, -np.inf]], {}, "column 'x2' holds -inf in row 2"),
    "NaN in a named column": ([np.nan], {"columns": ("deaths",)}, "column 'deaths' holds nan in row 1"),
    "too few names": (np.zeros((2, 2)), {"columns": ("a",)}, "columns must name each of the 2 features, got 1 name"),
    "text weights": (X, {"weights": ["a", "b", "c"]}, "weights must hold numbers"),
    "too few weights": (X, {"weights": [1, 2]}, "weights must have one entry for each of the 3 rows"),
    "a table of weights": (X, {"weights": [[1], [2], [3]]}, "weights must have one entry for each of the 3 rows"),
    "NaN weights": (X, {"weights": [1, np.nan, 1]}, "weights holds nan in row 2"),
    "negative weights": (X, {"weights": [1, -1, 1]}, "weights must not be negative"),
    "no weight": (X, {"weights": [0, 0, 0]}, "weights .* at least one must be positive"),
}


@pytest.mark.parametrize(("x", "arguments", "message"), BAD.values(), ids=BAD.keys())
def test_bad_observations_are_named_in_one_sentence(x, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}") as error:
        Data.of(x, **arguments)
    assert "\n" not in str(error.value)
