"""Grade hand-ins: each notebook runs in a process of its own, within a time limit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .exercise import Exercise, exercise, titles
from .finding import Finding
from .notebook import MARK, nbformat

# Of the whole time, what one cell or one check may take.
SHARE = 4
# Seconds of the clock for each of the processor: a machine may be busy with other programs.
PATIENCE = 5


@dataclass(frozen=True)
class Grade:
    """What a notebook is worth.

    Parameters
    ----------
    path
        The notebook.
    exercise
        The name of its exercise; empty where it could not be read.
    findings
        What was found of each blank.
    problem
        Why it could not be graded; empty where it could.
    """

    path: Path
    exercise: str
    findings: tuple[Finding, ...]
    problem: str = ""

    @property
    def points(self) -> int:
        """The sum of the points."""
        return sum(finding.points for finding in self.findings)

    @property
    def most(self) -> int:
        """The points that all blanks together are worth."""
        return sum(finding.most for finding in self.findings)


def notebooks_of(paths: Iterable[Path]) -> list[Path]:
    """Return notebooks, and those in folders, in the order of their names.

    Raises
    ------
    ValueError
        When a path is neither a notebook nor a folder that holds one.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.ipynb")) if path.is_dir() else [path]
        if not inside:
            raise ValueError(f"{str(path)!r} holds no notebooks: name a folder with files that end in .ipynb.")
        if not path.is_dir() and (not path.is_file() or path.suffix != ".ipynb"):
            raise ValueError(f"{str(path)!r} is no notebook: name a file that ends in .ipynb, or a folder of them.")
        found.extend(inside)
    return found


def grade(path: Path, seconds: int) -> Grade:
    """Run one notebook in a process of its own, and check its blanks.

    Parameters
    ----------
    path
        The notebook.
    seconds
        How long its process may compute; one that waits is ended after five times as long.
    """
    nbformat()
    try:
        asked = _asked(path)
    except ValueError as error:
        return Grade(path, "", (), str(error))
    with tempfile.TemporaryDirectory(prefix="emvsbayes-") as folder:
        results = Path(folder, "results.jsonl")
        results.touch()
        ended = _run(path, Path(folder), results, seconds)
        lines = results.read_text("utf-8").splitlines()
    found = {finding.blank: finding for finding in (Finding(**json.loads(line)) for line in lines)}
    reason = ended or "The notebook's process ended before it was checked."
    findings = tuple(found.get(b.name, Finding(b.name, reason, "", 0, b.points)) for b in asked.blanks)
    return Grade(path, asked.name, findings)


def _asked(path: Path) -> Exercise:
    try:
        notebook: Any = nbformat().read(path, as_version=4)
    except Exception as error:  # whatever a file that is no notebook makes of its reader
        raise ValueError(f"cannot be read as a notebook ({type(error).__name__})") from None
    name = notebook["metadata"].get(MARK, {}).get("exercise")
    if name not in titles:
        raise ValueError("is no exercise: its metadata do not say which one it answers")
    return exercise(name)


def _run(path: Path, folder: Path, results: Path, seconds: int) -> str:
    """Run the notebook, and return what ended it early, or nothing."""
    copied = shutil.copy(path, folder / "hand-in.ipynb")
    per_cell = max(1, seconds // SHARE)
    command = [sys.executable, "-m", "reports.exercises.hand_in", copied, str(results), str(per_cell)]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True, env=_environment(folder), text=True,
    ) as process:  # fmt: skip
        try:
            _, said = process.communicate(timeout=PATIENCE * seconds)
        except subprocess.TimeoutExpired:
            return f"The notebook did not end within {PATIENCE * seconds} s."
        finally:
            # When grading is interrupted, too: the process has a session of its own, which no interrupt reaches.
            _end(process)
    last = said.strip().splitlines()[-1:] if process.returncode else []
    return f"The notebook's process failed: {last[0]}." if last else ""


def _environment(folder: Path) -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return os.environ | {"PYTHONPATH": paths, "IPYTHONDIR": str(folder / "ipython")}


def _end(process: subprocess.Popen[str]) -> None:
    """End a process with all that it started."""
    if not hasattr(os, "killpg"):  # Windows
        process.kill()
        return
    # What is left of its group, if anything is: its own children.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def rows_of(grades: Iterable[Grade]) -> Iterator[dict[str, Any]]:
    """Yield a row for each blank of each notebook, and one for a notebook that could not be graded."""
    for graded in grades:
        if graded.problem:
            yield _row(graded, Finding("", graded.problem, "", 0, 0))
        yield from (_row(graded, finding) for finding in graded.findings)


def _row(graded: Grade, finding: Finding) -> dict[str, Any]:
    return {
        "notebook": graded.path.name,
        "exercise": graded.exercise,
        "blank": finding.blank,
        "points": finding.points,
        "of": finding.most,
        "reason": finding.reason,
        "remark": finding.remark,
    }
