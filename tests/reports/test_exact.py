"""Grading against the exact posterior: a good sampler passes, a wrong one does not; that there is none is said at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy import stats

from bayes import Evidence, exact_posterior
from em import fit
from models import Mixture, Poisson
from reports import presenting
from reports.comparing.exact import ExactGrade, NoExactPosteriorError, grade
from reports.files.documents import as_json
from reports.judging.comparison import Comparison, compare
from reports.presenting.document import document
from reports.presenting.page import render
from tests.bayes.drawn import drawn

SCHEMA = json.loads((Path(presenting.__file__).parent / "schema" / "report.schema.json").read_text(encoding="utf-8"))
COUNTS = np.random.default_rng(0).poisson(np.repeat([2, 9], 20))
NUMBERS = np.array([-2.4, -1.6, -0.7, 0.3, 1.1, 1.9, 2.8, 3.5])


def graded(x: np.ndarray, family: str, components: int, shift: float = 0.0) -> ExactGrade:
    """Independent draws of the exact posterior, or of a wrong one: every rate shifted."""
    known = exact_posterior(x, family, components)
    posterior = drawn(known, 500, seed=1)
    if shift:
        components_of = posterior.mixture.components
        assert isinstance(components_of, Poisson)
        moved = Mixture(posterior.mixture.weights, Poisson(components_of.rates + shift))
        posterior = replace(posterior, mixture=moved)
    return grade(posterior, known, fit(x, family, components, starts=5), np.random.default_rng(2))


def test_draws_of_the_exact_posterior_pass() -> None:
    found = graded(COUNTS, "poisson", 2)
    assert found.passed
    assert found.sentence.startswith(f"The sampler passes: all {len(found.z)} graded quantities are at most ")
    assert found.parameters is not None
    assert list(found.parameters.index) == ["weights[1]", "weights[2]", "rates[1]", "rates[2]"]
    # Means and deviations of four parameters, the evidence, and the density at distinct deciles.
    assert len(found.z) == 2 * 4 + 1 + len(found.predictive)
    # The MLE of well-separated rates lies in the middle of its posterior.
    assert found.parameters["share_below_mle"].between(0.2, 0.8).all()


def test_a_wrong_sampler_fails() -> None:
    # A fifth of a standard deviation of the larger rate, ten Monte Carlo errors of 2000 independent draws.
    found = graded(COUNTS, "poisson", 2, shift=0.2)
    assert not found.passed
    assert "mean of rates[2]" in {name for name, z in found.z.items() if abs(z) > 4}
    assert found.sentence.startswith("The sampler fails: ")
    worst = max(found.z, key=lambda name: abs(found.z[name]))
    assert f"the {worst} is " in found.sentence


def test_the_errors_are_those_of_independent_draws() -> None:
    known = exact_posterior(COUNTS, "poisson", 1, prior="conjugate")
    table = grade(drawn(known, 500, seed=3), known, fit(COUNTS, "poisson", 1), np.random.default_rng(0)).parameters
    assert table is not None
    shape, rate = 1 + COUNTS.sum(), 1 / COUNTS.mean() + len(COUNTS)
    gamma = stats.gamma(shape, scale=1 / rate)
    row = table.loc["rates[1]"]
    assert row["exact_mean"] == pytest.approx(gamma.mean(), rel=1e-12)
    assert row["exact_sd"] == pytest.approx(gamma.std(), rel=1e-9)
    assert row["share_below_mle"] == pytest.approx(gamma.cdf(COUNTS.mean()), rel=1e-9)
    # sd/√n of 2000 independent draws; the effective sample size is estimated to some 10 %.
    assert row["mcse_mean"] == pytest.approx(gamma.std() / np.sqrt(2000), rel=0.2)
    assert row["mcse_sd"] == pytest.approx(gamma.std() / np.sqrt(2 * 2000), rel=0.2)


def test_two_gaussians_are_graded_by_what_no_naming_changes() -> None:
    found = graded(NUMBERS, "gaussian", 2)
    assert found.parameters is None
    assert found.problem is not None
    assert "one component only" in found.problem
    assert len(found.predictive) == 8
    assert set(found.z) == {"log evidence"} | {f"log-density at {place}" for place in found.predictive.index}
    assert found.passed


def test_none_within_reach_is_said_before_anything_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("reports.judging.comparison.fit", never)
    with pytest.raises(NoExactPosteriorError, match=r"^exact does not apply: components = 3: the exact posterior"):
        compare(COUNTS, "poisson", 3, exact=True)
    with pytest.raises(NoExactPosteriorError, match=r"2\^40 allocations"):
        compare(COUNTS + 0.5 * np.arange(40), "gaussian", 2, exact=True)


def test_pages_without_a_grade_do_not_mention_it(pages: dict[str, str], plane_comparison: Comparison) -> None:
    assert all('id="exact"' not in page for page in pages.values())
    assert document(plane_comparison)["exact"] is None


def test_a_grade_without_parameters_or_evidence_makes_a_page(plane_comparison: Comparison) -> None:
    found = graded(NUMBERS, "gaussian", 2)
    without = replace(found, evidence=None, evidence_problem="<i>too many</i>")
    comparison = replace(plane_comparison, exact=without)
    page = render(comparison)
    assert "&lt;i&gt;too many&lt;/i&gt;" in page
    assert "Its parameters cannot be graded: components = 2" in page
    jsonschema.validate(json.loads(as_json(document(comparison))), SCHEMA)


@pytest.mark.slow
def test_nuts_is_graded_in_the_report(tmp_path: Path) -> None:
    comparison = compare(COUNTS, "poisson", 2, draws=500, tune=500, chains=4, starts=8, seed=1, exact=True)
    found = comparison.exact
    assert found is not None
    assert found.passed, found.sentence
    assert isinstance(found.evidence, Evidence)
    # Far below log 2!, by which one labelling alone would be too low.
    assert found.evidence.standard_error < 0.1
    whole = json.loads((comparison.save(tmp_path / "report").parent / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(whole, SCHEMA)
    assert whole["exact"]["passed"]
    assert whole["exact"]["parameters"]["rates[1]"]["exact_mean"] == pytest.approx(
        exact_posterior(COUNTS, "poisson", 2).summary.loc["rates[1]", "mean"], rel=1e-12
    )
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Graded against the exact posterior" in page
    assert "exact=True" in page
