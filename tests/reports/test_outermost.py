"""However and whenever the program is asked to end, and whatever the system refuses: one sentence and its status."""

from __future__ import annotations

import os
import pydoc
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import reports
from reports.outermost import sentence

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "reports"]
STATUSES = {signal.SIGINT: (130, "Interrupted: "), signal.SIGTERM: (143, "Terminated: ")}


def started(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    return process.returncode, errors


@pytest.mark.parametrize("number", STATUSES)
@pytest.mark.parametrize("seconds", [0.4, 1.5, pytest.param(3.0, marks=pytest.mark.slow)])
def test_a_signal_ends_it_with_one_sentence_also_while_libraries_are_imported(
    number: signal.Signals, seconds: float, tmp_path: Path
) -> None:
    process = started("compare", "gaussian-five", "--out", str(tmp_path / "report"))
    time.sleep(seconds)
    process.send_signal(number)
    status, errors = ended(process)
    expected, words = STATUSES[number]
    assert status == expected
    assert "Traceback" not in errors
    assert [line for line in errors.splitlines() if line.startswith(words)] == [f"{words}nothing was written."]
    assert list(tmp_path.iterdir()) == []


def test_a_study_whose_workers_are_being_imported_ends_at_once(tmp_path: Path) -> None:
    """The keys go to the workers as well, as at a terminal."""
    process = started(
        "study", "poisson-three", "--replications", "40", "--sizes", "50", "--out", str(tmp_path / "study")
    )
    while not _children(process.pid):
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    status, errors = ended(process)
    # Imports alone take a worker longer than that on a busy machine; ended they are in a moment.
    assert time.monotonic() - began < 8
    assert status == 130
    assert "Traceback" not in errors
    assert "Interrupted: 0 of 40 replicates are kept; the same command goes on." in errors


def _children(parent: int) -> list[str]:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    if not children.exists():
        pytest.skip("needs Linux")
    return [
        child for child in children.read_text().split() if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def test_settings_of_libraries_in_the_environment_change_nothing(tmp_path: Path) -> None:
    environment = {
        "PYTENSOR_FLAGS": "floatX=float32,mode=FAST_RUN",
        "NUMBA_DISABLE_JIT": "1",
        "MPLBACKEND": "none of them",
    }
    little = ("--draws", "30", "--tune", "30", "--chains", "1", "--starts", "2", "--out", str(tmp_path / "report"))
    status, errors = ended(started("compare", "poisson-three", *little, **environment))
    assert status == 0, errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("module", ["reports", "reports.command_line", "reports.program"])
def test_the_command_is_a_module_too(module: str) -> None:
    run: Any = subprocess.run([sys.executable, "-m", module, "--version"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0
    assert run.stdout.startswith("emvsbayes, version ")


def test_what_a_full_disk_cannot_take_from_standard_output_is_one_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as disk:
        run: Any = subprocess.run([*COMMAND, "scenarios"], cwd=ROOT, stdout=disk, stderr=subprocess.PIPE, text=True)
    # The first line says the time, and that what the command needs is being loaded.
    loading, *said = run.stderr.splitlines()
    assert loading.endswith("Loading")
    assert (run.returncode, said) == (2, ["Error: the system refuses: No space left on device."])


def test_names_that_are_too_long_are_one_sentence(tmp_path: Path) -> None:
    for arguments in (("fit", "x" * 300), ("compare", "poisson-three", "--out", str(tmp_path / ("x" * 300)))):
        status, errors = ended(started(*arguments))
        assert status == 2
        assert "File name too long" in errors
        assert "Traceback" not in errors


def test_what_the_system_refuses_in_words() -> None:
    assert sentence(OSError(28, "No space left on device", "a/b")) == "'a/b': No space left on device."
    assert sentence(MemoryError()) == "the memory does not suffice: take fewer data, draws or components."
    assert len(sentence(OSError(36, "File name too long", "x" * 5000))) < 300


def test_dir_and_help_show_what_the_package_promises() -> None:
    assert sorted(dir(reports)) == sorted(reports.__all__)
    shown = pydoc.plain(pydoc.render_doc(reports))
    assert all(name in shown for name in reports.__all__)
    with pytest.raises(AttributeError, match="no attribute 'banana'"):
        _ = reports.banana


def test_what_the_suite_warns_of_is_a_sentence_and_a_library_is_silent() -> None:
    program = (
        "import warnings\nfrom reports.outermost import _settle_environment\n_settle_environment()\n"
        "warnings.warn_explicit('a name has moved', UserWarning, 'compiled.py', 1, module='bayes.compiled')\n"
        "warnings.warn_explicit('divide by zero', RuntimeWarning, 'stats.py', 1, module='arviz_stats.base')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "WARNING: a name has moved\n")
