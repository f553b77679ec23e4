"""Large texts of plain numbers, read by pyarrow once their first rows have shown what they are.

Everything is refused that pyarrow would read otherwise than cell by cell, and whatever is not a finite number; the caller
then reads cell by cell, and finds what is wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from models import Array
from models.table import Column, Table

from .numerals import HYPOTHESES
from .options import Reading
from .survey import Place, Survey, survey_of
from .written import Layout, Written, rows

LEAST_BYTES = 2**20
SAMPLE_ROWS = 1000
# Arrow reads tens of batches ahead: eight times as large, they would take as much memory as all of the numbers.
BATCH_BYTES = 2**18
_WHOLE = r"^\s*[-+]?\d+\s*$"
# Numbers, cells that are meant as one, and empty ones: a column of labels has none.
_NO_LABEL = r"(?i)^\s*([-+]?[\d.,\s'’%$€£]*(e[-+]?\d+)?|na|n/a|#n/a|nan|null|none|<na>|[-+]?inf(inity)?)\s*$"


class NotPlainError(Exception):
    """The text holds more than plain numbers and labels."""


def fast_table(written: Written, layout: Layout, reading: Reading) -> Table | None:
    """Return the columns of a text of plain numbers; ``None`` of any other."""
    survey = survey_of(itertools.islice(rows(written, layout), SAMPLE_ROWS), layout, reading)
    if not is_plain(survey, layout):
        return None
    try:
        with written.open() as stream:
            batches = batches_of(stream, survey, layout, written.encoding, survey.first_line - 1)
            numbers = _gathered(batches, _expected_rows(written, layout, survey), len(numeric_columns(survey)))
    except NotPlainError:
        return None
    place = Place(written, layout, survey)
    found = dict(zip(numeric_columns(survey), numbers.T, strict=True))
    labels = np.broadcast_to(np.nan, len(numbers))
    columns = [
        Column(name, found.get(j, labels), 0 if j in found else len(labels), written=partial(place.cell, j))
        for j, name in enumerate(survey.names)
    ]
    return Table(columns, survey.named, place.line, survey.notes)


def _expected_rows(written: Written, layout: Layout, survey: Survey) -> int:
    """Return how many rows there will be, if they are as long as the first ones."""
    lines = itertools.islice(written.lines(), layout.first_line, layout.first_line + SAMPLE_ROWS)
    letters = sum(map(len, lines))
    return int(1.1 * written.size * survey.rows / max(1, letters)) + 1


def _gathered(batches: Iterator[Array], expected: int, width: int) -> Array:
    """Gather the batches in one array, made before they come: numbers that are moved would need their memory twice."""
    gathered, at = np.empty((expected, width)), 0
    for batch in batches:
        if at + len(batch) > len(gathered):
            gathered = np.concatenate([gathered[:at], np.empty((at + len(batch), width))])
        gathered[at : at + len(batch)] = batch
        at += len(batch)
    return gathered[:at]


def is_plain(survey: Survey, layout: Layout) -> bool:
    """Return whether pyarrow can read what these rows are a sample of."""
    return not (
        layout.delimiter == " "
        or survey.has_row_names
        or survey.has_empty_end
        or any(evidence.doubt(survey.possible(evidence)) for evidence in survey.columns)
        or any(survey.signs(evidence).thousands for evidence in survey.columns)
        or any(evidence.missing or evidence.labels not in (0, evidence.rows) for evidence in survey.columns)
    )


def numeric_columns(survey: Survey) -> list[int]:
    """Return which columns hold numbers."""
    return [j for j, evidence in enumerate(survey.columns) if not evidence.labels]


def batches_of(stream: Any, survey: Survey, layout: Layout, encoding: str, skipped_lines: int) -> Iterator[Array]:
    """Yield the numbers of a stream of rows, batch by batch, in the shape ``(rows, columns of numbers)``.

    Raises
    ------
    NotPlainError
        When a cell must be looked at.
    """
    import pyarrow
    from pyarrow import csv

    width = len(survey.columns)
    names = [str(j) for j in range(width)]
    floats = [str(j) for j in numeric_columns(survey) if _decimal(survey, j) is not None]
    decimals = {_decimal(survey, j) for j in numeric_columns(survey)} - {None} or {"."}
    types = {name: pyarrow.float64() if name in floats else pyarrow.string() for name in names}
    try:
        reader = csv.open_csv(
            stream,
            csv.ReadOptions(
                column_names=names,
                skip_rows=skipped_lines + survey.first_is_header,
                block_size=BATCH_BYTES,
                encoding=encoding.removesuffix("-sig"),
                use_threads=False,
            ),
            # In a single column a blank line is a missing cell.
            csv.ParseOptions(delimiter=layout.delimiter, ignore_empty_lines=width > 1),
            csv.ConvertOptions(
                column_types=types,
                null_values=[],
                true_values=[],
                false_values=[],
                decimal_point=decimals.pop(),
            ),
            pyarrow.system_memory_pool(),  # which gives back what was read
        )
        for batch in reader:
            yield _block(batch, survey)
    except (pyarrow.ArrowException, OSError, UnicodeError) as error:
        raise NotPlainError from error


def _decimal(survey: Survey, j: int) -> str | None:
    return decimal_of(survey.possible(survey.columns[j]))


def decimal_of(hypotheses: int) -> str | None:
    """Return the decimal sign, ``None`` where only whole numbers were seen so that it is not known."""
    decimals = {signs.decimal for bit, signs in enumerate(HYPOTHESES) if hypotheses >> bit & 1}
    return decimals.pop() if len(decimals) == 1 else None


def _block(batch: Any, survey: Survey) -> Array:
    from pyarrow import compute, types

    found = []
    for j, column in enumerate(batch.columns):
        if survey.columns[j].labels:
            if compute.any(compute.match_substring_regex(column, _NO_LABEL)).as_py():
                raise NotPlainError
            continue
        if types.is_string(column.type):
            if not compute.all(compute.match_substring_regex(column, _WHOLE)).as_py():
                raise NotPlainError
            column = compute.cast(compute.utf8_trim_whitespace(column), "double")
        numbers = column.to_numpy(zero_copy_only=False)
        if not np.isfinite(numbers).all():
            raise NotPlainError
        found.append(numbers)
    return np.column_stack(found) if found else np.empty((batch.num_rows, 0))
