"""Counts with exposures as rates: the histogram, and what a mixture leads to expect of it."""

from __future__ import annotations

import numpy as np
from scipy import stats

from models import Data, Mixture, Poisson, PoissonProduct
from reports.comparing.density import density_curves
from reports.comparing.rates import expected_heights, rate_edges, rate_heights
from tests.cases import exposed

CASE = exposed()
RATES = np.array([0.5, 2.0, 6.0])


def test_area_is_the_share_of_the_exposure() -> None:
    edges = rate_edges(CASE.data, 0)
    heights = rate_heights(CASE.data, 0, edges)
    assert CASE.data.exposure is not None
    rates = CASE.data.values[:, 0] / CASE.data.exposure
    inside = rates < edges[-1]
    np.testing.assert_allclose(
        heights @ np.diff(edges), CASE.data.exposure[inside].sum() / CASE.data.total_exposure, rtol=1e-12
    )
    # No more than a thousandth of the exposure is left out.
    assert CASE.data.exposure[~inside].sum() <= 0.001 * CASE.data.total_exposure
    assert edges[0] < rates.min() < edges[1]


def test_rows_are_counted_as_often_as_they_were_seen() -> None:
    twice = Data.of(CASE.data.values, np.full(CASE.data.rows, 2.0), exposure=CASE.data.exposure)
    edges = rate_edges(CASE.data, 0)
    np.testing.assert_allclose(rate_heights(twice, 0, edges), rate_heights(CASE.data, 0, edges), rtol=1e-12)


def test_a_count_on_an_edge_is_in_the_same_bin_of_data_and_model() -> None:
    data = Data.of([3, 3, 3], exposure=[0.1, 0.3, 0.7])
    # 3/0.1 is 30 but for rounding, 3/0.3 is 10, and 3/0.7 is no whole number.
    edges = np.array([0.0, 10.0, 30.0, 40.0])
    np.testing.assert_allclose(rate_heights(data, 0, edges), np.array([0.7, 0.3, 0.1]) / 1.1 / np.diff(edges))
    mixture = Mixture(np.array([1.0]), Poisson(np.array([9.0])))
    by_hand = np.zeros(3)
    for e in (0.1, 0.3, 0.7):
        for count in range(40):
            place = np.searchsorted(edges, count / e + 1e-9, side="right") - 1
            if 0 <= place < 3:
                by_hand[place] += e * stats.poisson.pmf(count, 9 * e)
    np.testing.assert_allclose(expected_heights(data, mixture, edges), by_hand / 1.1 / np.diff(edges), rtol=1e-12)


def test_expected_heights_are_those_of_many_data_sets() -> None:
    rng, sets = np.random.default_rng(1), 400
    exposure = rng.choice(np.array([0.5, 1.0, 2.5, 7.0]), 80)
    data = Data.of(CASE.mixture.sample(80, rng, exposure)[0], exposure=exposure)
    edges = rate_edges(data, 0)
    drawn = [rate_heights(CASE.mixture.sample_like(data, rng), 0, edges) for _ in range(sets)]
    error = np.std(drawn, axis=0) / np.sqrt(sets)
    # Five Monte Carlo errors; a bin that no data set reached has less than one event in all of them.
    least = 7 / (data.total_exposure * np.diff(edges) * sets)
    gaps = np.abs(np.mean(drawn, axis=0) - expected_heights(data, CASE.mixture, edges))
    assert (gaps < np.maximum(5 * error, least)).all()


def test_leading_axes_are_draws_and_a_column_of_many_is_one() -> None:
    edges = rate_edges(CASE.data, 0)
    draws = Mixture(np.tile(CASE.mixture.weights, (2, 1)), Poisson(np.stack([RATES, 2 * RATES])))
    both = expected_heights(CASE.data, draws, edges)
    np.testing.assert_allclose(both[0], expected_heights(CASE.data, CASE.mixture, edges), rtol=1e-12)
    columns = PoissonProduct(np.column_stack([RATES, 3 * RATES]))
    marginal = Mixture(CASE.mixture.weights, columns).marginal(0)
    np.testing.assert_allclose(expected_heights(CASE.data, marginal, edges), both[0], rtol=1e-12)


def test_curves_of_rates_are_held_in_bins() -> None:
    draws = Mixture(np.tile(CASE.mixture.weights, (3, 1)), Poisson(np.stack([0.9 * RATES, RATES, 1.1 * RATES])))
    (curves,) = density_curves(CASE.data, CASE.model, CASE.mixture, draws, CASE.mixture)
    assert curves.edges is not None
    np.testing.assert_array_equal(curves.grid, (curves.edges[1:] + curves.edges[:-1]) / 2)
    np.testing.assert_array_equal(curves.em, curves.truth)
    assert (curves.lower <= curves.upper).all()
    assert 0.9 < curves.overlap <= 1


def test_one_rate_alone_has_bins() -> None:
    edges = rate_edges(Data.of([2, 4], exposure=[1, 2]), 0)
    assert (np.diff(edges) > 0).all()
    assert edges[0] < 2 < edges[-1]
    assert (np.diff(rate_edges(Data.of([0, 0], exposure=[1, 2]), 0)) > 0).all()
