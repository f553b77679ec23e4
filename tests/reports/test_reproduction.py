"""A sound report is reproduced, one number altered is found, and what cannot be reproduced is told in one sentence."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import em
from models import Data, Prior
from models.priors import SharedRate
from reports import reproduce
from reports.command_line import cli
from reports.files.documents import as_json
from reports.files.provenance import machine
from reports.judging.comparison import Comparison, compare
from reports.presenting.document import document
from reports.presenting.write import write_report
from reports.reading.sources import FileSource
from reports.reproducing import allowance
from reports.reproducing.recipe import Recipe, recipe_of
from reports.reproducing.saved import leaves, load_report

Alter = Callable[[dict[str, Any]], None]


@pytest.fixture
def report(poisson_comparison: Comparison, tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text(as_json(document(poisson_comparison)), encoding="utf-8")
    return path


@pytest.fixture
def without_computing(poisson_comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is computed again comes from the same fits, which one test alone pays for."""
    monkeypatch.setattr(Recipe, "compute", lambda *_: poisson_comparison)


def altered(report: Path, alter: Alter) -> Path:
    whole = json.loads(report.read_text(encoding="utf-8"))
    alter(whole)
    report.write_text(as_json(whole), encoding="utf-8")
    return report


def put(*place: Any) -> Alter:
    """Put the last value where the others say; a function is applied to what is there."""
    *where, last, value = place

    def alter(whole: dict[str, Any]) -> None:
        for part in where:
            whole = whole[part]
        whole[last] = value(whole[last]) if callable(value) else value

    return alter


def test_all_but_what_was_altered_is_reproduced_to_the_last_digit_from_the_reports_own_words(
    poisson_comparison: Comparison, tmp_path: Path
) -> None:
    """The one test that really computes again: a page with one letter more, and nothing else that differs."""
    page = write_report(poisson_comparison, tmp_path)
    page.write_text(page.read_text(encoding="utf-8").replace("agree", "agrees", 1), encoding="utf-8")
    found = reproduce(tmp_path)
    differing = [each.path for differences in found.differences.values() for each in differences]
    assert [path.partition(",")[0] for path in differing] == ["report.html"], found
    # The page, the table, the draws, the memberships and the options to run again.
    assert found.compared["files"] == 5
    assert found.elsewhere == ()
    assert not found.own_prior


ALTERED = {
    "a posterior mean in its last digit": put(
        "posterior", "parameters", "rates[2]", "mean", lambda mean: np.nextafter(mean, 0).item()
    ),
    "a log-likelihood": put("em", "log_likelihood", lambda value: value + 1e-9),
    "the verdict": put("verdict", "status", "differ"),
    "another reason": put(
        "verdict", "reasons", [{"code": "degenerate", "evidence": {}, "explanation": "", "advice": ""}]
    ),
    "a start": put("em", "starts", 1, "steps", lambda steps: steps + 1),
    "an R-hat": put("posterior", "parameters", "weights[1]", "r_hat", 1.0),
    "whether the models are one": put("equivalence", "holds", False),
    "the truth": put("truth", "rates", 0, 31.0),
    "a curve": put("densities", 0, "upper", 7, 0.5),
    "a warning": put("posterior", "warnings", lambda warnings: [*warnings, "Nothing to see."]),
    "the hash in the provenance": put("provenance", "data_sha256", "0" * 64),
    "a shorter trace": put("em", "trace", lambda trace: trace[1:]),
    "a whole number written as a fraction": put("data", "n", 500.0),
}


@pytest.mark.usefixtures("without_computing")
@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED.keys())
def test_a_single_number_that_was_altered_is_found(alter: Alter, report: Path) -> None:
    assert reproduce(report).reproduced
    found = reproduce(altered(report, alter))
    assert not found.reproduced
    assert found.sentence.startswith("The report is not reproduced: ")


@pytest.mark.usefixtures("without_computing")
def test_every_number_of_the_document_is_checked(report: Path) -> None:
    """All at once: every leaf that is not on the list of what is not computed."""
    whole = json.loads(report.read_text(encoding="utf-8"))
    taken_over = {("title",), ("provenance", "command")}
    computed = [
        place for place, _ in leaves(whole) if place not in taken_over and place[:2] != ("provenance", "seconds")
    ]
    assert sum(reproduce(report).compared.values()) == len(computed)


