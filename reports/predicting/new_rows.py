"""New rows of any number, written as they come: what both sides of a saved report say of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models import ChunkedData, Data, SparseData, Tick
from models.membership import SLICE_ROWS

from ..files.rows import Write
from ..reading.chunks import LARGE, numbers_in, read_in_chunks
from ..reading.options import Reading
from ..reading.tables import STANDARD_INPUT, read_rows
from .read_report import ReadReport


@dataclass(frozen=True)
class Predicted:
    """How many rows there were, of how many the component is in doubt, and how many are unlike anything seen."""

    rows: int
    in_doubt: int
    unlike_seen: int

    def sentence(self, fitted: float) -> str:
        """Say how many rows are what, and how many would be unlike the ``fitted`` rows if all came from one mixture."""
        by_chance = self.rows / (fitted + 1)
        return (
            f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}: {self.in_doubt:,} in doubt, {self.unlike_seen:,} unlike "
            f"anything seen (about {by_chance:.2g} would be if all came from what was fitted)."
        )


def read_new_rows(
    new_data: str,
    report: ReadReport,
    columns: Sequence[str] | None = None,
    chunked: bool | None = None,
    on_part: Callable[[int, int], None] | None = None,
    **written: Any,
) -> Data | ChunkedData | SparseData:
    """Read the report's features of a file, by their names or by those that they have there, in the report's order.

    Where the counts of the report have an exposure, its column is read as well.

    It is read part by part when asked for, or where it is a folder or larger than a gigabyte; ``written`` says how it is
    written, by the arguments of ``read_data``.

    Raises
    ------
    ValueError
        When there is no such file or column, or when a cell is no finite number.
    """
    names, path = report.em.columns, Path(new_data)
    features = list(names) if columns is None else list(columns)
    if len(features) != len(names):
        raise ValueError(
            f"--columns names {len(features)} columns, and the report has {len(names)}: {', '.join(map(repr, names[:12]))}."
        )
    if new_data != STANDARD_INPUT and not path.exists():
        raise ValueError(f"there is no file {new_data!r}.")
    if chunked is None:
        chunked = path.is_dir() or numbers_in(path, features) > LARGE
    beside = _exposures_of(report, written.get("exposure_file"), written.pop("exposure_column", None))
    if chunked:
        return read_in_chunks(path, features, on_part=on_part, **beside, **Reading.of(**written).said)
    return read_rows(Reading.of(**written), path, features, **beside)


def _exposures_of(report: ReadReport, file: str | None, column: str | None) -> dict[str, Any]:
    """Return which column of the new rows holds their exposures, unless these are in a file of their own."""
    exposure = report.em.exposure_column
    if exposure is None and not (file is None and column is None):
        raise ValueError(
            f"the counts of the report have no exposure: leave out the exposure {'file' if file else 'column'}."
        )
    return {"exposure_column": column or (exposure if file is None else None)}


def slices_of(rows: Data | ChunkedData | SparseData) -> int:
    """Return about how many slices there will be."""
    return -(-rows.rows // SLICE_ROWS)


def predict_rows(report: ReadReport, rows: Data | ChunkedData | SparseData, write: Write, step: Tick) -> Predicted:
    """Write what both say of every row, and return the numbers of those that need a look.

    Raises
    ------
    ValueError
        When a row cannot have come from the report's model, before anything is written.
    """
    report.em.model.family_of_components.require_possible(rows)
    total = in_doubt = unlike = 0
    for batch in [rows] if isinstance(rows, Data) else rows.batches():
        # Whatever the columns are called there, they were read in the report's order.
        for found in report.under_both(replace(batch, columns=report.em.columns)):
            columns = found.columns(report.smallest_log_density, report.labels)
            write(columns)
            total += len(found.numbers)
            in_doubt += int(columns["in_doubt"].sum())
            unlike += int(columns["unlike_seen"].sum())
            step()
    return Predicted(total, in_doubt, unlike)
