"""Files appear whole or not at all, and nothing of somebody else's is touched."""

from __future__ import annotations

import csv
import errno
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import arviz as az
import click
import numpy as np
import pytest

from reports.files.documents import GENERATOR, write_text
from reports.files.staged import staged, staged_parts
from reports.judging.comparison import Comparison
from reports.presenting import write
from reports.presenting.write import check_report_folder, write_report
from tests.doubles import REPORT_FILES, typed

ROOT = Path(__file__).parents[2]


def test_a_report_is_five_files_that_read_back(poisson_comparison: Comparison, tmp_path: Path) -> None:
    page = write_report(poisson_comparison, tmp_path / "new" / "report")
    assert sorted(path.name for path in page.parent.iterdir()) == sorted(REPORT_FILES)
    with (page.parent / "parameters.csv").open(encoding="utf-8") as file:
        rows = {row["parameter"]: row for row in csv.DictReader(file)}
    assert float(rows["rates[2]"]["mle"]) == poisson_comparison.mle.parameters["rates[2]"]
    tree = az.from_netcdf(page.parent / "posterior.nc")
    try:
        groups = {name.strip("/") for name in tree.groups}
        wanted = ("posterior", "relabelled_posterior", "log_likelihood", "posterior_predictive", "sample_stats")
        assert groups.issuperset((*wanted, "observed_data"))
        kept = tree["relabelled_posterior"]["rates"].to_numpy()
        np.testing.assert_array_equal(kept, poisson_comparison.posterior.mixture.arrays()["rates"])
    finally:
        tree.close()


@pytest.mark.usefixtures("drawn_before")
def test_a_report_of_ours_is_replaced_and_other_files_stay(poisson_comparison: Comparison, tmp_path: Path) -> None:
    write_report(poisson_comparison, tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    first = (tmp_path / "report.html").read_bytes()
    write_report(poisson_comparison, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "report.html").read_bytes() == first


def test_a_foreign_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("somebody's thesis")
    with pytest.raises(ValueError, match=r"report\.html that emvsbayes did not write"):
        check_report_folder(tmp_path)
    (tmp_path / "report.json").write_text(json.dumps({"generator": "something else"}))
    with pytest.raises(ValueError, match="did not write"):
        check_report_folder(tmp_path)


def test_figures_go_over_none_of_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "climb.svg").write_text("<svg/>")
    check_report_folder(tmp_path)
    with pytest.raises(ValueError, match=r"holds a figures that emvsbayes did not write"):
        check_report_folder(tmp_path, "svg")
    (tmp_path / "report.json").write_text(json.dumps({"generator": GENERATOR}))
    check_report_folder(tmp_path, "svg")


@pytest.mark.parametrize("there", [None, GENERATOR, "something else"])
def test_what_will_be_replaced_is_said_while_it_is_there(
    there: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a foreign document lies nothing is replaced, since nothing is written."""

    def ended(*_: object) -> None:
        raise click.ClickException("nothing is computed here")

    monkeypatch.setattr("reports.commands.compare.compared", ended)
    (tmp_path / "out").mkdir()
    if there is not None:
        (tmp_path / "out" / "report.json").write_text(json.dumps({"generator": there}))
    said = typed("compare", "poisson-three", "-o", "out", folder=tmp_path)
    assert ("out holds earlier results of emvsbayes, which the new ones replace" in said.stderr) == (there == GENERATOR)
    assert "replace" not in said.stdout
    assert ("did not write" in said.stderr) == (there == "something else")


@pytest.mark.usefixtures("drawn_before")
def test_a_failure_half_way_leaves_nothing_behind(
    poisson_comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("out of ink")

    monkeypatch.setattr(write, "as_json", fail)
    with pytest.raises(RuntimeError, match="out of ink"):
        write_report(poisson_comparison, tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("drawn_before")
def test_a_failure_half_way_keeps_the_earlier_report(
    poisson_comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(poisson_comparison, tmp_path / "report")
    before = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}

    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "as_json", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_report(poisson_comparison, tmp_path / "report")
    assert {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is a file"):
        check_report_folder(tmp_path / "file" / "report")
    with pytest.raises(ValueError, match="cannot be written to"):
        check_report_folder(Path("/proc/report"))


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_figures_on_request(plane_comparison: Comparison, tmp_path: Path, kind: str) -> None:
    from reports.presenting.figures import save_figures

    save_figures(plane_comparison, tmp_path, kind)
    files = list(tmp_path.iterdir())
    assert len(files) >= 5
    assert all(path.suffix == f".{kind}" and path.stat().st_size > 1000 for path in files)


WRITER = """
import sys
from pathlib import Path
from reports.files.staged import staged

folder = Path(sys.argv[1])
print("ready", flush=True)
for generation in range(1_000_000):
    with staged(folder) as stage:
        (stage / "figures").mkdir()
        for name in ("parameters.csv", "report.html", "report.json", "figures/density.svg"):
            (stage / name).write_text(str(generation))
"""
NAMES = ("parameters.csv", "report.html", "report.json", "figures/density.svg")


@pytest.mark.parametrize("ends", [signal.SIGKILL, signal.SIGINT])
def test_whenever_a_writer_is_ended_there_is_one_whole_report(tmp_path: Path, ends: signal.Signals) -> None:
    """All files are of one generation, and somebody's notes are where they were."""
    folder = tmp_path / "report"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "notes.txt").write_text("mine")
    wait = np.random.default_rng(int(ends))
    seen = set()
    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(wait.uniform(0.02, 0.2))
            writer.send_signal(ends)
        generations = {(folder / name).read_text() for name in NAMES if (folder / name).exists()}
        assert len(generations) <= 1
        seen |= generations
        assert (folder / "mine" / "notes.txt").read_text() == "mine"
    assert len(seen) > 1


