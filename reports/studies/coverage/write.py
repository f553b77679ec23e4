"""Write a study's page and tables beside its store."""

from __future__ import annotations

from pathlib import Path

from ...files.run_file import RUN_FILE, write_run_file
from ...files.staged import staged
from .study import Study

PAGE, TABLE, REPLICATES = "study.html", "study", "replicates.parquet"
SHARES, VERDICTS, ANSWERS = "statuses.csv", "verdicts.csv", "answers.csv"
OWN_FILES = (PAGE, f"{TABLE}.csv", f"{TABLE}.parquet", SHARES, VERDICTS, ANSWERS, REPLICATES, RUN_FILE)


def write_study(study: Study, folder: Path, command: str) -> Path:
    """Write page, CSV and Parquet, whole or not at all, and return the path of the page."""
    from .page import render

    with staged(folder) as stage:
        (stage / PAGE).write_text(render(study, command), encoding="utf-8")
        study.parameters.to_csv(stage / f"{TABLE}.csv", index=False)
        study.parameters.to_parquet(stage / f"{TABLE}.parquet", index=False)
        study.shares.to_csv(stage / SHARES, index=False)
        study.verdicts.to_csv(stage / VERDICTS, index=False)
        study.answers.to_csv(stage / ANSWERS, index=False)
        study.replicates.to_parquet(stage / REPLICATES, index=False)
        write_run_file(command, stage)
    return folder / PAGE
