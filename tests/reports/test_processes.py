"""Parts computed side by side: their answers, their errors, and what they leave behind when they are stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reports.files.staged import staged
from reports.running.processes import compute_parts, processes
from reports.running.progress import Silence

ROOT = Path(__file__).parents[2]
SCRIPT = """
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from reports.running.progress import Silence
from reports.running.processes import compute_parts, processes
from tests.reports.test_processes import written, written_slowly
if __name__ == "__main__":
    parts = {{"quick": partial(written, Path({folder!r}) / "quick"), "slow": partial(written_slowly, Path({folder!r}))}}
    with processes(2) as executor:
        try:
            compute_parts(parts, executor, 2, Silence())
        except KeyboardInterrupt as interrupt:
            print(interrupt, flush=True)
            raise
"""


def written(path: Path) -> int:
    path.write_text("done")
    return os.getpid()


def written_slowly(folder: Path) -> None:
    with staged(folder / "slow") as stage:
        (stage / "half").write_text("half")
        time.sleep(600)


def failing() -> None:
    raise ValueError("a column is missing")


def test_parts_are_computed_elsewhere_and_found_by_name(tmp_path: Path) -> None:
    parts: dict[str, Callable[[], Any]] = {name: partial(written, tmp_path / name) for name in ("b", "a", "c")}
    with processes(2) as executor:
        found = compute_parts(parts, executor, 2, Silence())
    assert set(found) == {"a", "b", "c"} == {path.name for path in tmp_path.iterdir()}
    assert os.getpid() not in found.values()


def test_an_error_stops_the_other_parts_at_once_and_they_clean_up(tmp_path: Path) -> None:
    parts: dict[str, Callable[[], Any]] = {"slow": partial(written_slowly, tmp_path), "failing": failing}
    began = time.monotonic()
    with pytest.raises(ValueError, match="a column is missing"), processes(2) as executor:
        compute_parts(parts, executor, 2, Silence())
    # Long before the ten minutes that the slow part takes.
    assert time.monotonic() - began < 120
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_parts_end_with_their_parent(tmp_path: Path, number: signal.Signals) -> None:
    script = SCRIPT.format(folder=str(tmp_path))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        try:
            while not ((tmp_path / "quick").exists() and list(tmp_path.glob("*/half"))):
                assert parent.poll() is None
                time.sleep(0.05)
            time.sleep(0.5)  # the first part is noted
            parent.send_signal(number)
            # Its standard output is open for as long as one of its processes lives.
            output, _ = parent.communicate(timeout=60)
        finally:
            parent.kill()
    if number == signal.SIGINT:
        assert output == "complete: quick.\n"
        assert [path.name for path in tmp_path.iterdir()] == ["quick"]
