"""A disk that is full: the sentence says so, the earlier report is whole, and what was computed lies elsewhere."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reports.commands import rescue
from reports.commands.rescue import saved
from reports.files.documents import write_text
from reports.judging.comparison import Comparison
from tests.doubles import REPORT_FILES


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The system refuses to write on, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("drawn_before")
def test_a_report_that_has_no_room_leaves_the_earlier_one_and_names_the_file(
    poisson_comparison: Comparison, tmp_path: Path
) -> None:
    page = poisson_comparison.save(tmp_path / "report")
    before = {path.name: path.read_bytes() for path in page.parent.iterdir()}
    # The page fits; the draws, which come last, do not.
    largest = max((page.parent / name).stat().st_size for name in REPORT_FILES if name != "posterior.nc")
    assert largest < len(before["posterior.nc"])
    with no_file_larger_than(largest), pytest.raises(OSError, match="too large") as refused:
        poisson_comparison.save(tmp_path / "report")
    assert refused.value.filename == str(page.parent / "posterior.nc")
    assert {path.name: path.read_bytes() for path in page.parent.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def full(folder: Path) -> Path:
    if folder.parent.name == "full":
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "report.html"))
    write_text(folder / "report.html", "computed")
    return folder / "report.html"


def test_what_was_computed_is_kept_in_a_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(OSError, match=r"No space left on device; what was computed is in .* instead") as refused:
        saved(full, tmp_path / "full" / "report")
    assert refused.value.filename == str(tmp_path / "full" / "report" / "report.html")
    (page,) = tmp_path.glob("emvsbayes-saved-*/report/report.html")
    assert str(page) in str(refused.value)
    assert page.read_text() == "computed"


def test_somebody_at_a_terminal_is_asked_for_another_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([str(tmp_path / "full" / "again"), str(tmp_path / "elsewhere")])
    monkeypatch.setattr(rescue, "_somebody_is_there", lambda: True)
    monkeypatch.setattr("click.prompt", lambda *_, **__: next(answers))
    assert saved(full, tmp_path / "full" / "report") == tmp_path / "elsewhere" / "report.html"
    assert (tmp_path / "elsewhere" / "report.html").read_text() == "computed"
