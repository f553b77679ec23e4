"""Rows that are drawn at random: single observations, each as likely as another, the same ones whenever they are read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse, stats

from models import Data, SparseData, sparse_rows
from reports import read_data, read_in_chunks
from reports.reading.drawn_rows import drawn_rows
from tests.doubles import typed

ROWS = 2000


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """A file whose second column is the row's number."""
    x = np.column_stack([np.random.default_rng(0).normal(size=ROWS), np.arange(ROWS)])
    np.save(tmp_path / "numbered.npy", x)
    return tmp_path / "numbered.npy"


def test_they_are_different_rows_in_their_order_with_their_numbers(numbered: Path) -> None:
    found = read_data(numbered, rows=300)
    numbers = found.values[:, 1].astype(int)
    assert found.rows == 300
    assert (np.diff(numbers) > 0).all()
    assert (found.row_numbers == numbers + 1).all()
    assert found.notes == ("300 of 2000 rows, drawn at random, are the data.",)
    assert read_data(numbered, rows=300).sha256 == found.sha256


def test_every_part_of_the_file_has_its_share(numbered: Path) -> None:
    numbers = read_data(numbered, rows=1000).values[:, 1]
    # The seed is fixed, so that this is the same p-value whenever it is computed.
    assert stats.kstest(numbers, stats.uniform(0, ROWS).cdf).pvalue > 0.01


def test_as_many_as_there_are_is_all_of_them(numbered: Path) -> None:
    assert read_data(numbered, rows=ROWS).notes == ()
    assert read_data(numbered, rows=ROWS).sha256 == read_data(numbered).sha256


def test_sparse_rows_stay_sparse() -> None:
    matrix = sparse.csr_array(np.arange(40.0).reshape(20, 2))
    found = drawn_rows(SparseData(matrix, np.ones(20), ("a", "b")), 5)
    assert isinstance(found, SparseData)
    assert found.rows == 5
    assert isinstance(sparse_rows(matrix), Data)


def test_what_is_no_single_observation_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "deaths.csv").write_text("deaths,days\n0,109\n1,65\n2,22\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a row of a counts column is many"):
        read_data(tmp_path / "deaths.csv", counts_column="days", rows=2)


@pytest.mark.parametrize("rows", [0, -3, 2.5, True])
def test_it_is_a_number_of_rows(numbered: Path, rows: int) -> None:
    with pytest.raises(ValueError, match="rows must be a whole number from 1 on"):
        read_data(numbered, rows=rows)


def test_data_in_parts_are_not_drawn_from(numbered: Path) -> None:
    with pytest.raises(ValueError, match="these are read in parts"):
        read_in_chunks(numbered, rows=10)


def test_a_command_draws_them_says_so_and_makes_the_same_report_again(numbered: Path, tmp_path: Path) -> None:
    common = ["--family", "gaussian", "--components", "1", "--columns", "x1", "--rows", "60"]
    short = ["--draws", "50", "--tune", "100", "--chains", "2"]
    out = tmp_path / "out"
    ended = typed("compare", str(numbered), *common, *short, "--out", str(out), folder=tmp_path)
    assert ended.exit_code == 0, ended.output
    document = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert document["data"]["rows"] == 60
    assert "60 of 2000 rows, drawn at random" in (out / "report.html").read_text(encoding="utf-8")
    assert "--rows 60" in document["provenance"]["command"]
    again = typed("reproduce", str(out), folder=tmp_path)
    assert again.exit_code == 0, again.output
