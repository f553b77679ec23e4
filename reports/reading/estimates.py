"""A file with somebody else's estimate in it: JSON, TOML, NumPy's archives, or a table with a row for each component."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from models import Data, Given
from models.table import features_of, require_finite

from .dictionaries import about_file, begins_with, read_json, read_toml
from .options import Reading
from .tables import table_in
from .written import printable

# Formats that run programs, or that only their own program can read, and what to do instead.
_ELSEWHERE = {
    **dict.fromkeys(
        (".pkl", ".pickle", ".joblib"), "a pickle can run programs: save its weights_, means_ and covariances_"
    ),
    **dict.fromkeys(
        (".rds", ".rda", ".rdata"), "only R reads this: write it with jsonlite's write_json(…, digits = NA)"
    ),
}


def read_estimate(
    path: Path | str,
    x: ArrayLike | Data | None = None,
    *,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
) -> Given:
    """Read a point estimate from a file, in any form that :meth:`models.Given.of` knows.

    Parameters
    ----------
    path
        A file with the suffix ``.json``, ``.toml`` or ``.npz``, or a table as ``read_data`` reads them, with a row for each
        component and columns such as ``weight``, ``mean_1``, ``mean_2``, ``cov_1_1``, ``cov_1_2``, ``cov_2_2``. Text that
        begins as JSON does is taken for JSON.
    x
        The data that it is an estimate from, shape ``(n,)`` or ``(n, d)``. They settle what the file leaves open.
    decimal, thousands, encoding
        How a table is written, as in ``read_data``.

    Returns
    -------
    Given
        The mixture, its model, the log-likelihood that is stated, and notes on how it was read.

    Raises
    ------
    ValueError
        When the file cannot be read, or is no estimate; one sentence that begins with the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from reports import read_estimate
    >>> _ = Path("mine.json").write_text('{"weights": [0.3, 0.7], "rates": [2.0, 9.0]}')
    >>> read_estimate("mine.json").mixture.components.rates
    array([2., 9.])
    """
    path = Path(path)
    reading = Reading.of(decimal=decimal, thousands=thousands, encoding=encoding)
    with about_file(path):
        return Given.of(_content(path, reading), x)


def _content(path: Path, reading: Reading) -> Any:
    suffix = path.suffix.lower()
    if suffix in _ELSEWHERE:
        raise ValueError(f"{_ELSEWHERE[suffix]} as JSON.")
    reader = _READERS.get(suffix)
    if reader is None and begins_with(b"{[", path):
        reader = read_json
    return reader(path) if reader is not None else _columns(path, reading)


def _archive(path: Path) -> Any:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"this is no archive of NumPy's arrays of numbers ({printable(str(error))}).") from None


def _columns(path: Path, reading: Reading) -> dict[str, Any]:
    """Return the columns of numbers by their names; a row index and the names of the components are left out."""
    table = table_in(path, reading)
    if not table.columns or not table.columns[0].numbers.size:
        raise ValueError("the file holds no rows; give a row for each component.")
    if not table.named:
        raise ValueError("the columns have no names; give a first line such as weight,mean,sd.")
    columns, _ = features_of(table)
    for column in columns:
        require_finite(table, column)
    return {column.name: column.numbers for column in columns}


_READERS: dict[str, Callable[[Path], Any]] = {".json": read_json, ".toml": read_toml, ".npz": _archive}
