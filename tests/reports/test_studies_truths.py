"""Studies of truths outside the model."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser
from scipy import stats

from em import nearest
from models import Data, Mixture, Model, Poisson
from models.truths import NegativeBinomial, StudentT, Truth, departed, truth_kinds
from reports.command_line import cli
from reports.studies import Design, Store, parameters, replicate, replicates
from reports.studies.calibration.plan import calibration_of, posterior_calibration_of
from reports.studies.coverage.plan import design_of
from reports.studies.coverage.sentences import about_the_truth, agreement
from reports.studies.coverage.study import Study
from reports.studies.coverage.truth_figure import bins, nearest_shares
from reports.studies.coverage.write import write_study
from reports.studies.departing import Departing
from reports.studies.own_data import own_subject
from reports.studies.subject import subject
from tests.doubles import typed
from tests.reports.pages import opened, require_accessible
from tests.reports.studies import invented, two_poissons

COUNTS = 'family = "poisson"\nweights = [0.4, 0.6]\nrates = [3.0, 12.0]\n'
OVERDISPERSED = COUNTS + '[truth]\nkind = "negative-binomial"\nshape = 4\n'
THREE = 'family = "poisson"\nweights = [0.3, 0.4, 0.3]\nrates = [5.0, 30.0, 80.0]\n'


def written(folder: Path, text: str) -> str:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_table_says_how_the_truth_departs(tmp_path: Path) -> None:
    about = subject(written(tmp_path, OVERDISPERSED))
    assert isinstance(about.truth, Truth)
    assert about.truth.departure == NegativeBinomial(4.0)
    assert about.model == Model("poisson", 2)
    design = design_of(about, (50,), {"replications": 1})
    expected = nearest(about.truth, about.model).mixture
    assert design.true_values == {
        "weights[1]": expected.weights[0],
        "weights[2]": expected.weights[1],
        "rates[1]": expected.components.location()[0],
        "rates[2]": expected.components.location()[1],
    }
    # Varying rates spread each group; what is nearest lies elsewhere than the rates they vary about.
    assert abs(design.true_values["rates[2]"] - 12) > 1
    # The data are the truth's, not those of what is nearest: mean 8.4, variance 8.4 + E[λ²]/4 + var λ.
    values = design.simulate(20_000, np.random.default_rng(1)).values
    assert values.var() == pytest.approx(8.4 + 90 / 4 + 0.24 * 81, rel=0.05)


def test_the_parameters_of_the_truth_may_stand_in_its_table(tmp_path: Path) -> None:
    inside = (
        'family = "poisson"\n[truth]\nkind = "negative-binomial"\nshape = 4\nweights = [0.4, 0.6]\nrates = [3, 12]\n'
    )
    documents = [subject(written(tmp_path, text)).truth.document() for text in (inside, OVERDISPERSED)]  # type: ignore[union-attr]
    assert documents[0] == documents[1]


def test_fewer_components_are_fitted_than_there_are(tmp_path: Path) -> None:
    about = subject(written(tmp_path, "components = 2\n" + THREE + "[truth]\n"))
    assert isinstance(about.truth, Truth)
    assert about.model.components == 2
    design = design_of(about, (50,), {})
    assert list(design.true_values) == ["weights[1]", "weights[2]", "rates[1]", "rates[2]"]
    again = subject("poisson-three", components=2)
    assert again.model.components == 2
    assert isinstance(again.truth, Truth)
    assert again.name == "poisson-three-mixture"


def test_the_option_takes_the_place_of_the_table(tmp_path: Path) -> None:
    asked = Departing.of_option("zero-inflated:zeros=0.2")
    about = subject(written(tmp_path, OVERDISPERSED), asked)
    assert isinstance(about.truth, Truth)
    assert about.truth.document()["kind"] == "zero-inflated"
    assert about.truth.document()["zeros"] == 0.2


def test_a_truth_that_does_not_depart_is_the_mixture(tmp_path: Path) -> None:
    plain = subject(written(tmp_path, COUNTS))
    said = subject(written(tmp_path, COUNTS + '[truth]\nkind = "mixture"\n'))
    assert isinstance(said.truth, Mixture)
    assert said.truth.weights.tolist() == plain.truth.weights.tolist()  # type: ignore[union-attr]
    assert design_of(plain, None, {}).nearest is None
    assert design_of(plain, None, {}).document() == design_of(said, None, {}).document()


def test_an_estimate_may_depart_too() -> None:
    data = Data.of(np.random.default_rng(3).normal(size=60), columns=("x",), name="numbers")
    about = own_subject(data, Model("gaussian", 1, covariance="full"), "Numbers", seed=0)
    heavier = about.departing(Departing.of_option("student-t:degrees=3"))
    assert isinstance(heavier.truth, Truth)
    assert heavier.truth.departure == StudentT(3.0)
    assert heavier.settings == {"sizes": (60,)}
    # Three degrees of freedom: three times the variance.
    nearby = design_of(heavier, None, {}).true_values
    assert nearby["variances[1]"] == pytest.approx(3 * np.var(data.values), rel=1e-6)


def test_a_store_is_of_one_kind_of_truth(tmp_path: Path) -> None:
    def design(text: str) -> Design:
        return design_of(subject(written(tmp_path, text)), (50,), {"replications": 1})

    with Store.open(tmp_path / "study", design(OVERDISPERSED)):
        pass
    for other in (
        COUNTS,
        OVERDISPERSED.replace("shape = 4", "shape = 5"),
        COUNTS + '[truth]\nkind = "zero-inflated"\n',
    ):
        with (
            pytest.raises(ValueError, match=r"another design \(truth .*there"),
            Store.open(tmp_path / "study", design(other)),
        ):
            pass


def test_a_calibration_wants_the_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"leave out --truth, \[truth\] and another number of components"):
        calibration_of(subject(written(tmp_path, OVERDISPERSED)), None, {})
    about = own_subject(Data.of([3.0, 5.0, 4.0, 9.0], columns=("x",)), Model("poisson", 1), "Four", seed=0)
    with pytest.raises(ValueError, match="leave out --truth"):
        posterior_calibration_of(about.departing(Departing("zero-inflated")), None, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (COUNTS + 'truth = "negative-binomial"\n', r"truth must be a table, as \[truth\] begins one"),
        (COUNTS + "[truth]\nkind = 3\n", "kind of the truth must be a word"),
        (COUNTS + '[truth]\nkind = "student-t"\n', "must be one of mixture, negative-binomial"),
        (COUNTS + '[truth]\nkind = "negative-binomial"\nshap = 3\n', "'shap' is no parameter of the truth"),
        (COUNTS + "[truth]\nrates = [1, 2]\n", "rates stands in the file twice"),
        ("components = 0\n" + COUNTS, "components must be a whole number from 1 on"),
        ("components = 1.5\n" + COUNTS, "components must be a whole number from 1 on"),
        (COUNTS + "kid = 3\n", "'kid' is no entry of a study: choose among .*truth"),
    ],
)
def test_what_the_file_cannot_say_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        subject(written(tmp_path, text))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--truth", "negative-binomial:shape"), "--truth must be a kind and its numbers"),
        (("--truth", "student-t"), "must be one of mixture, negative-binomial"),
        (("--truth", "zero-inflated:zeros=2"), "zeros must be a share between 0 and 1"),
        (("--truth", "zero-inflated", "--calibrate"), "leave out --truth"),
        (("--components", "2", "--calibrate"), "another number of components"),
        (("--judged", "3", "--calibrate"), "judged is for studies of a truth"),
        (("--bootstrap", "9", "--calibrate"), "bootstrap is for studies of a truth"),
    ],
)
def test_what_the_option_cannot_say_gets_one_sentence(options: Any, sentence: str, tmp_path: Path) -> None:
    done = typed("study", "poisson-three", *options, "--out", "study", folder=tmp_path)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not (tmp_path / "study").exists()


def verdict_table(*counts: tuple[int, int, int]) -> pd.DataFrame:
    rows = [(size, word, n) for size, agree, others in counts for word, n in (("agree", agree), ("other", others)) if n]
    return pd.DataFrame(rows, columns=["size", "verdict", "replicates"])


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        # Newcombe (1998), table I: 0 of 20 is 0 to 16.1 %, and 20 of 20 its mirror image.
        (
            [(50, 10, 10), (100, 20, 0), (400, 19, 1)],
            "From n = 100 on EM and Bayes seem to agree in 95% of samples or more: in 20 of 20 at n = 100, which",
        ),
        # What holds at one size and not beyond it does not count.
        ([(50, 20, 0), (100, 10, 10), (400, 20, 0)], "From n = 400 on"),
        ([(50, 20, 0), (400, 10, 10)], "do not agree in 95% of samples at any of these sizes: in 10 of 20 at n = 400"),
        (
            [(50, 0, 20)],
            "do not agree in 95% of samples at any of these sizes: in 0 of 20 at n = 50, which stands for 0.0%",
        ),
        ([(50, 20, 0)], "At n = 50 EM and Bayes seem to agree"),
        # Wilson's interval of all of 73 begins at 73/(73 + 1.96²) = 95.0 %, and that of 66 of 73 ends at 95.3 %.
        ([(50, 0, 73), (100, 73, 0)], "From n = 100 on EM and Bayes agree in 95%"),
        ([(50, 66, 7)], "EM and Bayes do not seem to agree"),
        ([(50, 65, 8)], "EM and Bayes do not agree"),
    ],
)
def test_from_which_size_on_they_agree(counts: list[tuple[int, int, int]], sentence: str) -> None:
    assert sentence in agreement(verdict_table(*counts))


def test_the_page_says_what_the_truth_is_and_what_is_nearest(tmp_path: Path, browser: Browser) -> None:
    # One component has the fewest figures.
    text = 'family = "poisson"\nweights = [1]\nrates = [6]\n[truth]\nkind = "negative-binomial"\nshape = 4\n'
    design = design_of(subject(written(tmp_path, text)), (50, 200), {"replications": 3})
    with Store.open(tmp_path / "study", design) as store:
        for size, number in design.pairs():
            store.add(invented(design, size, number))
        study = Study.of(design, store)
    page = write_study(study, tmp_path / "study", "again").read_text(encoding="utf-8")
    assert design.nearest is not None
    assert "negative binomial with variance m + m²/4 about its mean m" in page
    assert f"{design.nearest.divergence:.2g} nats per observation away" in page
    assert "does not make the model right" in page
    assert '<th scope="col">pseudo-true value</th>' in page
    assert "around λ₁ = 6.00" in page
    assert "sandwich interval of EM" in page
    with opened(browser, tmp_path / "study" / "study.html", 360, "dark") as shown:
        require_accessible(shown)
    text = study.to_text()
    assert "coverage (sandwich)" in text
    assert study.sentences[0] in text


@pytest.mark.slow
def test_the_sandwich_covers_where_the_model_does_not() -> None:
    """One Poisson for negative binomial counts of mean 6 and variance 6 + 36/4: everything is known by theory."""
    base = Mixture(np.array([1.0]), Poisson(np.array([6.0])))
    truth = departed(base, "negative-binomial", {"shape": 4.0})
    design = Design("nb", "NB", truth, Model("poisson", 1), ("x",), (200,), 60, draws=200, tune=200)
    records = [replicate(design, 200, number) for number in range(60)]
    table = parameters(replicates(records, design), design).set_index(["method", "quantity"])
    assert design.true_values == {"rates[1]": pytest.approx(6)}
    # Of a normal estimate with standard deviation √(15/n) intervals of ± 1.96 √(6/n) cover 78 %.
    expected = 1 - 2 * stats.norm.sf(1.959964 * np.sqrt(6 / 15))
    for method, share in (("Wald", expected), ("credible", expected), ("sandwich", 0.95)):
        # Three Monte Carlo errors, which leave .95 and .78 apart.
        assert abs(table["value"][(method, "coverage")] - share) < 3 * np.sqrt(share * (1 - share) / 60), method


@pytest.mark.parametrize("text", [OVERDISPERSED, OVERDISPERSED.replace("3.0, 12.0", "30.0, 900.0")])
def test_bins_hold_what_truth_and_nearest_mixture_give_them(text: str, tmp_path: Path) -> None:
    design = design_of(subject(written(tmp_path, text)), None, {})
    assert isinstance(design.truth, Truth)
    points = design.truth.points()
    edges = bins(points.values[:, 0], points.weights, counts=True)
    # A half beside each whole number, all bins alike, and no more of them than can be told apart.
    assert (edges % 1 == 0.5).all()
    assert len(set(np.diff(edges))) == 1
    assert len(edges) <= 82
    shares = nearest_shares(design, points, 0, edges)
    weights, rates = design.reference.weights, design.reference.components.location()
    expected = np.diff(stats.poisson.cdf(edges[:, None], rates), axis=0) @ weights / (edges[1] - edges[0])
    np.testing.assert_allclose(shares, expected, atol=1e-12)


def test_bins_of_numbers_hold_the_area_under_the_density(tmp_path: Path) -> None:
    text = 'family = "gaussian"\nweights = [1]\nmeans = [2]\ncovariances = [9]\n[truth]\nkind = "student-t"\n'
    design = design_of(subject(written(tmp_path, text)), None, {})
    edges = np.linspace(-10, 14, 81)
    expected = np.diff(stats.norm.cdf(edges, 2, np.sqrt(18))) / 0.3
    # The midpoint rule with steps of .03, against a curvature of 1/18 of the density.
    np.testing.assert_allclose(nearest_shares(design, Data.of([0.0]), 0, edges), expected, rtol=1e-4)


def test_heavy_tails_come_with_a_caution(tmp_path: Path) -> None:
    text = 'family = "gaussian"\nweights = [1]\nmeans = [2]\ncovariances = [9]\n[truth]\nkind = "student-t"\n'
    for degrees, there in ((3, True), (5, False)):
        design = design_of(subject(written(tmp_path, f"{text}degrees = {degrees}\n")), None, {})
        assert any("no interval for them keeps its promise" in said for said in about_the_truth(design)) == there


def test_the_help_names_every_kind_of_truth() -> None:
    text = CliRunner().invoke(cli, ["study", "--help"], terminal_width=1000).output
    assert [kind for kind in truth_kinds if kind not in text] == []


def test_workers_are_handed_the_nearest_mixture(tmp_path: Path) -> None:
    design = design_of(subject(written(tmp_path, OVERDISPERSED)), (50,), {})
    handed = pickle.loads(pickle.dumps(design))
    assert "nearest" in vars(handed)
    assert handed.true_values == design.true_values


def test_records_of_earlier_versions_have_no_sandwich(tmp_path: Path) -> None:
    design = two_poissons(sizes=(50, 200), replications=2)
    with Store.open(tmp_path, design) as store:
        for size, number in design.pairs():
            record = invented(design, size, number)
            old = {
                name: {key: value for key, value in row.items() if not key.startswith("sandwich")}
                for name, row in record.estimates.items()
            }
            store.add(replace(record, estimates=old))
        study = Study.of(design, store)
    assert study.methods == ["Wald", "credible"]
    assert "(sandwich)" not in study.to_text()
