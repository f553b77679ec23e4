"""Is the calibration itself right? Bands by enumeration and simulation, ranks on known posteriors, and wrong samplers."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from bayes import CompiledModel, bayesian_components
from bayes.poisson import BayesianPoisson
from models import Data, Gamma, Mixture, Model, Poisson, Prior
from models.exposed import Exposures
from reports.command_line import cli
from reports.studies import Store, run
from reports.studies.calibration import (
    Calibration,
    CalibrationResult,
    FromPosterior,
    FromPrior,
    Ranking,
    counts_below,
    p_value,
    replicate,
    simultaneous_band,
)
from reports.studies.calibration.page import render
from tests.reports.pages import opened, require_accessible, screens
from tests.reports.studies import Here


def inside(ranks: Any, replicates: int, ranked: int, level: float) -> bool:
    band = simultaneous_band(replicates, ranked, level)
    counts = counts_below(np.asarray(ranks), ranked)
    return bool(((band.lower <= counts) & (counts <= band.upper)).all())


@pytest.mark.parametrize(("replicates", "ranked", "level"), [(6, 2, 0.8), (5, 3, 0.9), (4, 4, 0.5)])
def test_bands_hold_as_many_of_all_possible_ranks_as_they_say(replicates: int, ranked: int, level: float) -> None:
    every = list(product(range(ranked + 1), repeat=replicates))
    share = np.mean([inside(ranks, replicates, ranked, level) for ranks in every])
    band = simultaneous_band(replicates, ranked, level)
    assert share == pytest.approx(band.coverage, abs=1e-12)
    assert share >= level
    # The p-value of each is the share of all that go as far out.
    farthest = np.array([p_value(np.array(ranks), ranked) for ranks in every])
    for value in np.unique(farthest.round(12)):
        assert np.mean(farthest <= value + 1e-9) == pytest.approx(value, abs=1e-9)


def test_bands_of_uniform_ranks_by_simulation() -> None:
    replicates, ranked, repetitions, rng = 200, 19, 3000, np.random.default_rng(3)
    found = [inside(rng.integers(ranked + 1, size=replicates), replicates, ranked, 0.95) for _ in range(repetitions)]
    band = simultaneous_band(replicates, ranked, 0.95)
    # Four Monte Carlo errors; pointwise intervals of 95 % would keep a good deal less than that.
    assert abs(np.mean(found) - band.coverage) < 4 * np.sqrt(0.95 * 0.05 / repetitions)
    assert 0.95 <= band.coverage < 0.96


def test_a_rank_counts_what_is_below_and_shares_ties_evenly() -> None:
    rng = np.random.default_rng(0)
    assert replicate.rank(0.5, np.array([0.1, 0.7, 0.3]), rng) == 2
    ties = [replicate.rank(1.0, np.array([1.0, 1.0, 0.0, 2.0]), rng) for _ in range(300)]
    # Binomial, four errors each: the two equal draws fall to either side.
    assert np.bincount(ties, minlength=5)[[0, 4]].tolist() == [0, 0]
    assert (np.abs(np.bincount(ties)[1:4] - 100) < 4 * np.sqrt(300 * 2 / 9)).all()


def test_thinned_draws_are_evenly_spaced_over_all_chains() -> None:
    assert replicate.thinned(np.arange(20.0).reshape(2, 10), 5).tolist() == [0, 4, 8, 12, 16]


EQUAL, FREE = Model("poisson", 2, mixing="equal"), Model("poisson", 2)


def two_poissons(model: Model = EQUAL, simulated: Gamma | None = None, **settings: Any) -> Calibration:
    """Chains of equal weights settle at once; where weights are free, components fall empty, and that takes time."""
    chosen: dict[str, Any] = {"sizes": (40,), "replications": 60, "draws": 100, "tune": 100, "ranked": 19, **settings}
    prior = Prior(Gamma(1.0, 0.25), model)
    truths = FromPrior(prior if simulated is None else Prior(simulated, model))
    example = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 9.0])))
    places = np.array([[1.0], [8.0]])
    return Calibration("two", "Two Poissons", model, prior, truths, ("x",), places, example, **chosen)


def result(design: Calibration, folder: Path, ranking: Any = replicate.ranking) -> CalibrationResult:
    with Store.open(folder, design) as store:
        run(ranking, design, store, executor=Here)
        return CalibrationResult.of(design, store)


def invented(design: Calibration, size: int, number: int) -> Ranking:
    """Ranks of a conjugate posterior, drawn in closed form: a Gamma rate given counts; ``wrong`` forgets the prior."""
    rng = np.random.default_rng(design.seeds(size, number)[0])
    rate = rng.gamma(2.0, 4.0)
    counts = rng.poisson(rate, size)
    draws = rng.gamma(2.0 + counts.sum(), 1 / (0.25 + size), design.ranked)
    forgetful = rng.gamma(2.0 + counts.sum(), 1 / (0.25 + size), design.ranked) * 1.15
    ranks = {"right": replicate.rank(rate, draws, rng), "wrong": replicate.rank(rate, forgetful, rng)}
    return Ranking(size, number, "ok", None, ranks, 1, 1.0, 500.0, 0, {})


def test_a_conjugate_posterior_passes_and_a_wrong_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = result(two_poissons(replications=400), tmp_path, invented)
    assert found.row(40, "right")["inside"]
    assert not found.row(40, "wrong")["inside"]
    assert "1 of 2 quantities leave their bands" in found.sentence
    assert "wrong (the truth is too often below the draws: they lie too high)" in found.sentence
    curves = found.curves()
    outside = (curves["ecdf"] < curves["lower"] - 1e-12) | (curves["ecdf"] > curves["upper"] + 1e-12)
    assert set(curves[outside]["quantity"]) == {"wrong"}
    page = render_with_labels(found, monkeypatch)
    assert "leave their bands" in page
    assert "calibration.html" not in page


@screens
def test_the_page_opens_alone_fits_and_is_accessible(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int, scheme: str
) -> None:
    found = result(two_poissons(replications=100), tmp_path, invented)
    path = tmp_path / "calibration.html"
    path.write_text(render_with_labels(found, monkeypatch), encoding="utf-8")
    with opened(browser, path, width, scheme) as page:
        require_accessible(page)


def render_with_labels(found: CalibrationResult, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("reports.studies.calibration.page.labels", lambda _: {"right": "right", "wrong": "wrong"})
    return render(found, "emvsbayes study two.toml --calibrate")


@pytest.mark.slow
def test_the_sampler_is_calibrated(tmp_path: Path) -> None:
    found = result(two_poissons(), tmp_path)
    assert found.complete
    assert found.names() == ["rates[1]", "rates[2]", "log_likelihood", "log_density[1]", "log_density[2]"]
    assert found.unsettled == 0
    assert found.passed, found.to_text()


@pytest.mark.slow
def test_the_sampler_is_calibrated_with_exposures(tmp_path: Path) -> None:
    found = result(two_poissons(exposures=Exposures.of([0.25, 1, 4])), tmp_path)
    assert found.unsettled == 0
    assert found.passed, found.to_text()


@pytest.mark.slow
def test_a_prior_of_another_strength_is_noticed(tmp_path: Path) -> None:
    """The other prior has the same mean, and is worth sixteen times as many observations, where there are few."""
    found = result(two_poissons(simulated=Gamma(16.0, 4.0), sizes=(4,)), tmp_path)
    assert not found.passed


class Forgetful(BayesianPoisson):
    """Weighs all components alike in the likelihood, whatever the weights are."""

    def mixture(self, weights: Any, model: Model, *rest: Any) -> None:
        """Forget all but a thousandth: NUTS scales its steps by the first gradient, which must not be zero."""
        super().mixture(0.001 * weights + 0.999 / model.components, model, *rest)


@pytest.mark.slow
def test_a_likelihood_that_forgets_the_weights_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bayesian_components, "poisson", Forgetful())
    wrong = CompiledModel(FREE)
    monkeypatch.setattr(replicate, "compiled_model", lambda *_: wrong)
    monkeypatch.setattr(replicate, "EFFORTS", (1,))
    found = result(two_poissons(FREE), tmp_path)
    assert not found.passed
    assert not found.row(40, "log_likelihood")["inside"]


def test_the_posterior_of_observed_data_takes_the_place_of_the_prior() -> None:
    rng = np.random.default_rng(2)
    observed = Data.of([1.0, 4.0, 4.0], [2.0, 1.0, 1.0], columns=("x",))
    truths = FromPosterior(observed, Mixture(np.full((3, 2), 0.5), Poisson(np.arange(1.0, 7.0).reshape(3, 2))))
    together = truths.fitted(Data.of([5.0, 4.0], columns=("x",))).compress()
    assert together.values[:, 0].tolist() == [1.0, 4.0, 5.0]
    assert together.weights.tolist() == [2.0, 3.0, 1.0]
    assert truths.truth(1, rng).components.location().tolist() == [3.0, 4.0]


def test_chains_that_have_not_settled_are_sampled_again_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    efforts: list[int] = []
    sample = replicate._sample

    def noted(design: Calibration, data: Data, effort: int, rng: np.random.Generator) -> Any:
        efforts.append(effort)
        return sample(design, data, 1, rng)

    monkeypatch.setattr(replicate, "_sample", noted)
    monkeypatch.setattr(replicate, "unsettled", lambda *_: "R-hat 2.000 for rates[1]")
    found = replicate.ranking(two_poissons(), 40, 0)
    assert efforts == [1, 4, 16]
    assert (found.status, found.attempts) == ("chains disagree", 3)
    assert len(found.ranks) == 5


def test_data_that_no_model_fits_have_no_rank() -> None:
    design = two_poissons(simulated=Gamma(1.0, 1e6))
    assert replicate.ranking(design, 40, 0).status == "unusable data"
    assert replicate.ranking(design, 40, 0).ranks == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--sizes", "2"], "each of the sizes must be"), (["--draws", "10", "--chains", "2"], "ranked must be at most")],
)
def test_what_cannot_be_used_gets_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "out")]
    found = CliRunner().invoke(cli, ["study", "poisson-three", "--calibrate", *arguments, *out])
    assert found.exit_code == 2
    assert sentence in found.output
