"""Before NUTS takes long a sentence says so, wherever progress is shown in words; what it takes is nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import UnfeasibleError
from reports import compare
from reports.outermost import REFUSED, _status_of_command
from reports.running.patience import LONG_SECONDS, MOST_MINUTES, foretell, require_allowed
from reports.running.progress import Silence
from reports.running.stages import Lines, Quiet


@pytest.mark.parametrize(
    ("seconds", "said"), [(150, "about 2 minutes"), (1500, "about 25 minutes"), (20_000, "about 6 hours")]
)
def test_a_long_time_is_said_with_what_takes_less(
    seconds: float, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    foretell(Lines(), seconds)
    sentence = capsys.readouterr().err
    assert said in sentence
    assert "Fewer draws or chains take less" in sentence


@pytest.mark.parametrize("progress", [Quiet(), Silence()], ids=["quiet", "silence"])
def test_nobody_hears_it_who_wants_no_progress(progress: Quiet | Silence, capsys: pytest.CaptureFixture[str]) -> None:
    foretell(progress, 10 * LONG_SECONDS)
    assert capsys.readouterr().err == ""


def test_of_a_short_time_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    foretell(Lines(), LONG_SECONDS - 1)
    assert capsys.readouterr().err == ""


def test_bars_show_the_whole_sentence_above_them(capsys: pytest.CaptureFixture[str]) -> None:
    from reports.running.bars import progress_bars

    with progress_bars() as bars:
        foretell(bars, 1500)
    assert " ".join(capsys.readouterr().err.split()).startswith("NUTS will take about 25 minutes here")


def test_what_takes_longer_than_is_allowed_is_refused_with_what_takes_less() -> None:
    require_allowed(60 * MOST_MINUTES, rows=1000)
    with pytest.raises(UnfeasibleError, match=r"about 50 minutes .* 2000000 different rows") as refused:
        require_allowed(3000, rows=2_000_000)
    # Of so many rows the chains take as long as is allowed, rounded down; and as long as they take is allowed, rounded up.
    assert "rows=100000" in str(refused.value)
    assert "max_minutes=50" in str(refused.value)
    require_allowed(3000, rows=2_000_000, max_minutes=50)


@pytest.mark.parametrize("minutes", [0, -1, np.nan])
def test_minutes_are_positive(minutes: float) -> None:
    with pytest.raises(ValueError, match="max_minutes must be positive"):
        require_allowed(1.0, rows=10, max_minutes=minutes)


def test_a_comparison_is_refused_before_anything_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(1000, 2))
    monkeypatch.setattr("reports.running.patience.expected_seconds", lambda *_: 600.0)
    monkeypatch.setattr("reports.judging.comparison.fit", pytest.fail)
    with pytest.raises(UnfeasibleError, match="max_minutes=10"):
        compare(x, "gaussian", 2)


# Of six numbers of components the chains take six times as long.
@pytest.mark.parametrize(("command", "minutes"), [("compare", 10), ("sample", 10), ("choose", 60)])
def test_a_command_is_refused_in_its_own_words(
    command: str, minutes: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("reports.running.patience.expected_seconds", lambda *_: 600.0)
    monkeypatch.setattr("sys.argv", ["emvsbayes", command, "poisson-three", "--out", str(tmp_path / "out")])
    assert _status_of_command() == REFUSED
    said = capsys.readouterr().err
    assert "more than --max-minutes 3" in said
    assert f"--max-minutes {minutes})" in said
    assert not (tmp_path / "out").exists()
