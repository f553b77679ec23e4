"""The comparison's page with a given estimate: in the table, in the figures, in the document, and in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from models import Data, Gaussian, Mixture, Model
from reports import presenting
from reports.reproducing.recipe import recipe_of
from reports.reproducing.saved import load_report
from reports.validating.beside_posterior import BesidePosterior
from reports.validating.judgement import judge
from reports.validating.validate import Validation
from tests.doubles import invented

SCHEMA = json.loads((Path(presenting.__file__).parent / "schema" / "report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows() -> Data:
    truth = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0, 1.0], [4.0, 5.0]]), np.array([np.eye(2)] * 2)))
    x, _ = truth.sample(300, np.random.default_rng(1))
    return Data.of(x, columns=("east", "north"), name="plane")


@pytest.fixture(scope="module")
def validation(rows: Data) -> Validation:
    """The maximum with a mean moved by about twenty of its standard errors."""
    comparison = invented(rows, Model.of(rows, "gaussian", 2, "full"), draws=500)
    means = comparison.mle.mixture.components.arrays()["means"] + np.array([[2.0, 0.0], [0.0, 0.0]])
    moved = Gaussian(means, comparison.mle.mixture.components.arrays()["covariances"])
    given = Mixture(comparison.mle.mixture.weights, moved)
    judgement = judge(rows, {**given.arrays(), "structure": "full"}, starts=3)
    return Validation(judgement, replace(comparison, given=given))


def test_an_estimate_is_a_column_a_mark_a_section_and_a_part_of_the_document(validation: Validation, tmp_path: Path):
    page = validation.save(tmp_path / "report").read_text(encoding="utf-8")
    assert '<section id="given">' in page
    assert 'href="#given"' in page
    assert ">Given</th>" in page
    assert "var(--given" in page
    assert "no maximum" in page
    document = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(document)
    assert document["given"]["status"] == "not-a-maximum"
    assert document["given"]["posterior"]["status"] == "differ"
    assert document["given"]["below_own_top"] > 1
    given = document["parameters"]["means[1,east]"]["given"]
    assert given == pytest.approx(document["parameters"]["means[1,east]"]["mle"] + 2)
    # The estimate stands in a file that the report does not know.
    with pytest.raises(ValueError, match="judges a given estimate"):
        recipe_of(load_report(tmp_path / "report"), validation.judgement.data)


def test_the_posterior_is_held_against_the_estimate_and_not_against_its_own(validation: Validation):
    comparison = validation.comparison
    moved = BesidePosterior(comparison)
    assert moved.parameter == "means[1,east]"
    assert "means[1,east]" in moved.outside
    # The invented posterior is drawn about the maximum.
    own = BesidePosterior(replace(comparison, given=comparison.mle.mixture))
    assert own.shift is not None
    assert own.shift < 0.5
