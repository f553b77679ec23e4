"""The user's file: which of its columns are the data, and what is wrong with it, in one sentence.

Text is split by the standard library's ``csv`` and not by pandas, which fills short rows without a word and does not
keep the line that a row came from.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import gzip
import io
import itertools
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models import Data

if TYPE_CHECKING:
    import pyarrow

_FORMATS = "give text (CSV, TSV) in UTF-8, Parquet (.parquet, .pq) or NumPy (.npy)"
_MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none"}
_NUMBER = re.compile(r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_DIGITS_ONLY = re.compile(r"[-+.\deE]+", re.ASCII)
_SWAPPED = str.maketrans(",.", ".,")
# "1,5", "1 500", "12%", "$3": somebody meant a number, so that such a column is never left out as mere labels.
_MEANT_AS_NUMBER = re.compile(r"[-+]?(?=\D*\d)[\d.,\s'%$€£]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_QUOTED = re.compile(r'"[^"]*"')
_INDEX_WRITTEN_BY_PANDAS = {"Unnamed: 0", "__index_level_0__"}
_INDEX_NAMES = {"rownames", "row.names", "row_names", "rowid", "row", "index", "id", "obs"}
_Row = tuple[str, ...]
_LARGEST_COUNT = 2**53  # every smaller whole number is a double


def read_data(path: Path, columns: Sequence[str] | None = None, counts_column: str | None = None) -> Data:
    """Read the observations in a file.

    Parquet goes by the suffix ``.parquet`` or ``.pq``, NumPy by ``.npy`` (one or two axes); each may be gzipped
    (``.gz``). Everything else is text in UTF-8, separated by tabs, semicolons, bars, commas or runs of spaces, with or
    without a header; numbers have a decimal point or, between semicolons, a decimal comma.

    A header is a first line without numbers. Where there is none, and in ``.npy``, a single column is called ``x``,
    several are called ``x1``, ``x2``, …; there they can also be picked by position, ``"1"``, ``"2"``, ….

    Parameters
    ----------
    path
        The file; its stem becomes the name of the data.
    columns
        The features, in this order. By default all columns but the counts, a row index and labels. A row index is a
        first column without a name (as R and pandas write), or one called ``id``, ``index``, ``rownames`` or alike that
        counts from 0 or 1. Labels are a column of text in which no cell is, or is meant as, a number. A column that
        mixes text and numbers is an error, and so is a missing cell.
    counts_column
        The column that says how often each row was seen; rows seen 0 times are dropped.

    Returns
    -------
    Data
        Finite values of shape ``(rows, d)`` and their weights (1 without ``counts_column``).

    Raises
    ------
    ValueError
        When the file or a column cannot be used; the message begins with the file and names column, row and value.
    """
    path = Path(path)
    try:
        return _data(_read(path), columns, counts_column, _name(path))
    except ValueError as error:
        raise ValueError(f"{_printable(str(path))}: {error}") from None


@dataclass(frozen=True, eq=False)
class _Column:
    """Its numbers, NaN where a cell is none, and the cells as they were written unless they were numbers already."""

    name: str
    numbers: NDArray[np.float64]
    cells: Sequence[str] = ()

    @property
    def is_labels(self) -> bool:
        return (
            bool(np.isnan(self.numbers).all())
            and not all(map(_is_missing, self.cells))
            and not any(_MEANT_AS_NUMBER.fullmatch(cell.strip()) for cell in self.cells)
        )

    @property
    def is_row_index(self) -> bool:
        if self.name.casefold() not in _INDEX_NAMES:
            return not self.name
        first = self.numbers[0]
        return first in (0, 1) and np.array_equal(self.numbers, first + np.arange(len(self.numbers)))

    def written(self, row: int) -> str:
        return _shown(self.cells[row]) if self.cells else str(self.numbers[row])

    def is_missing(self, row: int) -> bool:
        return _is_missing(self.cells[row]) if self.cells else bool(np.isnan(self.numbers[row]))


@dataclass(frozen=True, eq=False)
class _Table:
    """The columns of a file, whether it names them itself, and the line that each row ends on (text only)."""

    columns: Sequence[_Column]
    named: bool
    lines: Sequence[int] = ()

    def find(self, name: str) -> _Column:
        known = {column.name: column for column in self.columns if column.name}
        positions = {} if self.named else {str(j + 1): column for j, column in enumerate(self.columns)}
        found = (known | positions).get(_tidy(str(name)))
        if found is None:
            close = difflib.get_close_matches(str(name), known, n=1)
            hint = f", did you mean {_shown(close[0])}?" if close else f"; there are {_listed(list(known))}."
            raise ValueError(f"there is no column {_shown(str(name))}{hint}")
        return found

    def where(self, row: int) -> str:
        return f"row {row + 1} (line {self.lines[row]})" if self.lines else f"row {row + 1}"


def _data(table: _Table, columns: Sequence[str] | None, counts_column: str | None, name: str) -> Data:
    counts = None if counts_column is None else table.find(counts_column)
    features = _default_features(table, counts) if columns is None else _picked_features(table, columns, counts)
    values = np.column_stack([_finite(table, feature) for feature in features])
    weights = None if counts is None else _counts(table, counts)
    return Data.of(values, weights, tuple(feature.name for feature in features), name)


def _default_features(table: _Table, counts: _Column | None) -> list[_Column]:
    indices = [column for column in table.columns if column.name in _INDEX_WRITTEN_BY_PANDAS]
    indices += [column for column in table.columns[:1] if column.is_row_index]
    candidates = [column for column in table.columns if column is not counts and column not in indices]
    if not candidates:
        raise ValueError("no column is left to fit beside the counts or a row index; name the columns to use.")
    # With labels alone, the first of them goes on, so that the error can show what it holds.
    return [column for column in candidates if not column.is_labels] or candidates[:1]


def _picked_features(table: _Table, columns: Sequence[str], counts: _Column | None) -> list[_Column]:
    features = [table.find(name) for name in ([columns] if isinstance(columns, str) else columns)]
    if not features:
        raise ValueError("columns is empty; name at least one column.")
    if counts is not None and counts in features:
        raise ValueError(f"column {_shown(counts.name)} cannot be both the counts and one of the columns to fit.")
    twice = _first_repeated([feature.name for feature in features])
    if twice is not None:
        raise ValueError(f"column {_shown(twice)} is picked twice; name each column once.")
    return features


def _finite(table: _Table, column: _Column) -> NDArray[np.float64]:
    bad = np.flatnonzero(~np.isfinite(column.numbers))
    if not bad.size:
        return column.numbers
    row = int(bad[0])
    found = f"column {_shown(column.name)} holds {column.written(row)} in {table.where(row)}"
    if column.is_missing(row):
        raise ValueError(f"{found}, a missing value; remove the row or fill it in.")
    if np.isinf(column.numbers[row]):
        raise ValueError(f"{found}, which is not a finite number; correct or remove it.")
    raise ValueError(f"{found}, which is not a number; correct it, or name other columns to use.")


def _counts(table: _Table, column: _Column) -> NDArray[np.float64]:
    counts = _finite(table, column)
    bad = np.flatnonzero((counts < 0) | (counts != np.floor(counts)) | (counts > _LARGEST_COUNT))
    if bad.size:
        row = int(bad[0])
        raise ValueError(
            f"counts column {_shown(column.name)} holds {column.written(row)} in {table.where(row)}; "
            "a count is a whole number from 0 to 2**53."
        )
    if not counts.any():
        raise ValueError(f"counts column {_shown(column.name)} is 0 in every row; at least one must be positive.")
    return counts


def _read(path: Path) -> _Table:
    content = _content(path)
    if not content:
        raise ValueError("the file is empty.")
    readers = {".npy": _npy_table, ".parquet": _parquet_table, ".pq": _parquet_table}
    table = readers.get(_without_gz(path).suffix.lower(), _text_table)(content)
    if not table.columns or not table.columns[0].numbers.size:
        raise ValueError("the file holds no rows of data.")
    names = [column.name for column in table.columns]
    twice = _first_repeated(names)
    if twice:
        raise ValueError(f"two columns are called {_shown(twice)}; give each column its own name.")
    if "" in names[1:]:
        raise ValueError(f"column number {names.index('', 1) + 1} has no name in the header; name it or remove it.")
    return table


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix.lower() == ".gz" else content
    except FileNotFoundError:
        raise ValueError("the file does not exist; check the path.") from None
    except IsADirectoryError:
        raise ValueError("this is a folder; give a file.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"the file cannot be read ({getattr(error, 'strerror', None) or error}).") from None


def _npy_table(content: bytes) -> _Table:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers of Python 2, and rubbish that looks like a Python literal
            array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # a broken header raises whatever it happens to trip over
        raise ValueError(
            f"this is not a .npy file of numbers ({_first_line(error)}); save an array of floats."
        ) from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"the array has dtype {_shown(str(array.dtype))}; give real numbers.")
    if array.ndim not in (1, 2):
        raise ValueError(f"the array has shape {array.shape}; give one of shape (n,) or (n, d).")
    columns = _doubles(array.reshape(len(array), -1) if array.size else np.empty((0, 0))).T
    names = _default_names(len(columns))
    return _Table([_Column(name, column) for name, column in zip(names, columns, strict=True)], named=False)


def _parquet_table(content: bytes) -> _Table:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(pyarrow.BufferReader(content)).read()
        columns = zip(table.column_names, table.columns, strict=True)
        return _Table([_parquet_column(_tidy(name), column) for name, column in columns], named=True)
    except Exception as error:  # a broken file raises whatever the decoder happens to trip over
        raise ValueError(f"this is not a readable Parquet file ({_first_line(error)}).") from None


def _parquet_column(name: str, column: pyarrow.ChunkedArray) -> _Column:
    from pyarrow import types

    if types.is_integer(column.type) or types.is_floating(column.type):
        return _Column(name, _doubles(column.to_numpy()))
    if types.is_string(column.type) or types.is_large_string(column.type) or types.is_decimal(column.type):
        return _text_column(name, ["" if cell is None else str(cell) for cell in column.to_pylist()])
    return _text_column(name, [f"a {column.type}"] * len(column))


def _text_table(content: bytes) -> _Table:
    text = _decoded(content)
    delimiter = _delimiter(text)
    lines, rows = _rows(text, delimiter)
    if delimiter in "\t ":
        rows = _with_name_for_row_names(rows)
    _require_rectangle(lines, rows)
    rows = _without_empty_end(rows)
    decimal = _decimal_sign(rows, delimiter)
    named = _has_header(lines, rows, decimal)
    header, body = (rows[0], rows[1:]) if named else (tuple(_default_names(len(rows[0]))), rows)
    columns = zip(*body, strict=True) if body else itertools.repeat((), len(header))
    table = [_text_column(_tidy(name), cells, decimal) for name, cells in zip(header, columns, strict=True)]
    return _Table(table, named, lines[len(rows) - len(body) :])


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"this is not a text file in UTF-8; {_FORMATS}.") from None
    if _CONTROL.search(text):
        raise ValueError(f"this is not a text file, it holds control characters; {_FORMATS}.")
    return text


def _delimiter(text: str) -> str:
    """The separator that most of the first hundred lines hold; a comma when none is in more than half of them."""
    filled = (line for line in io.StringIO(text, newline="") if line.strip())
    lines = [_QUOTED.sub("q", line.strip(" \r\n")) for line in itertools.islice(filled, 100)]
    if not lines:
        raise ValueError("the file is empty.")
    # In this order: commas are also decimal signs, and spaces stand beside every separator and inside of names.
    held = {delimiter: sum(delimiter in line for line in lines) for delimiter in "\t;|, "}
    best = max(held, key=lambda delimiter: held[delimiter])
    return best if 2 * held[best] > len(lines) else ","


def _rows(text: str, delimiter: str) -> tuple[list[int], list[_Row]]:
    """The line that each row ends on, and the rows; a blank line is no row, but in a single column a missing cell."""
    source = _lines(text, delimiter)
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        # Tuples, since the garbage collector need not track tuples of text: a million rows are read twice as fast.
        numbered = [(reader.line_num, tuple(row)) for row in reader]
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num} cannot be split into cells ({_printable(str(error))}).") from None
    filled = [(line, row) for line, row in numbered if not _is_blank(row)]
    if not filled:
        raise ValueError("the file is empty.")
    if len(filled[0][1]) == 1:
        filled = [(line, row or ("",)) for line, row in numbered if filled[0][0] <= line <= filled[-1][0]]
    return [line for line, _ in filled], [row for _, row in filled]


def _lines(text: str, delimiter: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if delimiter == " ":
            yield " ".join(line.split())
        else:
            yield line if line.strip(" \r\n") else ""


def _is_blank(row: _Row) -> bool:
    return not row or (len(row) > 1 and not any(map(str.strip, row)))


def _with_name_for_row_names(rows: list[_Row]) -> list[_Row]:
    """R's ``write.table`` gives its row names, which are distinct, no cell in the header: put an empty one there."""
    header, body = rows[0], rows[1:]
    widths = {len(row) for row in body}
    names = {row[0] for row in body}
    if widths == {len(header) + 1} and len(names) == len(body) and all(map(_is_text, header)):
        return [("", *header), *body]
    return rows


