"""Files of sparse counts, a row for each observation, which need not be made dense."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models import Data, SparseData, sparse_rows
from models.table import first_repeated, shown

from . import coordinates, matrix_market
from .written import printable


def is_sparse(path: Path) -> bool:
    """Say whether this is a Matrix Market file, or a Parquet file of the columns row, column and count."""
    return matrix_market.stem_of(path) is not None or coordinates.is_in_coordinates(path)


def read_sparse(
    path: Path,
    columns: Sequence[str] | None = None,
    beside: Sequence[str | None] = (),
    exposure: tuple[np.ndarray, str] | None = None,
) -> Data | SparseData:
    """Read the matrix in a file; a small one becomes dense data.

    Its columns go by their names, or by their numbers from 1 on. ``beside`` are the columns of counts, weights or exposures
    that somebody named, of which such a file has none; exposures come from a file of their own.

    Raises
    ------
    ValueError
        When the file or a column cannot be used; the message begins with the file.
    """
    try:
        if any(name is not None for name in beside):
            raise ValueError(
                "a sparse file has no columns beside its counts: leave out the column of counts, weights or exposures; "
                "exposures may stand in a file of their own (exposure_file, on the command line --exposure-file)."
            )
        stem = matrix_market.stem_of(path)
        source = coordinates if stem is None else matrix_market
        matrix, names = source.matrix_and_names(path)
        if not all(matrix.shape):
            raise ValueError("the file holds no rows of data.")
        repeated = first_repeated(list(names))
        if repeated is not None:
            raise ValueError(f"two columns are called {shown(repeated)}; give each a name of its own.")
        if columns is not None:
            places = _places(columns, names)
            matrix, names = matrix[:, places], tuple(names[place] for place in places)
        of_rows, called = (None, None) if exposure is None else exposure
        return sparse_rows(matrix, None, names, stem or path.stem, of_rows, called)
    except ValueError as error:
        raise ValueError(f"{printable(str(path))}: {error}") from None


def _places(columns: Sequence[str], names: Sequence[str]) -> list[int]:
    """The columns by name, or by position from 1 on."""
    known = {str(j + 1): j for j in range(len(names))} | {name: j for j, name in enumerate(names)}
    for name in columns:
        if name not in known:
            first, last = shown(names[0]), shown(names[-1])
            raise ValueError(f"there is no column {shown(name)}; there are {len(names)}, from {first} to {last}.")
    places = [known[name] for name in columns]
    if len(np.unique(places)) < len(places):
        raise ValueError("a column is picked twice; name each column once.")
    return places
