"""Write a calibration's page and tables beside its store."""

from __future__ import annotations

from pathlib import Path

from ...files.run_file import RUN_FILE, write_run_file
from ...files.staged import staged
from .result import CalibrationResult

PAGE, QUANTITIES, CURVES, SHARES, RANKS = (
    "calibration.html", "quantities.csv", "curves.csv", "statuses.csv", "ranks.parquet",
)  # fmt: skip
OWN_FILES = (PAGE, QUANTITIES, CURVES, SHARES, RANKS, RUN_FILE)


def write_calibration(result: CalibrationResult, folder: Path, command: str) -> Path:
    """Write page, CSV and Parquet, whole or not at all, and return the path of the page."""
    from .page import render

    with staged(folder) as stage:
        (stage / PAGE).write_text(render(result, command), encoding="utf-8")
        result.quantities.to_csv(stage / QUANTITIES, index=False)
        result.curves().to_csv(stage / CURVES, index=False)
        result.shares.to_csv(stage / SHARES, index=False)
        result.ranks.to_parquet(stage / RANKS, index=False)
        write_run_file(command, stage)
    return folder / PAGE
