"""Data read part by part: the same answers as in memory, on any executor, in memory that does not grow."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from io import BufferedReader
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from bayes import build_model, exact_posterior, sample
from em import e_step, fit, standard_errors
from models import Array, ChunkedData, Data, Gaussian, Mixture
from reports import choose, compare, read_data, read_in_chunks
from reports.command_line import cli
from reports.reading import parts
from tests.known import known

ROWS, GROUP = 70_011, 16_000
MEANS = np.array([[-3.0, 0.0], [3.0, 1.0], [0.0, 4.0]])
# Megabytes by which the peak may grow, a third of what the additional rows would take.
MOST_GROWTH = 25
MEASURE = """
import sys
import numpy as np
from em import e_step
from models import Gaussian, Mixture
from reports import choose, compare, read_data, read_in_chunks
from tests.benchmarks.larger import peak_megabytes
from tests.known import known
mixture = Mixture(np.full(2, 0.5), Gaussian(np.array([[-1.0, 0.0], [1.0, 0.0]]), np.array([np.eye(2)] * 2)))
data = read_in_chunks(sys.argv[1])
for _ in range(3):
    e_step(data, mixture)
print(peak_megabytes())
"""


def drawn(rows: int = ROWS) -> Array:
    rng = np.random.default_rng(3)
    return MEANS[rng.integers(0, 3, rows)] + rng.normal(size=(rows, 2))


def mixture() -> Mixture:
    return Mixture(np.array([0.2, 0.5, 0.3]), Gaussian(MEANS + 0.3, np.array([np.diag([1.0, 2.0])] * 3)))


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two files with several row groups each, the last of them shorter."""
    folder, x = tmp_path_factory.mktemp("larger") / "points", drawn()
    folder.mkdir()
    for number, rows in enumerate((x[:45_000], x[45_000:])):
        table = pa.table({"east": rows[:, 0], "label": ["a"] * len(rows), "north": rows[:, 1]})
        parquet.write_table(table, folder / f"part-{number}.parquet", row_group_size=GROUP)
    return folder


@pytest.fixture(scope="module")
def array(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("larger") / "points.npy"
    np.save(path, drawn())
    return path


def test_what_a_pass_says_is_what_it_is_in_memory(points: Path) -> None:
    chunked, whole = read_in_chunks(points), Data.of(drawn(), columns=("east", "north"))
    assert (chunked.rows, chunked.size, chunked.columns) == (ROWS, ROWS, whole.columns)
    np.testing.assert_array_equal([chunked.lowest, chunked.highest], [whole.lowest, whole.highest])
    # Rounding of sums over 70 000 rows.
    np.testing.assert_allclose(chunked.mean, np.mean(drawn(), axis=0), rtol=1e-12)
    np.testing.assert_allclose(chunked.covariance, np.cov(drawn().T, ddof=0), rtol=1e-12)
    assert chunked.sha256 == whole.sha256
    np.testing.assert_array_equal(chunked.every(7).values, whole.every(7).values)
    np.testing.assert_allclose(chunked.every(7).weights, whole.every(7).weights, rtol=1e-14)


def test_the_estimate_is_the_one_in_memory(points: Path) -> None:
    whole = fit(drawn(), "gaussian", 3, starts=12)
    found = fit(read_in_chunks(points), "gaussian", 3, starts=12)
    assert found.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-14)
    for name, array in found.mixture.arrays().items():
        np.testing.assert_allclose(array, whole.mixture.arrays()[name], rtol=1e-10, atol=1e-10)
    assert [start.kind for start in found.starts] == [start.kind for start in whole.starts]
    # Which of the starts that meet in the optimum of a subsample goes on from there is left to rounding.
    assert sorted(start.status for start in found.starts) == sorted(start.status for start in whole.starts)
    own = fit(read_in_chunks(points), "gaussian", 3, start=mixture())
    assert own.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-12)


