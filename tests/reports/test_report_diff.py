"""What two reports have in common and where they differ, in units that mean something."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reports import diff
from reports.command_line import cli
from reports.files.documents import as_json
from reports.judging.comparison import Comparison
from reports.presenting.document import document

Save = Callable[[Comparison, str], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def saved(comparison: Comparison, name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "report.json").write_text(as_json(document(comparison)), encoding="utf-8")
        return folder

    return saved


def change(folder: Path, *place: Any) -> Path:
    path = folder / "report.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    *where, last, value = place
    inner = whole
    for part in where:
        inner = inner[part]
    inner[last] = value
    path.write_text(as_json(whole), encoding="utf-8")
    return folder


def test_timings_alone_are_no_difference(poisson_comparison: Comparison, save: Save) -> None:
    a, b = save(poisson_comparison, "a"), save(poisson_comparison, "b")
    found = diff(a, change(b, "provenance", "seconds", {"em": 99.0}))
    assert found.same
    assert found.to_text() == "The two reports are the same apart from timings."
    done = CliRunner().invoke(cli, ["diff", str(a), str(b)])
    assert (done.exit_code, done.stdout) == (0, found.to_text() + "\n")


def test_distances_are_in_posterior_deviations_and_monte_carlo_errors(
    poisson_comparison: Comparison, save: Save
) -> None:
    a, b = save(poisson_comparison, "a"), save(poisson_comparison, "b")
    name = "rates[1]"
    row = poisson_comparison.posterior.summary.loc[name]
    change(b, "posterior", "parameters", name, "mean", row["mean"] + 0.5 * row["sd"])
    change(b, "posterior", "parameters", name, "sd", 2 * row["sd"])
    change(b, "em", "parameters", name, poisson_comparison.mle.parameters[name] - row["sd"])
    found = diff(a, b)
    assert not found.same
    (moved,) = (each for each in found.rows if each.name == name)
    # The yardstick is the root of the mean of the variances s² and 4s².
    yardstick = math.sqrt(2.5)
    assert moved.mean_apart == pytest.approx(0.5 / yardstick)
    assert moved.em_apart == pytest.approx(-1 / yardstick)
    assert moved.sd_ratio == pytest.approx(2.0)
    assert moved.mean_in_errors == pytest.approx(0.5 * row["sd"] / (math.sqrt(2) * row["mcse_mean"]))
    assert found.places == {"em": 1, "posterior": 2}
    assert all(other.mean_apart == other.em_apart == 0 for other in found.rows if other is not moved)


def test_another_model_of_other_data_is_named(poisson_comparison: Comparison, save: Save) -> None:
    a, b = save(poisson_comparison, "a"), save(poisson_comparison, "b")
    change(b, "data", "name", "deaths")
    change(b, "data", "n", 499)
    change(b, "model", "components", 4)
    parameters = json.loads((a / "report.json").read_text(encoding="utf-8"))["posterior"]["parameters"]
    change(b, "posterior", "parameters", {**parameters, "rates[4]": parameters["rates[3]"]})
    found = diff(a, b)
    assert found.told == {
        "data.name": ('"poisson-three"', '"deaths"'),
        "data.n": ("500", "499"),
        "model.components": ("3", "4"),
    }
    only_in_b = next(row for row in found.rows if row.name == "rates[4]")
    assert only_in_b.mean[0] is None
    assert only_in_b.mean_apart is None
    assert "model.components: A 3; B 4" in found.to_text()


def test_a_verdict_and_a_seed_that_differ_are_shown(poisson_comparison: Comparison, save: Save) -> None:
    a, b = save(poisson_comparison, "a"), save(poisson_comparison, "b")
    change(a, "verdict", "status", "differ")
    change(b, "verdict", "status", "undecided")
    change(b, "provenance", "seed", 7)
    done = CliRunner().invoke(cli, ["diff", str(a), str(b)])
    assert done.exit_code == 1
    assert "B undecided" in done.stdout
    assert "seed: A 0; B 7" in done.stdout
    assert done.stdout.splitlines()[-1] == "The reports differ in 2 entries: verdict (1), provenance (1)."


def test_hostile_names_stay_on_their_line(poisson_comparison: Comparison, save: Save) -> None:
    a, b = save(poisson_comparison, "a"), save(poisson_comparison, "b")
    text = diff(a, change(b, "data", "columns", ["\x1b[2J\nother" * 99])).to_text()
    assert all(line.isprintable() for line in text.split("\n"))


def test_what_is_no_report_gets_one_sentence(poisson_comparison: Comparison, save: Save, tmp_path: Path) -> None:
    a = save(poisson_comparison, "a")
    for other in (tmp_path / "nowhere", tmp_path):
        done = CliRunner().invoke(cli, ["diff", str(a), str(other)])
        assert (done.exit_code, done.stdout) == (2, "")
        assert "give a report's folder" in done.stderr
