"""Matrix Market files (``.mtx``): sparse counts, a row for each observation, that need not be made dense."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models import Data, SparseData, sparse_rows
from models.table import shown

from .arrays import first_line
from .survey import default_names
from .written import printable

SUFFIXES = (".mtx", ".mtx.gz")


def is_matrix_market(path: Path) -> bool:
    """Say whether this is the name of a Matrix Market file."""
    return path.name.lower().endswith(SUFFIXES)


def read_matrix_market(
    path: Path, columns: Sequence[str] | None = None, counts_column: str | None = None
) -> Data | SparseData:
    """Read the matrix in a file, whose columns are called x1, x2, …; a small one becomes dense data.

    Raises
    ------
    ValueError
        When the file or a column cannot be used; the message begins with the file.
    """
    try:
        return _read(path, columns, counts_column)
    except ValueError as error:
        raise ValueError(f"{printable(str(path))}: {error}") from None


def _read(path: Path, columns: Sequence[str] | None, counts_column: str | None) -> Data | SparseData:
    from scipy import io, sparse

    if counts_column is not None:
        raise ValueError("a Matrix Market file has no column of counts: leave the counts column out.")
    try:
        matrix = sparse.csr_array(io.mmread(path))
    except FileNotFoundError:
        raise ValueError("the file does not exist; check the path.") from None
    except Exception as error:  # a broken file raises whatever the reader happens to trip over
        raise ValueError(f"this is not a readable Matrix Market file ({first_line(error)}).") from None
    if matrix.dtype.kind not in "iuf":
        raise ValueError("the matrix holds no real numbers; save counts as integers.")
    if not all(matrix.shape):
        raise ValueError("the file holds no rows of data.")
    names = default_names(matrix.shape[1])
    if columns is not None:
        places = _places(columns, names)
        matrix, names = matrix[:, places], tuple(names[place] for place in places)
    stem = path.name[: -len(next(suffix for suffix in SUFFIXES[::-1] if path.name.lower().endswith(suffix)))]
    return sparse_rows(matrix, columns=names, name=stem)


def _places(columns: Sequence[str], names: Sequence[str]) -> list[int]:
    """The columns by name, or by position from 1 on."""
    known = {str(j + 1): j for j in range(len(names))} | {name: j for j, name in enumerate(names)}
    for name in columns:
        if name not in known:
            raise ValueError(f"there is no column {shown(name)}; the columns are x1 to x{len(names)}.")
    places = [known[name] for name in columns]
    if len(np.unique(places)) < len(places):
        raise ValueError("a column is picked twice; name each column once.")
    return places
