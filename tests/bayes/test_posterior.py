"""Posterior draws against exact answers, what is said of them, and what is kept of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import arviz as az
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes import Posterior, sample, summarise
from models import Data, Poisson, simulation
from tests.bayes.small import SMALL, TWO_POISSON, Small, posterior_of
from tests.known import known


@pytest.mark.slow
@pytest.mark.parametrize("small", SMALL, ids=str)
def test_nuts_finds_the_exact_posterior(small: Small) -> None:
    posterior = posterior_of(small)
    expected = small.expectations()
    found = summarise({name: small.quantities(posterior)[name] for name in expected})
    assert found["r_hat"].max() < 1.01
    # Monte Carlo error alone: four standard errors, some forty quantities in all, missed once in four hundred seeds.
    for name, value in expected.items():
        assert found.loc[name, "mean"] == pytest.approx(value, abs=4 * known(found.loc[name, "mcse_mean"], float)), name


@pytest.mark.slow
def test_the_truth_of_three_poissons_lies_within_the_posterior() -> None:
    three = simulation("poisson-three")
    posterior = sample(three.data, "poisson", 3)
    assert posterior.warnings == []
    assert posterior.summary["r_hat"].max() <= 1.01

    draws = np.stack([posterior.scalars[name].ravel() for name in posterior.scalars if name != "weights[3]"], axis=1)
    truth = np.concatenate([three.truth.weights[:2], three.truth.components.location()])
    shift = draws.mean(axis=0) - truth
    # Five free parameters, whose posterior is all but normal at n = 500: the truth is one draw from it.
    distance = shift @ np.linalg.solve(np.cov(draws.T), shift)
    assert distance < stats.chi2(5).ppf(0.999)


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return posterior_of(TWO_POISSON)


def test_healthy_draws_raise_no_warning(posterior: Posterior) -> None:
    assert posterior.warnings == []


def test_a_stuck_chain_is_said_loudly(posterior: Posterior) -> None:
    components = posterior.mixture.components
    assert isinstance(components, Poisson)
    rates = components.rates.copy()
    rates[0] += 5
    stuck = replace(posterior, mixture=replace(posterior.mixture, components=Poisson(rates)))
    assert any("disagree" in sentence and "rates[" in sentence for sentence in stuck.warnings)
    assert "WARNING" in repr(stuck)


def test_divergences_and_few_draws_are_said_loudly(posterior: Posterior) -> None:
    diverging = np.zeros(posterior.log_likelihood.shape, bool)
    diverging[0, :3] = True
    tree = xr.DataTree.from_dict({"sample_stats": xr.Dataset({"diverging": (("chain", "draw"), diverging)})})
    assert "3 transitions diverged" in replace(posterior, tree=tree).warnings[0]
    few = replace(posterior, mixture=posterior.mixture[:, :60], log_likelihood=posterior.log_likelihood[:, :60])
    assert any("effective sample size" in sentence for sentence in few.warnings)


def test_the_file_reads_back(posterior: Posterior, tmp_path: Path) -> None:
    posterior.save(tmp_path / "posterior.nc")
    tree = az.from_netcdf(tmp_path / "posterior.nc")
    try:
        for group in ("posterior", "relabelled_posterior", "log_likelihood", "posterior_predictive", "observed_data"):
            xr.testing.assert_equal(tree[group].to_dataset(), posterior.tree[group].to_dataset())
        rates = posterior.mixture.arrays()["rates"]
        np.testing.assert_array_equal(tree["relabelled_posterior"]["rates"], rates)
        np.testing.assert_array_equal(np.sort(tree["posterior"]["rates"], axis=-1), np.sort(rates, axis=-1))
        assert np.isfinite(az.loo(tree).elpd)
    finally:
        tree.close()


def test_the_file_of_five_hundred_counts_is_small(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    sampled = sample(rng.poisson(np.repeat([30, 90], 250)), "poisson", 2, draws=1000, tune=200, chains=4, seed=2)
    sampled.save(tmp_path / "posterior.nc")
    assert (tmp_path / "posterior.nc").stat().st_size < 3e6
    # What follows from the draws is there for some of them, and the draws are there whole.
    assert sampled.tree["log_likelihood"]["x"].shape == sampled.tree["posterior_predictive"]["x"].shape == (4, 125, 500)
    assert sampled.tree["posterior"]["rates"].shape == (4, 1000, 2)


def test_the_summary_is_of_the_relabelled_draws(posterior: Posterior) -> None:
    assert list(posterior.summary.index) == ["weights[1]", "weights[2]", "rates[1]", "rates[2]"]
    draws = posterior.mixture.arrays()["rates"][..., 1].ravel()
    row = posterior.summary.loc["rates[2]"]
    assert row["mean"] == pytest.approx(draws.mean())
    assert row["median"] == pytest.approx(np.median(draws))
    assert row["sd"] == pytest.approx(draws.std(ddof=1))
    assert [row["lower"], row["upper"]] == pytest.approx(np.quantile(draws, [0.025, 0.975]).tolist())
    assert 0 < row["mcse_mean"] == pytest.approx(row["sd"] / np.sqrt(row["ess_bulk"]), rel=0.2)


def test_labels_do_not_matter_to_label_invariant_quantities(posterior: Posterior) -> None:
    turned = replace(
        posterior, mixture=posterior.mixture.relabel(np.broadcast_to([1, 0], posterior.mixture.weights.shape))
    )
    np.testing.assert_allclose(turned.label_invariant, posterior.label_invariant, rtol=1e-6)
    assert turned.summary["mean"]["rates[1]"] == posterior.summary["mean"]["rates[2]"]


def test_a_parameter_that_never_moves_is_said_loudly(posterior: Posterior) -> None:
    weights = np.full_like(posterior.mixture.weights, 0.5)
    frozen = replace(posterior, mixture=replace(posterior.mixture, weights=weights))
    assert any("weights[1] does not vary within them" in sentence for sentence in frozen.warnings)


def test_it_prints_itself(posterior: Posterior) -> None:
    text, page = repr(posterior), posterior._repr_html_()
    assert text.startswith("Posterior of a 2-component poisson mixture: 4 chains of 4000 draws, no warnings")
    assert "rates[2]" in text
    assert "<table" in page
    assert "rates[2]" in page


def test_names_from_a_file_are_text_and_not_markup() -> None:
    data = Data.of([[0.0, 1.0], [1.0, 3.0], [4.0, 2.0], [2.0, 7.0]], columns=("<script>alert(1)</script>", "b"))
    posterior = sample(data, "gaussian", 1, covariance="diagonal", draws=10, tune=20, chains=1)
    assert posterior.warnings, "ten draws are too few to be trusted"
    page = posterior._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
