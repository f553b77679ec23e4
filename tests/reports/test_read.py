"""What users' files hold, and what they are told when a file cannot be used."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import Data
from reports.reading.tables import read_data

MakeFile = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> MakeFile:
    def make(content: str | bytes, name: str = "deaths.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def npy(array: Any, **options: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def parquet(table: pa.Table | dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), stream)
    return stream.getvalue()


TEXTS = {
    "no header": ("1.5\n2.5\n", ("x",), [[1.5], [2.5]]),
    "one value": ("3", ("x",), [[3]]),
    "no header, integers": ("1,2\n3,4\n", ("x1", "x2"), [[1, 2], [3, 4]]),
    "header": ("deaths\n1\n2\n", ("deaths",), [[1], [2]]),
    "header of two words": ("waiting time\n1\n2\n", ("waiting time",), [[1], [2]]),
    "quoted": ('"a,b","c"\n"1","2"\n', ("a,b", "c"), [[1, 2]]),
    "line break in a name": ('"deaths\nper day",b\n1,2\n', ("deaths per day", "b"), [[1, 2]]),
    "comma and space": ('a, "b"\n1, 2\n', ("a", "b"), [[1, 2]]),
    "tabs": ("a\tb\n1\t2\n", ("a", "b"), [[1, 2]]),
    "semicolons": ("a;b\n1.5;2\n", ("a", "b"), [[1.5, 2]]),
    "decimal commas": ("a;b\n1,5;2\n,25;3\n", ("a", "b"), [[1.5, 2], [0.25, 3]]),
    "decimal commas, no header": ("1,5;2,5\n3,5;4,5\n", ("x1", "x2"), [[1.5, 2.5], [3.5, 4.5]]),
    "decimal comma in one column": ("a\n1,5\n2,5\n", ("a",), [[1.5], [2.5]]),
    "decimal comma between tabs": ("a\tb\n1\t2,5\n", ("a", "b"), [[1, 2.5]]),
    "decimal comma between spaces": ("1,5 2,5\n3,5 4,5\n", ("x1", "x2"), [[1.5, 2.5], [3.5, 4.5]]),
    "thousands by points": ("a;b\n1.000,5;2\n", ("a", "b"), [[1000.5, 2]]),
    "bars": ("a|b\n1|2\n", ("a", "b"), [[1, 2]]),
    "runs of spaces": ("  a   b \n  1.0  2 \n 10.0 20 \n", ("a", "b"), [[1, 2], [10, 20]]),
    "spaces and tabs": ("1 \t 2\n3   4\n5 6\n", ("x1", "x2"), [[1, 2], [3, 4], [5, 6]]),
    "indented": (" 1.5\n 2.5\n", ("x",), [[1.5], [2.5]]),
    "byte order mark": ("\ufeffa,b\n1,2\n", ("a", "b"), [[1, 2]]),
    "umlauts": ("größe\n1\n", ("größe",), [[1]]),
    "windows": ("a,b\r\n1,2\r\n\r\n", ("a", "b"), [[1, 2]]),
    "old mac": ("a,b\r1,2\r", ("a", "b"), [[1, 2]]),
    "blank lines": ("\n\na,b\n\n1,2\n  \n,\n3,4\n\n", ("a", "b"), [[1, 2], [3, 4]]),
    "blank lines around one column": ("\na\n1\n2\n  \n\n", ("a",), [[1], [2]]),
    "separator at the end": ("a,b,\n1,2,\n", ("a", "b"), [[1, 2]]),
    "separator at the end, no header": ("1,\n2,\n", ("x",), [[1], [2]]),
    "numbers": ("x\n+1\n-.5\n2.\n1E3\n1e-999\n", ("x",), [[1], [-0.5], [2], [1000], [0]]),
    "R's row names": ('"","a","b"\n"1",1.5,2\n"2",2.5,3\n', ("a", "b"), [[1.5, 2], [2.5, 3]]),
    "R's table": ('"a" "b"\n"1" 1.5 2\n"7" 2.5 3\n', ("a", "b"), [[1.5, 2], [2.5, 3]]),
    "R's table of one column": ('"a"\n"1" 1.5\n"2" 2.5\n', ("a",), [[1.5], [2.5]]),
    "index of pandas": (",a\n0,1.5\n1,2.5\n", ("a",), [[1.5], [2.5]]),
    "index of pandas, no names": (",0,1\n0,1.5,3\n1,2.5,4\n", ("0", "1"), [[1.5, 3], [2.5, 4]]),
    "index saved twice": ("Unnamed: 0,a\n0,1.5\n1,2.5\n", ("a",), [[1.5], [2.5]]),
    "index with a name": ("rownames,a\n1,1.5\n2,2.5\n", ("a",), [[1.5], [2.5]]),
    "id that is no index": ("id,a\n4,1.5\n2,2.5\n", ("id", "a"), [[4, 1.5], [2, 2.5]]),
    "labels": ("species,a\nsetosa,1\nNA,2\n", ("a",), [[1], [2]]),
    "labels, no header": ("5.1,3.5,setosa\n4.9,3.0,virginica\n", ("x1", "x2"), [[5.1, 3.5], [4.9, 3]]),
    "dates": ("day,a\n2020-01-01,1\n2020-01-02,2\n", ("a",), [[1], [2]]),
    "truth values": ("a,b\nTrue,1\nFalse,2\n", ("b",), [[1], [2]]),
}


@pytest.mark.parametrize(("text", "columns", "values"), TEXTS.values(), ids=TEXTS.keys())
def test_reads_text(file: MakeFile, text: str, columns: tuple[str, ...], values: list[list[float]]) -> None:
    data = read_data(file(text))
    assert data.columns == columns
    assert data.values.tolist() == values
    assert data.weights.tolist() == [1.0] * len(values)
    assert data.name == "deaths"


PICKS: dict[str, tuple[str, list[str] | None, str | None, tuple[str, ...], list[list[float]], list[float]]] = {
    "the given order": ("a,b,c\n1,2,3\n", ["c", "a"], None, ("c", "a"), [[3, 1]], [1]),
    "by number": ("1,2,3\n", ["3", "1"], None, ("x3", "x1"), [[3, 1]], [1]),
    "by default name": ("1,2,3\n", ["x2"], None, ("x2",), [[2]], [1]),
    "the only column": ("1\n2\n", ["1"], None, ("x",), [[1], [2]], [1, 1]),
    "a named index": ("id,a\n1,5\n2,6\n", ["id"], None, ("id",), [[1], [2]], [1, 1]),
    "past unusable columns": ("a,b,c\n1,,x\n2,NA,3\n", ["a"], None, ("a",), [[1], [2]], [1, 1]),
    "counts": ("deaths,days\n0,3\n1,0\n2,1\n", None, "days", ("deaths",), [[0], [2]], [3, 1]),
    "counts beside labels": ("s,a,n\nx,1,2\ny,3,4e0\n", None, "n", ("a",), [[1], [3]], [2, 4]),
    "counts by number": ("5,2\n6,3\n", None, "2", ("x1",), [[5], [6]], [2, 3]),
    "counts and columns": ("a,b,n\n1,2,3\n", ["b"], "n", ("b",), [[2]], [3]),
}


@pytest.mark.parametrize(("text", "picked", "counts", "columns", "values", "weights"), PICKS.values(), ids=PICKS.keys())
def test_picks_columns(
    file: MakeFile,
    text: str,
    picked: list[str] | None,
    counts: str | None,
    columns: tuple[str, ...],
    values: list[list[float]],
    weights: list[float],
) -> None:
    data = read_data(file(text), picked, counts)
    assert data.columns == columns
    assert data.values.tolist() == values
    assert data.weights.tolist() == weights


SCHEMA = {"a": [1, 2], "b": pa.array([0.5, 0.25], pa.float32()), "s": ["u", "v"], "t": [True, False], "l": [[1], [2]]}
BINARIES = {
    "npy of one axis": ("d.npy", npy([1, 2]), ("x",), [[1], [2]]),
    "npy of two axes": ("d.NPY", npy([[1.5, 2], [3, 4]]), ("x1", "x2"), [[1.5, 2], [3, 4]]),
    "npy of the other endianness": ("d.npy", npy(np.array([1, 2], dtype=">i2")), ("x",), [[1], [2]]),
    "parquet": ("d.parquet", parquet(SCHEMA), ("a", "b"), [[1, 0.5], [2, 0.25]]),
    "parquet, short suffix": ("d.pq", parquet({"a": [1.5]}), ("a",), [[1.5]]),
    "parquet with an index": ("d.pq", parquet({"a": [5], "__index_level_0__": [3]}), ("a",), [[5]]),
    "parquet of decimals": ("d.pq", parquet({"a": pa.array(["1.10"]).cast(pa.decimal128(5, 2))}), ("a",), [[1.1]]),
    "gzipped text": ("d.csv.gz", gzip.compress(b"a\n1\n"), ("a",), [[1]]),
    "gzipped npy": ("d.npy.gz", gzip.compress(npy([1.0])), ("x",), [[1]]),
}


@pytest.mark.parametrize(("name", "content", "columns", "values"), BINARIES.values(), ids=BINARIES.keys())
def test_reads_binary(
    file: MakeFile, name: str, content: bytes, columns: tuple[str, ...], values: list[list[float]]
) -> None:
    data = read_data(file(content, name))
    assert data.columns == columns
    assert data.values.tolist() == values
    assert data.name == "d"


BAD_TEXTS = {
    "empty": ("", "empty"),
    "blank": (" \n\n", "empty"),
    "separators alone": (";\n;;\n", "empty"),
    "header alone": ("a,b\n", "no rows"),
    "name alone": ("deaths\n", "no rows"),
    "text in a column": ("a,b\n1,2\n3,abc\n", r"column 'b' holds 'abc' in row 2 \(line 3\)"),
    "text in the first row": ("1,abc\n3,4\n", "line 1 .*'abc'.*'1'"),
    "text in a column of one": ("1\n2\nabc\n", r"column 'x' holds 'abc' in row 3 \(line 3\)"),
    "mostly labels": ("a,b\n1,u\n2,7\n", "column 'b' holds 'u'"),
    "labels alone": ("a,b\nu,v\nw,z\n", "column 'a' holds 'u' in row 1"),
    "truth values alone": ("a\nTrue\nFalse\n", "column 'a' holds 'True' in row 1"),
    "dates alone": ("a\n2020-01-01\n", "column 'a' holds '2020-01-01' in row 1"),
    "row index alone": (",s\n1,u\n", "column 's' holds 'u'"),
    "underscore": ("a\n1_000\n", "'1_000'"),
    "missing": ("a,b\n1,2\n3,\n", r"column 'b' holds '' in row 2 \(line 3\), a missing value"),
    "missing in the first row": ("1,\n3,4\n", "column 'x2' holds '' in row 1"),
    "missing in one column": ("a\n1\n\n3\n", r"column 'a' holds '' in row 2 \(line 3\)"),
    "missing at the end of one column": ('a\n1\n""\n', r"column 'a' holds '' in row 2 \(line 3\)"),
    "NA": ("a,b\n1,2\nNA,4\n", "column 'a' holds 'NA' in row 2"),
    "NaN first": ("nan\n2\n", "column 'x' holds 'nan' in row 1"),
    "nothing but missing": ("a,b\n1,\n2,\n", "column 'b' holds ''"),
    "infinity": ("a\n1\n-inf\n", "column 'a' holds '-inf' in row 2"),
    "overflow": ("a\n1\n1e999\n", "column 'a' holds '1e999' in row 2"),
    "huge integer": ("a\n" + "9" * 400 + "\n", "column 'a' holds '9{59}…' in row 1 .* not a finite number"),
    "long row": ("a,b\n1,2\n3,4,5\n", "line 3 splits into 3, line 1 into 2 cells"),
    "short row": ("a,b\n1,2\n3\n", "line 3 splits into 1, line 1 into 2 cells"),
    "decimal comma and point": ("a;b\n1,5;2.5\n", "column 'b' holds '2.5'"),
    "thousands": ('a,b\n1,"1,000"\n', "column 'b' holds '1,000'"),
    "per cent": ("a,b\n1,50%\n", "column 'b' holds '50%'"),
    "repeated name": ("a,b,a\n1,2,3\n", "two columns are called 'a'"),
    "name missing": ("a,,c\n1,2,3\n", "column number 2 has no name"),
    "name is a number": ("year,2019\n1,2\n", "line 1 .*'year'.*'2019'"),
    "text after quotes": ('"a"b\t"c"\n1\t2\n', r"line 1 cannot be split into cells \('\\t' expected"),
    "open quotes": ('"a,b\n1,2\n', "line 2 cannot be split"),
    "control characters": ("a\x00\x1b[2J\n1\n", "control characters"),
    "rubbish": (b"\xff\x00\x9f", "UTF-8"),
    "latin-1": ("größe\n1\n".encode("latin-1"), "UTF-8"),
    "page": ("<!DOCTYPE html>\n<html><body>\n", "column '<!DOCTYPE html>'"),
}


@pytest.mark.parametrize(("content", "message"), BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_rejects_text(file: MakeFile, content: str | bytes, message: str) -> None:
    assert_rejected(file(content), message)


BAD_PICKS: dict[str, tuple[str, Any, str | None, str]] = {
    "unknown": ("deaths,days\n1,2\n", ["x"], None, "no column 'x'; there are 'deaths', 'days'"),
    "misspelt": ("deaths,days\n1,2\n", ["death"], None, "no column 'death', did you mean 'deaths'?"),
    "unknown counts": ("deaths,days\n1,2\n", None, "n", "no column 'n'"),
    "position under a header": ("a,b\n1,2\n", ["1"], None, "no column '1'"),
    "position out of range": ("1,2\n", ["3"], None, "no column '3'; there are 'x1', 'x2'"),
    "position zero": ("1,2\n", ["0"], None, "no column '0'"),
    "no text": ("a\n1\n", [7], None, "no column '7'"),
    "control characters": ("a\n1\n", ["\x1b[2J"], None, r"no column '\\x1b\[2J'"),
    "the nameless index": (",a\n1,2\n", [""], None, "no column ''"),
    "none": ("a\n1\n", [], None, "columns is empty"),
    "twice": ("1,2\n", ["1", "x1"], None, "column 'x1' is picked twice"),
    "labels": ("a,s\n1,u\n", ["s"], None, "column 's' holds 'u' in row 1"),
    "counts among the columns": ("a,n\n1,2\n", ["a", "n"], "n", "'n' cannot be both"),
    "counts alone": ("n\n1\n", None, "n", "no column is left"),
    "counts and an index": ("id,n\n1,5\n2,6\n", None, "n", "no column is left"),
    "negative counts": ("a,n\n1,2\n2,-1\n", None, "n", r"counts column 'n' holds '-1' in row 2 \(line 3\)"),
    "fractional counts": ("a,n\n1,2.5\n", None, "n", "counts column 'n' holds '2.5' in row 1"),
    "huge counts": ("a,n\n1,1e300\n", None, "n", "counts column 'n' holds '1e300'"),
    "zero counts": ("a,n\n1,0\n2,0\n", None, "n", "'n' is 0 in every row"),
    "text counts": ("a,n\n1,u\n2,v\n", None, "n", "column 'n' holds 'u'"),
    "missing counts": ("a,n\n1,\n2,1\n", None, "n", "column 'n' holds '' in row 1"),
}


@pytest.mark.parametrize(("text", "columns", "counts", "message"), BAD_PICKS.values(), ids=BAD_PICKS.keys())
def test_rejects_picks(file: MakeFile, text: str, columns: Any, counts: str | None, message: str) -> None:
    assert_rejected(file(text), message, columns, counts)


BAD_BINARIES = {
    "npy of objects": ("d.npy", npy(np.array([1, "a"], dtype=object), allow_pickle=True), "allow_pickle"),
    "npy of complex numbers": ("d.npy", npy([1j]), "dtype 'complex128'"),
    "npy of strings": ("d.npy", npy(["a"]), "dtype '<U1'"),
    "npy of truth values": ("d.npy", npy([True]), "dtype 'bool'"),
    "npy of records": ("d.npy", npy(np.zeros(2, dtype=[("a", float)])), "dtype"),
    "npy of no axis": ("d.npy", npy(1.0), r"shape \(\)"),
    "npy of three axes": ("d.npy", npy(np.zeros((1, 2, 3))), r"shape \(1, 2, 3\)"),
    "empty npy": ("d.npy", npy(np.zeros((0, 2))), "no rows"),
    "npy without columns": ("d.npy", npy(np.zeros((2, 0))), "no rows"),
    "npy with NaN": ("d.npy", npy([[1, 2], [3, np.nan]]), "column 'x2' holds nan in row 2, a missing value"),
    "npy with infinity": ("d.npy", npy([1, np.inf]), "column 'x' holds inf in row 2"),
    "npy beyond double": ("d.npy", npy(np.array([1, "1e999"], dtype=np.longdouble)), "column 'x' holds inf in row 2"),
    "text as npy": ("d.npy", b"1,2\n", "not a .npy file"),
    "cut npy": ("d.npy", npy(np.arange(9.0))[:-3], "not a .npy file"),
    "npy as text": ("d.csv", npy([1.0]), "not a text file"),
    "text as parquet": ("d.parquet", b"a\n1\n", "not a readable Parquet file"),
    "cut parquet": ("d.parquet", parquet({"a": [1]})[:-3], "not a readable Parquet file"),
    "parquet as text": ("d.csv", parquet({"a": [1]}), "not a text file"),
    "parquet without rows": ("d.pq", parquet({"a": pa.array([], pa.int64())}), "no rows"),
    "parquet without columns": ("d.pq", parquet({}), "no rows"),
    "parquet with nulls": ("d.pq", parquet({"a": [1, None]}), "column 'a' holds nan in row 2, a missing value"),
    "parquet of mixed text": ("d.pq", parquet({"a": ["12", "abc"]}), "column 'a' holds 'abc' in row 2"),
    "parquet of truth values": ("d.pq", parquet({"a": [True]}), "column 'a' holds 'a bool' in row 1"),
    "parquet with a repeated name": (
        "d.pq",
        parquet(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])),
        "two columns are called 'a'",
    ),
    "empty npy file": ("d.npy", b"", "empty"),
    "broken gzip": ("d.csv.gz", b"a\n1\n", "cannot be read"),
    "cut gzip": ("d.csv.gz", gzip.compress(b"a\n1\n")[:-4], "cannot be read"),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD_BINARIES.values(), ids=BAD_BINARIES.keys())
def test_rejects_binary(file: MakeFile, name: str, content: bytes, message: str) -> None:
    assert_rejected(file(content, name), message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "none.csv: the file does not exist"),
        ("none.parquet", "does not exist"),
        (".", "folder"),
        ("x" * 300, "cannot be read"),
        ("a\n\x1b[2J.csv", r"a\\n\\x1b\[2J.csv: the file does not exist"),
        ("a\x00b.csv", "null"),
    ],
)
def test_rejects_paths(tmp_path: Path, name: str, message: str) -> None:
    assert_rejected(tmp_path / name, message)


def assert_rejected(path: Path, message: str, columns: Any = None, counts: str | None = None) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        read_data(path, columns, counts)
    assert type(caught.value) is ValueError
    text = str(caught.value)
    assert text.isprintable()
    assert text.startswith((str(path), repr(str(path))[1:-1]))


def parquet_of(values: list[float]) -> bytes:
    return parquet({"a": values, "b": [str(value) for value in values]})


BYTES = st.binary(max_size=200)
TEXT = st.text(alphabet='ab019.,;|\t\r\n "-+eé#_%', max_size=60).map(str.encode)
CUT = st.tuples(
    st.sampled_from([npy(np.arange(6.0).reshape(3, 2)), parquet_of([1.0, 2.0, 3.0])]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=5),
)


def spoilt(parts: tuple[bytes, list[tuple[int, int]]]) -> bytes:
    content = bytearray(parts[0])
    for place, byte in parts[1]:
        content[place % len(content)] = byte
    return bytes(content)


@settings(deadline=None)
@given(BYTES | TEXT | CUT.map(spoilt), st.sampled_from(["d.csv", "d.npy", "d.parquet", "d.csv.gz"]))
@example(b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,), }\n", "d.npy")
@example(b"\x93NUMPY\x01\x00\xff\x00" + b"(" * 255, "d.npy")
@example(b"\x93NUMPY\x01\x00\x3c\x00{'descr': '<f8', 'fortran_order': False, 'shape': (-3,), }  \n", "d.npy")
@example(b"PAR1\xff\xff\xff\x7fPAR1", "d.parquet")
def test_any_bytes_give_finite_data_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    try:
        data = read_data(path)
    except ValueError as error:
        sentence = error
    else:
        assert isinstance(data, Data)
        assert np.isfinite(data.values).all()
        return
    assert type(sentence) is ValueError
    assert str(sentence).isprintable()


FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.integers(1, 3).flatmap(lambda d: st.lists(st.tuples(*[FLOATS] * d), min_size=1)), st.sampled_from(",;\t|"))
def test_floats_come_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, ...]], delimiter: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "floats.csv"
    path.write_text("".join(delimiter.join(map(repr, row)) + "\n" for row in rows))
    assert read_data(path).values.tobytes() == np.array(rows).tobytes()
