"""A text larger than memory as parts: ranges of its bytes that begin and end with lines, each read where it is summed.

The first rows decide what the numbers mean, since nobody has seen all of them; a later cell that would have to be read
otherwise is an error that names it.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models import Array, Batch
from models.parts import BATCH_ROWS
from models.suggestion import suggestion
from models.table import INDEX_NAMES, shown

from .beside import Beside
from .fast import SAMPLE_ROWS, NotPlainError, batches_of, decimal_of, is_plain, numeric_columns
from .numerals import DECIMALS, chosen, question
from .options import Reading
from .survey import Survey, survey_of
from .written import Layout, Row, Written, encoding_of, layout_of, rows

PART_BYTES = 2**24
_FILLED_LINE = re.compile(rb"[^\s][^\n]*")


@dataclass(frozen=True)
class TextPart:
    """Some bytes of a text, and how its rows are read."""

    path: str
    offset: int
    length: int
    first: int
    encoding: str
    layout: Layout
    survey: Survey
    features: tuple[int, ...]
    beside: Beside

    def batches(self) -> Iterator[Batch]:
        """Yield the rows of the part as numbers.

        Raises
        ------
        ValueError
            When a cell is no number, or may be another one.
        """
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            content = file.read(self.length)
        used = [*self.features, *map(int, self.beside.columns)]
        yield from (self.beside.batch(batch, len(self.features)) for batch in self._batches(content, used))

    def _batches(self, content: bytes, used: list[int]) -> Iterator[Array]:
        if is_plain(self.survey, self.layout):
            places = [numeric_columns(self.survey).index(j) for j in used if not self.survey.columns[j].labels]
            before = -int(self.survey.first_is_header)
            stream = io.BytesIO(content)
            try:
                # All before any: what was summed already would be summed twice.
                plain = list(batches_of(stream, self.survey, self.layout, self.encoding, before))
            except NotPlainError:
                plain = []
            if plain and len(places) == len(used):
                yield from (batch[:, places] for batch in plain)
                return
        yield from self._cell_by_cell(content, used)

    def _cell_by_cell(self, content: bytes, used: list[int]) -> Iterator[Array]:
        layout = Layout(self.layout.delimiter, 1)
        text = Written(partial(io.BytesIO, content), len(content), self.encoding.removesuffix("-sig"))
        numbered = ((self.first + row, cells) for row, (_, cells) in enumerate(rows(text, layout)))
        while batch := list(itertools.islice(numbered, BATCH_ROWS)):
            yield np.array([[self._number(row, cells, j) for j in used] for row, cells in batch])

    def _number(self, row: int, cells: Row, j: int) -> float:
        survey = self.survey
        width = len(survey.columns) + survey.has_empty_end
        if len(cells) != width:
            raise ValueError(
                f"row {row + 1} splits into {len(cells)} cells, and others into {width}; give all as many."
            )
        evidence, name, cell = survey.columns[j], survey.names[j], cells[j].strip()
        possible = survey.possible(evidence)
        sign = next((sign for sign in DECIMALS if sign in cell), None)
        if sign is not None and not evidence.signs and decimal_of(possible) is None:
            raise ValueError(question(name, f"row {row + 1}", sign, cell))
        number = chosen(possible).number(cell)
        if not np.isfinite(number):
            raise ValueError(
                f"column {shown(name)} holds {shown(cell)} in row {row + 1}, which is not a finite number; "
                "correct or remove it."
            )
        return number


def text_parts(
    path: Path, columns: Sequence[str] | None, beside: Beside, reading: Reading
) -> tuple[tuple[str, ...], list[TextPart], tuple[str, ...]]:
    """Return the features of a text, its parts, and what is to be said of how it was read.

    Raises
    ------
    ValueError
        When it cannot be read in parts, or a column is not there.
    """
    if reading.missing == "drop":
        raise ValueError("missing='drop' needs all rows in memory: remove the rows, or do not read in parts.")
    open_bytes: Callable[[], Any] = partial(path.open, "rb")
    encoding = encoding_of(open_bytes, reading.encoding)
    if encoding.startswith(("utf-16", "utf_16", "utf-32", "utf_32")):
        raise ValueError(f"text in {encoding.upper()} is not read in parts; save it in UTF-8.")
    written = Written(open_bytes, path.stat().st_size, encoding)
    layout = layout_of(written, reading)
    survey = survey_of(itertools.islice(rows(written, layout), SAMPLE_ROWS), layout, reading)
    features, beside = _features(survey, columns, beside)
    for j in [*features, *map(int, beside.columns)]:
        _require_decided(survey, j)
    ranges = _ranges(path, survey.first_line - 1 + survey.first_is_header, encoding, _no_row(survey, layout))
    parts = [
        TextPart(str(path.absolute()), offset, length, first, encoding, layout, survey, features, beside)
        for offset, length, first in ranges
    ]
    labels = [name for name, each in zip(survey.names, survey.columns, strict=True) if each.is_labels]
    notes = (
        ()
        if columns is not None or not labels
        else (f"columns of text are left out: {', '.join(map(shown, labels))}.",)
    )
    return tuple(survey.names[j] for j in features), parts, (*survey.notes, *notes)


def _require_decided(survey: Survey, j: int) -> None:
    evidence = survey.columns[j]
    doubt = evidence.doubt(survey.possible(evidence))
    if doubt is not None:
        sign, row, cell = doubt
        raise ValueError(question(survey.names[j], f"row {row + 1}", sign, cell))


def _features(survey: Survey, columns: Sequence[str] | None, named: Beside) -> tuple[tuple[int, ...], Beside]:
    """Return where the features are, and where what stands beside them is."""
    counts, exposure = (None if name is None else _find(survey, str(name)) for name in (named.counts, named.exposure))
    beside = Beside(counts, exposure)
    if columns is not None:
        picked = tuple(_find(survey, name) for name in ([columns] if isinstance(columns, str) else columns))
        if not picked or len({*picked, *beside.columns}) < len(picked) + len(beside.columns):
            raise ValueError(
                f"columns must name different columns, none of them the counts or the exposure, got {list(columns)!r}."
            )
        return picked, beside
    if survey.names[0].casefold() in INDEX_NAMES:
        raise ValueError(f"the first column, {survey.names[0]!r}, may be a row index; name the columns to use.")
    found = tuple(
        j
        for j, (name, each) in enumerate(zip(survey.names, survey.columns, strict=True))
        if name and j not in beside.columns and not each.is_labels
    )
    if not found:
        raise ValueError("no column of numbers is left to fit; name the columns to use.")
    return found, beside


def _find(survey: Survey, name: str) -> int:
    if name in survey.names:
        return survey.names.index(name)
    if not survey.named and name.isdecimal() and 1 <= int(name) <= len(survey.names):
        return int(name) - 1
    raise ValueError(f"there is no column {name!r}{suggestion(name, survey.names)}")


def _no_row(survey: Survey, layout: Layout) -> re.Pattern[bytes]:
    """Return a pattern of comments among the rows: lines that begin as one, and have other cells than a row."""
    width = len(survey.columns) + survey.has_empty_end
    delimiter = re.escape(layout.delimiter).encode()
    row = b"".join([b"[^%s\n]*" % delimiter, (b"%s[^%s\n]*" % (delimiter, delimiter)) * (width - 1), b"$"])
    return re.compile(b"^#" + (b"(?!%s)" % row if width > 1 else b""), re.MULTILINE)


def _ranges(path: Path, lines_before: int, encoding: str, no_row: re.Pattern[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield where each part begins, how long it is, and how many rows lie before it."""
    with path.open("rb") as file:
        for _ in range(lines_before):
            file.readline()
        if encoding == "utf-8-sig" and not lines_before:
            file.seek(3)
        offset, first = file.tell(), 0
        while content := file.read(PART_BYTES) + file.readline():
            if b'"' in content and any(line.count(b'"') % 2 for line in content.splitlines()):
                raise ValueError(
                    "a cell holds a line break, so that the text is not read in parts; save it as Parquet."
                )
            yield offset, len(content), first
            offset += len(content)
            first += len(_FILLED_LINE.findall(content)) - len(no_row.findall(content))
