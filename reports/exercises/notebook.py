"""An exercise as a notebook, with blanks or with their solutions."""

from __future__ import annotations

import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

from ..files.staged import staged_file
from .exercise import Blank, Exercise

# What a cell is, in the manner of nbgrader: kept in the notebook when somebody works in it.
MARK = "emvsbayes"
BEGIN, END = "# your code begins here", "# your code ends here"
IMPORTS = (
    "import numpy as np\nfrom scipy import special, stats\n\nfrom reports.exercises import exercise as exercise_of\n\n"
)
YOURS = "*Write your derivation here; Markdown and $\\LaTeX$ both work.*"


def write_exercise(exercise: Exercise, path: Path, solution: bool = False) -> None:
    """Write an exercise to a new notebook, whole or not at all.

    Parameters
    ----------
    exercise
        What is asked.
    path
        A file that ends in ``.ipynb``.
    solution
        Whether the instructor's notebook is written.

    Raises
    ------
    ValueError
        When the path does not end in ``.ipynb``, exists already, or nbformat is not installed.
    """
    if path.suffix != ".ipynb":
        raise ValueError(f"out must end in .ipynb, got {str(path)!r}.")
    if path.exists():
        raise ValueError(f"out {str(path)!r} exists already: choose another name, so that nobody's work is lost.")
    notebook = as_notebook(exercise, solution)
    staged_file(path, lambda stage: nbformat().write(notebook, stage))


def nbformat() -> Any:
    """Return the library that reads and writes notebooks.

    Raises
    ------
    ValueError
        When it is not installed.
    """
    try:
        return import_module("nbformat")
    except ImportError:
        raise ValueError("a notebook is written and read by nbformat: pip install 'emvsbayes[notebooks]'.") from None


def as_notebook(exercise: Exercise, solution: bool) -> Any:
    """Return the notebook of an exercise, as nbformat has it."""
    made = nbformat().v4.new_notebook(
        metadata={
            MARK: {"exercise": exercise.name},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    cells = [
        _text(f"# {exercise.title}\n\n{exercise.introduction}"),
        _code(f"{IMPORTS}exercise = exercise_of({exercise.name!r})"),
        _code(exercise.preparation),
        _text(f"## The derivation\n\n{exercise.derivation}"),
        _text(_derived(exercise) if solution else YOURS, answer="derivation"),
    ]
    for blank in exercise.blanks:
        points = f"{blank.points} point{'s' if blank.points > 1 else ''}"
        cells.append(_text(f"## `{blank.name}` ({points})\n\n{blank.task}"))
        cells.append(_code(_filled(blank) if solution else _empty(blank), blank=blank.name))
        cells.append(_code(f"exercise.check({blank.name})", shown="check"))
    cells.append(_text("## Everything together"))
    cells.append(_code(exercise.closing, shown="closing"))
    # Ids that do not change from run to run: the same command writes the same bytes.
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    made["cells"] = cells
    return made


def _derived(exercise: Exercise) -> str:
    texts = [(import_module(module).__doc__ or "").strip() for module in exercise.derived]
    return "\n\n".join("### " + text.replace("\n", "\n", 1).replace("``", "`") for text in texts)


def _empty(blank: Blank) -> str:
    return f"{blank.signature}\n    {BEGIN}\n    ...\n    {END}"


def _filled(blank: Blank) -> str:
    return f"{blank.signature}\n    {BEGIN}\n{textwrap.indent(blank.solution, '    ')}\n    {END}"


def _text(text: str, **mark: str) -> Any:
    return nbformat().v4.new_markdown_cell(text, metadata={MARK: mark} if mark else {})


def _code(code: str, **mark: str) -> Any:
    return nbformat().v4.new_code_cell(code, metadata={MARK: mark} if mark else {})
