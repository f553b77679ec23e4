"""``emvsbayes grade``: points and reasons for hand-ins."""

from __future__ import annotations

from pathlib import Path

import click

from .errors import input_errors
from .new_file import require_new_file
from .numbers import WholeNumber
from .terminal import progress


@click.command("grade")
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--csv", "table", type=click.Path(path_type=Path, dir_okay=False), help="A new file for points and reasons."
)
@click.option(
    "--time-limit",
    type=WholeNumber(min=4),
    default=120,
    show_default=True,
    help="Seconds that a notebook may compute.",
)
def command(notebooks: tuple[Path, ...], table: Path | None, time_limit: int) -> None:
    """Grade NOTEBOOKS, files or folders of them, that were made by `emvsbayes exercise`.

    Each one runs in a process of its own, with the rights of whoever grades: grade only what may run on this machine. The
    derivation is not graded; somebody has to read it.
    """
    from ..exercises.grading import grade, notebooks_of, rows_of

    with input_errors(), progress() as bars:
        require_new_file("--csv", table)
        found = notebooks_of(notebooks)
        grades = []
        tick = bars.stage("Grading", len(found))
        for path in found:
            grades.append(grade(path, time_limit))
            tick()
        if table is not None:
            _write(table, list(rows_of(grades)))
    for graded in grades:
        click.echo(f"{graded.path}: {graded.problem or f'{graded.points} of {graded.most} points'}")
        for finding in graded.findings:
            if finding.reason or finding.remark:
                click.echo(f"  {finding}")


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    import pandas

    from ..files.staged import staged_file

    staged_file(path, lambda stage: pandas.DataFrame(rows).to_csv(stage, index=False))
