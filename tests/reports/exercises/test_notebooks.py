"""The notebooks run from top to bottom: the instructor's is right throughout, and the one with blanks says so in words."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from reports.exercises import exercise, titles
from reports.exercises.grading import grade, notebooks_of
from reports.exercises.notebook import as_notebook, write_exercise
from tests.doubles import typed


def outputs(notebook: Any) -> str:
    """Everything that a notebook shows, as text."""
    shown = [output for cell in notebook["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]
    return "\n".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in shown)


def executed(name: str, solution: bool) -> str:
    notebook = as_notebook(exercise(name), solution)
    nbformat.validate(notebook)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return outputs(notebook)


@pytest.mark.slow
@pytest.mark.parametrize("name", titles)
def test_a_solution_is_right_throughout(name: str) -> None:
    shown = executed(name, solution=True)
    assert shown.count(": Right.") == len(exercise(name).blanks)
    assert "once these are right" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("name", titles)
def test_a_notebook_with_blanks_fails_in_words(name: str) -> None:
    shown = executed(name, solution=False)
    assert shown.count("It returns nothing: write its body between the two comments.") == len(exercise(name).blanks)
    assert "once these are right" in shown
    assert "Traceback" not in shown


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a right hand-in, one that loops for ever in one function, and a file that is no notebook."""
    folder = tmp_path_factory.mktemp("hand-ins")
    write_exercise(exercise("poisson"), folder / "ada.ipynb", solution=True)
    notebook = as_notebook(exercise("poisson"), solution=True)
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("emvsbayes", {})
        if mark.get("blank") == "relabel":
            cell["source"] = "def relabel(rates, reference):\n    while True:\n        pass"
        if mark.get("blank") == "m_step":
            cell["source"] = "1 / 0"
    nbformat.write(notebook, folder / "bob.ipynb")
    (folder / "cy.ipynb").write_text("no notebook")
    return folder


def test_a_folder_of_hand_ins_is_graded(handed_in: Path, tmp_path: Path) -> None:
    table = tmp_path / "grades.csv"
    ended = typed("grade", str(handed_in), "--csv", str(table), "--time-limit", "12", folder=tmp_path)
    assert ended.exit_code == 0, ended.output
    assert "ada.ipynb: 11 of 11 points" in ended.stdout
    assert "bob.ipynb: 7 of 11 points" in ended.stdout
    assert "m_step: Not yet. Its cell raises ZeroDivisionError: division by zero." in ended.stdout
    assert "relabel: Not yet. It did not return within 3 s." in ended.stdout
    assert "cy.ipynb: cannot be read as a notebook" in ended.stdout
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    assert sum(int(row["points"]) for row in rows if row["notebook"] == "ada.ipynb") == 11
    assert typed("grade", str(handed_in), "--csv", str(table), folder=tmp_path).exit_code == 2, (
        "a table is never overwritten"
    )


def test_a_process_that_waits_is_ended(tmp_path: Path) -> None:
    notebook = as_notebook(exercise("poisson"), solution=True)
    notebook["cells"][2]["source"] = "import time\ntime.sleep(600)"
    nbformat.write(notebook, tmp_path / "waiting.ipynb")
    found = grade(tmp_path / "waiting.ipynb", 1)
    assert found.points == 0
    assert {finding.reason for finding in found.findings} == {"The notebook did not end within 5 s."}


def test_an_interrupt_ends_the_notebooks_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_exercise(exercise("poisson"), tmp_path / "one.ipynb")
    begun: list[subprocess.Popen[str]] = []

    def interrupted(process: subprocess.Popen[str], timeout: float) -> None:
        begun.append(process)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade(tmp_path / "one.ipynb", 60)
    assert begun[0].poll() is not None


def test_what_is_no_hand_in_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no notebooks"):
        notebooks_of([tmp_path])
    with pytest.raises(ValueError, match="is no notebook"):
        notebooks_of([tmp_path / "absent.ipynb"])
    other = tmp_path / "other.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), other)
    assert "is no exercise" in grade(other, 4).problem


def test_the_same_command_writes_the_same_bytes_and_overwrites_nothing(tmp_path: Path) -> None:
    first, second = tmp_path / "first.ipynb", tmp_path / "second.ipynb"
    for path in (first, second):
        assert typed("exercise", "gaussian", "--out", str(path), folder=tmp_path).exit_code == 0
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(first.read_text())["metadata"]["emvsbayes"] == {"exercise": "gaussian"}
    assert typed("exercise", "gaussian", "--out", str(first), folder=tmp_path).exit_code == 2
    assert typed("exercise", "gausian", "--out", str(tmp_path / "third.ipynb"), folder=tmp_path).exit_code == 2
    assert typed("exercise", "gaussian", "--out", str(tmp_path / "third.txt"), folder=tmp_path).exit_code == 2
