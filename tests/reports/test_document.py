"""report.json: what its schema promises, and the same numbers as the objects it comes from."""

from __future__ import annotations

import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from reports import presenting
from reports.files.documents import as_json
from reports.judging.comparison import Comparison
from reports.presenting.document import document

SCHEMA = json.loads((Path(presenting.__file__).parent / "schema" / "report.schema.json").read_text(encoding="utf-8"))


def test_every_kind_of_report_keeps_to_the_schema(
    poisson_comparison: Comparison, plane_comparison: Comparison, hostile_comparison: Comparison
) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for comparison in (poisson_comparison, plane_comparison, hostile_comparison):
        jsonschema.validate(json.loads(as_json(document(comparison))), SCHEMA)


def test_the_schema_would_notice_a_missing_part(poisson_comparison: Comparison) -> None:
    whole = document(poisson_comparison)
    for part in ("em", "posterior", "equivalence", "provenance"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: value for name, value in whole.items() if name != part}, SCHEMA)


def test_components_ascend_everywhere(poisson_comparison: Comparison) -> None:
    whole = document(poisson_comparison)
    for part in ("truth", "em", "map"):
        assert whole[part]["rates"] == sorted(whole[part]["rates"])
    means = [whole["posterior"]["parameters"][f"rates[{k}]"]["mean"] for k in (1, 2, 3)]
    assert means == sorted(means)


def test_the_numbers_are_those_of_the_objects(plane_comparison: Comparison) -> None:
    whole = document(plane_comparison)
    data, em = plane_comparison.data, plane_comparison.mle
    assert whole["em"]["trace"][-1] == whole["em"]["log_likelihood"] == em.log_likelihood
    # The textbook density and the fused pass agree up to rounding in a sum of 300 terms.
    assert math.isclose(
        whole["em"]["log_likelihood"], float(em.mixture.log_likelihood(data.values, data.weights)), rel_tol=1e-13
    )
    np.testing.assert_array_equal(whole["em"]["covariances"], em.mixture.arrays()["covariances"])
    assert whole["data"]["n"] == 600
    assert whole["data"]["rows"] == 300


def test_what_is_not_finite_becomes_null(poisson_comparison: Comparison) -> None:
    text = as_json(document(poisson_comparison))
    assert "NaN" not in text
    assert "Infinity" not in text
