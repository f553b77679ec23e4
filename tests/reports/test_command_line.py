"""The command as its users type it: results on stdout, progress on stderr, one sentence for bad input."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from models import Data, Model, Prior, scenarios
from models.priors import Gamma
from reports.command_line import cli
from reports.studies.subject import subject
from tests.doubles import typed

from .gibbs import sampled

DEATHS = "deaths,n\n" + "\n".join(f"{k},{n}" for k, n in enumerate([162, 267, 271, 185, 111, 61, 27, 8, 3, 1])) + "\n"
EMVSBAYES = [sys.executable, "-c", "from reports.command_line import main; main()"]
ROOT = Path(__file__).parents[2]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as from a shell: where what a process does is what is asked."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*EMVSBAYES, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deaths.csv").write_text(DEATHS)
    (tmp_path / "text.csv").write_text("a,b\n1,x\n2,3\n3,4\n")
    (tmp_path / "nan.csv").write_text("a\n1\nnan\n3\n")
    (tmp_path / "negative.csv").write_text("a\n1\n-2\n3\n")
    (tmp_path / "fractional.csv").write_text("a\n1\n2.5\n3\n")
    (tmp_path / "plane.csv").write_text("a,b\n1,2\n2,2.5\n3,4\n")
    (tmp_path / "two.csv").write_text("a\n1\n2\n")
    (tmp_path / "constant.csv").write_text("a\n" + "5\n" * 9)
    (tmp_path / "empty.csv").write_text("")
    np.save(tmp_path / "infinite.npy", np.array([1.0, np.inf, 2.0]))
    return tmp_path


POISSON_TWO = ("--family", "poisson", "--components", "2")
GAUSSIAN_TWO = ("--family", "gaussian", "--components", "2")
BAD_INPUT = {
    "missing file": (("nowhere.csv", *POISSON_TWO), "nowhere.csv"),
    "empty file": (("empty.csv", *POISSON_TWO), "empty"),
    "text in a column": (("text.csv", *GAUSSIAN_TWO), "'b'"),
    "NaN": (("nan.csv", *GAUSSIAN_TWO), "'a'"),
    "infinity": (("infinite.npy", *GAUSSIAN_TWO), "inf"),
    "negative counts": (("negative.csv", *POISSON_TWO), "-2"),
    "fractional counts": (("fractional.csv", *POISSON_TWO), "2.5"),
    "measurements as counts": (("fractional.csv", *POISSON_TWO), "measurements are for family 'gaussian'"),
    "measurements as several counts": (("plane.csv", *POISSON_TWO), "'poisson' in several columns"),
    "fewer rows than components": (("two.csv", "--family", "poisson", "--components", "3"), "components"),
    "constant data": (("constant.csv", *GAUSSIAN_TWO), "constant"),
    "unknown column": (("deaths.csv", *POISSON_TWO, "--column", "death"), "deaths"),
    "no components": (("deaths.csv", "--family", "poisson", "--components", "0"), "--components"),
    "components in words": (("deaths.csv", "--family", "poisson", "--components", "two"), "not a valid whole number"),
    "no model": (("deaths.csv",), "--family"),
    "covariance of counts": (("deaths.csv", *POISSON_TWO, "--column", "deaths", "--covariance", "full"), "covariance"),
    "a seed of real data": (("iris", "--data-seed", "1"), "--data-seed"),
    "columns of a scenario": (("poisson-three", "--columns", "a"), "--columns"),
    "folder under a file": (("poisson-three", "--out", "deaths.csv/report"), "deaths.csv"),
    "folder that cannot be written": (("poisson-three", "--out", "/proc/report"), "/proc/report"),
    "exact out of reach": (("gaussian-two", "--exact"), "--exact does not apply"),
    "a markup name": (("<b>.csv", *POISSON_TWO), "<b>.csv"),
}


@pytest.mark.parametrize(("arguments", "named"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_gets_one_sentence_and_writes_nothing(arguments: tuple[str, ...], named: str, folder: Path) -> None:
    before = sorted(folder.iterdir())
    done = typed("compare", *arguments, folder=folder)
    assert done.exit_code == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("command", "arguments", "named"),
    [("compare", *BAD_INPUT["missing file"]), ("compare", *BAD_INPUT["folder that cannot be written"])],
)
def test_so_it_does_in_a_shell(command: str, arguments: tuple[str, ...], named: str, folder: Path) -> None:
    before = sorted(folder.iterdir())
    done = run(command, *arguments, folder=folder)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(folder.iterdir()) == before


def test_a_folder_called_as_a_scenario_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "poisson-three").mkdir()
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["fit", "poisson-three", "--starts", "3"]).exit_code == 0
    assert subject("poisson-three").name == "poisson-three"


BAD_CHOICES = {
    "numbers": (("deaths.csv", "--family", "poisson", "--components", "0:3"), "--components '0:3'"),
    "too many": (("two.csv", "--family", "poisson", "--components", "1:3"), "--components 3"),
    "no family": (("deaths.csv",), "--family"),
    "missing file": (("nowhere.csv", "--family", "poisson"), "nowhere.csv"),
    "folder under a file": (("poisson-three", "--out", "deaths.csv/choice"), "deaths.csv"),
}


@pytest.mark.parametrize(("arguments", "named"), BAD_CHOICES.values(), ids=BAD_CHOICES.keys())
def test_a_bad_choice_gets_one_sentence_and_writes_nothing(
    arguments: tuple[str, ...], named: str, folder: Path
) -> None:
    before = sorted(folder.iterdir())
    done = typed("choose", *arguments, folder=folder)
    assert done.exit_code == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(folder.iterdir()) == before


@pytest.mark.slow
def test_choose_prints_table_and_sentence_and_writes_the_page(folder: Path) -> None:
    quick = ("--draws", "100", "--tune", "200", "--chains", "2", "--starts", "3", "--counts-column", "n")
    arguments = ("deaths.csv", "--family", "poisson", "--components", "1,2", *quick)
    done = run("choose", *arguments, "--out", "choice", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "NUTS" in done.stderr
    whole = json.loads(done.stdout)
    assert [each["model"]["components"] for each in whole["candidates"]] == [1, 2]
    assert (folder / "choice" / "choice.html").exists()
    words = shlex.split(whole["provenance"]["command"])
    assert words[:5] == ["emvsbayes", "choose", "deaths.csv", "--family", "poisson"]
    assert words[words.index("--components") + 1] == "1,2"


def test_an_unknown_lesson_and_a_page_of_somebody_else_get_one_sentence(tmp_path: Path) -> None:
    own = tmp_path / "climbing.html"
    own.write_text("<p>mine</p>")
    for arguments, named in (
        (("lesson", "walking"), "'climbing'"),
        (("lesson", "climbing", "--out", "."), "climbing.html"),
        (("lessons", "--out", "."), "climbing.html"),
        (("lessons", "--out", "climbing.html"), "climbing.html"),
    ):
        done = typed(*arguments, folder=tmp_path)
        assert done.exit_code == 2
        assert named in done.stderr
        assert "Traceback" not in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["climbing.html"]
        assert own.read_text() == "<p>mine</p>"


def test_one_lesson_is_written_again_over_itself(tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        done = typed("lesson", "forgotten-weights", "--out", "pages", folder=tmp_path)
        assert (done.exit_code, done.stdout) == (0, "The lesson is in pages/forgotten-weights.html\n")
        written.append((tmp_path / "pages" / "forgotten-weights.html").read_bytes())
    assert written[0] == written[1]


def test_help_names_the_lessons(tmp_path: Path) -> None:
    from reports.lessons import titles

    done = typed("lesson", "--help", folder=tmp_path)
    for name, title in titles.items():
        assert f"{name} " in done.stdout
        assert title in done.stdout


def test_scenarios_are_listed(tmp_path: Path) -> None:
    done = typed("scenarios", folder=tmp_path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["name", *scenarios]
    assert "old-faithful 272 2 2 gaussian Both sides agree" in " ".join(done.stdout.split())


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom reports.command_line import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print(sorted({'numpy', 'scipy', 'pymc', 'arviz', 'matplotlib', 'pandas'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_fit_prints_json_of_the_published_optimum(folder: Path) -> None:
    options = ("--column", "deaths", "--counts-column", "n", "--json")
    done = typed("fit", "deaths.csv", *POISSON_TWO, *options, folder=folder)
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    # Hasselblad (1969): weight 0.3599, rates 1.256 and 2.663, as many digits as were printed.
    assert found["status"] == "converged"
    np.testing.assert_allclose(found["rates"], [1.256, 2.663], atol=5e-4)
    np.testing.assert_allclose(found["weights"][0], 0.3599, atol=5e-5)
    assert found["data"]["n"] == 1096


def test_fit_prints_a_line_for_each_optimum_and_with_verbose_every_start(folder: Path) -> None:
    model = (
        "--family",
        "poisson",
        "--components",
        "3",
        "--columns",
        "deaths",
        "--counts-column",
        "n",
        "--starts",
        "12",
    )
    short, long = (
        json.loads(typed("fit", "deaths.csv", *model, "--json", *more, folder=folder).stdout)
        for more in ((), ("--verbose",))
    )
    assert len(long["starts"]) == 12
    # Starts that ended in one place have one line, and none is left out.
    assert "starts" not in short
    assert len(short["endings"]) < 12 == sum(ending["starts"] for ending in short["endings"])
    assert short["endings"][0]["objective"] == max(start["objective"] for start in long["starts"])
    assert {name: short[name] for name in short if name in long} == {name: long[name] for name in long if name in short}


def test_compare_writes_the_report_and_says_where(folder: Path) -> None:
    quick = ("--draws", "100", "--tune", "200", "--chains", "2", "--starts", "3")
    done = run("compare", "deaths.csv", *POISSON_TWO, "--counts-column", "n", *quick, "--out", "report", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "The report is in report/report.html" in done.stdout
    assert "NUTS" in done.stderr
    assert "NUTS" not in done.stdout
    whole = json.loads((folder / "report" / "report.json").read_text())
    assert whole["equivalence"]["holds"]
    assert whole["data"]["columns"] == ["deaths"]
    command = whole["provenance"]["command"].split()
    assert command[:3] == ["emvsbayes", "compare", "deaths.csv"]
    again = typed("run", "report/report.toml", "--out", "again", folder=folder)
    assert again.exit_code == 0, again.stderr
    repeated = json.loads((folder / "again" / "report.json").read_text())
    for part in (whole, repeated):
        del part["provenance"]["seconds"]
    assert repeated == whole


def test_an_audit_comes_with_standard_errors(folder: Path) -> None:
    arguments = ("fit", "deaths.csv", *POISSON_TWO, "--column", "deaths", "--counts-column", "n", "--starts", "5")
    shown = typed(*arguments, "--audit", folder=folder)
    assert shown.exit_code == 0
    assert "standard_error" in shown.stdout
    assert "No sign of a degenerate or spurious solution." in shown.stdout
    whole = json.loads(typed(*arguments, "--audit", "--json", folder=folder).stdout)
    assert whole["audit"]["standard_errors"]["parameters"]["rates[1]"]["standard_error"] == pytest.approx(
        0.35, abs=0.001
    )
    assert "audit" not in json.loads(typed(*arguments, "--json", folder=folder).stdout)


def test_an_unknown_code_to_fail_on_is_told_before_anything_is_computed(folder: Path) -> None:
    done = typed("compare", "deaths.csv", *POISSON_TWO, "--fail-on", "agree", folder=folder)
    assert done.exit_code == 2
    assert "'agree'" in done.stderr
    assert "weakly-identified" in done.stderr
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("asked", "status"), [("degenerate", 0), ("degenerate, prior-sensitive", 3), ("any", 3), (None, 0)]
)
def test_a_verdict_can_fail_a_script_once_the_report_is_written(
    asked: str | None, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = sampled(Data.of(np.array([3.0, 5.0])), 1, Prior(Gamma(4.0, 1.0), Model("poisson", 1)))
    monkeypatch.setattr("reports.commands.compare.compared", lambda *_: few)
    monkeypatch.setattr(
        "reports.presenting.write.write_report", lambda _comparison, folder, _figures: folder / "report.html"
    )
    options = [] if asked is None else ["--fail-on", asked]
    done = CliRunner().invoke(cli, ["compare", "poisson-three", "--out", str(tmp_path / "report"), *options])
    assert done.exit_code == status
    assert "The report is in" in done.stdout
    assert "What to do: State the prior" in done.stdout
    assert ("prior-sensitive" in done.stderr) is (status == 3)
