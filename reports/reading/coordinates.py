"""Parquet files of the columns ``row``, ``column`` and ``count``: a sparse matrix with a line for each count above zero.

Rows are numbered from 1, as in Matrix Market files. A column is a number from 1 or a name; named columns are in the order of
the alphabet. Rows without any count are there, too, up to the highest number: a last one of nothing but zeros is said by a
line with the count 0, and so is a column in which nothing was counted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import first_line
from .survey import default_names

COLUMNS = ("row", "column", "count")
SUFFIXES = (".parquet", ".pq")


def is_in_coordinates(path: Path) -> bool:
    """Say whether this is a Parquet file of these three columns."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    from pyarrow import ArrowException, parquet

    try:
        return set(parquet.read_schema(path).names) == set(COLUMNS)
    except (ArrowException, OSError):  # whoever reads it then says what is wrong with it
        return False


def matrix_and_names(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the matrix, a row for each observation, and a name for each of its columns.

    Raises
    ------
    ValueError
        When the file cannot be read, or a cell is missing, or no number from 1 on.
    """
    from pyarrow import parquet, types
    from scipy import sparse

    try:
        table = parquet.read_table(path, columns=list(COLUMNS))
    except Exception as error:  # a broken file raises whatever the decoder happens to trip over
        raise ValueError(f"this is not a readable Parquet file ({first_line(error)}).") from None
    row, column, count = (table.column(name) for name in COLUMNS)
    for name, cells in zip(COLUMNS, (row, column, count), strict=True):
        if cells.null_count:
            raise ValueError(f"column {name!r} misses {cells.null_count} cells; remove these lines.")
    if not (types.is_integer(count.type) or types.is_floating(count.type)):
        raise ValueError(f"column 'count' holds {count.type}, not numbers.")
    rows, names = _numbers("row", row), ()
    if types.is_integer(column.type) or types.is_floating(column.type):
        columns = _numbers("column", column)
    else:
        cells = column.cast("string").combine_chunks().dictionary_encode()
        called = np.asarray(cells.dictionary.to_pylist(), dtype=object)
        order = np.argsort(called)
        names, columns = tuple(called[order]), np.argsort(order)[cells.indices.to_numpy()]
    if not len(rows):
        raise ValueError("the file holds no rows of data.")
    width = len(names) or int(columns.max()) + 1
    # Doubles at once: two lines about one count add up, which the narrow integers of a file might not hold.
    counts = np.asarray(count.to_numpy(), dtype=np.float64)
    matrix = sparse.coo_array((counts, (rows, columns)), shape=(int(rows.max()) + 1, width)).tocsr()
    return matrix, names or default_names(width)


def _numbers(name: str, cells: Any) -> NDArray[np.int64]:
    """Return the numbers of rows or columns, from zero."""
    from pyarrow import types

    if not types.is_integer(cells.type):
        raise ValueError(f"column {name!r} holds {cells.type}; rows and columns are numbered from 1.")
    found = cells.to_numpy().astype(np.int64)
    if len(found) and found.min() < 1:
        raise ValueError(f"column {name!r} holds {found.min()}; rows and columns are numbered from 1.")
    return np.asarray(found - 1)
