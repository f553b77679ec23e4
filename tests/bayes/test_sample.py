"""What sampling does beside the draws themselves, which ``test_posterior.py`` holds against exact answers."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytest

from bayes import Posterior, build_model, sample, total_log_likelihood
from bayes.engine import INTERPRETED
from models import Data
from tests import oracles
from tests.bayes.small import TWO_POISSON, posterior_of

COUNTS = [0, 5, 2, 9, 1, 7]
TIMES = [3, 1, 2, 1, 0, 4]


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return posterior_of(TWO_POISSON)


# ---------------------------------------------------------------------------------------------------------------------
# The tree


@pytest.fixture(scope="module")
def repeated() -> Posterior:
    """Counts that were seen several times each, or never; of every third draw only is everything kept."""
    module = sys.modules["bayes.sample"]
    with pytest.MonkeyPatch.context() as patch:
        # 2 chains of 40 draws of 11 observations: 880 values, of which a third fits.
        patch.setattr(module, "MOST_STORED_VALUES", 300)
        return sample(COUNTS, "poisson", 2, weights=TIMES, draws=40, tune=40, chains=2, seed=3)


def test_a_count_seen_often_is_as_many_observations(repeated: Posterior) -> None:
    observed = repeated.tree["observed_data"]["x"]
    np.testing.assert_array_equal(observed, np.repeat(COUNTS, TIMES))
    values = np.repeat(COUNTS, TIMES).astype(float)[:, None]
    # Rounding in a sum of eleven terms, in another order.
    np.testing.assert_allclose(repeated.mixture.log_likelihood(values), repeated.log_likelihood, rtol=1e-12)


def test_what_grows_with_the_data_is_kept_of_evenly_spaced_draws(repeated: Posterior) -> None:
    values = np.repeat(COUNTS, TIMES).astype(float)[:, None]
    for group in ("log_likelihood", "posterior_predictive"):
        kept = repeated.tree[group]
        assert kept.attrs["every_nth_draw"] == 3
        assert kept["draw"].to_numpy().tolist() == list(range(0, 40, 3))
        assert kept["x"].shape == (2, 14, 11)
    pointwise = repeated.mixture[:, ::3].log_density(values)
    np.testing.assert_array_equal(repeated.tree["log_likelihood"]["x"], pointwise)


def test_replicated_data_come_from_the_posterior_predictive_distribution(posterior: Posterior) -> None:
    x = posterior.tree["posterior_predictive"]["x"].to_numpy()
    # Of each draw the 24 replicates are independent, hence the proportions of draws are averages over draws whose error
    # their own spread tells; the posterior's autocorrelation, under which 4000 draws count for 1000, doubles it.
    for count in range(12):
        of_draws = (x == count).mean(axis=2)
        expected = np.exp(posterior.mixture.log_density(np.array([[float(count)]])))[..., 0].mean()
        assert abs(of_draws.mean() - expected) < 4 * 2 * of_draws.std() / np.sqrt(of_draws.size)


def test_every_relabelled_draw_is_a_permutation_of_the_draw(posterior: Posterior) -> None:
    def pairs(group: str) -> list[list[tuple[float, float]]]:
        weights, rates = (posterior.tree[group][name].to_numpy().reshape(-1, 2) for name in ("weights", "rates"))
        return [list(zip(*pair, strict=True)) for pair in zip(weights.tolist(), rates.tolist(), strict=True)]

    assert [sorted(draw) for draw in pairs("posterior")] == [sorted(draw) for draw in pairs("relabelled_posterior")]
    for name in ("weights", "rates"):
        relabelled = posterior.tree["relabelled_posterior"][name]
        np.testing.assert_array_equal(relabelled, posterior.mixture.arrays()[name])
        assert relabelled.dims == ("chain", "draw", "component")
    assert pairs("posterior") != pairs("relabelled_posterior"), "no labels switched: the test shows nothing"


def test_pymc_computes_the_same_log_likelihood_from_the_draws(posterior: Posterior) -> None:
    tree = posterior.tree.copy().drop_nodes("log_likelihood")
    model = build_model(posterior.data, "poisson", 2, prior=posterior.prior, likelihood="textbook")
    with model:
        pm.compute_log_likelihood(tree, progressbar=False, compile_kwargs={"mode": INTERPRETED})
    # Twelve digits of a log-density of some −10; which labels the draws have does not matter. Every other draw is stored.
    stored = posterior.tree["log_likelihood"]
    assert stored.attrs["every_nth_draw"] == 2
    np.testing.assert_allclose(
        tree["log_likelihood"]["x"].sel(draw=stored["draw"]), stored["x"], rtol=1e-11, atol=1e-11
    )


def test_a_posterior_of_tied_variances_keeps_its_shapes() -> None:
    x = [-3.1, -2.4, -2.2, -1.6, 1.1, 1.9, 2.0, 2.8]
    posterior = sample(x, "gaussian", 2, covariance="tied", mixing="equal", draws=10, tune=30, chains=1, seed=5)
    assert posterior.tree["posterior"]["variances"].dims == ("chain", "draw")
    assert set(posterior.tree["relabelled_posterior"].data_vars) == {"means", "covariances"}
    assert posterior.mixture.components.arrays()["means"].shape == (1, 10, 2, 1)
    assert posterior.mixture.components.arrays()["covariances"].shape == (1, 10, 2, 1, 1)
    np.testing.assert_array_equal(posterior.mixture.weights, 0.5)
    assert set(posterior.scalars) == {"means[1]", "means[2]", "variances"}


def test_the_total_log_likelihood_is_that_of_scipy(posterior: Posterior) -> None:
    data = Data.of(COUNTS, weights=TIMES)
    draws = posterior.mixture[:, :5]
    expected = [
        [oracles.log_likelihood(draws[c, i], data.values, data.weights) for i in range(5)]
        for c in range(posterior.chains)
    ]
    np.testing.assert_allclose(total_log_likelihood(draws, data), expected, rtol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Seeds, calls and interrupts


def run(on_draw: Callable[[], None] | None = None, chains: int = 3, seed: int = 4) -> Posterior:
    return sample(COUNTS, "poisson", 2, draws=20, tune=20, chains=chains, seed=seed, on_draw=on_draw)


def test_one_seed_gives_the_same_draws() -> None:
    first, second = run(), run()
    for group in ("posterior", "relabelled_posterior", "log_likelihood", "posterior_predictive"):
        for name, draws in first.tree[group].data_vars.items():
            np.testing.assert_array_equal(second.tree[group].data_vars[name], draws)
    np.testing.assert_array_equal(first.log_likelihood, second.log_likelihood)


def test_another_seed_gives_other_draws_and_so_does_another_chain() -> None:
    calls: list[None] = []
    first, second = run(lambda: calls.append(None)), run(seed=5)
    assert len(calls) == 3 * 40
    rates = np.concatenate([one.tree["posterior"]["rates"].to_numpy() for one in (first, second)])
    assert len({tuple(chain.ravel().tolist()) for chain in rates}) == 6


@pytest.mark.parametrize("processors", [1, 2])
@pytest.mark.parametrize(("chains", "at"), [(1, 10), (1, 30), (3, 10), (3, 70), (3, 110)])
def test_an_interrupt_at_any_time_ends_everything(
    chains: int, at: int, processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["bayes.sample"], "usable_cores", lambda: processors)
    calls: list[None] = []

    def interrupt() -> None:
        calls.append(None)
        if len(calls) == at:
            raise KeyboardInterrupt

    before = multiprocessing.active_children()
    with pytest.raises(KeyboardInterrupt):
        run(interrupt, chains)
    # PyMC would end the chain and go on with the next, or return the chains that it has.
    assert len(calls) == at
    assert multiprocessing.active_children() == before


def test_an_error_of_the_caller_is_the_callers() -> None:
    def fail() -> None:
        raise BrokenPipeError("nobody reads the progress")

    with pytest.raises(BrokenPipeError, match="nobody reads"):
        run(fail)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"draws": 10.5}, "draws must be a whole number from 4 on, got 10.5"),
        ({"draws": True}, "draws must be a whole number from 4 on, got True"),
        ({"tune": -1}, "tune must be a whole number from 1 on, got -1"),
        ({"chains": 0}, "chains must be a whole number from 1 on, got 0"),
        ({"chains": "2"}, "chains must be a whole number from 1 on, got '2'"),
        ({"family": "binomial"}, "family must be one of"),
        ({"covariance": "tied"}, "covariance does not apply to family 'poisson'"),
        ({"x": []}, "x is empty"),
        ({"x": [1, 2, float("nan")]}, "x holds nan in row 3"),
        ({"x": [1, 2, 2.5]}, "holds 2.5 in row 3"),
        ({"x": [4, 4, 4]}, "the data are constant"),
        ({"weights": [1, 1]}, "weights must have one entry for each of the 6 rows"),
        ({"weights": [1, 1, 1, 1, 1, 0.5]}, "weights must be whole numbers"),
    ],
    ids=str,
)
def test_what_cannot_be_sampled_is_said_before_anything_is(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sample(**{"x": COUNTS, "family": "poisson", "components": 2, **arguments})
