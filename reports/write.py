"""Write a report into a folder: whole or not at all, and never over what somebody else put there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .staged import stage_in, staged, staged_file

if TYPE_CHECKING:
    from .comparison import Comparison

# What our JSON documents say under "generator".
GENERATOR = "emvsbayes"
PAGE, DOCUMENT, TABLE, DRAWS = "report.html", "report.json", "parameters.csv", "posterior.nc"
OWN_FILES = (PAGE, DOCUMENT, TABLE, DRAWS)


def check_folder(folder: Path, own_files: Sequence[str] = OWN_FILES, mark: str = DOCUMENT) -> None:
    """Make sure that a report of these files can be written there, before hours are spent on it.

    ``mark`` is the JSON document that says whether earlier files of these names are ours.

    Raises
    ------
    ValueError
        When the folder cannot be made or written to, or when it holds a file of such a name that is none of ours.
    """
    check_writable(folder)
    foreign = [name for name in own_files if (folder / name).exists()]
    if foreign and not is_own_report(folder, mark):
        raise ValueError(
            f"the output folder {str(folder)!r} holds a {foreign[0]} that emvsbayes did not write: choose another folder."
        )


def check_writable(folder: Path) -> None:
    """Make sure that the folder is there or can be made, and that files can be put into it.

    Raises
    ------
    ValueError
        When it cannot.
    """
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not existing.is_dir():
        raise ValueError(f"the output folder {str(folder)!r} cannot be made, since {str(existing)!r} is a file.")
    try:
        with stage_in(existing):
            pass
    except OSError as error:
        raise ValueError(
            f"the output folder {str(folder)!r} cannot be written to ({error.strerror}): choose another with --out."
        ) from None


def is_own_report(folder: Path, mark: str = DOCUMENT) -> bool:
    """Whether the folder holds a report of ours, which a new one may replace."""
    try:
        found = json.loads((folder / mark).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("generator") == GENERATOR


def write_report(comparison: Comparison, folder: Path, figures: str | None = None) -> Path:
    """Write page, document, table and draws (and figures of a format, ``"svg"`` or ``"png"``); return the page's path."""
    from .document import document
    from .page import render

    check_folder(folder)
    with staged(folder) as stage:
        (stage / PAGE).write_text(render(comparison), encoding="utf-8")
        (stage / DOCUMENT).write_text(as_json(document(comparison)), encoding="utf-8")
        comparison.parameters.to_csv(stage / TABLE, lineterminator="\n")
        comparison.posterior.save(stage / DRAWS)
        if figures is not None:
            from .figures import save_figures

            save_figures(comparison, stage / "figures", figures)
    return folder / PAGE


def write_text(path: Path, text: str) -> None:
    """Write one file whole or not at all."""
    staged_file(path, lambda file: _written(file, text))


def as_json(whole: dict[str, Any]) -> str:
    """Readable JSON with the same bytes for the same content."""
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _written(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
