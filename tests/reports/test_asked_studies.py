"""Studies as Python asks for them are those of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from em import fit
from models import scenario
from reports import FinishedStudy, calibrate, study
from reports.studies.coverage.plan import design_of
from reports.studies.subject import subject
from tests.reports.studies import Here

ENTRIES: dict[str, Any] = {"name": "one", "family": "gaussian", "weights": [1.0], "means": [2.0], "covariances": [9.0]}
ASKED: dict[str, Any] = {"sizes": (8, 12), "replications": 3, "draws": 30, "tune": 50, "seed": 1}


class Idle(Here):
    """Has nothing to do, since all is there."""

    def submit(self, task: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        raise AssertionError(f"{task} was computed again")


@pytest.fixture(scope="module")
def found() -> FinishedStudy:
    return study(ENTRIES, **ASKED, executor=Here)


@pytest.fixture(autouse=True)
def agg() -> Iterator[None]:
    with mpl.rc_context({"backend": "agg"}):
        yield
        pyplot.close("all")


def test_the_design_is_that_of_the_file_and_its_options(found: FinishedStudy, tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text('name = "one"\nfamily = "gaussian"\nweights = [1.0]\nmeans = [2.0]\ncovariances = [9.0]\n')
    asked = {name: value for name, value in ASKED.items() if name != "sizes"}
    designed = design_of(subject(str(file)), ASKED["sizes"], asked)
    assert found.design.document() == designed.document()


def test_a_study_says_in_a_notebook_what_it_prints(found: FinishedStudy) -> None:
    assert repr(found) == found.to_text()
    assert "n = 12" in found._repr_html_()
    assert found.complete


def test_what_is_kept_goes_on_and_gets_its_page(found: FinishedStudy, tmp_path: Path) -> None:
    study(ENTRIES, **ASKED, out=tmp_path / "one", executor=Here)
    again = study(ENTRIES, **ASKED, out=tmp_path / "one", executor=Idle)
    pd.testing.assert_frame_equal(again.parameters, found.parameters)
    page = (tmp_path / "one" / "study.html").read_text(encoding="utf-8")
    assert "reports.study({" in page


def test_figures_are_drawn_onto_axes(found: FinishedStudy) -> None:
    for draw in (
        found.plot_coverage, found.plot_bias, found.plot_rmse, found.plot_meter, found.plot_distance, found.plot_intervals,
    ):  # fmt: skip
        _, axes = pyplot.subplots()
        assert draw("means[1]", ax=axes) is axes
        assert axes.has_data()
    with pytest.raises(ValueError, match=r"parameter must be one of 'means\[1\]'.*got 'mu'"):
        found.plot_coverage("mu")
    with pytest.raises(ValueError, match="size must be one of 8, 12, got 9"):
        found.plot_intervals("means[1]", 9)
    with pytest.raises(ValueError, match="itself the nearest"):
        found.plot_truth()


def test_an_estimate_is_a_truth_at_the_size_of_its_data() -> None:
    data = scenario("horse-kicks").data
    fitted = fit(data, "poisson", 1)
    around = study(fitted, replications=2, draws=30, tune=50, executor=Here)
    assert around.design.sizes == (int(data.size),)
    assert around.design.true_values == fitted.parameters
    with pytest.raises(ValueError, match="use estimate='mle'"):
        study(fit(data, "poisson", 1, estimate="map"), executor=Here)


def test_a_calibration_ranks_and_is_drawn() -> None:
    ranked = calibrate(ENTRIES, replications=3, draws=40, tune=50, sizes=(10,), executor=Here)
    assert np.isfinite(ranked.quantities["p_value"]).all()
    assert repr(ranked).startswith("The ranks") or "leave their bands" in repr(ranked)
    assert ranked.plot().get_title().startswith("log-likelihood")
    with pytest.raises(ValueError, match=r"quantity must be one of .*log_likelihood"):
        ranked.plot("means[9]")
