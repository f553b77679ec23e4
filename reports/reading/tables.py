"""The user's file: which of its columns are the data, and what is wrong with it, in one sentence."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models import Array, Data, SparseData, in_memory
from models.data import LARGEST_COUNT
from models.given_numbers import exposure_of
from models.table import Column, Table, features_of, first_repeated, require_finite, require_names, shown

from .arrays import excel_table, npy_table, npz_table, parquet_table
from .drawn_rows import drawn_rows, require_observations
from .exposure_file import exposures_in
from .options import Reading
from .sparse_files import is_sparse, read_sparse
from .text import text_table
from .written import Written, encoding_of, printable

STANDARD_INPUT = "-"
_BINARY: dict[str, Callable[[bytes, Reading], Table]] = {
    ".npy": npy_table,
    ".npz": npz_table,
    ".parquet": parquet_table,
    ".pq": parquet_table,
    ".xlsx": excel_table,
    ".xlsm": excel_table,
}
# What comes without a name shows in its first bytes what it is.
_FIRST_BYTES = {b"\x93NUMPY": ".npy", b"PAR1": ".parquet", b"PK\x03\x04": ".xlsx", b"\x1f\x8b": ".gz"}
_ELSEWHERE = {".xls": "an old Excel file", ".ods": "an OpenDocument file"}


def read_data(
    path: Path | str,
    columns: Sequence[str] | None = None,
    counts_column: str | None = None,
    exposure_column: str | None = None,
    *,
    weights_column: str | None = None,
    known_column: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    header: bool | None = None,
    encoding: str | None = None,
    missing: Literal["refuse", "drop"] = "refuse",
    exposure_file: str | None = None,
    rows: int | None = None,
) -> Data:
    r"""Read the observations in a file.

    Parquet goes by the suffix ``.parquet`` or ``.pq``, NumPy by ``.npy`` (one or two axes), Excel by ``.xlsx`` (its first
    sheet); each may be gzipped (``.gz``). Everything else is text, separated by tabs, semicolons, bars, commas or runs of
    spaces, or as a first line such as ``sep=;`` says. Lines that begin with ``#`` are comments.

    Sparse counts are in Matrix Market files (``.mtx``), whose columns are named in ``STEM.features.tsv`` or ``features.tsv``
    beside them, one to a line; or in Parquet with the columns ``row``, ``column`` and ``count``, a line for each count above
    zero, rows and columns numbered from 1. The other commands and functions than ``fit`` make them dense.

    Numbers may have a decimal point or a decimal comma, and points, commas, spaces or apostrophes between groups of three
    digits. Which it is, all cells of the file say together; where they leave it open, as ``1.034`` beside ``987`` does, an
    error asks for ``decimal`` or ``thousands``.

    A header is a first line without numbers, a line of years over other numbers, or a comment above the first line with
    as many words as there are columns. Where there is none, and in ``.npy``, a single column is called ``x``, several are
    called ``x1``, ``x2``, …; there they can also be picked by position, ``"1"``, ``"2"``, ….

    Parameters
    ----------
    path
        The file, or ``"-"`` for standard input; its stem becomes the name of the data.
    columns
        The features, in this order. By default all columns but counts, exposure, a row index and labels. A row index is a
        first column without a name (as R and pandas write), or one called ``id``, ``index``, ``rownames`` or alike that
        counts from 0 or 1. Labels are a column in which most cells are text that is not meant as a number. Any other
        column that mixes text and numbers is an error. ``notes`` of the data say what was left out.
    counts_column
        The column that says how often each row was seen; rows seen 0 times are dropped.
    exposure_column
        The column that says how long, or how much, was watched for each count: positive numbers, in whose unit rates are.
    weights_column
        The column of observation weights, which may be fractions, in place of counts; rows of weight 0 are dropped.
    known_column
        The column of labels, names or numbers of components, in which a missing cell is a label that nobody knows.
    decimal
        The decimal sign, ``"."`` or ``","``.
    thousands
        The sign between groups of three digits: ``"."``, ``","``, a space or an apostrophe.
    header
        Whether the first line holds names.
    encoding
        That of the text; by default what a byte order mark says, and else UTF-8.
    missing
        Whether a missing cell is refused, or its row is dropped; ``notes`` of the data say how many.
    exposure_file
        A file of one column, in place of ``exposure_column``: the exposure of each row.
    rows
        So many of the rows, drawn at random, always the same ones; ``notes`` of the data say so. All unless given.

    Returns
    -------
    Data
        Finite values of shape ``(rows, d)`` and their weights (1 without ``counts_column`` and ``weights_column``).

    Raises
    ------
    ValueError
        When the file or a column cannot be used; the message begins with the file and names column, row and value.

    Examples
    --------
    >>> from pathlib import Path
    >>> from reports import read_data
    >>> _ = Path("eruptions.csv").write_text("minutes,wait\n3.6,79\n1.8,54\n3.3,74\n")
    >>> read_data("eruptions.csv", columns=["wait"]).mean
    array([69.])
    """
    written = {"decimal": decimal, "thousands": thousands, "header": header, "encoding": encoding, "missing": missing}
    reading = Reading.of(**written, exposure_file=exposure_file, rows=rows)
    return read_as(reading, path, columns, counts_column, exposure_column, weights_column, known_column)


def read_as(
    reading: Reading,
    path: Path | str,
    columns: Sequence[str] | None = None,
    counts_column: str | None = None,
    exposure_column: str | None = None,
    weights_column: str | None = None,
    known_column: str | None = None,
) -> Data:
    """Read the observations in a file in the way that was asked for."""
    beside = (counts_column, exposure_column, weights_column, known_column)
    return in_memory(read_rows(reading, path, columns, *beside))


def read_rows(
    reading: Reading,
    path: Path | str,
    columns: Sequence[str] | None = None,
    counts_column: str | None = None,
    exposure_column: str | None = None,
    weights_column: str | None = None,
    known_column: str | None = None,
) -> Data | SparseData:
    """Read the observations in a file; those of a large sparse one as they are."""
    path = Path(path)
    require_one_weighing(counts_column, weights_column)
    require_observations(reading.rows, counts_column)
    exposure = _exposures_beside(reading, path, exposure_column)
    if is_sparse(path):
        require_no_known_column(known_column, "sparse counts")
        whole = read_sparse(path, columns, (counts_column, exposure_column, weights_column), exposure)
        return drawn_rows(whole, reading.rows)
    try:
        try:
            table, beside = table_in(path, reading), (counts_column, exposure_column, weights_column, known_column)
            return drawn_rows(_data(table, columns, *beside, _name(path), reading, exposure), reading.rows)
        except FileNotFoundError:
            raise ValueError("the file does not exist; check the path.") from None
        except IsADirectoryError:
            raise ValueError("this is a folder; give a file.") from None
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"the file cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    except ValueError as error:
        raise ValueError(f"{printable(str(path))}: {error}") from None


def _exposures_beside(reading: Reading, path: Path, exposure_column: str | None) -> tuple[Array, str] | None:
    """Return the exposures that stand in a file of their own, and their name."""
    if reading.exposure_file is None:
        return None
    if exposure_column is not None:
        raise ValueError("an exposure column and an exposure file both hold the exposures: name one of them.")
    return exposures_in(reading.exposure_file, path, partial(read_as, Reading()))


def require_one_weighing(counts_column: str | None, weights_column: str | None) -> None:
    """Raise a ``ValueError`` where a column of counts and one of weights are both named."""
    if counts_column is not None and weights_column is not None:
        raise ValueError("a counts column and a weights column both say how much a row weighs: name one of them.")


def require_no_known_column(known_column: str | None, what: str) -> None:
    """Raise a ``ValueError`` where a column of known labels is named for what has none."""
    if known_column is not None:
        raise ValueError(f"known labels do not apply to {what}: leave the column out.")


def _data(
    table: Table,
    columns: Sequence[str] | None,
    counts_column: str | None,
    exposure_column: str | None,
    weights_column: str | None,
    known_column: str | None,
    name: str,
    reading: Reading,
    in_its_file: tuple[Array, str] | None = None,
) -> Data:
    if not table.columns or not table.columns[0].numbers.size:
        raise ValueError("the file holds no rows of data.")
    require_names(table)
    weighing = counts_column if weights_column is None else weights_column
    counts = None if weighing is None else table.find(weighing)
    exposure = None if exposure_column is None else table.find(exposure_column)
    if exposure is not None and exposure is counts:
        raise ValueError(f"column {shown(exposure.name)} cannot be both the counts or weights and the exposure.")
    known = None if known_column is None else table.find(known_column)
    if known is not None and known in (counts, exposure):
        raise ValueError(f"column {shown(known.name)} cannot be both the known labels and something else.")
    beside = (counts, exposure, known)
    features, notes = features_of(table, *beside) if columns is None else (_picked(table, columns, *beside), ())
    drop = reading.missing == "drop"
    for column in features:
        require_finite(table, column, without_missing=drop)
    of_column = _counts if weights_column is None else _weights
    weights = None if counts is None else of_column(table, counts, drop)
    exposures = None if exposure is None else _exposures(table, exposure, drop)
    labels = None if known is None else _labels(known)
    called, known_as = (None if column is None else column.name for column in (exposure, known))
    values = _side_by_side([column.numbers for column in features])
    if in_its_file is not None:
        exposures, called = in_its_file
        exposure_of(exposures, len(values), called)
    kept: NDArray[np.intp] | None = None
    if drop:
        used = [*features, *(column for column in (counts, exposure) if column is not None)]
        every = np.arange(1, len(values) + 1)
        arrays = [values, weights, exposures, labels, every]
        (values, weights, exposures, labels, kept), dropped = _without_missing(arrays, used)
        notes = (*notes, *dropped)
    names = tuple(feature.name for feature in features)
    found = Data.of(values, weights, names, name, exposures, called, labels, known_as)
    numbers = found.numbers if kept is None else kept[found.row_numbers - 1]
    return replace(found, notes=(*table.notes, *notes), numbers=numbers)


def _side_by_side(columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the columns as one array; that which they are all columns of, if there is one, since it may be large."""
    whole = columns[0].base
    if not isinstance(whole, np.ndarray) or not whole.flags.c_contiguous or whole.shape[1:] != (len(columns),):
        return np.column_stack(columns)
    if [column.ctypes.data for column in columns] != [whole.ctypes.data + 8 * j for j in range(len(columns))]:
        return np.column_stack(columns)
    return whole[: len(columns[0])]


