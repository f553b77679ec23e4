"""Rows that are written block by block, as CSV or as Parquet, so that never all of them are in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

PARQUET = (".parquet", ".pq")
# More than anybody looks at, and than a spreadsheet takes.
MOST_CSV_ROWS = 1_000_000
# Numbers beyond them are those of the draws and of the processor.
DECIMALS = 6

type Block = Mapping[str, NDArray[Any]]
type Write = Callable[[Block], None]


@contextmanager
def rows_in(path: Path) -> Iterator[Write]:
    """Give what writes one block after another into a file: Parquet by its suffix, and CSV under any other."""
    if path.suffix.lower() in PARQUET:
        with _parquet(path) as write:
            yield write
        return
    with path.open("wb") as stream:
        yield csv_into(stream)


def csv_into(stream: IO[bytes]) -> Write:
    """Return what writes one block after another into a stream of bytes, as CSV with a header."""
    from pyarrow import csv

    began = False

    def write(block: Block) -> None:
        nonlocal began
        if not began:
            stream.write(",".join(block).encode() + b"\n")
            began = True
        csv.write_csv(_table(block), stream, csv.WriteOptions(include_header=False))

    return write


@contextmanager
def _parquet(path: Path) -> Iterator[Write]:
    from pyarrow import parquet

    writer: Any = None

    def write(block: Block) -> None:
        nonlocal writer
        table = _table(block)
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


def _table(block: Block) -> Any:
    import pyarrow

    return pyarrow.table({name: _rounded(column) for name, column in block.items()})


def _rounded(column: NDArray[Any]) -> NDArray[Any]:
    return np.round(column, DECIMALS) + 0.0 if column.dtype.kind == "f" else column
