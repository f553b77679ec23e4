"""The notebooks of this folder, each made of a Markdown file, written where nothing stands yet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..exercises.notebook import nbformat
from ..files.folders import check_writable
from ..files.staged import staged
from . import titles

HERE = Path(__file__).parent
_CODE = re.compile(r"^```python\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def write_notebooks(folder: Path) -> list[Path]:
    """Write all notebooks into a folder, whole or not at all, and return their paths.

    Raises
    ------
    ValueError
        When one of them exists already, the folder cannot be written to, or nbformat is not installed.
    """
    check_writable(folder)
    names = [f"{name}.ipynb" for name in titles]
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise ValueError(
            f"out {str(folder)!r} holds a {there[0]} already: choose another folder, so that no work is lost."
        )
    notebooks = [as_notebook(name) for name in titles]
    with staged(folder) as stage:
        for name, notebook in zip(names, notebooks, strict=True):
            nbformat().write(notebook, stage / name)
    return [folder / name for name in names]


def as_notebook(name: str) -> Any:
    """Return the notebook of that name, as nbformat has it; the same on every call, to the last byte."""
    made = nbformat().v4
    # Text and code in turn, the text first.
    parts = _CODE.split((HERE / f"{name}.md").read_text(encoding="utf-8"))
    cells = [
        (made.new_code_cell if number % 2 else made.new_markdown_cell)(part.strip())
        for number, part in enumerate(parts)
        if part.strip()
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return made.new_notebook(metadata=METADATA, cells=cells)
