"""A text as columns: one pass over it finds out what its numbers mean, the next one reads them.

Neither keeps the text, so that memory is that of the numbers. Large texts that show in their first rows what they are go to
pyarrow, many times as fast; whatever it cannot read as plain numbers is read here, which also finds the cell that is wrong.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.table import Column, Table, is_missing

from .fast import LEAST_BYTES, fast_table
from .numerals import Signs, question
from .options import Reading
from .survey import Place, Survey, survey_of
from .written import Layout, Written, layout_of, rows

BATCH_ROWS = 4096
_DIGITS_ONLY = re.compile(r"[-+.\deE]+", re.ASCII)


def text_table(written: Written, reading: Reading) -> Table:
    """Return the columns of a text."""
    layout = layout_of(written, reading)
    if written.size >= LEAST_BYTES:
        found = fast_table(written, layout, reading)
        if found is not None:
            return found
    return careful_table(written, layout, reading)


def careful_table(written: Written, layout: Layout, reading: Reading) -> Table:
    """Read the columns cell by cell, whatever is in them."""
    survey = survey_of(rows(written, layout), layout, reading)
    place = Place(written, layout, survey)
    columns = _columns(survey, place)
    return Table(columns, survey.named, place.line, survey.notes)


def _columns(survey: Survey, place: Place) -> list[Column]:
    numbers = np.empty((len(survey.columns), survey.rows))
    missing: list[list[int]] = [[] for _ in survey.columns]
    body = survey.body(rows(place.written, place.layout))
    at = 0
    while batch := list(itertools.islice(body, BATCH_ROWS)):
        for j, cells in enumerate(zip(*batch, strict=True)):
            evidence = survey.columns[j]
            numbers[j, at : at + len(batch)] = _numbers(cells, survey.signs(evidence))
            if evidence.missing:
                missing[j] += [at + row for row, cell in enumerate(cells) if is_missing(cell)]
        at += len(batch)
    return [_column(survey, place, j, numbers[j], missing[j]) for j in range(len(survey.columns))]


def _numbers(cells: Sequence[str], signs: Signs) -> NDArray[np.float64] | list[float]:
    if signs.decimal == "." and _DIGITS_ONLY.fullmatch("".join(cells)):
        try:  # the quick way, open to all cells without a flaw
            return np.array(list(map(float, cells)))
        except ValueError:
            pass
    return [signs.number(cell) for cell in cells]


def _column(survey: Survey, place: Place, j: int, numbers: NDArray[np.float64], missing: list[int]) -> Column:
    evidence, name = survey.columns[j], survey.names[j]
    doubt = evidence.doubt(survey.possible(evidence))
    asked = None
    if doubt is not None:
        sign, row, cell = doubt
        asked = question(name, f"row {row + 1} (line {place.line(row)})", sign, cell)
    missing_rows = np.array(missing, dtype=np.intp)
    return Column(name, numbers, evidence.labels, missing_rows, partial(place.cell, j), asked)
