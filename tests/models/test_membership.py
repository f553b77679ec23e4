"""Where rows belong and how dense it is there, of estimates and of draws on average, against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from em import fit
from models import Components, Data, Gaussian, Mixture, Poisson, membership, new_rows
from models.membership import DRAWS, SLICE_ROWS
from tests.cases import CASES, Case
from tests.oracles import LOG_DENSITIES


def draws_about(case: Case, number: int) -> Mixture:
    """The case's mixture again and again, each time with other weights and locations a little apart."""
    rng = np.random.default_rng(1)
    weights = rng.dirichlet(40 * case.mixture.weights, size=number)
    moved = case.mixture.components.map(lambda array: np.repeat(array[None], number, axis=0))
    if isinstance(moved, Gaussian):
        moved = Gaussian(moved.means + rng.normal(scale=0.1, size=moved.means.shape), moved.covariances)
    if isinstance(moved, Poisson):
        moved = Poisson(moved.rates * rng.gamma(100, 0.01, size=moved.rates.shape))
    return Mixture(weights, moved)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_draws_are_averaged_as_scipy_has_each_of_them(case: Case) -> None:
    draws = draws_about(case, 7)
    x, exposure = case.data.values, case.data.exposure
    of_family = LOG_DENSITIES[case.family]
    joint = np.array(
        [
            np.log(draws.weights[s]) + of_family(draws.components.map(lambda a: a[s]), x, exposure)  # noqa: B023
            for s in range(7)
        ]
    )
    each = special.logsumexp(joint, axis=2)
    found = membership(draws, case.data)
    # Some hundred roundings of numbers up to about a hundred.
    np.testing.assert_allclose(found.probabilities, np.exp(joint - each[:, :, None]).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.log_density, special.logsumexp(each, axis=0) - np.log(7), atol=1e-11)
    np.testing.assert_allclose(found.spread, each.std(axis=0, ddof=1), atol=1e-11)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_familys_own_form_is_the_textbooks(case: Case) -> None:
    draws = draws_about(case, 5)
    own = draws.components.averages(case.data, draws.weights)
    for ours, textbook in zip(own, Components.averages(draws.components, case.data, draws.weights), strict=True):
        np.testing.assert_allclose(ours, textbook, atol=1e-11)


def test_counts_with_exposures_are_averaged_as_the_textbook_has_them() -> None:
    data = Data.of([0, 3, 3, 9, 40], exposure=[0.5, 1, 2, 3, 4])
    draws = Mixture(np.array([[0.4, 0.6], [0.5, 0.5]]), Poisson(np.array([[1.0, 8.0], [1.2, 7.0]])))
    own = draws.components.averages(data, draws.weights)
    for ours, textbook in zip(own, Components.averages(draws.components, data, draws.weights), strict=True):
        np.testing.assert_allclose(ours, textbook, atol=1e-12)


def test_an_estimate_is_one_draw_without_spread_and_gamma_is_not_taken_at_the_mean() -> None:
    one, other = Poisson(np.array([1.0, 6.0])), Poisson(np.array([3.0, 20.0]))
    weights = np.array([0.5, 0.5])
    data = Data.of([4.0])
    single = membership(Mixture(weights, one), data)
    assert single.spread.tolist() == [0.0]
    both = Mixture(np.array([weights, weights]), Poisson(np.array([one.rates, other.rates])))
    apart = [Mixture(weights, each).responsibilities(data.values) for each in (one, other)]
    np.testing.assert_allclose(membership(both, data).probabilities, np.mean(apart, axis=0), atol=1e-14)
    at_the_mean = Mixture(weights, Poisson((one.rates + other.rates) / 2)).responsibilities(data.values)
    assert abs(at_the_mean - np.mean(apart, axis=0)).max() > 0.05


