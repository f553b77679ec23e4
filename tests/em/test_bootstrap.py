"""The bootstrap: the same bits on any executor, the known standard errors, and no replicate dropped in silence."""

from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from em import Status, bootstrap, fit, standard_errors
from em.bootstrap import _draw_nonparametric, _draw_parametric, replicate
from models import Data, Gaussian, Mixture, scenario
from tests.known import known


@pytest.fixture(scope="module")
def three():
    return fit(scenario("poisson-three").data, "poisson", 3, starts=10)


@pytest.mark.parametrize("kind", ["nonparametric", "parametric"])
def test_the_standard_errors_are_those_of_the_information(three, kind):
    found = bootstrap(three, kind=kind, replicates=400, seed=1)
    assert found.statuses == {Status.CONVERGED: 400}
    expected = standard_errors(three).table["standard_error"]
    # A standard deviation from 400 draws is off by 1/√800 = 3.5 %: five times that and the difference in second order.
    np.testing.assert_allclose(found.table()["standard_error"] / expected, 1, atol=0.2)
    table = found.table()
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()
    assert (table["bias"].abs() < 0.3 * table["standard_error"]).all()
    assert found.covariance.loc["weights[1]", "weights[1]"] == pytest.approx(
        known(table.loc["weights[1]", "standard_error"], float) ** 2
    )


def test_one_poisson_has_the_exact_distribution():
    """The mean of n resampled counts has the variance of the counts over n."""
    x = np.random.default_rng(0).negative_binomial(2, 0.3, size=80)
    fitted = fit(x, "poisson", 1)
    drawn = bootstrap(fitted, replicates=400, seed=2).table()["standard_error"].iloc[0]
    # Relative Monte Carlo error 1/√800 = 3.5 %, five times.
    assert drawn == pytest.approx(np.sqrt(x.var() / 80), rel=0.18)
    model_based = bootstrap(fitted, kind="parametric", replicates=400, seed=2).table()["standard_error"].iloc[0]
    assert model_based == pytest.approx(np.sqrt(x.mean() / 80), rel=0.18)


def test_counts_are_drawn_as_rows_are():
    """A row seen thrice is three observations: the number drawn stays, and so does the spread."""
    values, counts = np.arange(8), np.array([30, 50, 60, 40, 30, 20, 10, 5])
    by_counts = bootstrap(fit(values, "poisson", 1, weights=counts), replicates=400, seed=3)
    expected = np.sqrt(np.cov(values, fweights=counts, ddof=0) / counts.sum())
    assert by_counts.table()["standard_error"].iloc[0] == pytest.approx(expected, rel=0.18)


@pytest.mark.parametrize("kind", ["nonparametric", "parametric"])
def test_weights_that_are_fractions_are_drawn_as_often_as_they_say_on_average(kind):
    """Two and a half observations are two or three, each in half of the replicates."""
    data = Data.of([4.0, 6.0], weights=[1.0, 1.5])
    fitted = fit(data, "poisson", 1)
    draw = {"nonparametric": _draw_nonparametric, "parametric": _draw_parametric}[kind]
    sizes = np.array([draw(fitted, data, rng).size for rng in np.random.default_rng(2).spawn(2000)])
    assert set(sizes) == {2, 3}
    # Four standard errors of the mean of 2000 that are two or three.
    assert sizes.mean() == pytest.approx(2.5, abs=4 * 0.5 / np.sqrt(2000))


def test_any_executor_gives_the_same_bits(three):
    numbers = []
    with ThreadPoolExecutor(1) as one, ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as process:
        for executor in (None, one, process):
            numbers.append(bootstrap(three, replicates=6, starts=2, seed=5, executor=executor).draws.to_numpy())
    np.testing.assert_array_equal(numbers[0], numbers[1])
    np.testing.assert_array_equal(numbers[0], numbers[2])
    np.testing.assert_array_equal(bootstrap(three, replicates=4, starts=2, seed=5).draws, numbers[0][:4])


def test_labels_are_the_estimates(three):
    """Further starts end with labels in any order; matched, no rate lies among another component's."""
    found = bootstrap(three, replicates=20, starts=3, seed=6).draws
    assert (found["rates[1]"] < 60).all()
    assert found["rates[2]"].between(80, 120).all()
    assert (found["rates[3]"] > 130).all()


def test_collapsed_replicates_are_counted():
    """A component on three observations, which a third of all resamples leave with one distinct value or two."""
    x = np.concatenate([np.random.default_rng(7).normal(size=30), [20.0, 20.3, 20.9]])
    start = Mixture(np.array([0.9, 0.1]), Gaussian(np.array([[0.0], [20.4]]), np.array([[[1.0]], [[0.1]]])))
    found = bootstrap(fit(x, "gaussian", 2, start=start), replicates=60, seed=8)
    assert found.statuses[Status.COLLAPSED] > 5
    assert len(found.replicates) == 60
    assert len(found.draws) == found.statuses[Status.CONVERGED]
    assert f"{found.statuses[Status.COLLAPSED]} collapsed" in found.summary()
    assert all(r.reason for r in found.replicates if r.status is Status.COLLAPSED)


def test_a_resample_that_no_mixture_fits_is_a_collapse():
    fitted = fit(Data.of([0.0, 1.0, 5.0]), "gaussian", 1)
    found = bootstrap(fitted, replicates=40, seed=9)
    unusable = [r for r in found.replicates if r.mixture is None]
    assert unusable
    assert all("constant" in reason or "distinct" in reason for reason in (known(r.reason, str) for r in unusable))


def test_progress_and_interruption(three):
    done = []

    def stop(count):
        done.append(count)
        if count == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bootstrap(three, replicates=100_000, on_replicate=stop)
    assert done == [1, 2, 3]


def test_what_is_done_can_be_kept(three):
    running = replicate(three, replicates=50, seed=5)
    assert isinstance(running, Generator)
    kept = [next(running) for _ in range(3)]
    running.close()
    assert [r.log_likelihood for r in kept] == [
        r.log_likelihood for r in bootstrap(three, replicates=3, seed=5).replicates
    ]


@pytest.mark.parametrize(
    ("argument", "value"), [("kind", "wild"), ("replicates", 0), ("replicates", 2.5), ("starts", -1)]
)
def test_bad_arguments_are_named(three, argument, value):
    with pytest.raises(ValueError, match=f"{argument} must be"):
        bootstrap(three, **{argument: value})
