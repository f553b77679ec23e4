"""What the rows of a text say of its columns: their names, how their numbers are written, and which rows are data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.table import tidy

from .header import has_header, is_text, names_in_comment
from .numerals import Evidence, Signs, allowed, chosen, common, without_point_groups
from .options import Reading
from .written import Layout, Row, Written, rows

SAMPLE_ROWS = 100


@dataclass(frozen=True, eq=False)
class Survey:
    """What some rows say: the names above them, if any, each column's evidence, and how many rows are data."""

    names: Row
    named: bool
    has_row_names: bool
    has_empty_end: bool
    first_is_header: bool
    columns: list[Evidence]
    hypotheses: int
    rows: int
    first_line: int
    notes: tuple[str, ...]
    is_english: bool

    def signs(self, column: Evidence) -> Signs:
        """Return how the numbers of a column are written."""
        return chosen(self.possible(column))

    def possible(self, column: Evidence) -> int:
        """Return the hypotheses left for a column; points group no digits where commas or spaces separate the cells."""
        return self.hypotheses if column.whole or not self.is_english else without_point_groups(self.hypotheses)

    def body(self, numbered: Iterable[tuple[int, Row]]) -> Iterator[Row]:
        """Yield the rows of data among all rows."""
        width = len(self.columns)
        return (cells[:width] for _, cells in itertools.islice(numbered, int(self.first_is_header), None))


@dataclass(frozen=True, eq=False)
class Place:
    """Finds a cell again, which is read once more for the sentence that needs it."""

    written: Written
    layout: Layout
    survey: Survey

    def _row(self, row: int) -> tuple[int, Row]:
        at = row + int(self.survey.first_is_header)
        return next(itertools.islice(rows(self.written, self.layout), at, None))

    def line(self, row: int) -> int:
        return self._row(row)[0]

    def cell(self, column: int, row: int) -> str:
        return self._row(row)[1][column]


def survey_of(numbered: Iterator[tuple[int, Row]], layout: Layout, reading: Reading) -> Survey:
    """Take the evidence of rows, and require that they make a rectangle.

    Raises
    ------
    ValueError
        When they do not, or when the first of them may be names or not.
    """
    first_line, first = next(numbered, (0, ()))
    if not first:
        raise ValueError("the file is empty.")
    sample = list(itertools.islice(numbered, SAMPLE_ROWS))
    has_row_names = _has_row_names(layout, first, sample)
    first = ("", *first) if has_row_names else first
    columns = [Evidence() for _ in first]
    has_end = bool(first[-1].strip())
    row_names: set[str] = set()
    for line, cells in itertools.chain(sample, numbered):
        if len(cells) != len(first) or (has_row_names and cells[0] in row_names):
            raise ValueError(
                f"line {line} splits into {len(cells)}, line {first_line} into {len(first) - has_row_names} cells; "
                "give both as many."
            )
        if has_row_names:
            row_names.add(cells[0])
        has_end = has_end or bool(cells[-1].strip())
        for evidence, cell in zip(columns, cells, strict=True):
            evidence.take(cell)
    width = len(first) - (not has_end and len(first) > 1)
    found = _Survey(layout, reading, first_line, first[:width], [cells[:width] for _, cells in sample])
    return found.with_columns(columns[:width], has_row_names, width < len(first))


def _has_row_names(layout: Layout, first: Row, sample: Sequence[tuple[int, Row]]) -> bool:
    """Say whether R's ``write.table`` gave row names, which are distinct and have no cell in the header."""
    if layout.delimiter not in "\t " or not sample:
        return False
    names = {cells[0] for _, cells in sample}
    return (
        {len(cells) for _, cells in sample} == {len(first) + 1}
        and len(names) == len(sample)
        and all(map(is_text, first))
    )


@dataclass(frozen=True)
class _Survey:
    """The first row, and what it may be."""

    layout: Layout
    reading: Reading
    line: int
    first: Row
    sample: list[Row]

    def with_columns(self, columns: list[Evidence], has_row_names: bool, has_empty_end: bool) -> Survey:
        said, width = self.reading.header, len(self.first)
        commented = None if said is False else names_in_comment(self.layout, width)
        if commented is not None and any(map(is_text, self.first)):
            commented = None
        is_header = commented is None and (has_header(self.line, self.first, self.sample) if said is None else said)
        notes = self._notes(is_header)
        if not is_header:
            columns = [evidence.after(cell) for evidence, cell in zip(columns, self.first, strict=True)]
        names = self.first if is_header else commented or default_names(width)
        hypotheses = common(columns, allowed(self.reading.decimal, self.reading.thousands))
        return Survey(
            tuple(map(tidy, names)),
            is_header or commented is not None,
            has_row_names,
            has_empty_end,
            is_header,
            columns,
            hypotheses,
            columns[0].rows,
            self.line,
            (*notes, *self._note_on_thousands(columns, hypotheses)),
            is_english=width > 1 and self.layout.delimiter in ", ",
        )

    def _notes(self, is_header: bool) -> tuple[str, ...]:
        if not is_header or self.reading.header is not None or any(map(is_text, self.first)) or not self.first[0]:
            return ()
        return (
            f"line {self.line} ({', '.join(self.first[:12])}) is taken for names; "
            "if these are observations, say header=False.",
        )

    def _note_on_thousands(self, columns: list[Evidence], hypotheses: int) -> tuple[str, ...]:
        sign = chosen(hypotheses).thousands
        if sign is None or self.reading.thousands is not None:
            return ()
        return (f"numbers are read with {sign!r} between groups of three digits.",)


def default_names(width: int) -> Row:
    """Return the names of columns that have none."""
    return ("x",) if width == 1 else tuple(f"x{j + 1}" for j in range(width))
