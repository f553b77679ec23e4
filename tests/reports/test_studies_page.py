from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from reports.studies import Design, Record, Store
from reports.studies.coverage.proportion import proportion, wilson
from reports.studies.coverage.study import Study
from reports.studies.coverage.write import OWN_FILES, write_study
from reports.studies.running.place import check_study_folder
from tests.reports.pages import opened, require_accessible, screens
from tests.reports.studies import invented, one_gaussian, two_poissons

HOSTILE = "<script>alert(1)</script>"


def write(design: Design, folder: Path) -> Study:
    with Store.open(folder, design) as store:
        for size, number in design.pairs():
            store.add(invented(design, size, number))
        last = max(design.sizes), design.replications - 1
        store.add(Record.without_answer(*last, "raised", HOSTILE))
        store.note(*last, 2, f"raised: {HOSTILE}")
        study = Study.of(design, store)
    write_study(study, folder, f"emvsbayes study {HOSTILE}")
    return study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write(two_poissons(sizes=(50, 200, 1000), replications=12), folder)
    return folder


@screens
def test_the_page_opens_alone_fits_and_is_accessible(browser: Browser, folder: Path, width: int, scheme: str) -> None:
    with opened(browser, folder / "study.html", width, scheme) as page:
        require_accessible(page)


def test_the_files_hold_the_same_numbers(folder: Path) -> None:
    assert all((folder / name).exists() for name in OWN_FILES)
    table, parquet = pd.read_csv(folder / "study.csv"), pd.read_parquet(folder / "study.parquet")
    pd.testing.assert_frame_equal(table, parquet)
    assert set(table["quantity"]) == {"bias", "RMSE", "coverage", "width", "shift", "sd ratio", "Wasserstein"}
    assert len(pd.read_parquet(folder / "replicates.parquet")) == 4 * (3 * 12 - 1)
    page = (folder / "study.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "λ₂" in page


def test_a_study_of_one_size_and_one_replicate_can_be_shown(tmp_path: Path) -> None:
    with Store.open(tmp_path, one_gaussian(sizes=(5,), replications=1)) as store:
        design = one_gaussian(sizes=(5,), replications=1)
        store.add(invented(design, 5, 0))
        study = Study.of(design, store)
    assert write_study(study, tmp_path, "again").exists()
    assert "means[1]" in study.to_text()


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "study.html").write_text("mine")
    with pytest.raises(ValueError, match=r"holds a study\.html that is none of a study"):
        check_study_folder(tmp_path, OWN_FILES)


def test_the_interval_of_a_share_is_that_of_the_published_example() -> None:
    # Newcombe (1998), table I: 81 of 263 and 0 of 20.
    import numpy as np

    low, high = wilson(np.array([81 / 263, 0.0]), np.array([263.0, 20.0]))
    np.testing.assert_allclose(low, [0.2553, 0.0], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1611], atol=5e-5)


def test_the_error_of_a_share_has_a_length_where_all_replicates_are_alike() -> None:
    # Newcombe (1998), table I: the interval of 0 of 20 ends at .1611, half of which is 1.96 errors.
    assert proportion(0, 20) == pytest.approx((0.0, 0.1611 / 2 / 1.959964), abs=3e-5)
    assert proportion(20, 20) == pytest.approx((1.0, proportion(0, 20)[1]))
    # Of many replicates it is the usual one, to about 2/R.
    assert proportion(900, 1000)[1] == pytest.approx((0.9 * 0.1 / 1000) ** 0.5, rel=5e-3)
    assert str(proportion(0, 0)) == "(nan, nan)"
