"""Files that hold numbers and not their text: NumPy, Parquet, Excel."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.table import Column, Table, column_of_cells, is_label, is_missing, tidy

from .numerals import Signs
from .options import Reading
from .survey import default_names
from .written import printable

if TYPE_CHECKING:
    import pyarrow


def npy_table(content: bytes, _: Reading) -> Table:
    """Return the columns of an array."""
    require_npy(content[:6])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers of Python 2, and rubbish that looks like a Python literal
            array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # a broken header raises whatever it happens to trip over
        raise ValueError(
            f"this is not a .npy file of numbers ({first_line(error)}); save an array of floats."
        ) from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"the array has dtype {str(array.dtype)!r}; give real numbers.")
    if array.ndim not in (1, 2):
        raise ValueError(f"the array has shape {array.shape}; give one of shape (n,) or (n, d).")
    columns = _doubles(array.reshape(len(array), -1) if array.size else np.empty((0, 0))).T
    names = default_names(len(columns))
    return Table([_numbers(name, column) for name, column in zip(names, columns, strict=True)], named=False)


def require_npy(first_bytes: bytes) -> None:
    """Refuse an archive of arrays that has the name of one array."""
    if first_bytes.startswith(b"PK"):
        raise ValueError("this is an archive of arrays (.npz), not one array; save the array that you mean as .npy.")


def npz_table(_: bytes, __: Reading) -> Table:
    """Raise, since nobody knows which of the arrays in an archive is meant."""
    require_npy(b"PK")
    raise AssertionError


def parquet_table(content: bytes, reading: Reading) -> Table:
    """Return the columns of a Parquet file."""
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(pyarrow.BufferReader(content)).read()
        columns = zip(table.column_names, table.columns, strict=True)
        return Table([_parquet_column(tidy(name), column, reading) for name, column in columns], named=True)
    except Exception as error:  # a broken file raises whatever the decoder happens to trip over
        raise ValueError(f"this is not a readable Parquet file ({first_line(error)}).") from None


def _parquet_column(name: str, column: pyarrow.ChunkedArray, reading: Reading) -> Column:
    from pyarrow import types

    if types.is_integer(column.type) or types.is_floating(column.type):
        return _numbers(name, _doubles(column.to_numpy()))
    if types.is_string(column.type) or types.is_large_string(column.type) or types.is_decimal(column.type):
        return _text(name, ["" if cell is None else str(cell) for cell in column.to_pylist()], reading)
    return _text(name, [f"a {column.type}"] * len(column), reading)


def excel_table(content: bytes, reading: Reading) -> Table:
    """Return the columns of the first sheet of a workbook, as pandas reads it."""
    import pandas

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles and other things that are no data
            with pandas.ExcelFile(io.BytesIO(content), engine="openpyxl") as book:
                sheets = book.sheet_names
                cells = book.parse(sheets[0], header=None, dtype=object, keep_default_na=False, na_values=[])
    except ImportError:
        raise ValueError("an .xlsx file is read by openpyxl: pip install 'emvsbayes[excel]'.") from None
    except Exception as error:  # a broken workbook raises whatever the reader happens to trip over
        raise ValueError(f"this is not a readable Excel file ({first_line(error)}).") from None
    rows = cells.to_numpy(dtype=object)
    filled = [row for row in range(len(rows)) if not all(is_missing(str(cell)) for cell in rows[row])]
    if not filled:
        raise ValueError("the first sheet is empty.")
    notes = (f"of {len(sheets)} sheets, the first one, {sheets[0]!r}, is read.",) if len(sheets) > 1 else ()
    return _sheet(rows[filled], filled, reading, notes)


def _sheet(rows: NDArray[np.object_], lines: list[int], reading: Reading, notes: tuple[str, ...]) -> Table:
    first = rows[0]
    named = any(is_label(str(cell)) for cell in first) if reading.header is None else reading.header
    names = [tidy(_written(cell)) for cell in first] if named else default_names(rows.shape[1])
    body = rows[int(named) :]
    columns = [
        column_of_cells(name, [_read(cell, reading) for cell in cells])
        for name, cells in zip(names, body.T, strict=True)
    ]
    return Table(columns, named, lambda row: lines[row + named] + 1, notes)


def _read(cell: Any, reading: Reading) -> Any:
    """Return the number that a cell of text holds, or the cell."""
    if not isinstance(cell, str):
        return cell
    number = Signs(reading.decimal or ".", reading.thousands).number(cell)
    return cell if np.isnan(number) else number


def _written(cell: Any) -> str:
    return "" if is_missing(str(cell)) else str(cell)


def _numbers(name: str, numbers: NDArray[np.float64]) -> Column:
    return Column(name, numbers, missing=np.flatnonzero(np.isnan(numbers)))


def _text(name: str, cells: list[str], reading: Reading) -> Column:
    signs = Signs(reading.decimal or ".", reading.thousands)
    numbers = np.array([signs.number(cell) for cell in cells], dtype=np.float64)
    others = np.flatnonzero(np.isnan(numbers))
    missing = [row for row in others if is_missing(cells[row])]
    labels = sum(is_label(cells[row]) for row in others)
    return Column(name, numbers, labels, np.array(missing, dtype=np.intp), cells.__getitem__)


def _doubles(array: NDArray[np.generic]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):  # a long double beyond the largest double becomes infinite, and is reported as such
        return np.ascontiguousarray(array, dtype=np.float64)


def first_line(error: Exception) -> str:
    """Say on one line what an error says."""
    return printable(str(error).strip().partition("\n")[0])[:120] or type(error).__name__
