"""``--start`` and ``start=``: EM's answer is the end of one run, and every product says how the search stands to it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from em import beside, fit
from models import Data, Mixture
from reports import presenting
from reports.files.documents import as_json
from reports.judging.comparison import Comparison, compare
from reports.presenting.document import document
from reports.presenting.endings import endings
from reports.presenting.facts import python_call
from reports.presenting.page import render
from reports.reproducing.recipe import recipe_of
from reports.reproducing.saved import SavedReport
from tests.doubles import invented, typed
from tests.em.test_given_start import LEFT, RIGHT, THREE

SCHEMA = json.loads((Path(presenting.__file__).parent / "schema" / "report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def from_start() -> Comparison:
    start = Mixture.of(RIGHT, THREE)
    searched, from_there = fit(THREE, "gaussian", 2, starts=20), fit(THREE, "gaussian", 2, start=start)
    if from_there.log_likelihood > searched.log_likelihood - 1:
        start = Mixture.of(LEFT, THREE)
        from_there = fit(THREE, "gaussian", 2, start=start)
    return replace(invented(THREE, searched.model, mle=beside(from_there, searched)), start=start)


def test_the_report_tells_the_run_apart_from_the_search(from_start: Comparison) -> None:
    whole = json.loads(as_json(document(from_start)))
    jsonschema.validate(whole, SCHEMA)
    assert "nats below the best of the search over 20 starts" in whole["em"]["search"]["sentence"]
    assert len(whole["em"]["starts"]) == 1
    assert len(whole["em"]["search"]["starts"]) == 20
    assert "search" not in whole["map"]
    page = render(from_start)
    assert "nats below the best of the search over 20 starts" in page
    found = endings(from_start.em)
    assert found[0].below == pytest.approx(0, abs=1e-6)
    assert found[0].objective == pytest.approx(whole["em"]["search"]["objective"], abs=1e-6)


def test_the_call_and_the_report_lead_to_the_same_start(from_start: Comparison, tmp_path: Path) -> None:
    call = python_call(from_start).replace("from reports import compare", "").strip()
    taken: dict[str, object] = {}
    eval(call, {"compare": lambda *_, **said: taken.update(said), "x": THREE})
    assert from_start.start is not None
    again = Mixture.of(taken["start"], THREE).arrays()
    for name, array in from_start.start.arrays().items():
        assert again[name] == pytest.approx(array, rel=1e-15)
    whole = json.loads(as_json(document(from_start)))
    recipe = recipe_of(SavedReport(tmp_path / "report.json", whole), THREE)
    assert recipe.start is not None
    for name, array in from_start.start.arrays().items():
        assert (recipe.start.arrays()[name] == array).all()
    whole["start"]["weights"] = [1.0]
    with pytest.raises(ValueError, match="the report's start is no mixture of the report's model"):
        recipe_of(SavedReport(tmp_path / "report.json", whole), THREE)


def test_fit_starts_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("\n".join(map(str, THREE.values[:, 0])), encoding="utf-8")
    (tmp_path / "start.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    arguments = ("fit", "x.csv", "--family", "gaussian", "--components", "2", "--starts", "5", "--start")
    told = typed(*arguments, "start.json", folder=tmp_path)
    assert told.exit_code == 0, told.output
    expected = fit(THREE, "gaussian", 2, start=RIGHT)
    assert f"log-likelihood {expected.log_likelihood:.6f}" in told.stdout
    assert "from the given start: the optimum is " in told.stdout
    assert typed(*arguments, "nowhere.json", folder=tmp_path).exit_code == 2
    (tmp_path / "three.json").write_text(json.dumps({"weights": [1], "means": [1], "sds": [1]}), encoding="utf-8")
    refused = typed(*arguments, "three.json", folder=tmp_path)
    assert refused.exit_code == 2
    assert "three.json: start must have 2 components" in refused.stderr


@pytest.mark.slow
def test_compare_takes_the_run_for_the_answer() -> None:
    data = Data.of(THREE.values)
    found = compare(data, "gaussian", 2, start=RIGHT, draws=100, tune=200, chains=2, starts=5, max_draws=100)
    expected = fit(data, "gaussian", 2, start=RIGHT)
    assert found.mle.log_likelihood == expected.log_likelihood
    assert found.mle.search is not None
    assert found.map.search is not None
    assert found.audit.atlas.runs == 6