def _without_missing(arrays: Sequence[Any], used: Sequence[Column]) -> tuple[Sequence[Any], tuple[str, ...]]:
    """Return the arrays, of which some are ``None``, without the rows that miss a cell, and how many these are."""
    rows = np.unique(np.concatenate([column.missing for column in used]))
    if not rows.size:
        return arrays, ()
    if len(rows) == len(arrays[0]):
        raise ValueError("every row has a missing cell, so that none is left; name other columns to use.")
    note = f"{len(rows)} of {len(arrays[0])} rows have a missing cell and are dropped."
    return [None if array is None else np.delete(array, rows, axis=0) for array in arrays], (note,)


def _picked(
    table: Table,
    columns: Sequence[str],
    counts: Column | None,
    exposure: Column | None = None,
    known: Column | None = None,
) -> list[Column]:
    features = [table.find(name) for name in ([columns] if isinstance(columns, str) else columns)]
    if not features:
        raise ValueError("columns is empty; name at least one column.")
    if counts is not None and counts in features:
        raise ValueError(
            f"column {shown(counts.name)} cannot be both the counts or weights and one of the columns to fit."
        )
    if exposure is not None and exposure in features:
        raise ValueError(f"column {shown(exposure.name)} cannot be both the exposure and one of the columns to fit.")
    if known is not None and known in features:
        raise ValueError(f"column {shown(known.name)} cannot be both the known labels and one of the columns to fit.")
    twice = first_repeated([feature.name for feature in features])
    if twice is not None:
        raise ValueError(f"column {shown(twice)} is picked twice; name each column once.")
    return features


