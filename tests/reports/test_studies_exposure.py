"""Studies of counts with exposures: drawn from a list, or from one's own data."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from models import Data, Mixture, Model, Poisson, Prior
from models.exposed import Exposures
from models.priors import Gamma
from reports.command_line import cli
from reports.studies import Design, replicate
from reports.studies.calibration import Calibration, FromPosterior, FromPrior
from reports.studies.calibration.plan import calibration_of
from reports.studies.calibration.replicate import ranking
from reports.studies.coverage import page as study_page
from reports.studies.coverage.plan import design_of
from reports.studies.departing import Departing
from reports.studies.own_data import own_subject
from reports.studies.subject import Subject, subject
from tests.known import known

RATES = 'family = "poisson"\nweights = [0.4, 0.6]\nrates = [1.0, 5.0]\n'
LIST = "[truth]\nexposure = [0.5, 1, 8]\n"
OWN = Data.of([3, 8, 0, 40, 2, 35], exposure=[1, 4, 0.5, 8, 1, 8], exposure_column="hours", columns=("events",))


def read(folder: Path, text: str, departing: Departing | None = None) -> Subject:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return subject(str(file), departing)


def exposure_of(about: Subject) -> list[float]:
    return [float(value) for value in known(about.exposures, Exposures).values]


def test_a_list_is_drawn_from_row_by_row(tmp_path: Path) -> None:
    about = read(tmp_path, RATES + LIST)
    assert isinstance(about.truth, Mixture)
    design = design_of(about, (9000,), {"replications": 1})
    data = design.simulate(9000, np.random.default_rng(1))
    assert data.exposure is not None
    values, seen = np.unique(data.exposure, return_counts=True)
    assert values.tolist() == [0.5, 1, 8]
    # Binomial shares of a third: four errors.
    assert np.abs(seen / 9000 - 1 / 3).max() < 4 * np.sqrt(2 / 9 / 9000)
    # At each exposure e the mean is 3.4 e, and the variance 3.4 e + .24 (4 e)²: four errors.
    for e in values:
        counts = data.values[data.exposure == e, 0]
        assert abs(counts.mean() - 3.4 * e) < 4 * np.sqrt((3.4 * e + 0.24 * 16 * e**2) / len(counts))
    assert design.document()["exposure"]["values"] == [0.5, 1, 8]


def test_one_number_is_that_of_every_row_and_one_is_none(tmp_path: Path) -> None:
    assert exposure_of(read(tmp_path, RATES + "[truth]\nexposure = 3\n")) == [3]
    assert exposure_of(read(tmp_path, RATES, Departing.of_option("mixture:exposure=2"))) == [2]
    plain, ones = read(tmp_path, RATES), read(tmp_path, RATES + "[truth]\nexposure = [1, 1]\n")
    assert ones.exposures is None
    assert ones.reference.sha256 == plain.reference.sha256
    assert design_of(ones, None, {}).document() == design_of(plain, None, {}).document()


def test_a_scenario_is_simulated_with_its_own_hours() -> None:
    about = subject("poisson-exposure")
    hours = known(about.exposures, Exposures)
    assert hours.column == "hours"
    assert (float(hours.values.min()), float(hours.values.max())) == (0.25, 12.0)
    outside = about.departing(Departing.of_option("zero-inflated:zeros=0.2"))
    assert outside.exposures is hours


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("[]", "exposure must be a positive number, or a list of them to draw from, got []"),
        ("[1, 0]", "got [1, 0]"),
        ("-2", "got -2"),
        ("nan", "got nan"),
        ('"hours"', "got 'hours'"),
        ("[[1, 2]]", "got [[1, 2]]"),
        ("true", "got True"),
    ],
)
def test_what_is_no_exposure_gets_a_sentence(given: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(RATES + f"[truth]\nexposure = {given}\n", encoding="utf-8")
    found = CliRunner().invoke(cli, ["study", str(tmp_path / "own.toml"), "--out", str(tmp_path / "out")])
    assert found.exit_code == 2
    assert sentence in found.output
    assert not (tmp_path / "out").exists()


def test_measurements_have_no_exposure() -> None:
    with pytest.raises(ValueError, match="exposure does not apply to family 'gaussian'"):
        subject("gaussian-two", Departing("mixture", exposure=2.0))


def test_nearest_mixture_is_that_on_average_over_the_exposures(tmp_path: Path) -> None:
    about = read(
        tmp_path,
        'family = "poisson"\nweights = [1]\nrates = [2]\n[truth]\nkind = "zero-inflated"\nzeros = 0.25\nexposure = [1, 3]\n',
    )
    design = design_of(about, (50,), {})
    # One rate: all events by all of the exposure, of which zeros leave three quarters.
    assert design.true_values["rates[1]"] == pytest.approx(1.5, rel=1e-6)


def test_replicates_of_a_study_with_exposures(tmp_path: Path) -> None:
    about = read(tmp_path, 'family = "poisson"\nweights = [1]\nrates = [2]\n' + LIST)
    design: Design = design_of(about, (30,), {"replications": 1, "draws": 200, "tune": 200, "prior": "conjugate"})
    found = replicate(design, 30, 0)
    data = design.simulate(30, np.random.default_rng(design.seeds(30, 0)[0]))
    events, hours = float(data.values.sum()), data.total_exposure
    row = found.estimates["rates[1]"]
    assert row["mle"] == pytest.approx(events / hours, rel=1e-9)
    assert row["mle_error"] == pytest.approx(np.sqrt(events) / hours, rel=1e-6)
    exact = stats.gamma(1 + events, scale=1 / (hours / events + hours))
    # 400 draws, worth about as many: five Monte Carlo errors of a mean.
    assert abs(row["mean"] - exact.mean()) < 5 * exact.std() / np.sqrt(200)


def test_own_data_lend_their_exposures() -> None:
    about = own_subject(OWN, Model("poisson", 2), "Events", seed=0)
    hours = known(about.exposures, Exposures)
    assert hours.values.tolist() == [0.5, 1, 4, 8]
    np.testing.assert_allclose(hours.shares, [1 / 6, 2 / 6, 1 / 6, 2 / 6])
    data = design_of(about, None, {}).simulate(6, np.random.default_rng(0))
    assert data.exposure_column == "hours"
    together = FromPosterior(OWN, Mixture(np.ones((1, 1)), Poisson(np.ones((1, 1))))).fitted(data)
    assert together.total_exposure == pytest.approx(OWN.total_exposure + data.total_exposure)


def one_rate(**settings: Any) -> Calibration:
    model = Model("poisson", 1)
    prior = Prior(Gamma(2.0, 1.0), model)
    truth, exposures = Mixture(np.array([1.0]), Poisson(np.array([2.0]))), Exposures.of([0.5, 1, 8])
    chosen: dict[str, Any] = {"sizes": (5,), "replications": 10, "draws": 100, "tune": 100, **settings}
    places = np.array([[1.0], [6.0], [20.0]])
    return Calibration(
        "rate", "One rate", model, prior, FromPrior(prior), ("x",), places, truth, **chosen, exposures=exposures
    )


def test_ranks_are_those_of_the_exact_posterior() -> None:
    design, ranks, exact = one_rate(), [], []
    for number in range(10):
        rng = np.random.default_rng(design.seeds(5, number)[0])
        truth = design.truths.truth(number, rng)
        exposure = known(design.exposures, Exposures).draw(5, rng)
        counts, _ = truth.sample(5, rng, exposure)
        posterior = stats.gamma(2.0 + counts.sum(), scale=1 / (1.0 + exposure.sum()))
        exact.append(posterior.cdf(truth.components.location()[0]))
        ranks.append(ranking(design, 5, number).ranks["rates[1]"] / design.ranked)
    # The share of 63 draws below the truth, a binomial one: five of its largest standard errors.
    np.testing.assert_allclose(ranks, exact, atol=5 * 0.5 / np.sqrt(63))


def test_places_of_a_calibration_are_counts_at_the_mean_exposure(tmp_path: Path) -> None:
    design = calibration_of(read(tmp_path, RATES + LIST), None, {"replications": 1})
    mean = np.mean([0.5, 1, 8])
    np.testing.assert_allclose(known(design.exposure_of_places, np.ndarray), np.full(3, mean))
    assert (design.places == np.round(design.places)).all()
    # Between the two groups' rates of 1 and 5 and a little beyond, at that exposure.
    assert 0 <= design.places[0, 0] < design.places[1, 0] < design.places[2, 0] < 8 * mean


@pytest.mark.slow
def test_a_study_on_own_data_says_its_hours(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    hours = rng.choice([0.5, 2.0, 6.0], 40)
    events = rng.poisson(hours * np.where(rng.random(40) < 0.5, 1.0, 9.0))
    file = tmp_path / "watch.csv"
    file.write_text(
        "events,hours\n" + "".join(f"{x},{e}\n" for x, e in zip(events, hours, strict=True)), encoding="utf-8"
    )
    about = [
        "study",
        str(file),
        "--on-my-data",
        "--family",
        "poisson",
        "--components",
        "2",
        "--exposure-column",
        "hours",
    ]
    small = ["--replications", "2", "--draws", "100", "--tune", "150", "--workers", "1"]
    for more, page in ((["--judged", "0"], "study.html"), (["--calibrate"], "calibration.html")):
        out = tmp_path / page
        found = CliRunner().invoke(cli, [*about, *small, *more, "--out", str(out)], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        said = "The exposure of each row is drawn from 3 values from 0.5 to 6"
        assert said in found.output
        assert "rates are per hour" in (out / page).read_text(encoding="utf-8")


def test_the_page_says_what_the_rates_of_its_tables_are_per(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, str]] = []

    def keep(*_: Any, **said: Any) -> str:
        told.append(said["names"])
        return ""

    monkeypatch.setattr(study_page, "rendered", keep)
    for about in (subject("poisson-exposure"), subject("poisson-three")):
        study: Any = SimpleNamespace(design=design_of(about, None, {}))
        study_page.render(study, "")
    assert [names["rates[1]"] for names in told] == ["λ₁ per hour", "λ₁"]
    assert told[0]["weights[1]"] == "π₁"
