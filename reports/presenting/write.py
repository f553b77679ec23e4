"""Write a report into a folder: page, document, tables, draws, and figures as files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.units import per_unit

from ..files.documents import as_json
from ..files.folders import check_folder
from ..files.run_file import write_run_file
from ..files.staged import staged
from ..judging.comparison import Comparison
from .document import document as report_document
from .figures import save_figures
from .given import GivenEstimate
from .membership_rows import memberships_name, write_memberships
from .page import render
from .saved_as import DOCUMENT, DRAWS, FIGURES, MEMBERSHIPS, OWN_FILES, PAGE, TABLE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DOCUMENT", "DRAWS", "OWN_FILES", "PAGE", "TABLE", "check_report_folder", "report_document", "write_report"]


def check_report_folder(folder: Path, figures: str | None = None) -> None:
    """Make sure that a report can be written there; ``ValueError`` as of :func:`reports.files.folders.check_folder`.

    With ``figures`` the folder of that name within it must be ours as well.
    """
    check_folder(folder, OWN_FILES if figures is None else (*OWN_FILES, FIGURES), DOCUMENT)


def write_report(
    comparison: Comparison, folder: Path, figures: str | None = None, given: GivenEstimate | None = None
) -> Path:
    """Write page, document, tables and draws (and figures of a format, ``"svg"`` or ``"png"``); return the page's path.

    ``given`` is what page and document are to say of somebody else's estimate.
    """
    check_report_folder(folder, figures)
    with staged(folder) as stage:
        (stage / PAGE).write_text(render(comparison, given), encoding="utf-8")
        (stage / DOCUMENT).write_text(as_json(report_document(comparison, given)), encoding="utf-8")
        _with_units(comparison).to_csv(stage / TABLE, lineterminator="\n")
        write_memberships(comparison.memberships, stage)
        comparison.posterior.save(stage / DRAWS)
        write_run_file(comparison.command, stage)
        if figures is not None:
            save_figures(comparison, stage / FIGURES, figures)
    # What an earlier report of more or fewer rows left beside it.
    for other in set(MEMBERSHIPS) - {memberships_name(comparison.memberships)}:
        (folder / other).unlink(missing_ok=True)
    return folder / PAGE


def _with_units(comparison: Comparison) -> pd.DataFrame:
    """Return the parameters, and where the counts have exposures what each rate is per, in a column of its own."""
    table, data = comparison.parameters, comparison.data
    if not data.is_exposed:
        return table
    return table.assign(unit=[per_unit(data) if str(name).startswith("rates") else "" for name in table.index])
