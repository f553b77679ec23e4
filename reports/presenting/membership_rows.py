"""The file beside a report that says of each row which component it belongs to."""

from __future__ import annotations

from pathlib import Path

from ..comparing.memberships import Memberships, columns, labels_of
from ..files.rows import MOST_CSV_ROWS, rows_in
from .saved_as import MEMBERSHIPS

BLOCK_ROWS = 2**17


def memberships_name(found: Memberships) -> str:
    """Return the name of the file for so many rows: CSV, and Parquet above a million."""
    return MEMBERSHIPS[len(found.numbers) > MOST_CSV_ROWS]


def write_memberships(found: Memberships, folder: Path) -> None:
    """Write the file into a folder, block by block: one line for each row of the data as they were given."""
    with rows_in(folder / memberships_name(found)) as write:
        for start in range(0, len(found.numbers), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            likeliest = columns(
                found.numbers[block],
                (found.em[block], found.em_probability[block]),
                (found.posterior[block], found.posterior_probability[block]),
                found.in_doubt[block],
            )
            write({**likeliest, **labels_of(found.em[block], found.posterior[block], found.labels)})
