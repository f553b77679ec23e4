"""Whole verdicts on some of a study's data sets, given by a report that is a stand-in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.judging.codes import Code
from reports.running.progress import Silence
from reports.studies import Design, Record, Store, replicate
from reports.studies.coverage import judging, plan
from reports.studies.coverage.answers import answers
from reports.studies.coverage.judging import Judged, Judging, answers_of, judge
from reports.studies.coverage.plan import design_of, run_study
from reports.studies.coverage.proportion import proportion
from reports.studies.coverage.sentences import noticed
from reports.studies.coverage.study import Study
from reports.studies.coverage.write import write_study
from reports.studies.subject import subject
from tests.reports.studies import Here, invented, one_gaussian, two_poissons


class Report:
    """Stands in for ``compare``: small data agree and large ones do not, and no model fits."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def __call__(self, data: Any, *_: Any, **asked: Any) -> SimpleNamespace:
        self.seen.append((data, asked))
        agree = data.size < 100
        codes = (Code.AGREE,) if agree else (Code.LOCAL_OPTIMUM, Code.WEAKLY_IDENTIFIED)
        fit = SimpleNamespace(status="misfit")
        return SimpleNamespace(verdict=SimpleNamespace(status="agree" if agree else "differ", codes=codes, fit=fit))


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    standing_in = Report()
    monkeypatch.setattr(judging, "compare", standing_in)
    monkeypatch.setattr(plan, "replicate", invented)
    return standing_in


def study(design: Design, folder: Path) -> Study:
    with Store.open(folder, design) as store:
        return run_study(design, store, (Here, 1), 100.0, Silence())


def test_the_study_s_own_data_are_judged_as_a_report_would(report: Report) -> None:
    design = two_poissons(sizes=(50, 150), replications=3, judged=2, prior="conjugate")
    found = judge(Judging.of(design), 150, 1)
    data, asked = report.seen[0]
    expected = design.simulate(150, np.random.default_rng(design.seeds(150, 1)[0]))
    np.testing.assert_array_equal(data.values, expected.values)
    assert asked["prior"] == "conjugate"
    assert found.answers == {"agreement": "differ", "fit": "misfit"}
    assert found.codes == ["local-optimum", "weakly-identified"]
    assert found == Judged.from_json(found.to_json())


def test_questions_that_a_verdict_does_not_answer_are_left_out() -> None:
    assert answers_of(SimpleNamespace(status="agree")) == {"agreement": "agree"}


def test_a_table_by_hand() -> None:
    records = [
        Judged(50, 0, "ok", None, {"agreement": "agree", "fit": "fits"}, ["agree"]),
        Judged(50, 1, "ok", None, {"agreement": "differ", "fit": "misfit"}, ["weakly-identified", "local-optimum"]),
        Judged.without_answer(50, 2, "timed out", "more than 120 s"),
        Judged(200, 0, "ok", None, {"agreement": "differ", "fit": "misfit"}, ["weakly-identified"]),
    ]
    table = answers(records)
    rows = [tuple(row) for row in table[["question", "answer", "size", "replicates"]].to_numpy()]
    assert rows == [
        ("agreement", "agree", 50, 1),
        ("agreement", "differ", 50, 1),
        ("agreement", "differ", 200, 1),
        ("agreement", "timed out", 50, 1),
        ("fit", "fits", 50, 1),
        ("fit", "misfit", 50, 1),
        ("fit", "misfit", 200, 1),
        ("code", "local-optimum", 50, 1),
        ("code", "weakly-identified", 50, 1),
        ("code", "weakly-identified", 200, 1),
    ]
    assert tuple(table.iloc[1][["share", "mcse"]]) == proportion(1, 3)


def test_a_right_model_is_noticed_too() -> None:
    fits = Judged(50, 0, "ok", None, {"agreement": "agree", "fit": "fits"}, ["agree"])
    assert noticed(answers([fits]))[0].endswith("a report says of 0 that the model does not fit.")
    # Verdicts without that question say nothing of it.
    assert noticed(answers([replace(fits, answers={"agreement": "agree"})])) == []


def test_verdicts_are_kept_beside_the_study_and_their_number_may_grow(report: Report, tmp_path: Path) -> None:
    found = study(one_gaussian(sizes=(50, 150), replications=3, judged=1), tmp_path)
    assert found.judged == 1
    assert len(report.seen) == 2
    found = study(one_gaussian(sizes=(50, 150), replications=3, judged=2), tmp_path)
    assert len(report.seen) == 4
    assert found.answer_share(50, "agreement", "agree") == proportion(2, 2)
    assert found.answer_share(150, "code", "local-optimum") == proportion(2, 2)
    assert found.answer_share(50, "code", "local-optimum") == proportion(0, 2)
    page = write_study(found, tmp_path, "again").read_text(encoding="utf-8")
    assert "Does the model fit?" in page
    assert "local-optimum" in page
    text = found.to_text()
    assert "Of 2 data sets of each size" in text
    assert text.index("agreement") < text.index("local-optimum")
    assert "Of 2 data sets of n = 150 that were judged in full, a report says of 2 that the model does not fit." in page
    assert set(pd.read_csv(tmp_path / "answers.csv")["question"]) == {"agreement", "fit", "code"}


def test_a_report_that_fails_is_no_loss_to_the_study(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(judging, "compare", fails)
    found = study(two_poissons(sizes=(50,), replications=3, judged=1), tmp_path)
    assert found.share(50, "ok") == proportion(3, 3)
    assert found.questions == {"agreement": ["raised"]}


def test_one_data_set_in_fifty_is_judged_unless_told_otherwise() -> None:
    about = subject("poisson-three")
    assert design_of(about, (50,), {}).judged == 20
    assert design_of(about, (50,), {"replications": 40}).judged == 0
    assert design_of(about, (50,), {"replications": 40, "judged": 3}).judged == 3
    # No more than there are.
    assert Judging.of(design_of(about, (50,), {"replications": 4, "judged": 9})).replications == 4


def test_nobody_is_asked_for_no_verdicts(report: Report, tmp_path: Path) -> None:
    found = study(two_poissons(sizes=(50,), replications=2), tmp_path)
    assert found.judged == 0
    assert found.questions == {}
    assert not (tmp_path / "verdicts").exists()


@pytest.mark.slow
def test_a_report_s_verdict_is_the_one_of_compare() -> None:
    design = two_poissons(sizes=(150,), replications=1, judged=1)
    found = judge(Judging.of(design), 150, 0)
    assert found.status == "ok"
    # Rates 2 and 11 are far apart.
    assert found.answers["agreement"] == "agree"
    assert isinstance(replicate(design, 150, 0), Record)
