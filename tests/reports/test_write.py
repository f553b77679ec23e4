"""Files appear whole or not at all, and nothing of somebody else's is touched."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import arviz as az
import numpy as np
import pytest

from reports import write
from reports.comparison import Comparison
from reports.write import OWN_FILES, check_folder, write_report


def test_a_report_is_four_files_that_read_back(poisson_comparison: Comparison, tmp_path: Path) -> None:
    page = write_report(poisson_comparison, tmp_path / "new" / "report")
    assert sorted(path.name for path in page.parent.iterdir()) == sorted(OWN_FILES)
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
        check_folder(tmp_path)
    (tmp_path / "report.json").write_text(json.dumps({"generator": "something else"}))
    with pytest.raises(ValueError, match="did not write"):
        check_folder(tmp_path)


def test_a_failure_half_way_leaves_nothing_behind(
    poisson_comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("out of ink")

    monkeypatch.setattr(write, "as_json", fail)
    with pytest.raises(RuntimeError, match="out of ink"):
        write_report(poisson_comparison, tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


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
        check_folder(tmp_path / "file" / "report")
    with pytest.raises(ValueError, match="cannot be written to"):
        check_folder(Path("/proc/report"))


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_figures_on_request(plane_comparison: Comparison, tmp_path: Path, kind: str) -> None:
    from reports.figures import save_figures

    save_figures(plane_comparison, tmp_path, kind)
    files = list(tmp_path.iterdir())
    assert len(files) >= 5
    assert all(path.suffix == f".{kind}" and path.stat().st_size > 1000 for path in files)