def _require_rectangle(lines: list[int], rows: list[_Row]) -> None:
    width = len(rows[0])
    for line, row in zip(lines, rows, strict=True):
        if len(row) != width:
            raise ValueError(
                f"line {line} splits into {len(row)}, line {lines[0]} into {width} cells; give both as many."
            )


def _without_empty_end(rows: list[_Row]) -> list[_Row]:
    """Drop a last column without any cell, which a separator at the end of every line makes."""
    return rows if len(rows[0]) == 1 or any(row[-1].strip() for row in rows) else [row[:-1] for row in rows]


def _decimal_sign(rows: list[_Row], delimiter: str) -> str:
    cells = itertools.chain(*rows)
    return "," if delimiter == ";" and any(_DECIMAL_COMMA.fullmatch(cell.strip()) for cell in cells) else "."


def _has_header(lines: list[int], rows: list[_Row], decimal: str) -> bool:
    """Whether the first row holds names: text and no number. Text beside numbers is data if it stands above labels."""
    first, sample = rows[0], rows[1:101]
    numbers = [cell for cell in first if _is_number(cell, decimal)]
    texts = [j for j, cell in enumerate(first) if _is_text(cell, decimal)]
    if not texts:
        # The exception is what pandas writes for an array: ,0,1,2
        return len(first) > 1 and first == ("", *map(str, range(len(first) - 1)))
    names = [first[j] for j in texts if any(_is_number(row[j], decimal) for row in sample)]
    if numbers and names:
        raise ValueError(
            f"line {lines[0]} holds a name or text ({_shown(names[0])}) beside a number ({_shown(numbers[0])}); "
            "give every column a name, or correct the text."
        )
    return not numbers