def test_the_mode_is_the_one_in_memory(points: Path) -> None:
    """Under the weak prior, whose numbers are sums over the rows as well."""
    settings: dict[str, Any] = {"estimate": "map", "prior": "weak", "start": mixture()}
    whole, found = (fit(x, "gaussian", 3, **settings) for x in (drawn(), read_in_chunks(points)))
    # Rounding of sums over 70 000 rows.
    assert found.climb.objective[-1] == pytest.approx(whole.climb.objective[-1], rel=1e-12)
    for name, array in found.mixture.arrays().items():
        np.testing.assert_allclose(array, whole.mixture.arrays()[name], rtol=1e-8, atol=1e-8)


X = drawn(5000).tolist()
TEXTS = {
    "commas": ("a,b\n" + "\n".join(f"{x!r},{y!r}" for x, y in X), {}),
    "no header": ("\n".join(f"{x!r}\t{y!r}" for x, y in X), {}),
    "a mark of utf-8": ("\ufeff" + "\n".join(f"{x!r},{y!r}" for x, y in X), {}),
    "decimal commas": ("a;b\n" + "\n".join(f"{x!r};{y!r}".replace(".", ",") for x, y in X), {}),
    "spaces": ("a b\n" + "\n".join(f"{x!r}   {y!r}" for x, y in X), {}),
    "labels": ("s,a\n" + "\n".join(f"u,{x!r}" for x, _ in X), {}),
    "picked": ("\n".join(f"{x!r},{y!r}" for x, y in X), {"columns": ["2"]}),
    "thousands": ("a;n\n" + "\n".join(f"{x!r};{1000 + i:,}" for i, (x, _) in enumerate(X)), {"thousands": ","}),
    "whole numbers, then a point": (
        "a\n" + "\n".join("1.034" if i == 4000 else str(i) for i in range(5000)),
        {"decimal": "."},
    ),
    "a comment among the rows": (
        "a,b\n" + "\n".join("# x" if i == 4000 else f"{i}.5,{x}" for i, (x, _) in enumerate(X)),
        {},
    ),
}


