"""Exposure as a property of the data: what it does to densities, to the distinct rows, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from models import Array, Batch, ChunkedData, Data, Mixture, Model, Poisson, mean_rate

MIXTURE = Mixture(np.array([0.3, 0.7]), Poisson(np.array([0.4, 3.0])))


@dataclass(frozen=True)
class ExposedPart:
    """Some rows of counts with exposures, in two batches."""

    values: Array
    exposure: Array
    first: int

    def batches(self) -> Iterator[Batch]:
        half = len(self.values) // 2
        for rows in (slice(None, half), slice(half, None)):
            yield Batch(self.values[rows], None, self.exposure[rows])


def some(rows: int = 300) -> Data:
    rng = np.random.default_rng(0)
    exposure = np.asarray(rng.choice([0.5, 1.0, 7.0], rows), dtype=np.float64)
    return Data.of(MIXTURE.sample(rows, rng, exposure)[0], exposure=exposure)


def in_parts(data: Data) -> ChunkedData:
    assert data.exposure is not None
    cuts = [0, data.rows // 3, data.rows]
    parts = [ExposedPart(data.values[a:b], data.exposure[a:b], a) for a, b in pairwise(cuts)]
    return ChunkedData(parts, data.columns, data.name)


def test_density_is_that_of_scipy() -> None:
    data = some()
    assert data.exposure is not None
    means = data.exposure[:, None] * known_rates()
    expected = stats.poisson(means).logpmf(data.values)
    # Both add terms of some hundred at most, each with a rounding error of 1e-16.
    np.testing.assert_allclose(MIXTURE.components.log_density(data.values, data.exposure), expected, atol=1e-12)


def known_rates() -> Array:
    assert isinstance(MIXTURE.components, Poisson)
    return MIXTURE.components.rates


def test_compiled_pass_is_the_textbook_sum() -> None:
    data = some()
    found = MIXTURE.expectation(data)
    joint = stats.poisson(np.multiply.outer(np.asarray(data.exposure), known_rates())).logpmf(data.values)
    shares = MIXTURE.weights * np.exp(joint)
    responsibilities = shares / shares.sum(axis=1, keepdims=True)
    statistics = found.statistics
    assert found.log_likelihood == pytest.approx(np.log(shares.sum(axis=1)).sum(), rel=1e-12)
    np.testing.assert_allclose(statistics.counts, responsibilities.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(vars(statistics)["sums"], responsibilities.T @ data.values[:, 0], rtol=1e-12)
    np.testing.assert_allclose(
        vars(statistics)["of_exposure"], responsibilities.T @ np.asarray(data.exposure), rtol=1e-12
    )


def test_distinct_rows_are_pairs_of_count_and_exposure() -> None:
    data = some()
    compressed = data.compress()
    assert compressed.rows == len(np.unique(np.column_stack([data.values, np.asarray(data.exposure)]), axis=0))
    assert compressed.size == data.size
    assert compressed.total_exposure == pytest.approx(data.total_exposure, rel=1e-13)
    together = MIXTURE.expectation(compressed).log_likelihood
    assert together == pytest.approx(MIXTURE.expectation(data).log_likelihood, rel=1e-13)


def test_rows_in_parts_give_the_same_answers() -> None:
    whole = some()
    chunked = in_parts(whole)
    assert chunked.sha256 == whole.sha256
    assert chunked.is_exposed
    assert chunked.total_exposure == pytest.approx(whole.total_exposure, rel=1e-13)
    np.testing.assert_array_equal(chunked.every(7).exposure, whole.every(7).exposure)
    compressed = chunked.compress()
    assert isinstance(compressed, Data)
    np.testing.assert_array_equal(compressed.exposure, whole.compress().exposure)
    found, expected = chunked.total(MIXTURE.expectation), MIXTURE.expectation(whole)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-13)


def test_exposure_of_one_everywhere_is_none() -> None:
    x = np.array([0.0, 3.0, 4.0, 4.0])
    plain, exposed = Data.of(x), Data.of(x, exposure=np.ones(4))
    assert exposed.exposure is None
    assert exposed.sha256 == plain.sha256
    chunked = ChunkedData([ExposedPart(x[:, None], np.ones(4), 0)], ("x",))
    assert not chunked.is_exposed
    assert chunked.sha256 == plain.sha256
    compressed = chunked.compress()
    assert isinstance(compressed, Data)
    assert compressed.exposure is None


def test_mean_rate_is_all_events_by_all_exposure() -> None:
    data = Data.of([0, 6], weights=[2, 1], exposure=[0.5, 3.0])
    assert mean_rate(data) == 6 / 4


def test_exposures_are_shared_out_as_in_the_data() -> None:
    data = Data.of([0, 6, 1], weights=[2, 1, 3], exposure=[0.5, 3.0, 1.0])
    np.testing.assert_array_equal(data.exposures(6), [0.5, 0.5, 3, 1, 1, 1])
    more = np.unique(np.asarray(data.exposures(6000)), return_counts=True)
    np.testing.assert_array_equal(more, [[0.5, 1, 3], [2000, 3000, 1000]])


@pytest.mark.parametrize(
    ("exposure", "sentence"),
    [
        ([1.0, np.nan, 2.0], "exposure holds nothing in row 2: remove these rows, or give the exposure."),
        ([1.0, 0.0, 0.0], r"exposure holds 0 in row 2 \(2 such values in all\): an exposure is above zero"),
        ([1.0, 2.0, -1.0], "exposure holds -1 in row 3: an exposure is above zero"),
        ([1.0, np.inf, 1.0], "exposure holds inf in row 2"),
        ([1.0, 1e-200, 1.0], "exposure holds 1e-200 in row 2: take another unit"),
        ([1.0, 2.0], r"exposure must have one entry for each of the 3 rows, got shape \(2,\)"),
        (["a", "b", "c"], "exposure must hold numbers"),
    ],
)
def test_what_is_no_exposure_is_refused(exposure: list[float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Data.of([1, 2, 3], exposure=exposure)


def test_column_is_named_in_the_sentence() -> None:
    with pytest.raises(ValueError, match="exposure column 'hours' holds 0 in row 1"):
        Data.of([1, 2], exposure=[0.0, 1.0], exposure_column="hours")
    with pytest.raises(ValueError, match="exposure column 'exposure' holds -1 in row 2"):
        ChunkedData([ExposedPart(np.ones((2, 1)), np.array([1.0, -1.0]), 0)], ("x",))


def test_measurements_take_no_exposure() -> None:
    data = Data.of([1.5, 2.5, 3.0], exposure=[1.0, 2.0, 3.0], exposure_column="hours")
    with pytest.raises(ValueError, match="exposure 'hours' does not apply to family 'gaussian'"):
        Model.of(data, "gaussian", 1)


def test_equal_counts_at_different_exposures_differ() -> None:
    assert Model.of(Data.of([2, 2, 2], exposure=[1, 2, 3]), "poisson", 2).components == 2
