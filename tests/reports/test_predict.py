"""New rows under a saved report, as somebody at the command line and in Python gets them, against SciPy."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import h5netcdf
import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet
from scipy import special, stats

from models import Data, Model
from reports import diff, read
from reports.files.rows import rows_in
from reports.judging.comparison import Comparison
from reports.presenting import membership_rows, write
from reports.presenting.write import write_report
from tests.doubles import invented, typed

NEW = "when,north,ignored,east\nmon,1.2,x,0.1\ntue,4.9,y,4.2\nwed,3.0,z,2.0\nthu,90,z,-70\n"


@pytest.fixture(scope="module")
def comparison(plane_comparison: Comparison) -> Comparison:
    return plane_comparison


@pytest.fixture(scope="module")
def report(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "render", lambda *_: "")
        return write_report(comparison, tmp_path_factory.mktemp("reports") / "plane").parent


def by_scipy(report: Path, x: np.ndarray) -> dict[str, np.ndarray]:
    """What is predicted, from the files of the report, with nothing but SciPy."""
    estimate = json.loads((report / "report.json").read_text())["em"]
    with h5netcdf.File(report / "posterior.nc") as file:
        draws = {name: file["relabelled_posterior"][name][:] for name in ("weights", "means", "covariances")}
    flat = {name: array.reshape(-1, *array.shape[2:]) for name, array in draws.items()}

    def joint(weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
        columns = [
            np.log(w) + stats.multivariate_normal(m, c).logpdf(x)
            for w, m, c in zip(weights, means, covariances, strict=True)
        ]
        return np.stack(columns, axis=1)

    em = joint(*(np.array(estimate[name]) for name in ("weights", "means", "covariances")))
    each = np.array([joint(*(array[s] for array in flat.values())) for s in range(len(flat["weights"]))])
    height = special.logsumexp(each, axis=2)
    return {
        "em": np.exp(em - special.logsumexp(em, axis=1)[:, None]),
        "log_density_em": special.logsumexp(em, axis=1),
        "posterior": np.exp(each - height[:, :, None]).mean(axis=0),
        "log_density_posterior": special.logsumexp(height, axis=0) - np.log(len(height)),
        "log_density_sd": height.std(axis=0, ddof=1),
    }


def test_new_rows_on_the_command_line_are_what_scipy_makes_of_the_reports_files(report: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(NEW)
    answer = typed("predict", str(report), "new.csv", folder=tmp_path)
    assert answer.exit_code == 0
    rows = pd.read_csv(io.StringIO(answer.stdout))
    x = np.array([[0.1, 1.2], [4.2, 4.9], [2.0, 3.0], [-70, 90]])
    known = by_scipy(report, x)
    assert rows["row"].tolist() == [1, 2, 3, 4]
    for side in ("em", "posterior"):
        assert (rows[f"component_{side}"] == known[side].argmax(axis=1) + 1).all()
        # Six decimals are written.
        np.testing.assert_allclose(rows[f"probability_{side}"], known[side].max(axis=1), atol=6e-7)
    for column in ("log_density_em", "log_density_posterior", "log_density_sd"):
        np.testing.assert_allclose(rows[column], known[column], atol=6e-7, rtol=1e-12)
    assert rows["in_doubt"].tolist() == [False, False, True, False]
    assert rows["unlike_seen"].tolist() == [False, False, False, True]
    assert "4 rows: 1 in doubt, 1 unlike anything seen" in answer.stderr


def test_a_report_read_back_says_to_the_last_digit_what_was_found(report: Path, comparison: Comparison) -> None:
    x = comparison.data.values[:50] + 0.3
    back = read(report)
    for saved, found in ((back.em, comparison.em), (back.posterior, comparison.posterior)):
        np.testing.assert_array_equal(saved.predict(x), found.predict(x))
        np.testing.assert_array_equal(saved.predict_proba(x), found.predict_proba(x))
        np.testing.assert_array_equal(saved.score_samples(x), found.score_samples(x))
        assert saved.score(x) == found.score(x)
    table = back.predict(pd.DataFrame(x[:, ::-1], columns=["north", "east"]))
    np.testing.assert_array_equal(table["log_density_posterior"], comparison.posterior.score_samples(x))
    # No row that was fitted is unlike anything seen, and the smallest is one of them.
    own = back.predict(comparison.data)
    assert not own["unlike_seen"].any()
    assert own["log_density_posterior"].min() == pytest.approx(back.smallest_log_density, rel=1e-12)


def test_memberships_have_a_line_for_each_row_and_are_what_predict_says_of_it(
    report: Path, comparison: Comparison, tmp_path: Path
) -> None:
    with (report / "memberships.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [int(line["row"]) for line in lines] == list(range(1, 301))
    data = comparison.data
    pd.DataFrame(data.values, columns=data.columns).to_csv(tmp_path / "fitted.csv", index=False)
    rows = pd.read_csv(io.StringIO(typed("predict", str(report), "fitted.csv", folder=tmp_path).stdout))
    for column in lines[0]:
        assert [line[column] for line in lines] == [_as_written(value) for value in rows[column]]
    said = read(report).document["memberships"]
    assert said["rows"] == 300
    assert said["rows_in_doubt"] == rows["in_doubt"].sum()
    assert said["share_in_doubt"] == pytest.approx(data.weights @ rows["in_doubt"] / 600)


def _as_written(value: object) -> str:
    return str(value).lower() if isinstance(value, (bool, np.bool_)) else f"{value:g}" if value == 1 else str(value)


def test_large_files_go_by_parts_with_the_same_rows_into_a_new_file_of_either_kind(
    report: Path, tmp_path: Path
) -> None:
    x = np.random.default_rng(5).normal(3, 3, (500, 2))
    pd.DataFrame(x, columns=["north", "east"]).to_parquet(tmp_path / "new.parquet", row_group_size=200)
    for out, how in (("rows.csv", "--in-memory"), ("rows.parquet", "--chunked")):
        answer = typed("predict", str(report), "new.parquet", how, "--out", out, folder=tmp_path)
        assert answer.exit_code == 0
        assert answer.stdout.startswith("500 rows: ")
    whole, by_parts = pd.read_csv(tmp_path / "rows.csv"), parquet.read_table(tmp_path / "rows.parquet").to_pandas()
    pd.testing.assert_frame_equal(whole, by_parts, check_dtype=False, atol=1e-12)


def test_columns_may_have_other_names_when_they_are_said(report: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("b,a\n1.2,0.1\n4.9,4.2\n")
    answer = typed("predict", str(report), "new.csv", "--columns", "a,b", folder=tmp_path)
    assert answer.exit_code == 0
    (tmp_path / "named.csv").write_text("north,east\n1.2,0.1\n4.9,4.2\n")
    assert answer.stdout == typed("predict", str(report), "named.csv", folder=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("new.csv",), "new.csv: there is no column 'east'"),
        (("missing.csv",), "there is no file 'missing.csv'."),
        (("new.csv", "--columns", "north"), "--columns names 1 columns, and the report has 2: 'east', 'north'."),
        (("new.csv", "--out", "new.csv"), "--out 'new.csv' exists already"),
        (("hole.csv",), "a missing value"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    report: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "new.csv").write_text("north,esat\n1,2\n")
    (tmp_path / "hole.csv").write_text("north,east\n1,\n2,3\n")
    answer = typed("predict", str(report), *arguments, folder=tmp_path)
    assert answer.exit_code == 2
    assert sentence in answer.stderr
    assert answer.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hole.csv", "new.csv"]


def test_rows_with_missing_cells_keep_the_numbers_of_the_others(report: Path, tmp_path: Path) -> None:
    (tmp_path / "hole.csv").write_text("north,east\n1,\n2,3\n,4\n5,6\n")
    answer = typed("predict", str(report), "hole.csv", "--missing", "drop", folder=tmp_path)
    assert pd.read_csv(io.StringIO(answer.stdout))["row"].tolist() == [2, 4]


def test_a_report_without_its_draws_is_refused(report: Path, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes((report / "report.json").read_bytes())
    with pytest.raises(ValueError, match="draws have to lie beside"):
        read(tmp_path)
    (tmp_path / "posterior.nc").write_bytes(b"no draws")
    with pytest.raises(ValueError, match="holds no draws of this report"):
        read(tmp_path)


def test_above_so_many_rows_the_file_is_parquet_and_the_earlier_one_goes(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "render", lambda *_: "")
    monkeypatch.setattr(membership_rows, "MOST_CSV_ROWS", 299)
    (tmp_path / "report.json").write_text('{"generator": "emvsbayes"}')
    (tmp_path / "memberships.csv").write_text("earlier")
    write_report(comparison, tmp_path)
    assert not (tmp_path / "memberships.csv").exists()
    assert parquet.read_table(tmp_path / "memberships.parquet").num_rows == 300
    first = (tmp_path / "memberships.parquet").read_bytes()
    write_report(comparison, tmp_path)
    assert (tmp_path / "memberships.parquet").read_bytes() == first


def test_rows_are_written_block_by_block_to_six_decimals(tmp_path: Path) -> None:
    with rows_in(tmp_path / "rows.csv") as write_block:
        write_block({"row": np.array([1, 2]), "p": np.array([0.1234567, -np.inf]), "b": np.array([True, False])})
        write_block({"row": np.array([3]), "p": np.array([-0.0]), "b": np.array([True])})
    assert (tmp_path / "rows.csv").read_text() == "row,p,b\n1,0.123457,true\n2,-inf,false\n3,0,true\n"


def test_shares_count_each_observation_as_often_as_it_was_seen() -> None:
    from reports.comparing.memberships import Memberships

    first, sure = np.array([0, 1, 1]), np.ones(3)
    doubt, weights = np.array([True, False, False]), np.array([3.0, 1.0, 1.0])
    found = Memberships(np.arange(1, 4), first, sure, np.array([1, 1, 1]), sure, doubt, weights, 10, 1.0, -3.0)
    assert found.share_alike == pytest.approx(2 / 5)
    assert found.share_in_doubt == pytest.approx(3 / 5)


def test_weights_of_zero_leave_gaps_in_the_numbers(comparison: Comparison) -> None:
    from reports.comparing.memberships import Memberships

    x = comparison.data.values[:4]
    data = Data.of(x, [1.0, 0.0, 2.0, 1.0], columns=("east", "north"))
    found = Memberships.of(comparison.em.mixture, comparison.posterior.mixture, data)
    assert found.numbers.tolist() == [1, 3, 4]
    assert found.share_alike == 1.0


def test_two_reports_say_how_many_rows_changed_their_component(report: Path, tmp_path: Path) -> None:
    assert diff(report, report).same
    (tmp_path / "report.json").write_bytes((report / "report.json").read_bytes())
    assert diff(report, tmp_path).same
    lines = (report / "memberships.csv").read_text().splitlines()
    cells = lines[1].split(",")
    cells[1] = "2" if cells[1] == "1" else "1"
    (tmp_path / "memberships.csv").write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]))
    found = diff(report, tmp_path)
    assert not found.same
    assert "of 300 rows 1 have another component by EM and 0 by the posterior; 0 are in doubt" in found.to_text()
    assert found.sentence == "The reports differ in their files of memberships alone."


def test_exposures_of_new_rows_are_found_by_the_name_that_they_have_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(8)
    hours = rng.uniform(1, 4, 80)
    counts = rng.poisson(np.where(np.arange(80) < 40, 1.0, 9.0) * hours)
    data = Data.of(counts, exposure=hours, columns=("calls",), exposure_column="hours")
    monkeypatch.setattr(write, "render", lambda *_: "")
    place = str(write_report(invented(data, Model.of(data, "poisson", 2)), tmp_path / "report").parent)
    (tmp_path / "same.csv").write_text("calls,hours\n3,2\n30,3.5\n")
    (tmp_path / "other.csv").write_text("calls,watch\n3,2\n30,3.5\n")
    same = typed("predict", place, "same.csv", folder=tmp_path)
    other = typed("predict", place, "other.csv", "--exposure-column", "watch", folder=tmp_path)
    assert (same.exit_code, other.exit_code) == (0, 0)
    assert same.stdout == other.stdout
    missing = typed("predict", place, "other.csv", folder=tmp_path)
    assert missing.exit_code == 2
    assert "'hours'" in missing.stderr
