"""Write a study's page and tables beside its store."""

from __future__ import annotations

from pathlib import Path

from ..staged import staged
from ..write import check_writable
from .calibration.write import OWN_FILES as CALIBRATION_FILES
from .store import FILE
from .study import Study

PAGE, TABLE, REPLICATES = "study.html", "study", "replicates.parquet"
SHARES, VERDICTS = "statuses.csv", "verdicts.csv"
OWN_FILES = (PAGE, f"{TABLE}.csv", f"{TABLE}.parquet", SHARES, VERDICTS, REPLICATES)


def check_study_folder(folder: Path) -> None:
    """Make sure that a study can be kept there, before hours are spent on it.

    Raises
    ------
    ValueError
        When the folder cannot be written to, or holds a file of a study's name without a study's store beside it.
    """
    check_writable(folder)
    foreign = [name for name in (*OWN_FILES, *CALIBRATION_FILES) if (folder / name).exists()]
    if foreign and not (folder / FILE).exists():
        raise ValueError(
            f"the folder {str(folder)!r} holds a {foreign[0]} that is none of a study: choose another folder."
        )


def write_study(study: Study, folder: Path, command: str) -> Path:
    """Write page, CSV and Parquet, whole or not at all, and return the path of the page."""
    from .page import render

    with staged(folder) as stage:
        (stage / PAGE).write_text(render(study, command), encoding="utf-8")
        study.parameters.to_csv(stage / f"{TABLE}.csv", index=False)
        study.parameters.to_parquet(stage / f"{TABLE}.parquet", index=False)
        study.shares.to_csv(stage / SHARES, index=False)
        study.verdicts.to_csv(stage / VERDICTS, index=False)
        study.replicates.to_parquet(stage / REPLICATES, index=False)
    return folder / PAGE
