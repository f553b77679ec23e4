"""What a report and a choice say of rounded, binned and repeated values."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import reports
from em import Kind, Rounded, fit, rounding
from models import Data
from reports.choice.sentence import without_bound
from reports.choice.standing import standings
from reports.command_line import cli
from tests.reports.test_model_choice import invented
from tests.shared_cases import shared_case

SCHEMA = json.loads(
    (Path(reports.__file__).parent / "presenting" / "schema" / "report.schema.json").read_text(encoding="utf-8")
)


def test_a_report_of_binned_values_says_both_variances(tmp_path: Path) -> None:
    """Two normals of variance one in bins of 1.5: on the page, on the terminal and in report.json, by the command line."""
    x = np.random.default_rng(4).normal(np.repeat([0.0, 8.0], 1500), 1)
    centres, counts = np.unique(np.rint(x / 1.5) * 1.5, return_counts=True)
    pd.DataFrame({"centre": centres, "n": counts}).to_csv(tmp_path / "binned.csv", index=False)
    options = ["--family", "gaussian", "--components", "2", "--counts-column", "n", "--draws", "100", "--tune", "200"]
    arguments = ["compare", str(tmp_path / "binned.csv"), *options, "--chains", "2", "--out", str(tmp_path / "out")]
    shown = CliRunner().invoke(cli, arguments, catch_exceptions=False).stdout
    (folder,) = (path.parent for path in (tmp_path / "out").rglob("report.json"))
    whole = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(whole, SCHEMA)
    (found,) = whole["audit"]["rounding"]
    assert found["step"] == pytest.approx(1.5)
    assert f"WARNING: {found['sentence']}" in shown
    page = (folder / "report.html").read_text(encoding="utf-8")
    for value in (*found["variances"], *found["corrected"]):
        assert f"{value:.3f}" in found["sentence"]
        assert f"{value:.3f}" in page
    assert found["corrected"] == pytest.approx(
        [1.0, 1.0], abs=0.2
    )  # three standard errors of √(2/1500), and Sheppard's


def test_a_fit_says_it_on_the_terminal_and_not_of_counts(tmp_path: Path) -> None:
    x = np.rint(np.random.default_rng(4).normal(20, 1, 400) / 1.5) * 1.5
    pd.DataFrame({"x": x}).to_csv(tmp_path / "coarse.csv", index=False)
    pd.DataFrame({"x": np.rint(x).astype(int)}).to_csv(tmp_path / "counts.csv", index=False)

    def shown(name: str, *options: str) -> str:
        arguments = ["fit", str(tmp_path / name), "--components", "1", *options]
        return CliRunner().invoke(cli, arguments, catch_exceptions=False).stdout

    assert shown("coarse.csv", "--family", "gaussian").startswith(
        "WARNING: Rounded data: 'x' is recorded in steps of 1.5"
    )
    assert shown("coarse.csv", "--family", "gaussian", "--audit").count("Rounded data") == 1
    assert "ounded" not in shown("counts.csv", "--family", "poisson")


UNBOUNDED = Rounded(Kind.UNBOUNDED, "x", 5.0, "Rounded data.")
REPEATED = Rounded(Kind.REPEATED, "x", None, "Repeated values.")
WIDENED = Rounded(Kind.WIDENED, "x", 5.0, "Rounded data.", (1.3,), (0.967,))


@pytest.mark.parametrize("bad", [UNBOUNDED, REPEATED])
def test_no_criterion_chooses_where_the_density_has_no_bound(bad: Rounded) -> None:
    sound = [invented(1, -400.0, -410.0, 820.0), invented(2, -300.0, -310.0, 620.0)]
    better = replace(invented(3, -200.0, -210.0, 420.0), rounded=(bad,))
    worse = replace(invented(3, -350.0, -360.0, 720.0), rounded=(bad,))
    found = without_bound(standings((*sound, better)), (*sound, better))
    assert found is not None
    assert "densities are unbounded" in found
    assert "At K = 3" in found
    assert "compare K = 1 and 2 alone" in found
    assert all(standing.doubtful == (3,) for standing in standings((*sound, better)) if 3 in standing.behind)
    # What nobody would take says nothing of the others, and a wide variance is a warning only.
    assert without_bound(standings((*sound, worse)), (*sound, worse)) is None
    wide = replace(better, rounded=(WIDENED,))
    assert without_bound(standings((*sound, wide)), (*sound, wide)) is None
    assert wide.problems == ["rounded data"]


def test_the_choice_of_heavily_rounded_values() -> None:
    """From two components on the density of the case has no bound, which takes no draw to see."""
    data = Data.of(pd.read_csv(shared_case("heavyround.csv"))["x"].to_numpy(), columns=("x",))
    found = {k: rounding(fit(data, "gaussian", k, starts=10)) for k in (1, 2, 3, 4)}
    candidates = tuple(
        replace(invented(k, -960.0 + 5 * k, -970.0 + 5 * k, 1930.0 - 10 * k), rounded=found[k]) for k in found
    )
    sentence = without_bound(standings(candidates), candidates)
    assert sentence is not None
    assert sentence.startswith("Rounded data: densities are unbounded, and no criterion can choose.")
    assert "recorded in steps of 5" in sentence
    assert "Try more" not in sentence
