"""The columns that somebody has, in a file or a data frame: which of them are observations, and what is wrong with one.

One rule for all of them. The features are the columns of numbers: a column of labels is left out, and so is a row index.
Labels are a column whose cells are mostly text that nobody meant as a number. What is left out is said.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "<na>"}
# "1,5", "1 500", "12%", "$3": somebody meant a number, so that such a column is never left out as mere labels.
_MEANT_AS_NUMBER = re.compile(r"[-+]?(?=\D*\d)[\d.,\s'’%$€£]+")
_INDEX_WRITTEN_BY_PANDAS = {"Unnamed: 0", "__index_level_0__"}
INDEX_NAMES = {"rownames", "row.names", "row_names", "rowid", "row", "index", "id", "obs"}
_NO_ROWS: NDArray[np.intp] = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a table: its numbers, NaN where a cell is none, and what the cells are that are none.

    ``labels`` counts the cells of text that nobody meant as a number, ``missing`` are the rows of the empty ones, and
    ``written`` finds a cell as it was written; ``doubt`` says why the numbers may be others than these.
    """

    name: str
    numbers: NDArray[np.float64]
    labels: int = 0
    missing: NDArray[np.intp] = field(default_factory=lambda: _NO_ROWS)
    written: Callable[[int], str] | None = None
    doubt: str | None = None

    @property
    def is_labels(self) -> bool:
        return 2 * self.labels > len(self.numbers) - len(self.missing)

    @property
    def is_row_index(self) -> bool:
        if self.name.casefold() not in INDEX_NAMES:
            return not self.name
        first = self.numbers[0]
        return first in (0, 1) and np.array_equal(self.numbers, first + np.arange(len(self.numbers)))

    def shown(self, row: int) -> str:
        """The cell as it was written, or its number."""
        return str(self.numbers[row]) if self.written is None else shown(self.written(row))


@dataclass(frozen=True, eq=False)
class Table:
    """Columns, whether they have names of their own, where a row stands for its reader, and notes on how it was read."""

    columns: Sequence[Column]
    named: bool
    line: Callable[[int], int] | None = None
    notes: tuple[str, ...] = ()

    def find(self, name: str) -> Column:
        """The column of that name, or where there are no names, at that position."""
        known = {column.name: column for column in self.columns if column.name}
        positions = {} if self.named else {str(j + 1): column for j, column in enumerate(self.columns)}
        found = (known | positions).get(tidy(str(name)))
        if found is None:
            close = difflib.get_close_matches(str(name), known, n=1)
            hint = f", did you mean {shown(close[0])}?" if close else f"; there are {_listed(list(known))}."
            raise ValueError(f"there is no column {shown(str(name))}{hint}")
        return found

    def where(self, row: int) -> str:
        """The row as people count it."""
        return f"row {row + 1}" if self.line is None else f"row {row + 1} (line {self.line(row)})"


def features_of(table: Table, *beside: Column | None) -> tuple[list[Column], tuple[str, ...]]:
    """The columns that are observations, and what is to be said of those that are not, or stand beside them as counts do."""
    require_names(table)
    indices = [column for column in table.columns if column.name in _INDEX_WRITTEN_BY_PANDAS]
    indices += [column for column in table.columns[:1] if column.is_row_index and column not in indices]
    candidates = [column for column in table.columns if column not in beside and column not in indices]
    if not candidates:
        raise ValueError("no column is left to fit beside the counts or a row index; name the columns to use.")
    # With labels alone, the first of them goes on, so that the error can show what it holds.
    features = [column for column in candidates if not column.is_labels] or candidates[:1]
    labels = [column for column in candidates if column not in features]
    return features, (*_left_out(labels, "text"), *_left_out([each for each in indices if each.name], "a row index"))


def _left_out(columns: Sequence[Column], kind: str) -> tuple[str, ...]:
    if not columns:
        return ()
    several = len(columns) > 1
    names = _listed([column.name for column in columns])
    return (
        f"column{'s' * several} {names} hold{'s' * (not several)} {kind} and {'are' if several else 'is'} left out.",
    )


