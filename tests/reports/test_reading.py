"""What the numbers of a text mean: decided from the whole file, and asked where that leaves it open."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import read_data
from reports.command_line import cli
from reports.commands.arguments import as_options
from reports.reading import tables
from reports.reading.fast import fast_table
from reports.reading.numerals import HYPOTHESES, Evidence, allowed, chosen, common
from reports.reading.options import Reading
from reports.reading.sources import FileSource, source_document, source_of
from reports.reading.text import careful_table
from reports.reading.written import Written, layout_of
from tests.shared_cases import shared_case


def written(tmp_path: Path, content: str | bytes, name: str = "deaths.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


READ: dict[str, tuple[str | bytes, dict[str, Any], tuple[str, ...], list[list[float]]]] = {
    # Thousands: what is certain, and what was said.
    "commas beside points": ('n\n"1,034.5"\n987.25\n', {}, ("n",), [[1034.5], [987.25]]),
    "points beside commas": ("n;m\n1.034,5;1\n987,25;2\n", {}, ("n", "m"), [[1034.5, 1], [987.25, 2]]),
    "two groups": ("n;s\n1.034.567;a\n950;b\n", {}, ("n",), [[1034567], [950]]),
    "another column has decimals": ("n;s\n1.000;2,5\n950;3,5\n", {}, ("n", "s"), [[1000, 2.5], [950, 3.5]]),
    "spaces": ("n;s\n1 034;a\n950;b\n", {}, ("n",), [[1034], [950]]),
    "no-break spaces": ("n\ts\n1\u00a0034,5\ta\n950\tb\n", {}, ("n",), [[1034.5], [950]]),
    "narrow spaces": ("n,s\n1\u202f034,a\n-12\u202f950,b\n", {}, ("n",), [[1034], [-12950]]),
    "apostrophes": ("n\n1'034.5\n950\n", {}, ("n",), [[1034.5], [950]]),
    "typographic apostrophes": ("n;m\n1’034,5;3\n950;4\n", {}, ("n", "m"), [[1034.5, 3], [950, 4]]),
    "one column, spaces": ("n\n1 034\n950\n12 001\n", {}, ("n",), [[1034], [950], [12001]]),
    "one column, told": ("n\n1,034\n950\n", {"thousands": ","}, ("n",), [[1034], [950]]),
    "quoted, told": ('n,s\n"1,034",a\n987,b\n', {"thousands": ","}, ("n",), [[1034], [987]]),
    "told that they are decimals": ("n;s\n1.034;a\n987;b\n", {"decimal": "."}, ("n",), [[1.034], [987]]),
    "three decimals between commas": (
        "a,b\n1.034,2.125\n3.412,5.125\n",
        {},
        ("a", "b"),
        [[1.034, 2.125], [3.412, 5.125]],
    ),
    "three decimals after a zero": ("a\n1.034\n0.412\n", {}, ("a",), [[1.034], [0.412]]),
    # Decimal commas.
    "quoted decimal commas": ('a,b\n"1,5",2\n"2,25",3\n', {}, ("a", "b"), [[1.5, 2], [2.25, 3]]),
    "one quoted column": ('"a"\n"1,5"\n"2,25"\n', {}, ("a",), [[1.5], [2.25]]),
    "decimal commas, told": ("10,35\n8,70\n7,05\n", {"decimal": ","}, ("x",), [[10.35], [8.7], [7.05]]),
    "two columns, told": ("10,35\n8,70\n7,05\n", {"decimal": "."}, ("x1", "x2"), [[10, 35], [8, 70], [7, 5]]),
    "exponents": ("a\tb\n1,5e3\t2\n2,5E-1\t3\n", {}, ("a", "b"), [[1500, 2], [0.25, 3]]),
    # Names.
    "years over others": ("1999,2000\n5,6\n8,9\n", {}, ("1999", "2000"), [[5, 6], [8, 9]]),
    "years over years": ("1999,2000\n1990,2001\n", {}, ("x1", "x2"), [[1999, 2000], [1990, 2001]]),
    "header told": ("1999,2000\n1990,2001\n", {"header": True}, ("1999", "2000"), [[1990, 2001]]),
    "no header told": ("1999,2000\n5,6\n", {"header": False}, ("x1", "x2"), [[1999, 2000], [5, 6]]),
    "a name that is a number": ("year,2019\n1,2\n", {"header": True}, ("year", "2019"), [[1, 2]]),
    "names in a comment": ("# a,b\n1,2\n3,4\n", {}, ("a", "b"), [[1, 2], [3, 4]]),
    "names beside the sign": ("#a\tb\n1\t2\n", {}, ("a", "b"), [[1, 2]]),
    # Lines that are no rows.
    "comments": ("# by x\n# in 2020\na,b\n1,2\n# then\n3,4\n", {}, ("a", "b"), [[1, 2], [3, 4]]),
    "a comment in one column": ("x\n1.5\n# then\n2.5\n", {}, ("x",), [[1.5], [2.5]]),
    "colours are no comments": ("colour,n\n#ff0000,1\n#00ff00,2\n", {}, ("n",), [[1], [2]]),
    "sep of tabs": ("sep=\\t\na\tb\n1\t2\n", {}, ("a", "b"), [[1, 2]]),
    "sep of commas": ("sep=,\r\na,b\r\n1,2\r\n", {}, ("a", "b"), [[1, 2]]),
    # Letters.
    "utf-16": ("größe;b\n1,5;2\n".encode("utf-16"), {}, ("größe", "b"), [[1.5, 2]]),
    "utf-16, big end first": (b"\xfe\xff" + "a\n1.5\n".encode("utf-16-be"), {}, ("a",), [[1.5]]),
    "latin-1, told": ("größe;b\n1,5;2\n".encode("latin-1"), {"encoding": "latin-1"}, ("größe", "b"), [[1.5, 2]]),
    "utf-8 with its mark, told": (b"\xef\xbb\xbfa\n1\n", {"encoding": "utf-8"}, ("a",), [[1]]),
    # Missing cells.
    "missing": ("a,b\n1,2\nNA,4\n5,\n7,8\n", {"missing": "drop"}, ("a", "b"), [[1, 2], [7, 8]]),
    "missing in one column": ("a\n1\n\n3\n", {"missing": "drop"}, ("a",), [[1], [3]]),
    # Text that is mostly text.
    "a number among notes": ('a;note\n1.5;ok\n2.5;"0,5"\n3;ok\n', {}, ("a",), [[1.5], [2.5], [3]]),
}


@pytest.mark.parametrize(("content", "told", "columns", "values"), READ.values(), ids=READ.keys())
def test_reads(tmp_path: Path, content: Any, told: Any, columns: tuple[str, ...], values: list[list[float]]) -> None:
    data = read_data(written(tmp_path, content), **told)
    assert (data.columns, data.values.tolist()) == (columns, values)


ASKED: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "commas between semicolons": (
        "n;s\n1,034;a\n987;b\n",
        {},
        r"'1,034' in row 1 \(line 2\), .* 1034 or 1.034: say thousands=','",
    ),
    "points between semicolons": (
        "n;s\n950;a\n3.000;b\n",
        {},
        r"'3.000' in row 2 \(line 3\), .* thousands='.' or decimal='.'",
    ),
    "points between tabs": ("n\tm\n1.034\t1\n2.100\t2\n", {}, "may be 1034 or 1.034"),
    "quoted commas": ('n,s\n"1,034",a\n987,b\n', {}, "may be 1034 or 1.034"),
    "points beside whole numbers": ("n,m\n1.034,2\n987,3\n", {}, "may be 1034 or 1.034"),
    "one column of commas": ("n\n1,034\n950\n", {}, "may be 1034 or 1.034"),
    "one column without a name": ("1,034\n950\n", {}, "may be 1034 or 1.034"),
    "one column or two": ("10,35\n8,70\n7,05\n", {}, "one column with decimal commas or 2 columns: say decimal=','"),
    "one year": ("2019\n10.35\n11.2\n", {}, r"line 1 \(2019\) may be names or observations: say header=True"),
    "years near the others": ("1999,2000\n1500,6\n1999,9\n", {}, r"line 1 \(1999, 2000\) may be names"),
    "positions above decimals": ("0,1\n0.5,1.5\n0.25,3.5\n2.5,1.25\n", {}, r"line 1 \(0, 1\) may be names"),
    "latin-1": ("größe;b\n1,5;2\n".encode("latin-1"), {}, "encoding='latin-1'"),
    "utf-16 without a mark": ("a;b\n1,5;2\n".encode("utf-16-le"), {}, "encoding='utf-16'"),
    "half of utf-16": (b"\xff\xfea\x00\n", {}, "not a text file in UTF-16"),
    "a missing cell": ("a,b\n1,2\nNA,4\n", {}, "a missing value; .*missing='drop'"),
    "text in a row with a missing cell": (
        "a,b\n1,2\nNA,x\n5,7\n",
        {"missing": "drop"},
        "column 'b' holds 'x' in row 2",
    ),
    "nothing but missing cells": ("a,b\n1,NA\n,4\n", {"missing": "drop"}, "every row has a missing cell"),
}


@pytest.mark.parametrize(("content", "told", "sentence"), ASKED.values(), ids=ASKED.keys())
def test_asks(tmp_path: Path, content: Any, told: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_data(written(tmp_path, content), **told)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"decimal": ";"}, "decimal must be"),
        ({"thousands": "x"}, "thousands must be"),
        ({"decimal": ",", "thousands": ","}, "decimal and thousands must differ"),
        ({"encoding": "hex"}, "encoding 'hex' is not known"),
        ({"missing": "fill"}, "missing must be"),
    ],
)
def test_what_cannot_be_said(tmp_path: Path, told: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_data(written(tmp_path, "a\n1\n"), **told)


def test_the_column_that_is_asked_about_may_be_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "n;m\n1.000;1\n950;2\n")
    assert read_data(path, ["m"]).values.tolist() == [[1], [2]]


CASES: dict[str, tuple[dict[str, Any], tuple[str, ...], list[float], int]] = {
    "thousands_us_semicolon.csv": ({"thousands": ","}, ("pop",), [1034], 100),
    "eu4.csv": ({"thousands": "."}, ("n",), [1000], 4),
    "mixed_decimals.csv": ({}, ("wert",), [10.35], 3),
    "years_header.csv": ({}, ("2019", "2020"), [10.35, 10.73], 100),
    "sepline.csv": ({}, ("wert",), [10.35], 100),
    "savetxt_header.txt": ({}, ("x", "y"), [10.346, 20.691], 100),
    "decimalcomma_single.csv": ({}, ("wert",), [10.35], 100),
}


@pytest.mark.parametrize("name", CASES)
def test_cases_that_went_wrong(name: str) -> None:
    told, columns, first, rows = CASES[name]
    path = shared_case(name)
    if told:
        with pytest.raises(ValueError, match="say thousands"):
            read_data(path)
    data = read_data(path, **told)
    assert (data.columns, data.values[0].tolist(), data.rows) == (columns, first, rows)


def test_one_row_of_many_columns_is_asked_about() -> None:
    arguments = ["fit", str(shared_case("one_row.npy")), "--family", "gaussian", "--components", "2"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "one row of 100 columns" in result.stderr
    assert "transpose" in result.stderr


# Pieces of which cells are made, so that signs meet in every way.
CELL = st.lists(st.sampled_from(["1", "12", "123", "034", "0", ".", ",", " ", "'"]), min_size=1, max_size=5).map(
    "".join
)


@settings(deadline=None)
@given(st.lists(CELL, min_size=1, max_size=4))
def test_two_readings_that_differ_are_never_guessed(cells: list[str]) -> None:
    """Every pair of signs under which all cells are numbers gives the same ones, or there is a doubt."""
    evidence = Evidence()
    for cell in cells:
        evidence.take(cell)
    read = ([signs.number(cell) for cell in cells] for signs in HYPOTHESES)
    found = {tuple(numbers) for numbers in read if not np.isnan(numbers).any()}
    if found:
        kept = common([evidence], allowed())
        assert (evidence.doubt(kept) is not None) == (len(found) > 1)
        assert tuple(chosen(kept).number(cell) for cell in cells) in found


def text_of(path: Path) -> Written:
    return Written(partial(path.open, "rb"), path.stat().st_size, "utf-8")  # type: ignore[arg-type]


X = np.random.default_rng(0).normal(size=(3000, 3)).tolist()
LARGE = {
    "plain": "a,b,c\n" + "\n".join(",".join(map(repr, row)) for row in X),
    "no header": "\n".join("|".join(map(repr, row)) for row in X),
    "labels": "s,a,day\n" + "\n".join(f"u{i % 3},{row[0]!r},2020-01-0{i % 9}" for i, row in enumerate(X)),
    "whole numbers": "id,n\n" + "\n".join(f"{i},{int(abs(row[0]) * 100)}" for i, row in enumerate(X)),
    "decimal commas": "a;b\n" + "\n".join(f"{row[0]};{row[1]}".replace(".", ",") for row in X),
    "one column": "a\n" + "\n".join(str(row[0]).replace(".", ",") for row in X),
    "comments": "# by x\n\n# a,b\n" + "\n".join(f"{row[0]:.18e},{row[1]}" for row in X),
    "quoted": 'sep=;\r\n"a";"b"\r\n' + "\r\n".join(f'"{row[0]}";"{row[1]}"' for row in X),
    "blank lines": "a,b\n\n" + "\n\n".join(f"{row[0]},{row[1]}" for row in X),
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_the_quick_way_reads_what_the_careful_one_reads(tmp_path: Path, text: str) -> None:
    path, reading = written(tmp_path, text), Reading()
    layout = layout_of(text_of(path), reading)
    quick, careful = fast_table(text_of(path), layout, reading), careful_table(text_of(path), layout, reading)
    assert quick is not None
    assert (quick.named, quick.notes, quick.line(2500) if quick.line else 0) == (
        careful.named,
        careful.notes,
        careful.line(2500) if careful.line else 1,
    )
    for one, other in zip(quick.columns, careful.columns, strict=True):
        assert (one.name, one.is_labels, one.numbers.tobytes()) == (
            other.name,
            other.is_labels,
            other.numbers.tobytes(),
        )


LATE = {
    "text": ("x", r"column 'a' holds 'x' in row 2500 \(line 2501\), which is not a number"),
    "missing": ("", "column 'a' holds '' in row 2500 .* missing"),
    "infinite": ("inf", "column 'a' holds 'inf' in row 2500"),
    "a base of sixteen": ("0x10", "column 'a' holds '0x10' in row 2500"),
    "a point": ("1.034", r"column 'a' holds '1.034' in row 2500 \(line 2501\), which may be 1034 or 1.034"),
}


@pytest.mark.parametrize(("cell", "sentence"), LATE.values(), ids=LATE.keys())
def test_what_comes_late_in_a_large_file_is_found(tmp_path: Path, cell: str, sentence: str) -> None:
    """Past the rows that the quick way looks at, among whole numbers, of more than a megabyte."""
    lines = [f"{i},{i}" for i in range(120_000)]
    lines[2499] = f"{cell},0"
    with pytest.raises(ValueError, match=sentence):
        read_data(written(tmp_path, "a,b\n" + "\n".join(lines)))


# The libraries aside, a text may cost so many times its size; the numbers themselves are less than half of it.
MOST_TIMES = 4
MEASURE = """
import sys
from reports import read_data
from tests.benchmarks.larger import peak_megabytes
read_data(sys.argv[1])
before = peak_megabytes()
read_data(sys.argv[2])
print(peak_megabytes() - before)
"""


@pytest.mark.parametrize("delimiter", [",", " "], ids=["quick", "careful"])
def test_a_text_takes_little_more_memory_than_its_numbers(tmp_path: Path, delimiter: str) -> None:
    x = np.random.default_rng(0).normal(size=(60_000, 3))
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    for path, rows in ((small, x[:20_000]), (large, x)):
        path.write_text("\n".join(delimiter.join(map(repr, row)) for row in rows.tolist()))
    run = subprocess.run([sys.executable, "-c", MEASURE, small, large], capture_output=True, text=True, check=True)
    assert float(run.stdout) < MOST_TIMES * large.stat().st_size / 2**20


def workbook(*sheets: pd.DataFrame, header: bool = True) -> bytes:
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="openpyxl") as writer:
        for number, sheet in enumerate(sheets):
            sheet.to_excel(writer, sheet_name=f"s{number}", index=False, header=header)
    return stream.getvalue()


def test_excel(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"site": ["a", "b", "c"], "x": [1.034, 987, None], "n": ["1,5", "2", "3"]})
    path = written(tmp_path, workbook(frame, frame), "d.xlsx")
    assert read_data(path, ["x"], missing="drop").values.tolist() == [[1.034], [987]]
    assert read_data(path, ["n"], decimal=",").values.tolist() == [[1.5], [2], [3]]
    assert read_data(path, ["x"], missing="drop").notes[0] == "of 2 sheets, the first one, 's0', is read."
    with pytest.raises(ValueError, match=r"column 'n' holds '1,5' in row 1 \(line 2\), which is not a number"):
        read_data(path, ["n"])
    with pytest.raises(ValueError, match=r"column 'x' holds '' in row 3 \(line 4\), a missing value"):
        read_data(path, ["x"])
    plain = written(tmp_path, workbook(pd.DataFrame([[1, 2], [3, 4]]), header=False), "e.xlsx")
    assert read_data(plain).columns == ("x1", "x2")
    with pytest.raises(ValueError, match="not a readable Excel file"):
        read_data(written(tmp_path, b"PK\x03\x04 rubbish", "f.xlsx"))
    with pytest.raises(ValueError, match=r"old Excel file; save it as \.xlsx"):
        read_data(written(tmp_path, b"rubbish", "f.xls"))


def test_without_openpyxl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ValueError, match=r"emvsbayes\[excel\]"):
        read_data(written(tmp_path, b"PK", "f.xlsx"))


def test_an_archive_of_arrays_is_no_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=np.arange(3.0))
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npz").read_bytes())
    assert zipfile.is_zipfile(tmp_path / "x.npy")
    for name in ("x.npy", "x.npz"):
        with pytest.raises(ValueError, match="an archive of arrays"):
            read_data(tmp_path / name)


STDIN: dict[str, tuple[bytes, int]] = {
    "text": (b"a\n" + b"\n".join(b"%d.25" % i for i in range(30)), 0),
    "gzipped": (gzip.compress(b"a\n" + b"\n".join(b"%d.25" % i for i in range(30))), 0),
    "nothing": (b"", 2),
    "a question": (b"a;b\n1.034;x\n987;y\n", 2),
}


FIT_STDIN = ["fit", "-", "--family", "gaussian", "--components", "1", "--json"]


@pytest.mark.parametrize(("content", "status"), STDIN.values(), ids=STDIN.keys())
def test_standard_input(content: bytes, status: int) -> None:
    tables._standard_input.cache_clear()  # a process reads it once
    run = CliRunner().invoke(cli, FIT_STDIN, input=content)
    assert run.exit_code == status, run.output
    if status == 0:
        found = json.loads(run.stdout)["data"]
        assert (found["name"], found["rows"], found["columns"]) == ("standard-input", 30, ["a"])
    else:
        assert run.stderr.strip().startswith("Error: -: ")
        assert isinstance(run.exception, SystemExit)


def test_a_pipe_is_standard_input() -> None:
    command = [sys.executable, "-m", "reports", *FIT_STDIN]
    run = subprocess.run(command, input=STDIN["gzipped"][0], capture_output=True, check=True)
    assert json.loads(run.stdout)["data"]["rows"] == 30


def test_the_command_line_speaks_of_options() -> None:
    said = as_options("say thousands=',' or decimal=\"'\": header=True, header=False, missing='drop'.")
    assert said == "say --thousands ',' or --decimal \"'\": --header, --no-header, --missing drop."


def test_how_a_file_was_read_is_part_of_where_it_comes_from(tmp_path: Path) -> None:
    path = written(tmp_path, "n;site\n1.034;a\n987;b\n;c\n")
    reading = Reading.of(thousands=".", missing="drop", header=True)
    source = FileSource.of(str(path), None, reading)
    document = source_document(source)
    assert document == {
        "file": str(path),
        "counts_column": None,
        "reading": {"thousands": ".", "header": True, "missing": "drop"},
    }
    again = source_of(json.loads(json.dumps(document)))
    assert isinstance(again, FileSource)
    assert again.read(("n",)).values.tolist() == [[1034], [987]]
    assert again.read(("n",), thousands=None, decimal=".").values.tolist() == [[1.034], [987]]
    # As reports were before, when there was nothing to say.
    assert source_document(FileSource("d.csv")) == {"file": "d.csv", "counts_column": None}


def test_what_is_left_out_is_said_on_standard_error(tmp_path: Path) -> None:
    path = written(tmp_path, "site,a\nu,1\nv,NA\nw,3\nz,5\n")
    arguments = ["fit", str(path), "--family", "gaussian", "--components", "1", "--missing", "drop", "--json"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    notes = ["column 'site' holds text and is left out.", "1 of 4 rows have a missing cell and are dropped."]
    assert [f"deaths: {note}" in result.stderr for note in notes] == [True, True]
    assert json.loads(result.stdout)["data"]["notes"] == notes


@pytest.mark.parametrize("command", ["compare", "fit", "sample", "choose", "pictures", "study", "reproduce"])
def test_every_command_that_reads_a_file_takes_the_options(command: str) -> None:
    text = CliRunner().invoke(cli, [command, "--help"]).output
    assert all(f"--{name}" in text for name in ("decimal", "thousands", "header", "no-header", "encoding", "missing"))
