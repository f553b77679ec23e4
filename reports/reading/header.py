"""Whether the first row of a text holds the names of the columns."""

from __future__ import annotations

from collections.abc import Sequence

from models.table import is_missing, shown

from .numerals import possible
from .written import Layout, Row

YEARS = range(1800, 2101)
LEAST_ROWS = 3


def has_header(line: int, first: Row, sample: Sequence[Row]) -> bool:
    """Return whether the first row holds names: text and no number. Text beside numbers is data if it stands above labels.

    Raises
    ------
    ValueError
        When it mixes names and numbers, or when numbers may well be names, so that the user must say.
    """
    numbers = [cell for cell in first if possible(cell)]
    texts = [j for j, cell in enumerate(first) if is_text(cell)]
    if not texts:
        # The exception is what pandas writes for an array: ,0,1,2
        return (len(first) > 1 and first == ("", *map(str, range(len(first) - 1)))) or _are_names(line, first, sample)
    names = [first[j] for j in texts if any(possible(row[j]) for row in sample)]
    if numbers and names:
        raise ValueError(
            f"line {line} holds a name or text ({shown(names[0])}) beside a number ({shown(numbers[0])}); "
            "give every column a name, or correct the text; if these are names, say header=True."
        )
    return not numbers


def is_text(cell: str) -> bool:
    """Return whether a cell is neither empty nor a number."""
    return not is_missing(cell) and not possible(cell)


def _are_names(line: int, first: Row, sample: Sequence[Row]) -> bool:
    """Return whether numbers are names: years over other numbers."""
    if not sample or not all(cell.strip().isdecimal() and cell.isascii() for cell in first):
        return False
    if _are_years(first):
        below = [[_value(cell) for cell in cells] for cells in zip(*sample, strict=True)]
        if all(any(YEARS[0] <= value <= YEARS[-1] for value in values) for values in below):
            return False
        near = any(YEARS[0] / 2 <= value <= 2 * YEARS[-1] for values in below for value in values)
        if len(first) > 1 and not near:
            return True
        raise _question(line, first)
    if _are_positions(first) and len(sample) >= LEAST_ROWS and all("." in cell for row in sample for cell in row):
        raise _question(line, first)
    return False


def _are_years(first: Row) -> bool:
    return len(set(first)) == len(first) and all(len(cell.strip()) == 4 and int(cell) in YEARS for cell in first)


def _are_positions(first: Row) -> bool:
    """Say whether the row is what pandas writes above an array without an index: 0,1,2."""
    return tuple(map(str.strip, first)) == tuple(map(str, range(len(first))))


def _value(cell: str) -> float:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return float("nan")


def _question(line: int, first: Row) -> ValueError:
    cells = ", ".join(cell.strip() for cell in first[:12])
    return ValueError(f"line {line} ({cells}) may be names or observations: say header=True or header=False.")


def names_in_comment(layout: Layout, width: int) -> Row | None:
    """Return the names in a comment above the rows, as NumPy writes them, if it has as many cells as they."""
    if layout.comment is None:
        return None
    delimiter = None if layout.delimiter == " " else layout.delimiter
    names = tuple(name.strip().strip('"') for name in layout.comment.split(delimiter))
    is_one_word = width > 1 or not any(" " in name for name in names)
    return names if len(names) == width and is_one_word and all(map(is_text, names)) else None