ELSEWHERE = put("provenance", "versions", "numpy", "1.0")
FAR = {
    "a mean": put("posterior", "parameters", "rates[2]", "mean", lambda mean: mean + 0.5),
    "a standard deviation": put("posterior", "parameters", "rates[2]", "sd", lambda sd: 1.5 * sd),
    "a log-likelihood": put("em", "log_likelihood", lambda value: value + 1e-4),
    "an estimate": put("em", "parameters", "rates[1]", lambda rate: rate + 1e-3),
    "an estimate among the components": put("em", "rates", 0, lambda rate: rate + 1e-3),
    "a standard error": put("large_sample", "parameters", "rates[1]", "standard_error", lambda error: 1.01 * error),
    "the verdict": put("verdict", "status", "differ"),
    "one more reason": put(
        "verdict", "reasons", [{"code": "degenerate", "evidence": {}, "explanation": "", "advice": ""}]
    ),
    "the prior": put("model", "prior", "components", "mean", 1.0001),
    "the number of rows": put("data", "rows", 499),
    "a share": put("parameters", "rates[2]", "share_below", 0.9),
}


@pytest.mark.usefixtures("without_computing")
@pytest.mark.parametrize("alter", FAR.values(), ids=FAR.keys())
def test_elsewhere_too_a_number_beyond_its_error_is_found(alter: Alter, report: Path) -> None:
    found = reproduce(altered(altered(report, ELSEWHERE), alter))
    assert found.elsewhere == (f"numpy 1.0 there, {np.__version__} here",)
    assert sum(map(len, found.differences.values())) == 1, found


@pytest.mark.usefixtures("without_computing")
def test_elsewhere_the_last_digits_may_be_others(poisson_comparison: Comparison, report: Path) -> None:
    altered(report, put("provenance", "machine", "an abacus"))
    altered(report, put("em", "log_likelihood", lambda value: value + 1e-9))
    altered(report, put("em", "rates", 0, lambda rate: rate + 1e-6))
    error = poisson_comparison.posterior.summary.loc["rates[2]", "mcse_mean"]
    altered(report, put("posterior", "parameters", "rates[2]", "mean", lambda mean: mean + error))
    found = reproduce(report)
    assert found.reproduced, found
    assert found.elsewhere == (f"machine an abacus there, {machine()} here",)
    assert "4√2 Monte Carlo standard errors" in found.to_text()
    assert found.unchecked > 1000


def test_other_kernels_of_linear_algebra_or_of_numba_are_another_machine() -> None:
    """In a process of its own, since libraries choose when they are loaded."""
    script = "from reports.files.provenance import machine; print(machine())"
    root = Path(__file__).parents[2]
    # A processor newer than the compiler is generic to it already.
    processor = "x86-64" if " generic " in machine() else "generic"
    for setting in ({"OPENBLAS_CORETYPE": "Prescott"}, {"NUMBA_CPU_NAME": processor}, {"NUMBA_CPU_FEATURES": "+sse2"}):
        command, environment = [sys.executable, "-c", script], {**os.environ, **setting}
        told = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout
        if "OPENBLAS_CORETYPE" in setting and "openblas" not in told:
            continue  # another library
        assert told.strip() != machine()