def require_names(table: Table) -> None:
    """Refuse names that are missing or stand there twice."""
    names = [column.name for column in table.columns]
    twice = first_repeated(names)
    if twice:
        raise ValueError(f"two columns are called {shown(twice)}; give each column its own name.")
    if "" in names[1:]:
        raise ValueError(f"column number {names.index('', 1) + 1} has no name in the header; name it or remove it.")


def require_finite(table: Table, column: Column, without_missing: bool = False) -> None:
    """Refuse the first cell that is no finite number; a missing one passes where its row will be dropped."""
    if column.doubt is not None:
        raise ValueError(column.doubt)
    bad = np.flatnonzero(~np.isfinite(column.numbers))
    if without_missing:
        bad = np.setdiff1d(bad, column.missing, assume_unique=True)
    if not bad.size:
        return
    row = int(bad[0])
    found = f"column {shown(column.name)} holds {column.shown(row)} in {table.where(row)}"
    if row in column.missing:
        raise ValueError(
            f"{found}, a missing value; remove the row or fill it in, or leave such rows out: missing='drop'."
        )
    if np.isinf(column.numbers[row]):
        raise ValueError(f"{found}, which is not a finite number; correct or remove it.")
    raise ValueError(f"{found}, which is not a number; correct it, or name other columns to use.")


def table_of_frame(frame: Any) -> Table:
    """The columns of a data frame, of pandas or with the same manners."""
    names = [str(name) for name in frame.columns]
    by_position = hasattr(frame, "iloc")
    each = (frame.iloc[:, j] if by_position else frame[name] for j, name in enumerate(names))
    return Table([_column_of_frame(name, series) for name, series in zip(names, each, strict=True)], named=True)


def _column_of_frame(name: str, series: Any) -> Column:
    cells = np.asarray(series.to_numpy())
    if cells.dtype.kind in "iuf":
        numbers = cells.astype(np.float64, copy=False)
        return Column(name, numbers, missing=np.flatnonzero(np.isnan(numbers)))
    if (
        cells.dtype.kind in "mM"
    ):  # of which Python's own objects know no nanoseconds: NumPy would make whole numbers of them
        cells = cells.astype(f"{cells.dtype.kind}8[us]")
    return column_of_cells(name, cells.astype(object))


def column_of_cells(name: str, cells: Sequence[Any] | NDArray[np.object_]) -> Column:
    """A column of anything that Python holds: numbers are numbers, truth values and dates are labels."""
    numbers = np.array([_number(cell) for cell in cells], dtype=np.float64)
    missing = [row for row, cell in enumerate(cells) if _is_missing_cell(cell)]
    labels = sum(is_label(str(cell)) for cell in cells if not _is_number(cell))
    return Column(name, numbers, labels, np.array(missing, dtype=np.intp), lambda row: str(cells[row]))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float, np.integer, np.floating)) and not isinstance(cell, (bool, np.timedelta64))


def _number(cell: Any) -> float:
    try:
        return float(cell) if _is_number(cell) else float("nan")
    except OverflowError:  # a whole number beyond the largest double
        return float("inf")


def _is_missing_cell(cell: Any) -> bool:
    return str(cell) == "NaT" or is_missing(str(cell))


def is_missing(cell: str) -> bool:
    """Whether a cell is empty, or holds one of the words for nothing."""
    return cell.strip().casefold() in _MISSING


def is_label(cell: str) -> bool:
    """Whether a cell that is no number is text that nobody meant as one."""
    return not is_missing(cell) and cell != "NaT" and not _MEANT_AS_NUMBER.fullmatch(cell.strip())


def tidy(name: str) -> str:
    """The name on one line, without characters that no page could show."""
    return "".join(character for character in " ".join(name.split()) if character.isprintable())


def first_repeated(names: Sequence[str]) -> str | None:
    """The first name that stands there twice."""
    return next((name for name, times in Counter(names).items() if times > 1 and name), None)


def shown(text: str) -> str:
    """A cell or a name in quotes, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")


def _listed(names: Sequence[str]) -> str:
    first = ", ".join(map(shown, names[:12]))
    return f"{first} and {len(names) - 12} more" if len(names) > 12 else first