def test_a_row_is_where_it_is_whatever_stands_before_it_and_draws_are_thinned_evenly() -> None:
    rng = np.random.default_rng(2)
    x = rng.poisson(4.0, SLICE_ROWS + 50).astype(float)
    rates = rng.gamma(50, [[0.04, 0.2]], size=(2 * DRAWS, 2))
    draws = Mixture(np.full((2 * DRAWS, 2), 0.5), Poisson(rates))
    found = membership(draws, Data.of(x))
    alone = membership(draws[::2], Data.of(x[-1:]))
    # The same operations, of which the processor may fuse some.
    np.testing.assert_allclose(found.probabilities[-1], alone.probabilities[0], rtol=1e-13)
    np.testing.assert_allclose(found.log_density[-1], alone.log_density[0], rtol=1e-13)


def test_where_no_component_has_a_density_the_least_far_one_takes_the_row() -> None:
    nothing = membership(Mixture(np.array([1.0]), Poisson(np.array([0.0]))), Data.of([3.0]))
    assert nothing.probabilities.tolist() == [[1.0]]
    assert nothing.log_density[0] < -1e199
    far = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([[0.0], [1.0]]), np.ones((2, 1, 1))))
    assert membership(far, Data.of([1e10])).component.tolist() == [1]
    with pytest.raises(ValueError, match=r"row 2 \(1e\+200\) lies so far out"):
        membership(far, Data.of([1.0, 1e200]))


def test_estimates_have_the_words_of_the_field_and_say_what_is_wrong_with_new_rows() -> None:
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 2)) + np.repeat([[0, 0], [6, 3]], 30, axis=0)
    found = fit(pandas.DataFrame(x, columns=["east", "north"]), "gaussian", 2, starts=2)
    frame = pandas.DataFrame({"north": x[:, 1], "east": x[:, 0]})
    assert found.predict(frame).tolist() == found.predict(x).tolist() == [0] * 30 + [1] * 30
    np.testing.assert_allclose(found.predict_proba(x), found.mixture.responsibilities(x), atol=1e-14)
    np.testing.assert_allclose(found.score_samples(x), found.mixture.log_density(x), rtol=1e-13)
    assert found.score(x) == pytest.approx(found.log_likelihood / 60, rel=1e-13)
    named = Data.of(x[:, ::-1], columns=("north", "east"))
    np.testing.assert_array_equal(found.predict_proba(named), found.predict_proba(frame))
    with pytest.raises(ValueError, match="no column 'north'"):
        found.predict(frame[["east"]])
    with pytest.raises(ValueError, match="x has no column 'north'"):
        found.predict(Data.of(x[:, 0], columns=("east",)))
    with pytest.raises(ValueError, match=r"x must have shape \(n, 2\) for 'east', 'north', got \(60, 1\)"):
        found.predict(x[:, :1])
    with pytest.raises(ValueError, match="exposure must be left out"):
        found.predict(x, exposure=np.ones(60))


def test_new_counts_are_counts_and_need_the_exposure_that_was_fitted() -> None:
    counts, watched = np.repeat([1.0, 2.0, 30.0, 28.0], 5), np.tile([1.0, 2.0], 10)
    found = fit(Data.of(counts, exposure=watched), "poisson", 2, starts=2)
    assert found.predict([2, 60], exposure=[1, 3]).tolist() == [0, 1]
    with pytest.raises(ValueError, match="exposure is missing"):
        found.predict([2, 60])
    with pytest.raises(ValueError, match=r"holds 1\.5 in row 2: family 'poisson' takes counts"):
        new_rows([1, 1.5], ("x",), found.model)


def test_rows_keep_their_numbers_when_others_are_left_out() -> None:
    data = Data.of([5, 6, 7, 8], weights=[1, 0, 2, 3])
    assert data.row_numbers.tolist() == [1, 3, 4]
    assert data.take(np.array([2, 0])).row_numbers.tolist() == [4, 1]
    assert [part.row_numbers.tolist() for part in data.slices(2)] == [[1, 3], [4]]