@pytest.mark.parametrize("swaps", [True, False])
def test_other_files_links_and_permissions_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swaps: bool) -> None:
    if not swaps:
        monkeypatch.setattr("reports.files.staged.exchange", lambda *_: False)
    folder = tmp_path / "report"
    (folder / "figures").mkdir(parents=True, mode=0o700)
    folder.chmod(0o750)
    (folder / "figures" / "old.svg").write_text("old")
    (folder / "link").symlink_to("figures/old.svg")
    (folder / "report.json").write_text("old")
    inode = (folder / "figures" / "old.svg").stat().st_ino
    (tmp_path / "shortcut").symlink_to("report")
    with staged(tmp_path / "shortcut") as stage:
        (stage / "figures").mkdir()
        (stage / "figures" / "new.svg").write_text("new")
        (stage / "report.json").write_text("new")
    assert (tmp_path / "shortcut").is_symlink()
    assert folder.stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in folder.rglob("*")) == ["figures", "link", "new.svg", "old.svg", "report.json"]
    assert (folder / "report.json").read_text() == "new"
    assert (folder / "link").is_symlink()
    kept = (folder / "figures" / "old.svg").stat()
    assert (kept.st_ino, kept.st_nlink) == (inode, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report", "shortcut"]


def test_a_folder_that_somebody_works_in_stays_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inode = tmp_path.stat().st_ino
    with staged(Path()) as stage:
        (stage / "report.json").write_text("new")
    assert Path("report.json").read_text() == "new"
    assert tmp_path.stat().st_ino == inode


def test_a_folder_alone_in_a_place_that_is_not_ours_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = tempfile.mkdtemp

    def deny(dir: Path, prefix: str) -> str:
        if dir == tmp_path:
            raise PermissionError(13, "Permission denied")
        return make(dir=dir, prefix=prefix)

    monkeypatch.setattr("reports.files.staged.tempfile.mkdtemp", deny)
    (tmp_path / "report").mkdir()
    with staged(tmp_path / "report") as stage:
        (stage / "report.json").write_text("new")
    assert [path.name for path in (tmp_path / "report").iterdir()] == ["report.json"]


def test_what_a_killed_writer_left_goes_with_the_next_write_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    """A lock says which is which, since it ends with its owner."""
    (tmp_path / ".emvsbayes-killed" / "figures").mkdir(parents=True)
    (tmp_path / ".emvsbayes-page").write_text("half a page")
    with staged(tmp_path / "first") as first:
        (first / "report.json").write_text("1")
        write_text(tmp_path / "index.html", "whole")
        with staged(tmp_path / "second") as second:
            (second / "report.json").write_text("2")
        assert sorted(path.name for path in tmp_path.iterdir()) == [first.name, "index.html", "second"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "index.html", "second"]


def test_parts_take_their_places_together_after_a_mark(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "report.json").write_text("old")
    marked = []

    def mark() -> None:
        marked.append((tmp_path / "one" / "report.json").read_text())

    with staged_parts(tmp_path, mark) as stage:
        for name in ("one", "two"):
            (stage / name).mkdir()
            (stage / name / "report.json").write_text("new")
        assert not marked
        assert not (tmp_path / "two").exists()
    assert marked == ["old"]
    assert {path.name: (path / "report.json").read_text() for path in tmp_path.iterdir()} == {
        "one": "new",
        "two": "new",
    }


def test_what_cannot_be_written_is_named_by_its_place_and_not_by_its_stage(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as refused, staged(tmp_path / "report") as stage:
        (stage / "figures" / "density.svg").write_text("no such folder")
    assert refused.value.filename == str(tmp_path / "report" / "figures" / "density.svg")
    # The system does not say which file a full disk has no room for.
    with pytest.raises(OSError, match="No space") as full, staged(tmp_path / "report"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert full.value.filename == str(tmp_path / "report")
    assert list(tmp_path.iterdir()) == []