def _counts(table: Table, column: Column, drop: bool) -> NDArray[np.float64]:
    require_finite(table, column, without_missing=drop)
    counts = column.numbers
    bad = np.flatnonzero((counts < 0) | (counts > LARGEST_COUNT) | (np.isfinite(counts) & (counts != np.floor(counts))))
    if bad.size:
        row = int(bad[0])
        raise ValueError(
            f"counts column {shown(column.name)} holds {column.shown(row)} in {table.where(row)}; "
            "a count is a whole number from 0 to 2**53."
        )
    if not np.nansum(counts):
        raise ValueError(f"counts column {shown(column.name)} is 0 in every row; at least one must be positive.")
    return counts


def _weights(table: Table, column: Column, drop: bool) -> NDArray[np.float64]:
    require_finite(table, column, without_missing=drop)
    bad = np.flatnonzero(column.numbers < 0)
    if bad.size:
        row = int(bad[0])
        raise ValueError(
            f"weights column {shown(column.name)} holds {column.shown(row)} in {table.where(row)}; "
            "a weight is zero or a positive number."
        )
    if not np.nansum(column.numbers):
        raise ValueError(f"weights column {shown(column.name)} is 0 in every row; at least one must be positive.")
    return column.numbers


def _exposures(table: Table, column: Column, drop: bool) -> NDArray[np.float64]:
    require_finite(table, column, without_missing=drop)
    bad = np.flatnonzero(column.numbers <= 0)
    if bad.size:
        row = int(bad[0])
        raise ValueError(
            f"exposure column {shown(column.name)} holds {column.shown(row)} in {table.where(row)}; an exposure is above "
            "zero: remove rows that were never watched."
        )
    return column.numbers


