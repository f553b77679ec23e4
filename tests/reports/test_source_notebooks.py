"""The notebooks of the source texts run from top to bottom, and end where the texts ended."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
import pytest

from reports.notebooks import titles
from reports.notebooks.write import HERE, as_notebook
from tests.doubles import typed

SHOWN = {
    "five-gaussians": ("log-likelihood -", "Posterior of a 5-component gaussian mixture", "psnr"),
    "one-dimension": ("that forgets the weights", "Do EM and Bayes agree?"),
    "poisson-counts": ("BIC takes 3", "Do EM and Bayes agree? [agree]"),
}


def test_every_file_is_a_notebook_and_the_same_on_every_call() -> None:
    assert {path.stem for path in HERE.glob("*.md")} == set(titles) == set(SHOWN)
    for name in titles:
        notebook = as_notebook(name)
        nbformat.validate(notebook)
        assert notebook == as_notebook(name)
        kinds = [cell["cell_type"] for cell in notebook["cells"]]
        assert kinds[0] == "markdown"
        assert kinds.count("code") >= 6
        assert not [cell for cell in notebook["cells"] if "```" in cell["source"]]
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                compile(cell["source"], name, "exec")


def test_they_are_written_where_nothing_is_lost(tmp_path: Path) -> None:
    first = typed("notebooks", "--out", "here", folder=tmp_path)
    assert first.exit_code == 0, first.output
    assert {path.name for path in (tmp_path / "here").iterdir()} == {f"{name}.ipynb" for name in titles}
    again = typed("notebooks", "--out", "here", folder=tmp_path)
    assert again.exit_code == 2
    assert "choose another folder" in again.output


@pytest.mark.slow
@pytest.mark.parametrize("name", titles)
def test_a_notebook_runs(name: str) -> None:
    notebook = as_notebook(name)
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    outputs = [output for cell in notebook["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]
    shown = "\n".join(each.get("text", "") + each.get("data", {}).get("text/plain", "") for each in outputs)
    assert not [words for words in SHOWN[name] if words not in shown]
    # Figures stand below their cells without being asked for.
    assert sum("image/png" in each.get("data", {}) for each in outputs) >= 4
    assert not [each for each in outputs if each.get("name") == "stderr" and "Warning" in each["text"]]
