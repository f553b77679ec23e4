"""Before NUTS takes long a sentence says so, wherever progress is shown in words; what it takes is nowhere else."""

from __future__ import annotations

import pytest

from reports.running.progress import LONG_SECONDS, Silence, foretell
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
