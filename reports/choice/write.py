"""Write a choice into a folder: whole or not at all, and never over what somebody else put there."""

from __future__ import annotations

from pathlib import Path

from ..files.documents import as_json
from ..files.folders import check_folder
from ..files.run_file import RUN_FILE, write_run_file
from ..files.staged import staged
from .choice import Choice
from .document import document

PAGE, DOCUMENT, TABLE = "choice.html", "choice.json", "choice.csv"


def check_choice_folder(folder: Path) -> None:
    """Make sure that a choice can be written there; ``ValueError`` as of :func:`reports.files.folders.check_folder`."""
    check_folder(folder, (PAGE, DOCUMENT, TABLE, RUN_FILE), DOCUMENT)


def write_choice(choice: Choice, folder: Path) -> Path:
    """Write page, document and table; return the page's path."""
    from .page import render

    check_choice_folder(folder)
    with staged(folder) as stage:
        (stage / PAGE).write_text(render(choice), encoding="utf-8")
        (stage / DOCUMENT).write_text(as_json(document(choice)), encoding="utf-8")
        choice.table.to_csv(stage / TABLE, lineterminator="\n")
        write_run_file(choice.command, stage)
    return folder / PAGE
