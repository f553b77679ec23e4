"""Any file, name and option end in a whole report or in one sentence; who is killed leaves the last report whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, example, given, reject, settings
from hypothesis import strategies as st

from models import Data, Model
from reports.command_line import cli
from reports.files.documents import as_json
from reports.presenting.document import document
from reports.presenting.page import render
from reports.reproducing.saved import _require_schema
from tests.doubles import HOSTILE_NAMES, REPORT_FILES, invented
from tests.effort import EFFORT

ROOT = Path(__file__).parents[2]
EMVSBAYES = [sys.executable, "-c", "from reports.command_line import main; main()"]
NAMES = st.sampled_from(
    [*HOSTILE_NAMES, "a", "=cmd|' /C calc'!A0", "../../etc/passwd", "'; DROP TABLE", "{{7*7}}", "%s%n", "-1", "\\"]
)
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-3, 12).map(float)
    | st.integers(-300, 300).map(lambda e: 10.0**e)
)
CELLS = NUMBERS.map(repr) | st.sampled_from(["", "NA", "1,5", "inf", "nan", "<b>", "=1+1", "1e999", "٣"])
OPTIONS = st.sampled_from(
    [
        ("--covariance", "full"),
        ("--covariance", "tied"),
        ("--covariance", "spherical"),
        ("--mixing", "equal"),
        ("--estimate", "map"),
        ("--columns", "a,b"),
        ("--column", "<script>alert(1)</script>"),
        ("--column", "\x1b[2J"),
        ("--counts-column", "a"),
        ("--data-seed", "-1"),
        ("--seed", "99999999999999999999"),
    ]
)


@dataclass(frozen=True)
class Case:
    """A file's name and content, and what is typed after it."""

    name: str
    content: bytes
    options: tuple[str, ...]


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Text with a header or without, mostly numbers, of every magnitude or of none that surprises."""
    width, rows = draw(st.integers(1, 3)), draw(st.integers(1, 14))
    cells = draw(st.sampled_from([NUMBERS.map(repr), st.integers(0, 9).map(str), CELLS]))
    lines = [[draw(cells) for _ in range(width)] for _ in range(rows)]
    if draw(st.booleans()):
        quoted = ['"' + draw(NAMES).replace('"', '""') + '"' for _ in range(width)]
        lines.insert(0, quoted)
    return "\n".join(draw(st.sampled_from([",", ";", "\t"])).join(line) for line in lines).encode()


@st.composite
def cases(draw: st.DrawFn) -> Case:
    content = draw(tables() | tables() | tables() | st.binary(max_size=80))
    name = draw(st.sampled_from(["d.csv", "d.csv", "d.npy", "<img src=x>.csv", "a b;c.csv"]))
    family = draw(st.sampled_from(["gaussian", "poisson"]))
    chosen = [word for pair in draw(st.lists(OPTIONS, max_size=2)) for word in pair]
    return Case(name, content, ("--family", family, "--components", str(draw(st.integers(1, 3))), *chosen))


def ends_well(done: Result) -> None:
    """With a result, or with exit status 2 and one sentence on standard error."""
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if done.exit_code == 0:
        return
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    # The first two lines of an option's own error say how the command is used.
    assert [line for line in lines if line.startswith("Error: ")] == lines[-1:]
    assert all(line.isprintable() for line in lines)


def fit(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / case.name
        path.write_bytes(case.content)
        done = CliRunner().invoke(cli, ["fit", str(path), *case.options, "--starts", "3", "--json"])
    ends_well(done)
    if done.exit_code == 0:
        found = json.loads(done.stdout, parse_constant=pytest.fail)
        assert abs(sum(found["weights"]) - 1) < 1e-9
        assert np.isfinite(found["log_likelihood"])


def compare(case: Case) -> None:
    """Really sampled, by the fewest draws that there may be."""
    quick = ("--starts", "3", "--draws", "13", "--tune", "8", "--chains", "2")
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / case.name, Path(folder) / "report"
        path.write_bytes(case.content)
        done = CliRunner().invoke(cli, ["compare", str(path), *case.options, *quick, "--out", str(out)])
        ends_well(done)
        if done.exit_code == 0:
            assert sorted(each.name for each in out.iterdir()) == sorted(REPORT_FILES)
            sound((out / "report.json").read_text(), (out / "report.html").read_text())
        else:
            assert sorted(each.name for each in Path(folder).iterdir()) == [case.name]


def sound(text: str, page: str | None) -> None:
    """A document that keeps to the schema, all of it finite, and a page in which no name became markup."""
    _require_schema(json.loads(text, parse_constant=pytest.fail), "report.json")
    if page is not None:
        assert "alert(1)</script>" not in page
        assert "<img src=x" not in page
        assert not re.search(r"[\x00-\x08\x0e-\x1f\x7f\u202e]", page)
        assert not re.search(r"[>\s](nan|inf|NaN|Infinity)[<\s,.]", page)


@st.composite
def samples(draw: st.DrawFn) -> tuple[Data, Model]:
    """Data that a mixture can be fitted to, with nothing else to be said for them."""
    n, d = draw(st.integers(5, 12)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    columns = tuple(draw(st.lists(NAMES, min_size=d, max_size=d, unique=True)))
    if draw(st.booleans()):
        x = rng.poisson(draw(st.sampled_from([0.3, 4.0, 1e6])), (n, 1)).astype(float)
        x[0] += draw(st.sampled_from([1.0, 1e3, 1e9]))
        data, family, covariance = Data.of(x, columns=columns[:1], name=draw(NAMES)), "poisson", None
    else:
        x = rng.normal(size=(n, d)) * 10.0 ** draw(st.integers(-60, 60))
        x[0] *= draw(st.sampled_from([1.0, 30.0, 1e3]))
        data, family = Data.of(x, columns=columns, name=draw(NAMES)), "gaussian"
        covariance = draw(st.sampled_from(["full", "tied", "spherical", "diagonal"]))
    components, mixing = draw(st.integers(1, 2)), draw(st.sampled_from(["free", "equal"]))
    try:
        return data, Model.of(data, family, components, covariance, mixing)
    except ValueError:  # counts that happen to be alike
        reject()


def report(sample: tuple[Data, Model], with_page: bool = True) -> None:
    """With a posterior that was invented about the estimate, so that nothing has to be compiled."""
    data, model = sample
    comparison = invented(data, model, title=data.name, command=data.name, draws=40, starts=2)
    sound(as_json(document(comparison)), render(comparison) if with_page else None)


# A report takes seconds, and shrinking one would take minutes: the first case that fails is shown as it is.
AS_FOUND: dict[str, Any] = {"phases": (Phase.explicit, Phase.generate)}
QUICK: dict[str, Any] = {
    "derandomize": True,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
}
# Other cases in every run, unless in CI, where the same commit must get the same answer.
LONG = {**QUICK, "derandomize": "CI" in os.environ}


@settings(max_examples=60, **QUICK)
@given(cases())
def test_any_file_is_fitted_or_refused_in_one_sentence(case: Case) -> None:
    fit(case)


@settings(max_examples=2, **QUICK, **AS_FOUND)
@given(samples())
def test_a_report_of_any_data_is_finite_and_no_name_becomes_markup(sample: tuple[Data, Model]) -> None:
    report(sample)


@pytest.mark.slow
@settings(max_examples=1500 * EFFORT, **LONG)
@given(cases())
def test_many_files_are_fitted_or_refused_in_one_sentence(case: Case) -> None:
    fit(case)


@pytest.mark.slow
@settings(max_examples=12 * EFFORT, **LONG, **AS_FOUND)
@given(samples())
@example((Data.of([1000.0, 0, 0, 0, 0, 0]), Model("poisson", 2)))  # a rate of zero: invented draws that never move
def test_reports_of_many_data_are_finite(sample: tuple[Data, Model]) -> None:
    report(sample)


@pytest.mark.slow
@settings(max_examples=10 * EFFORT, **LONG, **AS_FOUND)
@given(cases())
def test_many_files_are_compared_or_refused_in_one_sentence(case: Case) -> None:
    compare(case)


@pytest.mark.slow
@pytest.mark.parametrize("ends", [signal.SIGKILL, signal.SIGINT])
def test_a_comparison_that_is_ended_leaves_the_last_report_whole(tmp_path: Path, ends: signal.Signals) -> None:
    """At any moment from the first import to the last file."""
    quick = ("--draws", "20", "--tune", "20", "--chains", "2", "--starts", "3", "--out", "report")
    arguments = [*EMVSBAYES, "compare", "gaussian-two", *quick]
    environment: Any = {**os.environ, "PYTHONPATH": str(ROOT)}
    options: Any = {"cwd": tmp_path, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    began = time.monotonic()
    subprocess.run([*arguments, "--seed", "0"], check=True, **options)
    lasts = time.monotonic() - began
    folder, wait = tmp_path / "report", np.random.default_rng(int(ends))
    for seed in range(1, 9):
        before = contents(folder)
        with subprocess.Popen([*arguments, "--seed", str(seed)], **options) as process:
            time.sleep(wait.uniform(0, 1.05 * lasts))
            process.send_signal(ends)
            _, errors = process.communicate()
        after = contents(folder)
        assert sorted(after) == sorted(REPORT_FILES)
        if after != before:
            assert json.loads(after["report.json"])["provenance"]["seed"] == seed
            assert all(after[name] != before[name] for name in REPORT_FILES)
        if ends == signal.SIGINT and process.returncode == 130:
            assert "Interrupted" in errors.decode()
    shutil.rmtree(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
