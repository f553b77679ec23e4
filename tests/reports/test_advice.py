"""Advice fits the model, names the argument, and works."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from em import audit, fit, lone_rows
from models import Data, Model
from reports import read_data
from reports.command_line import cli
from reports.commands.arguments import as_options
from reports.judging.advice import advice, remedies
from reports.judging.codes import Code
from reports.judging.comparison import Comparison
from reports.judging.difference import Difference
from reports.judging.explanations import prior_dominated, weakly_identified
from reports.judging.reason import Reason
from reports.judging.verdict import verdict
from tests.doubles import invented
from tests.shared_cases import shared_case

RNG = np.random.default_rng(12)


def audited(path: Path, *arguments: str) -> str:
    found = CliRunner().invoke(cli, ["fit", str(path), *arguments, "--audit", "--starts", "20"])
    assert found.exit_code == 0
    return found.stdout


@pytest.mark.parametrize(
    ("from_python", "typed"),
    [
        ("more starts (starts=1000) or (covariance='tied')", "more starts (--starts 1000) or (--covariance tied)"),
        ("say header=True or header=False.", "say --header or --no-header."),
        ("say thousands='.' or decimal=','.", "say --thousands '.' or --decimal ','."),
        ("leave such rows out: missing='drop'.", "leave such rows out: --missing drop."),
        ("components = 5 is more than the 3 observations", "--components 5 is more than the 3 observations"),
        ("line 3 holds 'tune' = 4 times", "line 3 holds 'tune' = 4 times"),
    ],
)
def test_an_argument_becomes_an_option(from_python: str, typed: str) -> None:
    assert as_options(from_python) == typed


def test_chains_on_hills_of_equal_height_are_not_told_to_run_longer(
    mirrored: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.judging.advice.mixed", lambda _: False)
    for said in (advice(Code.CHAINS_DISAGREE, mirrored), weakly_identified_of(mirrored).advice):
        assert "longer (" not in said
        assert "every" in said
    # Chains that are only short are, wherever they are.
    monkeypatch.setattr("reports.judging.advice.mixed", lambda _: True)
    assert advice(Code.CHAINS_DISAGREE, mirrored).startswith("Sample longer (tune=")


def test_remedies_are_those_that_the_model_has() -> None:
    counts = Data.of(np.concatenate([RNG.poisson(3.0, 60), RNG.poisson(15.0, 60)]).astype(float))
    said = remedies(invented(counts, Model.of(counts, "poisson", 2)))
    assert "covariance" not in said
    assert "components=1" in said
    assert "--" not in said
    line = Data.of(np.concatenate([RNG.normal(0, 1, 60), RNG.normal(9, 1, 60)]))
    assert "covariance='tied'" in remedies(invented(line, Model.of(line, "gaussian", 2)))
    assert "covariance" not in remedies(invented(line, Model.of(line, "gaussian", 2, "tied")))


def test_a_row_that_is_a_component_by_itself_is_named_and_leaving_it_out_works() -> None:
    healthy = np.concatenate([RNG.normal(0, 1, 150), RNG.normal(6, 1.3, 100)])
    data = Data.of(np.insert(healthy, 17, 1e6))
    collapsed = fit(data, "gaussian", 2, starts=10)
    assert lone_rows(collapsed) == (17,)
    assert "Row 18 (x = 1000000)" in audit(collapsed).summary()
    left = fit(np.delete(data.values[:, 0], lone_rows(collapsed)), "gaussian", 2, starts=10)
    assert lone_rows(left) == ()
    assert max(left.parameters["variances[1]"], left.parameters["variances[2]"]) < 3


def test_a_component_on_a_row_amid_the_others_is_no_outlier() -> None:
    x = np.concatenate([RNG.normal(0, 1, 40), [0.5] * 3])
    assert lone_rows(fit(x, "gaussian", 4, starts=5)) == ()


def test_a_posterior_far_narrower_in_ratio_than_its_prior_has_learnt() -> None:
    """Two normals about one mean: the wide one's variance lies in the prior's tail, where its own scale is large."""
    data = Data.of(np.concatenate([RNG.normal(0, 1, 300), RNG.normal(0, 5.3, 300)]))
    model = Model.of(data, "gaussian", 2)
    comparison = replace(invented(data, model, draws=1000), prior=model.prior(data, "conjugate"))
    assert not {"prior-dominated", "prior-sensitive", "imprecise"} & set(verdict(comparison).codes)


@pytest.fixture(scope="module")
def mirrored() -> Comparison:
    """Three groups, of which two stand on either side of the middle one; the modes are on the other hill."""
    half = RNG.normal(8, 0.9, 80)
    middle = RNG.normal(0, 0.9, 40)
    data = Data.of(np.concatenate([half, -half, middle, -middle]))
    model = Model.of(data, "gaussian", 2)
    comparison = invented(data, model, draws=1000)
    hills = [
        fit(data, "gaussian", 2, estimate="map", start=start.mixture)
        for start in comparison.map.starts
        if start.status == "converged"
    ]
    first = comparison.mle.parameters["means[1]"]
    object.__setattr__(comparison, "map", max(hills, key=lambda end: abs(end.parameters["means[1]"] - first)))
    return comparison


def weakly_identified_of(comparison: Comparison) -> Reason:
    found = weakly_identified(comparison, Difference(comparison))
    assert found is not None
    return found


def test_hills_of_equal_height_are_said_and_are_no_pull_of_the_prior(mirrored: Comparison) -> None:
    apart = mirrored.map.parameters["means[1]"] - mirrored.mle.parameters["means[1]"]
    assert abs(apart) > 3
    found = prior_dominated(mirrored)
    assert found is None or abs(float(found.evidence["pull"])) < 3
    assert "two hills of equal height" in weakly_identified_of(mirrored).explanation


def test_zero_inflated_counts_by_the_command_line() -> None:
    shown = audited(shared_case("pois_zeros.csv"), "--family", "poisson", "--components", "2")
    (row,) = [line.split() for line in shown.splitlines() if line.startswith("rates[1]")]
    assert (row[2], row[4], row[5]) == ("–", "0.0195", "profile")
    assert "On the boundary: rates[1]" in shown


def test_rates_of_a_million_are_read_out() -> None:
    shown = audited(shared_case("pois_big.csv"), "--family", "poisson", "--components", "2")
    low, high = (int(line.split()[1]) for line in shown.splitlines() if line.startswith("rates["))
    assert 9_900 < high - low < 10_100


@pytest.mark.parametrize(
    ("name", "family", "row"), [("outlier.csv", "gaussian", 251), ("pois_outlier.csv", "poisson", 301)]
)
def test_one_wild_row_is_named_by_the_command_line(name: str, family: str, row: int) -> None:
    shown = audited(shared_case(name), "--family", family, "--components", "2")
    assert f"Row {row} (x = " in shown
    left = read_data(shared_case(name)).values[: row - 1, 0]
    assert lone_rows(fit(left, family, 2, starts=20)) == ()
