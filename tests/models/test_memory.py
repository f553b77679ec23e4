"""What memory does not hold is refused in a sentence that says what it does hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import Data, Model, UnfeasibleError, memory, require_effort, require_memory


@pytest.fixture(autouse=True)
def a_gigabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 1e9)


def test_the_sentence_says_what_would_fit() -> None:
    require_memory("draws", 1000, 1e6)
    with pytest.raises(
        UnfeasibleError, match=r"^draws = 3001 would take about 3 GB .* 1 GB are free: at most draws = 1000 fits"
    ):
        require_memory("draws", 3001, 1e6)
    with pytest.raises(UnfeasibleError, match=r"at most the number of columns = 1000 fits"):
        require_memory("the number of columns", 100_000, 1e3, power=2)


@pytest.mark.parametrize(
    ("effort", "named"),
    [
        ((10**12, 1000, 4), "draws"),
        ((1000, 10**30, 4), "tune"),
        ((4, 1, 10**9), "chains"),
        ((1000, 1000, 10**6), "chains"),
    ],
)
def test_what_is_too_much_is_named(effort: tuple[int, int, int], named: str) -> None:
    with pytest.raises(UnfeasibleError, match=f"^{named} = "):
        require_effort(8, *effort)
    require_effort(8, 1000, 1000, 4)


def test_a_covariance_of_too_many_columns_is_refused_before_it_is_computed() -> None:
    data = Data.of(np.random.default_rng(0).normal(size=(4, 20_000)))
    with pytest.raises(UnfeasibleError, match="the number of columns = 20000 would take about 76"):
        Model.of(data, "gaussian", 2)


def test_a_container_has_what_it_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    folder = tmp_path
    (folder / "memory.max").write_text("3000\n")
    (folder / "memory.current").write_text("1000\n")
    monkeypatch.setattr(memory, "_CONTROL_GROUP", folder)
    assert memory._of_container() == 2000
    (folder / "memory.max").write_text("max\n")
    assert memory._of_container() == np.inf