def _text_column(name: str, cells: Sequence[str], decimal: str = ".") -> _Column:
    return _Column(name, _numbers(cells, decimal), cells)


def _numbers(cells: Sequence[str], decimal: str) -> NDArray[np.float64]:
    if decimal == "." and _DIGITS_ONLY.fullmatch("".join(cells)):
        with contextlib.suppress(ValueError):  # the fast way, open to every column without a flaw
            return np.array(list(map(float, cells)))
    return np.array([_number(cell, decimal) for cell in cells], dtype=np.float64)


def _number(cell: str, decimal: str = ".") -> float:
    plain = cell.strip().translate(_SWAPPED) if decimal == "," else cell.strip()
    return float(plain) if _NUMBER.fullmatch(plain) else float("nan")


def _is_number(cell: str, decimal: str = ".") -> bool:
    return not np.isnan(_number(cell, decimal))


def _is_missing(cell: str) -> bool:
    return cell.strip().casefold() in _MISSING


def _is_text(cell: str, decimal: str = ".") -> bool:
    return not _is_missing(cell) and not _is_number(cell, decimal)


def _doubles(array: NDArray[np.generic]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):  # a long double beyond the largest double becomes infinite, and is reported as such
        return np.ascontiguousarray(array, dtype=np.float64)


def _default_names(width: int) -> list[str]:
    return ["x"] if width == 1 else [f"x{j + 1}" for j in range(width)]


def _without_gz(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def _name(path: Path) -> str:
    return "".join(character if character.isprintable() else "?" for character in _without_gz(path).stem)


def _tidy(name: str) -> str:
    """The name on one line, without characters that no page could show."""
    return "".join(character for character in " ".join(name.split()) if character.isprintable())


def _first_repeated(names: Sequence[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1 and name), None)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(_shown, names[:12]))
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown


def _first_line(error: Exception) -> str:
    return _printable(str(error).strip().partition("\n")[0])[:120] or type(error).__name__