@pytest.mark.slow
def test_other_draws_of_the_same_posterior_are_within_the_errors(
    poisson_comparison: Comparison, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other versions do to the draws, another seed does as well."""
    known = poisson_comparison
    other = compare(known.data, "poisson", 3, truth=known.truth, draws=200, tune=300, chains=2, starts=6, seed=1)
    other = replace(other, settings=known.settings, source=known.source, title=known.title)
    monkeypatch.setattr(Recipe, "compute", lambda *_: other)
    found = reproduce(altered(report, ELSEWHERE))
    # The verdict rests on effective sample sizes, which 400 draws leave near their limit.
    differing = [each.path for section, found in found.differences.items() if section != "verdict" for each in found]
    assert differing == []
    assert not reproduce(altered(report, put("provenance", "versions", "numpy", np.__version__))).reproduced


def test_em_is_as_exact_as_the_allowance_says() -> None:
    assert inspect.signature(em.fit).parameters["tolerance"].default == allowance.EM_TOLERANCE


UNUSABLE = {
    "no report": (lambda path: path.unlink(), "there is no file"),
    "no JSON": (lambda path: path.write_text("{"), "is no JSON"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe"), "UTF-8"),
    "not finite": (lambda path: path.write_text('{"a": NaN}'), "NaN is not a finite number"),
    "too large": (lambda path: path.write_text('{"a": 1e999}'), "1e999 is not a finite number"),
    "twice": (lambda path: path.write_text('{"a": 1, "a": 2}'), "'a' stands there twice"),
    "too deep": (lambda path: path.write_text("[" * 100_000), "nested too deeply"),
    "another document": (lambda path: path.write_text('{"generator": "emvsbayes"}'), "no report of emvsbayes compare"),
    "a list": (lambda path: path.write_text("[]"), "no report of emvsbayes compare"),
    "another schema": (lambda path: altered(path, put("schema_version", "1.0")), "schema 1.0"),
    "damaged": (lambda path: altered(path, put("posterior", "draws", "many")), "at posterior.draws, 'many' is not"),
    "a part missing": (lambda path: altered(path, lambda whole: whole.pop("em") and None), "'em' is a required"),
    "other data": (lambda path: altered(path, put("data", "sha256", "0" * 64)), "SHA-256 is 231390323eaa"),
    "another seed of the data": (
        lambda path: altered(path, put("data", "source", "seed", 1)),
        "not those of the report",
    ),
    "no such scenario": (lambda path: altered(path, put("data", "source", "scenario", "x")), "no scenario 'x'"),
    "no source": (lambda path: altered(path, put("data", "source", None)), "--data"),
    "no such file": (
        lambda path: altered(path, put("data", "source", {"file": "\x1b[2J.csv", "counts_column": None})),
        "'�[2J.csv' are not here",
    ),
    "no prior": (lambda path: altered(path, put("model", "prior", "components", {})), "the prior's name must be"),
    "an impossible prior": (lambda path: altered(path, put("model", "prior", "components", "mean", -1)), "positive"),
    "more draws than any memory holds": (
        lambda path: altered(path, put("provenance", "settings", "draws", 10**12)),
        "1000000000000",
    ),
    "more chains than any memory holds": (
        lambda path: altered(path, put("provenance", "settings", "chains", 10**9)),
        "1000000000",
    ),
    "too many components": (lambda path: altered(path, put("model", "components", 501)), "components = 501"),
}


@pytest.mark.parametrize(("spoil", "sentence"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_what_cannot_be_reproduced_gets_one_sentence(spoil: Any, sentence: str, report: Path) -> None:
    spoil(report)
    with pytest.raises(ValueError, match=r".*") as caught:
        recipe_of(load_report(report))
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()
    done = CliRunner().invoke(cli, ["reproduce", str(report)])
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("without_computing")
def test_the_exit_status_says_whether_it_is_reproduced(report: Path) -> None:
    done = CliRunner().invoke(cli, ["reproduce", str(report.parent)])
    assert (done.exit_code, done.stdout.splitlines()[-1][:25]) == (0, "The report is reproduced:")
    altered(report, put("posterior", "parameters", "rates[2]", "mean", 99.0))
    done = CliRunner().invoke(cli, ["reproduce", str(report)])
    assert done.exit_code == 1
    assert "posterior.parameters.rates[2].mean: reported 99.0, recomputed 99." in done.stdout


def test_a_file_is_found_where_the_report_says_beside_it_or_where_it_is_given(
    poisson_comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns picked, counts given, and the same data whatever the file is called now."""
    folder = tmp_path / "report"
    folder.mkdir()
    table = "day,deaths,n\n" + "\n".join(f"{i},{i % 4},{3 + i}" for i in range(8))
    (tmp_path / "deaths.csv").write_text(table)
    source = FileSource("deaths.csv", "n")
    data = source.read(("deaths",), tmp_path / "deaths.csv")
    whole = document(poisson_comparison)
    whole["data"] |= {"name": "deaths", "columns": ["deaths"], "sha256": data.sha256}
    whole["data"]["source"] = {"file": "deaths.csv", "counts_column": "n"}
    whole["truth"] = None
    (folder / "report.json").write_text(as_json(whole))
    saved = load_report(folder)
    monkeypatch.chdir(tmp_path)
    assert recipe_of(saved).data.sha256 == data.sha256
    (tmp_path / "deaths.csv").rename(folder / "deaths.csv")
    assert recipe_of(saved).data.weights.tolist() == [3 + i for i in range(8)]
    (folder / "deaths.csv").rename(tmp_path / "renamed.csv")
    with pytest.raises(ValueError, match="not here"):
        recipe_of(saved)
    found = recipe_of(saved, "renamed.csv").data
    assert (found.name, found.columns, found.sha256) == ("deaths", ("deaths",), data.sha256)
    assert recipe_of(saved, data).data.sha256 == data.sha256
    with pytest.raises(ValueError, match="not those of the report"):
        recipe_of(saved, Data.of([1.0, 2.0]))
    with pytest.raises(ValueError, match="2 columns"):
        recipe_of(saved, [[1.0, 2.0]])


def test_a_prior_of_ones_own_is_taken_from_the_report_and_named(poisson_comparison: Comparison, report: Path) -> None:
    own = put("model", "prior", "components", "mean", 2.5)
    recipe = recipe_of(load_report(altered(report, own)))
    assert recipe.prior == Prior(SharedRate(2.5), poisson_comparison.model)
    assert recipe.has_own_prior