def _labels(column: Column) -> NDArray[np.object_]:
    """Return the cells as they were written, or as the numbers that they are."""
    missing = set(column.missing.tolist())
    cells = column.numbers.astype(object)
    for row in np.flatnonzero(np.isnan(column.numbers)).tolist():
        cells[row] = None if row in missing or column.written is None else column.written(row)
    return cells


def table_in(path: Path, reading: Reading) -> Table:
    """Return all columns of a file.

    Raises
    ------
    ValueError
        When it is empty or no table; an ``OSError`` when it cannot be read.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    open_bytes: Callable[[], Any] = partial(path.open, "rb")
    if str(path) == STANDARD_INPUT:
        content = _standard_input()
        suffixes = [next((suffix for first, suffix in _FIRST_BYTES.items() if content.startswith(first)), "")]
        open_bytes, size = partial(io.BytesIO, content), len(content)
    else:
        size = path.stat().st_size
    if suffixes and suffixes[-1] == ".gz":
        suffixes = suffixes[:-1]
        open_bytes = partial(_unzipped, open_bytes if str(path) == STANDARD_INPUT else path)
    if not size:
        raise ValueError("the file is empty.")
    suffix = suffixes[-1] if suffixes else ""
    if suffix in _ELSEWHERE:
        raise ValueError(f"this is {_ELSEWHERE[suffix]}; save it as .xlsx or CSV.")
    if suffix in _BINARY:
        with open_bytes() as stream:
            return _BINARY[suffix](stream.read(), reading)
    return text_table(Written(open_bytes, size, encoding_of(open_bytes, reading.encoding)), reading)


@cache
def _standard_input() -> bytes:
    """Read all of standard input, which can be read only once."""
    return sys.stdin.buffer.read()


def _unzipped(source: Path | Callable[[], Any]) -> Any:
    # gzip closes what it opened itself.
    return gzip.open(source if isinstance(source, Path) else source(), "rb")


def _name(path: Path) -> str:
    if str(path) == STANDARD_INPUT:
        return "standard-input"
    stem = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).stem
    return "".join(character if character.isprintable() else "?" for character in stem)