@pytest.mark.parametrize(("text", "told"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_in_parts_is_the_one_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: dict[str, Any]
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 20_000)
    path = tmp_path / "x.csv"
    path.write_text(text)
    chunked, whole = read_in_chunks(path, **told), read_data(path, **told)
    assert "in 1 parts" not in repr(chunked)
    assert (chunked.sha256, chunked.columns) == (whole.sha256, whole.columns)
    np.testing.assert_array_equal(chunked.every(7).values, whole.every(7).values)


BAD_TEXTS = {
    "text": ("a,b\n" + "\n".join(f"{i}.5,{'u' if i == 4000 else i}" for i in range(5000)), {}, "'u' in row 4001"),
    "missing": ("a,b\n" + "\n".join(f"{i}.5,{'' if i == 4000 else i}" for i in range(5000)), {}, "'' in row 4001"),
    "short": ("a,b\n" + "\n".join("1" if i == 4000 else f"{i}.5,1" for i in range(5000)), {}, "row 4001 splits into 1"),
    "late point": ("a\n" + "\n".join("1.034" if i == 4000 else str(i) for i in range(5000)), {}, "say thousands='.'"),
    "question": ("n;s\n1.000;a\n950;b\n", {}, "say thousands='.'"),
    "dropping": ("a\n1\n", {"missing": "drop"}, "needs all rows in memory"),
    "line break": ('a,s\n1,"x\ny"\n2,z\n', {}, "a cell holds a line break"),
    "no such column": ("a\n1\n", {"columns": ["b"]}, "there is no column 'b'"),
    "row index": ("id,a\n1,2\n2,3\n", {}, "'id', may be a row index"),
}


@pytest.mark.parametrize(("text", "told", "sentence"), BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_what_cannot_be_used_of_a_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 20_000)
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read_in_chunks(path, **told)


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_a_damaged_page_is_one_sentence(points: Path, tmp_path: Path, compression: str) -> None:
    """Wherever the damage is, the values are others than they were, or there is a sentence and status 2."""
    path = tmp_path / "x.parquet"
    table = parquet.read_table(points / "part-0.parquet", columns=["east"])
    parquet.write_table(table, path, compression=compression, row_group_size=GROUP, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    # The header of the first page, and its levels.
    content[4:60] = bytes(56)
    path.write_bytes(content)
    arguments = ["fit", str(path), "--family", "gaussian", "--components", "2", "--chunked"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2, result.output
    assert "row group 1 of this Parquet file cannot be read" in result.stderr
    assert "Traceback" not in result.output


def test_an_archive_that_has_the_name_of_an_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=drawn(10))
    (tmp_path / "x.npz").rename(tmp_path / "x.npy")
    for option in ([], ["--chunked"]):
        arguments = ["fit", str(tmp_path / "x.npy"), "--family", "gaussian", "--components", "2", *option]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 2
        assert "an archive of arrays" in result.stderr


def test_few_rows_are_read_once(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", drawn(5000))
    passes: list[tuple[int, int]] = []
    few = read_in_chunks(tmp_path / "x.npy", on_part=lambda *at: passes.append(at))
    found, whole = fit(few, "gaussian", 3, starts=3), fit(drawn(5000), "gaussian", 3, starts=3)
    assert passes == [(1, 1), (2, 1)]
    assert found.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-14)
    assert standard_errors(found).table.shape == standard_errors(whole).table.shape


def processes() -> Executor:
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


@pytest.mark.parametrize(
    "make",
    [lambda: ThreadPoolExecutor(3), pytest.param(processes, marks=pytest.mark.slow)],
    ids=["threads", "processes"],
)
def test_the_same_bits_on_any_executor(points: Path, make: Any) -> None:
    expected = e_step(read_in_chunks(points), mixture())
    with make() as executor:
        found = e_step(read_in_chunks(points, executor=executor), mixture())
    assert found.log_likelihood == expected.log_likelihood
    np.testing.assert_array_equal(found.statistics.second, expected.statistics.second)  # type: ignore[attr-defined]


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_in_files(tmp_path: Path, order: Any) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.asarray(drawn().astype(np.float32), order=order))
    whole = Data.of(drawn().astype(np.float32))
    assert read_in_chunks(path).sha256 == whole.sha256
    mapped = np.load(path, mmap_mode="r")
    assert read_in_chunks(mapped).sha256 == whole.sha256
    assert read_in_chunks(path, columns=["x2"]).sha256 == Data.of(whole.values[:, 1]).sha256
    with pytest.raises(ValueError, match="must be a whole array"):
        read_in_chunks(mapped[5:])


def test_counts_are_a_table_after_one_pass(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values, seen = rng.poisson([2.0, 9.0], size=(10_000, 2)).ravel(), rng.integers(0, 3, 20_000)
    path = tmp_path / "counts.parquet"
    parquet.write_table(pa.table({"x": values, "n": seen}), path, row_group_size=3000)
    passes: list[tuple[int, int]] = []
    found = fit(read_in_chunks(path, ["x"], "n", on_part=lambda *at: passes.append(at)), "poisson", 2, starts=5)
    whole = fit(values, "poisson", 2, weights=seen, starts=5)
    assert found.parameters == whole.parameters
    assert passes == [(1, 7)] * 7
    assert len(found.data.values) == len(np.unique(values[seen > 0]))
    assert standard_errors(found).table.equals(standard_errors(whole).table)


def test_whole_numbers_tabulate_as_they_sort() -> None:
    values, weights = np.array([5.0, 0.0, 5.0, 2.0]), np.array([1.0, 2.0, 0.5, 3.0])
    data = Data.of(values, weights).distinct()
    assert (data.values[:, 0].tolist(), data.weights.tolist()) == ([0, 2, 5], [2, 3, 1.5])
    # Too large for a table, and so sorted.
    shifted = Data.of(values + 1e9, weights).distinct()
    assert (shifted.values[:, 0] - 1e9).tolist() == [0, 2, 5]
    assert shifted.weights.tolist() == [2, 3, 1.5]


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for rows in (1_000_000, 6_000_000):
        path, rng = tmp_path / "x.npy", np.random.default_rng(0)
        written = np.lib.format.open_memmap(path, "w+", np.float64, (rows, 2))
        for start in range(0, rows, 10**6):
            written[start : start + 10**6] = rng.normal(size=(10**6, 2))
        written.flush()
        command = [sys.executable, "-c", MEASURE, str(path)]
        run = subprocess.run(command, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True, check=True)
        peaks.append(float(run.stdout))
    assert peaks[1] - peaks[0] < MOST_GROWTH


def test_what_needs_all_rows_says_so(array: Path) -> None:
    found = fit(read_in_chunks(array), "gaussian", 3, starts=2)
    assert isinstance(found.observations, ChunkedData)
    with pytest.raises(ValueError, match="70011 rows, which are read part by part"):
        found.mixture.responsibilities(found.data.values)


@pytest.mark.parametrize("entry", [sample, build_model, exact_posterior, compare, choose])
def test_every_other_entry_refuses_rows_in_parts_at_once(array: Path, entry: Any) -> None:
    """Before anything is fitted or compiled."""
    with pytest.raises(ValueError, match="points has 70011 rows, which are read part by part and are never all in"):
        entry(read_in_chunks(array), "gaussian", [1, 2] if entry is choose else 2)


def test_a_fit_keeps_few_distinct_rows_in_memory(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", drawn(5000))
    found = fit(read_in_chunks(tmp_path / "x.npy"), "gaussian", 1)
    assert found.data is found.observations


def bad(column: list[float]) -> pa.Table:
    return pa.table({"x": [1.0, 2.0, *column], "y": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("table", "columns", "counts", "sentence"),
    [
        (bad([np.nan]), None, None, "x: column 'x' holds nan in row 3"),
        (bad([3]), ["z"], None, "there is no column 'z'; there are 'x', 'y'"),
        (bad([3]), ["x", "x"], None, "columns must name different columns"),
        (bad([-3]), ["y"], "x", "the column of counts or weights holds -3 in row 3"),
        (pa.table({"id": [1, 2, 3], "x": [1.0, 2, 3]}), None, None, "'id', may be a row index"),
        (
            bad([1.5]),
            ["y"],
            "x",
            r"counts column 'x' holds 1\.5 in row 3; a count is a whole number from 0 to 2\*\*53\.",
        ),
        (pa.table({"x": ["a", "b"]}), ["x"], None, "column 'x' holds string, not numbers"),
        (pa.table({"x": [1.0], "n": [0]}), ["x"], "n", "holds no rows of data"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, table: Any, columns: Any, counts: Any, sentence: str) -> None:
    parquet.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(ValueError, match=sentence):
        read_in_chunks(tmp_path / "x.parquet", columns, counts)


def test_weights_may_be_fractions(tmp_path: Path) -> None:
    parquet.write_table(bad([1.5]), tmp_path / "x.parquet")
    assert read_in_chunks(tmp_path / "x.parquet", ["y"], weights_column="x").size == 4.5


def test_counts_below_zero_are_found_in_their_row(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"x": [4, 1, 2, -1, 0]}), tmp_path / "x.parquet", row_group_size=2)
    with pytest.raises(ValueError, match="holds -1 in row 4"):
        fit(read_in_chunks(tmp_path / "x.parquet"), "poisson", 2)


def test_from_the_command_line(points: Path) -> None:
    arguments = ["fit", str(points), "--family", "gaussian", "--components", "3", "--starts", "3", "--json"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert '"rows": 70011' in result.stdout
    result = CliRunner().invoke(cli, [*arguments, "--audit"])
    assert result.exit_code == 2
    assert "never all in memory" in result.output


def test_an_interrupt_ends_it_in_one_sentence(tmp_path: Path) -> None:
    """While the file is read, again and again: overlapping components keep EM busy for minutes."""
    path = tmp_path / "x.npy"
    np.save(path, np.random.default_rng(0).normal(size=(2_000_000, 2)))
    arguments = ["fit", str(path), "--family", "gaussian", "--components", "5", "--chunked"]
    # The bar is drawn for a terminal, or for what is told to be one.
    options: Any = {"env": {**os.environ, "FORCE_COLOR": "1"}, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-c", "from reports.command_line import main; main()", *arguments]
    with subprocess.Popen(command, **options) as process:
        try:
            shown, errors_so_far = b"", known(process.stderr, BufferedReader)
            while b"reading" not in shown:
                shown += errors_so_far.read1()
                assert process.poll() is None, shown.decode()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert output == b""
    assert "Interrupted: nothing was written." in errors.decode()
    assert "Traceback" not in errors.decode()
