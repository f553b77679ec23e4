"""``emvsbayes predict``: new rows under a report that was written before."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .arguments import as_options
from .errors import input_errors
from .new_file import require_new_file
from .terminal import progress

if TYPE_CHECKING:
    from models import ChunkedData, Data, SparseData, Tick

    from ..predicting.new_rows import Predicted
    from ..predicting.read_report import ReadReport

# In an epilog a paragraph that begins so keeps its lines.
COLUMNS = """\b
row                    its number among the rows of NEWDATA, from 1
component_em           the likeliest component, numbered as in the report,
probability_em         and its probability at EM's estimate
component_posterior    the same on average over the posterior's draws,
probability_posterior  in which doubt about the parameters counts as well
in_doubt               true unless both give one component at least 95 %
label_em               the label of component_em, if REPORT was made with --known,
label_posterior        and that of component_posterior
log_density_em         the log-density of the row at EM's estimate, in nats
log_density_posterior  the logarithm of its average over the draws
log_density_sd         the standard deviation of the log-density over the draws
unlike_seen            true where that average is below that of every row that was fitted
"""


@click.command("predict", epilog=COLUMNS)
@click.argument("report", type=click.Path(path_type=Path))
@click.argument("new_data", metavar="NEWDATA")
@options.out(None, "Write the rows to this new file, as CSV, or as Parquet where it ends in .parquet.")
@click.option(
    "--columns", help="The columns of NEWDATA, in the order of the report's, where they have other names; with commas."
)
@options.chunked
@click.option(
    "--exposure-column", help="The column of NEWDATA with the exposures, where it has another name than in the report."
)
@options.exposure_file
@options.reading
def command(
    report: Path, new_data: str, out: Path | None, columns: str | None, chunked: bool | None, **written: Any
) -> None:
    """Say of each row of NEWDATA which component of REPORT it belongs to, and how likely it is at all.

    REPORT is the folder of a report, with the draws in it. NEWDATA is a file as `emvsbayes compare` takes it, whose columns
    are found by the names that they had then, in any order; - is standard input. Nothing is fitted again.

    Each row gets a line of CSV on standard output, or in --out, with the columns below.

    Of rows that come from what n observations were fitted to, about one in n + 1 is unlike anything seen.
    """
    with progress() as bars:
        with input_errors():
            require_new_file("--out", out)
            from ..predicting.new_rows import read_new_rows, slices_of
            from ..predicting.read_report import read

            found = read(report)
            names = None if columns is None else columns.split(",")
            rows = read_new_rows(new_data, found, names, chunked, bars.passes("reading"), **written)
        for note in rows.notes:
            click.echo(f"{rows.name}: {as_options(note)}", err=True)
        step = bars.stage("rows", slices_of(rows))
        with input_errors():
            said = _into_file(found, rows, out, step) if out else _onto_standard_output(found, rows, step)
    click.echo(said.sentence(found.document["data"]["n"]), err=out is None)


def _into_file(found: ReadReport, rows: Data | ChunkedData | SparseData, out: Path, step: Tick) -> Predicted:
    from ..files.rows import rows_in
    from ..files.staged import staged_file
    from ..predicting.new_rows import predict_rows

    said: list[Predicted] = []

    def write(path: Path) -> None:
        with rows_in(path) as writer:
            said.append(predict_rows(found, rows, writer, step))

    staged_file(out, write)
    return said[0]


def _onto_standard_output(found: ReadReport, rows: Data | ChunkedData | SparseData, step: Tick) -> Predicted:
    from ..files.rows import csv_into
    from ..predicting.new_rows import predict_rows

    return predict_rows(found, rows, csv_into(sys.stdout.buffer), step)
