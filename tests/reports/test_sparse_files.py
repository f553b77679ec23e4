"""Sparse counts in files: Matrix Market and Parquet in coordinates, their names, their exposures, and what is refused."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from scipy import io, sparse

from models import Data, Model, SparseData
from reports import read_data
from reports.presenting import write
from reports.reading.options import Reading
from reports.reading.tables import read_rows
from tests.doubles import invented, typed
from tests.known import known

COUNTS = np.array([[0, 2, 0], [1, 0, 0], [0, 0, 0], [0, 7, 3]])


def write_matrix(folder: Path, counts=COUNTS) -> Path:
    io.mmwrite(folder / "x.mtx", sparse.coo_array(counts))
    return folder / "x.mtx"


def write_coordinates(folder: Path, column, counts=COUNTS) -> Path:
    """A line for each count above zero, whose columns are called as a list says; each shifted to begin at one."""
    rows, columns = np.nonzero(counts)
    table = {"row": rows + 1, "column": [column[j] for j in columns], "count": counts[rows, columns]}
    parquet.write_table(pa.table(table), folder / "x.parquet")
    return folder / "x.parquet"


def test_a_matrix_market_file_is_its_matrix(tmp_path):
    found = read_data(write_matrix(tmp_path))
    np.testing.assert_array_equal(found.values, COUNTS)
    assert (found.columns, found.name) == (("x1", "x2", "x3"), "x")


@pytest.mark.parametrize("column", [[1, 2, 3], ["b", "d", "e"], [np.int8(1), np.int8(2), np.int8(3)]])
def test_coordinates_are_their_matrix(tmp_path, column):
    found = read_data(write_coordinates(tmp_path, column))
    np.testing.assert_array_equal(found.values, COUNTS)
    assert found.columns == (("b", "d", "e") if "b" in column else ("x1", "x2", "x3"))


def test_named_columns_are_in_the_order_of_the_alphabet_and_lines_about_one_count_add_up(tmp_path):
    table = {"count": pa.array([200, 100, 1, 0], pa.uint8()), "column": ["b", "b", "a", "c"], "row": [2, 2, 1, 3]}
    parquet.write_table(pa.table(table), tmp_path / "x.parquet")
    found = read_data(tmp_path / "x.parquet")
    assert found.columns == ("a", "b", "c")
    np.testing.assert_array_equal(found.values, [[1, 0, 0], [0, 300, 0], [0, 0, 0]])


@pytest.mark.parametrize("name", ["x.features.tsv", "x.features.txt", "features.tsv", "features.tsv.gz"])
def test_names_stand_in_a_file_beside_the_matrix(tmp_path, name):
    text = b"ENSG1\tfirst\nENSG2\tfirst\n\nENSG3\tthird\n"
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    path = write_matrix(tmp_path)
    assert read_data(path).columns == ("ENSG1", "ENSG2", "ENSG3")
    picked = read_data(path, ["ENSG3", "2"])
    assert picked.columns == ("ENSG3", "ENSG2")
    np.testing.assert_array_equal(picked.values, COUNTS[:, [2, 1]])


def test_large_ones_stay_sparse(tmp_path, monkeypatch):
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    (tmp_path / "e.txt").write_text("1\n2\n4\n.5\n")
    reading = Reading.of(exposure_file=str(tmp_path / "e.txt"))
    for path in (write_matrix(tmp_path), write_coordinates(tmp_path, [1, 2, 3])):
        found = known(read_rows(reading, path), SparseData)
        np.testing.assert_array_equal(found.matrix.toarray(), COUNTS)
        np.testing.assert_array_equal(found.exposure, [1, 2, 4, 0.5])
        batches = list(found.batches())
        assert all(isinstance(batch, Data) for batch in batches)
        np.testing.assert_array_equal(np.concatenate([batch.row_numbers for batch in batches]), [1, 2, 3, 4])


def test_exposures_of_a_table_may_stand_in_a_file_too(tmp_path):
    (tmp_path / "x.csv").write_text("n,m\n3,4\n,5\n6,7\n")
    (tmp_path / "hours.csv").write_text("hours\n1\n2\n3\n")
    found = read_data(tmp_path / "x.csv", missing="drop", exposure_file=str(tmp_path / "hours.csv"))
    assert (found.exposure_column, list(known(found.exposure, np.ndarray))) == ("hours", [1, 3])
    # Where the data have moved, the file beside them is meant.
    assert read_data(tmp_path / "x.csv", missing="drop", exposure_file="gone/hours.csv").sha256 == found.sha256


@pytest.mark.parametrize(
    ("written", "asked", "sentence"),
    [
        ({"features.tsv": "a\nb\n"}, {}, "the matrix has 3 columns and features.tsv beside it 2 names"),
        ({"features.tsv": "a\nb\nc\nd\n"}, {}, "a column for each observation: write its transpose"),
        ({"features.tsv": "a\nb\na\n"}, {}, "two columns are called 'a'"),
        ({"features.tsv": b"\xff\xfe"}, {}, "the names of its columns in features.tsv cannot be read"),
        ({}, {"columns": ["x4"]}, "no column 'x4'; there are 3, from 'x1' to 'x3'"),
        ({}, {"columns": ["x1", "1"]}, "picked twice"),
        ({}, {"exposure_column": "e"}, "no columns beside its counts.*--exposure-file"),
        ({}, {"counts_column": "e"}, "no columns beside its counts"),
        ({}, {"exposure_file": "nowhere.csv"}, "there is no exposure file 'nowhere.csv'"),
        ({"e.csv": "1\n2\n"}, {"exposure_file": "e.csv"}, "exposure must have one entry for each of the 4 rows"),
        ({"e.csv": "1\n2\n0\n4\n"}, {"exposure_file": "e.csv"}, "exposure holds 0 in row 3"),
        ({"e.csv": "1,2\n3,4\n"}, {"exposure_file": "e.csv"}, "'e.csv' has 2 columns; give one"),
        ({"e.csv": "1\n"}, {"exposure_file": "e.csv", "exposure_column": "n"}, "name one of them"),
        ({"x.mtx": "rubbish"}, {}, "not a readable Matrix Market file"),
    ],
)
def test_what_is_refused_says_why(tmp_path, written, asked, sentence):
    write_matrix(tmp_path)
    for name, text in written.items():
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ValueError, match=sentence):
        read_data(tmp_path / "x.mtx", **asked)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            {"row": [0, 1], "column": [1, 1], "count": [1, 1]},
            "column 'row' holds 0; rows and columns are numbered from 1",
        ),
        ({"row": [1.0, 2.0], "column": [1, 1], "count": [1, 1]}, "column 'row' holds double"),
        ({"row": [1, 2], "column": ["a", None], "count": [1, 1]}, "column 'column' misses 1 cells"),
        ({"row": [1, 2], "column": ["a", "b"], "count": ["x", "y"]}, "column 'count' holds string, not numbers"),
    ],
)
def test_broken_coordinates_are_refused(tmp_path, table, sentence):
    parquet.write_table(pa.table(table), tmp_path / "x.parquet")
    with pytest.raises(ValueError, match=sentence):
        read_data(tmp_path / "x.parquet")


def test_a_sparse_file_is_not_read_in_parts(tmp_path):
    write_coordinates(tmp_path, [1, 2, 3])
    model = ("--family", "poisson", "--components", "1")
    found = typed("fit", "x.parquet", *model, "--chunked", folder=tmp_path)
    assert (found.exit_code, "is read whole" in found.output) == (2, True)
    (tmp_path / "x.csv").write_text("1\n2\n")
    found = typed("fit", "x.csv", *model, "--chunked", "--exposure-file", "x.csv", folder=tmp_path)
    assert (found.exit_code, "take their exposures from a column" in found.output) == (2, True)


def test_fit_takes_exposures_from_their_file(tmp_path):
    rng = np.random.default_rng(1)
    exposure = rng.gamma(4.0, 1.0, 60)
    counts = rng.poisson(exposure[:, None] * [1.0, 3.0, 0.2])
    write_matrix(tmp_path, counts)
    np.savetxt(tmp_path / "e.txt", exposure)
    found = typed(
        *("fit", "x.mtx", "--family", "poisson", "--components", "1", "--exposure-file", "e.txt"), folder=tmp_path
    )
    assert found.exit_code == 0, found.output
    # With one component the rates are the events by the exposure.
    assert f"{counts[:, 0].sum() / exposure.sum():.3g}" in found.output


@pytest.fixture(scope="module")
def exposed_report(tmp_path_factory) -> Path:
    """A report on three columns of counts with exposures, whose page is not drawn."""
    rng = np.random.default_rng(4)
    exposure, rates = rng.gamma(4.0, 0.5, 80), np.array([[1.0, 4.0, 2.0], [6.0, 1.0, 2.0]])
    counts = rng.poisson(exposure[:, None] * rates[rng.integers(0, 2, 80)])
    data = Data.of(counts, exposure=exposure, exposure_column="hours")
    own = invented(data, Model.of(data, "poisson", 2))
    own.__dict__["pareto_k"] = 0.3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "render", lambda *_: "")
        return write.write_report(own, tmp_path_factory.mktemp("reports") / "columns").parent


def test_sparse_new_rows_are_predicted_as_dense_ones(exposed_report, tmp_path, monkeypatch):
    hours = np.array([0.5, 1, 2, 4])
    write_matrix(tmp_path)
    np.savetxt(tmp_path / "hours.txt", hours)
    header = {"header": "x1,x2,x3,hours", "comments": "", "delimiter": ","}
    np.savetxt(tmp_path / "x.csv", np.column_stack([COUNTS, hours]), **header)
    dense = typed("predict", str(exposed_report), "x.csv", folder=tmp_path)
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    monkeypatch.setattr("models.sparse.BLOCK_BYTES", 8 * 3 * 3)
    found = typed("predict", str(exposed_report), "x.mtx", "--exposure-file", "hours.txt", folder=tmp_path)
    assert (found.exit_code, found.stdout) == (0, dense.stdout)
    found = typed("predict", str(exposed_report), "x.mtx", folder=tmp_path)
    assert (found.exit_code, "--exposure-file" in found.output) == (2, True)


@pytest.mark.parametrize(
    "model",
    [
        ("--family", "gaussian", "--components", "2"),
        ("--family", "poisson", "--components", "2", "--columns", "x2"),
        ("--family", "poisson", "--components", "2"),
    ],
)
def test_whatever_is_fitted_to_a_sparse_file_is_what_is_fitted_to_a_dense_one(tmp_path, monkeypatch, model):
    rng = np.random.default_rng(1)
    counts = rng.poisson(np.array([[1.0, 9.0, 3.0], [7.0, 2.0, 3.0]])[rng.integers(0, 2, 80)])
    write_matrix(tmp_path, counts)
    asked = ("fit", "x.mtx", *model, "--starts", "3", "--audit")
    dense = typed(*asked, folder=tmp_path)
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    found = typed(*asked, folder=tmp_path)
    assert (found.exit_code, dense.exit_code) == (0, 0), found.output
    # The table of estimates and standard errors, to the digits that are printed.
    assert found.stdout.splitlines()[1:6] == dense.stdout.splitlines()[1:6]


@pytest.mark.parametrize(
    "asked",
    [
        ("compare", "--family", "poisson", "--components", "2"),
        ("sample", "--family", "poisson", "--components", "2"),
        ("choose", "--family", "poisson", "--components", "1:2"),
        ("prior", "--family", "poisson", "--components", "2"),
        ("fit", "--family", "gaussian", "--components", "2"),
        ("validate", "--estimate", "estimate.json"),
        ("study", "--on-my-data", "--family", "poisson", "--components", "2"),
        ("study", "--on-my-data", "--calibrate", "--family", "poisson", "--components", "2"),
    ],
)
def test_what_needs_a_dense_matrix_refuses_one_that_is_too_large_before_it_begins(tmp_path, monkeypatch, asked):
    monkeypatch.setattr("models.sparse.DENSE_BYTES", 0)
    monkeypatch.setattr("models.sparse.MOST_DENSE_BYTES", 8 * 3 * 2)
    write_matrix(tmp_path, np.array([[0, 2, 1], [1, 0, 0], [0, 0, 2], [0, 7, 3]]))
    (tmp_path / "estimate.json").write_text('{"weights": [0.5, 0.5], "rates": [[1, 2, 3], [4, 5, 6]]}')
    command, *more = asked
    found = typed(command, "x.mtx", *more, folder=tmp_path)
    assert found.exit_code == 2
    assert "x has 4 rows of 3 columns" in found.output
    assert "at most 2 rows of so many columns. Pick columns, or take one row in 2." in found.output
