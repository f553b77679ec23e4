"""Run somebody's notebook and check its blanks, in a process of its own: ``python -m reports.exercises.hand_in``.

Cells are run in turn by IPython, whose magics notebooks may use. One that raises an exception costs the points of what it
defines, and the next one is run. Each finding is written as soon as it is there, so that what was found before a process had
to be ended is kept.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from .exercise import Blank, Exercise, exercise
from .finding import Finding
from .notebook import MARK, nbformat


class TooLongError(BaseException):
    """A cell or a check took longer than it may; no ``except Exception`` of somebody's code catches it."""


@contextlib.contextmanager
def within(seconds: int) -> Iterator[None]:
    """Interrupt Python code that takes more seconds of the processor, which do not pass while other programs run."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLongError

    if not hasattr(signal, "SIGPROF"):  # Windows, where the process itself is ended in the end
        yield
        return
    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def run_cells(cells: list[Any], seconds: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Run the cells that somebody could have changed, but for those that only show something.

    Returns the names that they define, and for each blank whose cell failed what went wrong.
    """
    shell = import_module("IPython.core.interactiveshell").InteractiveShell.instance()
    failures: dict[str, str] = {}
    for cell in cells:
        mark = cell["metadata"].get(MARK, {})
        if cell["cell_type"] != "code" or "shown" in mark:
            continue
        try:
            with within(seconds):
                result = shell.run_cell(cell["source"], store_history=False)
            error = result.error_before_exec or result.error_in_exec
        except TooLongError:
            error = TooLongError()
        if error is not None and "blank" in mark:
            failures[mark["blank"]] = (
                f"Its cell did not end within {seconds} s."
                if isinstance(error, TooLongError)
                else f"Its cell raises {type(error).__name__}: {error}."
            )
    return shell.user_ns, failures


def finding_of(
    asked: Exercise, blank: Blank, defined: dict[str, Any], failures: dict[str, str], seconds: int
) -> Finding:
    """Check one blank of a notebook that was run."""
    reason = failures.get(blank.name, "")
    if not reason and blank.name not in defined:
        reason = "There is no function of this name."
    if reason:
        return Finding(blank.name, reason, "", 0, blank.points)
    try:
        with within(seconds):
            return asked.check_blank(blank.name, defined[blank.name])
    except TooLongError:
        return Finding(blank.name, f"It did not return within {seconds} s.", "", 0, blank.points)


def main(path: str, results: str, seconds: str) -> None:
    """Run the notebook at ``path``, and append a line of JSON for each finding to ``results``."""
    notebook = nbformat().read(path, as_version=4)
    asked = exercise(notebook["metadata"][MARK]["exercise"])
    os.environ["MPLBACKEND"] = "agg"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        defined, failures = run_cells(notebook["cells"], int(seconds))
        with Path(results).open("a", encoding="utf-8") as lines:
            for blank in asked.blanks:
                found = finding_of(asked, blank, defined, failures, int(seconds))
                lines.write(json.dumps(asdict(found)) + "\n")
                lines.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
