"""Rows whose label is known: how labels are read, and what they make of densities, sums and orders."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models import Data, Gaussian, Mixture, Model, Poisson, aligned, ascending_order, assigned, known_of, match
from models.labels import labels_in_words

TWO = Mixture(np.array([0.3, 0.7]), Poisson(np.array([1.5, 6.0])))


@pytest.mark.parametrize(
    ("given", "codes", "labels"),
    [
        (["b", "a", "", None, "b"], [1, 0, -1, -1, 1], ("a", "b")),
        ([2, 1, -1, 2], [1, 0, -1, 1], ("1", "2")),
        (np.array([2.0, np.nan, 1.0]), [1, -1, 0], ("1", "2")),
        (["1", "2.0", "NA"], [0, 1, -1], ("1", "2")),
        ([3, None, 1], [2, -1, 0], ("1", "", "3")),
        ([0, 1, -1, 10], [0, 1, -1, 2], ("0", "1", "10")),
        ([10, 9.5, None], [1, 0, -1], ("9.5", "10")),
        (["x", "-1", "10", "9"], [3, 0, 1, 2], ("-1", "10", "9", "x")),
        ([True, False, None], [1, 0, -1], ("False", "True")),
        (pd.Series(["u", pd.NA, "v"], name="kind"), [0, -1, 1], ("u", "v")),
    ],
)
def test_labels_are_names_or_numbers_of_components(given: Any, codes: list[int], labels: tuple[str, ...]) -> None:
    found, names, column = known_of(given, len(given), None)
    assert found is not None
    assert found.tolist() == codes
    assert names == labels
    assert column == ("kind" if isinstance(given, pd.Series) else "known")


@pytest.mark.parametrize("given", [None, ["", None, "nan"], [-1, -1, -1], np.full(3, np.nan)])
def test_without_any_label_the_data_are_those_without_a_column(given: Any) -> None:
    data, plain = Data.of([1.0, 2, 4], known=given), Data.of([1.0, 2, 4])
    assert data.known is None
    assert data.labels == ()
    assert data.sha256 == plain.sha256
    assert labels_in_words(data) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["a"], "one label for each of the 3 rows"),
        ([["a"], ["b"], []], "names or numbers"),
        ([["a", "b"]] * 3, "shape"),
    ],
)
def test_what_is_no_label_is_refused(given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Data.of([1.0, 2, 4], known=given)


@pytest.mark.parametrize(
    ("given", "said"),
    [(["a", "b", "c"], "3 labels .* for 2 components"), ([1, 3, None], "holds the label 3, which is the number of a")],
)
def test_more_labels_than_components_get_a_sentence(given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Model.of(Data.of([1, 2, 4], known=given), "poisson", 2)
    Model.of(Data.of([1, 2, 4], known=given), "poisson", 3)


def test_likelihood_is_the_sum_over_all_labels_that_agree_with_those_known() -> None:
    x, known = np.array([0, 7, 3, 2]), [None, 1, 2, None]
    data = Data.of(x, known=known)
    terms = [
        np.prod([TWO.weights[z] * stats.poisson(TWO.components.location()[z]).pmf(x[i]) for i, z in enumerate(labels)])
        for labels in itertools.product((0, 1), repeat=4)
        if labels[1] == 0 and labels[2] == 1
    ]
    expected = np.log(np.sum(terms))
    assert TWO.log_likelihood(data.values, None, None, data.known) == pytest.approx(expected, rel=1e-12)
    assert TWO.expectation(data).log_likelihood == pytest.approx(expected, rel=1e-12)


def test_responsibilities_of_a_known_label_are_one_and_zero() -> None:
    data = Data.of([0, 7, 3], known=[None, 1, 2])
    found = TWO.responsibilities(data.values, None, data.known)
    np.testing.assert_array_equal(found[1:], [[1, 0], [0, 1]])
    np.testing.assert_array_equal(found[0], TWO.responsibilities(data.values)[0])
    np.testing.assert_allclose(TWO.expectation(data).statistics.counts, found.sum(axis=0), rtol=1e-12)


def test_equal_rows_of_different_labels_stay_apart_and_the_likelihood_stays() -> None:
    data = Data.of([3, 3, 3, 3, 5], known=[1, 2, None, 1, None])
    compressed = data.compress()
    assert compressed.rows == 4
    assert compressed.known is not None
    assert sorted(zip(compressed.values[:, 0], compressed.known, compressed.weights, strict=True)) == [
        (3, -1, 1), (3, 0, 2), (3, 1, 1), (5, -1, 1),
    ]  # fmt: skip
    assert TWO.expectation(compressed).log_likelihood == pytest.approx(TWO.expectation(data).log_likelihood, rel=1e-13)
    assert data.sha256 != data.unlabelled.sha256


def test_rows_that_are_taken_keep_their_labels() -> None:
    data = Data.of([3, 4, 5, 6], weights=[1, 0, 1, 1], known=[1, 2, None, 2])
    assert data.known is not None
    assert data.known.tolist() == [0, -1, 1]
    assert data.row_numbers.tolist() == [1, 3, 4]


def test_as_many_labels_are_known_of_simulated_data() -> None:
    data = Data.of(np.arange(100), known=["a"] * 20 + ["b"] * 30 + [None] * 50)
    drawn = TWO.sample_like(data, np.random.default_rng(1))
    assert drawn.known is not None
    assert (drawn.known >= 0).sum() == 50
    assert drawn.labels == data.labels
    # Of 50 labels drawn with chances of .3 and .7, none of the first has a chance of 2e-8.
    assert set(drawn.known) == {-1, 0, 1}


def test_only_components_without_a_label_change_places() -> None:
    location = np.array([5.0, 9.0, 1.0, 3.0])
    assert ascending_order(location, ()).tolist() == [2, 3, 0, 1]
    assert ascending_order(location, (0, 3)).tolist() == [0, 2, 1, 3]
    costs = np.array([[9.0, 0, 9, 9], [0, 9, 9, 9], [9, 9, 9, 0], [9, 9, 0, 9]])
    assert assigned(costs).tolist() == [1, 0, 3, 2]
    assert assigned(costs, (0,)).tolist() == [0, 1, 3, 2]
    assert assigned(costs, (0, 2, 3)).tolist() == [0, 1, 2, 3]


def test_a_mixture_gets_the_labels_that_it_fits_best() -> None:
    three = Mixture(np.array([0.5, 0.3, 0.2]), Poisson(np.array([1.0, 20.0, 8.0])))
    data = Data.of([19, 22, 1, 8, 7], known=["a", "a", "b", None, None])
    assert aligned(three, data).components.location().tolist() == [20, 1, 8]
    assert aligned(three, data.unlabelled) is three


def test_matching_leaves_labelled_components_in_their_places() -> None:
    data = Data.of([0.0, 0.1, 5.0, 5.1], known=["far", None, "near", None])
    mixture = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([[0.0], [5.0]]), np.ones((2, 1, 1))))
    switched = mixture.relabel(np.array([1, 0]))
    reference = switched.responsibilities(data.values)
    assert match(mixture, reference, data.unlabelled).components.location().tolist() == [5, 0]
    assert match(mixture, reference, data).components.location().tolist() == [0, 5]
