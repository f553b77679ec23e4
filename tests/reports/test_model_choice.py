"""Choosing the number of components: what is made of the criteria, and one run from data to page."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from playwright.sync_api import Browser
from scipy import stats

from bayes import Evidence, LeaveOneOut, exact_posterior
from em import Criteria, Status
from models import Data, Gamma, Model, Prior
from reports import presenting
from reports.choice.candidate import LARGEST_EVIDENCE_ERROR, Candidate
from reports.choice.model_choice import ModelChoice, choose
from reports.choice.page import render
from reports.choice.sentence import agree, caveats, sentence
from reports.choice.standing import Standing, standings
from reports.choice.write import check_choice_folder
from reports.commands.choose import COMPONENTS
from tests.reports.pages import require_accessible

pytestmark = pytest.mark.xdist_group("choice")  # one is sampled for all of them
SCHEMA = json.loads((Path(presenting.__file__).parent / "schema" / "choice.schema.json").read_text(encoding="utf-8"))
COUNTS = np.random.default_rng(0).poisson(np.repeat([2, 9], 20))


def standing(name: str, behind: dict[int, float], errors: dict[int, float] | None = None, **more: object) -> Standing:
    resolution = {"LOO": 4.0, "the evidence": math.log(3)}.get(name, 2.0)
    return Standing(name.lower(), name, 1.0, resolution, behind, errors or {}, **more)  # type: ignore[arg-type]


CLEAR = {1: 90.0, 2: 0.0, 3: 11.0}
TIED = {1: 90.0, 2: 0.8, 3: 0.0, 4: 9.0}


def test_all_agree() -> None:
    five = tuple(standing(name, CLEAR) for name in ("AIC", "BIC", "ICL", "LOO", "the evidence"))
    assert sentence(five, (1, 2, 3)) == "All five criteria take 2 components."
    assert agree(five) is True
    assert caveats(five) == []


def test_some_cannot_tell_and_none_speaks_against() -> None:
    four = {**CLEAR, 4: 20.0}
    found = (
        standing("BIC", four),
        standing("ICL", four),
        standing("LOO", TIED, {1: 9.0, 2: 1.1, 4: 2.0}),
        standing("the evidence", four),
    )
    assert sentence(found, (1, 2, 3, 4)) == (
        "BIC, ICL and the evidence take 2 components; LOO cannot tell 2 from 3 (difference 0.8 ± 1.1). "
        "None speaks against 2."
    )
    assert agree(found) is True


def test_they_disagree() -> None:
    found = (
        standing("AIC", {1: 90, 2: 7, 3: 0, 4: 5}),
        standing("BIC", {**CLEAR, 4: 20.0}),
        standing("ICL", {1: 0, 2: 9, 3: 9, 4: 9}),
    )
    assert sentence(found, (1, 2, 3, 4)) == ("The criteria disagree: ICL takes 1 component; BIC takes 2; AIC takes 3.")
    assert agree(found) is False


def test_nothing_decides() -> None:
    found = (standing("AIC", TIED), standing("LOO", TIED, {2: 1.0}))
    assert sentence(found, (1, 2, 3, 4)).endswith("Between 2 and 3 the data do not decide.")
    assert agree(found) is None


def test_the_largest_k_that_was_tried_may_not_be_large_enough() -> None:
    assert sentence((standing("AIC", {1: 9.0, 2: 0.0}),), (1, 2)).endswith("Try more than 2, which some take.")


def test_what_is_missing_or_doubtful_is_said() -> None:
    found = (
        standing("AIC", {1: 9.0, 2: 0.0}, missing=(3,)),
        standing("LOO", CLEAR, doubtful=(2,)),
        standing("the evidence", CLEAR, doubtful=(3,)),
    )
    assert sentence(found, (1, 2, 3)).startswith("Provisionally (see the warnings): ")
    assert agree(found) is None
    assert caveats(found) == [
        "AIC is missing at K = 3.",
        "Do not trust LOO at K = 2: see the warnings.",
        "Do not trust the evidence at K = 3: see the warnings.",
    ]
    # What is doubtful about a K that is out of the question changes no answer.
    assert agree(found[2:]) is True


def test_one_k_is_no_choice() -> None:
    assert sentence((standing("AIC", {2: 0.0}),), (2,)) == "Only K = 2 was tried: there is nothing to choose between."
    assert agree((standing("AIC", {2: 0.0}),)) is None


def invented(k: int, elpd: float, log_evidence: float, bic: float) -> Candidate:
    pointwise = np.full(50, elpd / 50) + 0.01 * k * np.sin(np.arange(50))
    return Candidate(
        components=k,
        free_parameters=2 * k - 1,
        status=Status.CONVERGED,
        reason=None,
        criteria=Criteria(-100.0, 2 * k - 1, bic - 5, bic, bic + 3),
        leave_one_out=LeaveOneOut(float(pointwise.sum()), 5.0, pointwise, np.ones(50), np.full(50, 0.2)),
        evidence=Evidence(log_evidence, 0.1),
        evidence_problem=None,
        exact_evidence=None,
        exact_problem="too many",
        r_hat=1.001,
        ess=900.0,
        divergences=0,
    )


CANDIDATES = (invented(1, -120, -130, 220), invented(2, -100, -105, 200), invented(3, -101, -107, 201.5))


def test_standings_are_differences_from_the_best_with_their_errors() -> None:
    aic, bic, icl, loo, evidence = standings(CANDIDATES)
    assert aic.behind == bic.behind == icl.behind == {1: 20.0, 2: 0.0, 3: 1.5}
    assert bic.contenders == (2, 3)
    assert loo.behind == pytest.approx({1: 20.0, 2: 0.0, 3: 1.0}, abs=0.05)
    paired = CANDIDATES[1].leave_one_out.pointwise - CANDIDATES[2].leave_one_out.pointwise
    # By the definition: √n times the standard deviation of the paired differences.
    assert loo.errors[3] == pytest.approx(math.sqrt(50) * paired.std(ddof=1))
    assert loo.contenders == (2, 3)
    assert evidence.behind == {1: 25.0, 2: 0.0, 3: 2.0}
    assert evidence.errors[3] == pytest.approx(0.1 * math.sqrt(2))
    assert evidence.contenders == (2,)


def test_an_exact_evidence_counts_instead_of_the_sampled_one() -> None:
    graded = replace(CANDIDATES[2], exact_evidence=-104.0)
    evidence = standings((*CANDIDATES[:2], graded))[4]
    assert (evidence.best, evidence.behind[2], evidence.errors[2]) == (3, 1.0, 0.1)
    assert graded.bridge_z == pytest.approx(-30)
    assert graded.evidence_problems == [
        "the evidence by bridge sampling is -30.0 of its standard errors from the exact one"
    ]


def test_every_reason_for_distrust_is_found() -> None:
    good = CANDIDATES[1]
    assert good.problems == []
    bad_score = replace(good.leave_one_out, pareto_k=np.where(np.arange(50) < 2, 0.9, 0.2))
    for changed, part, where in (
        (replace(good, status=Status.COLLAPSED, reason="a variance", criteria=None), "collapsed (a variance)", "aic"),
        (replace(good, status=Status.OUT_OF_STEPS), "did not converge", "aic"),
        (replace(good, r_hat=1.02), "R-hat 1.020", "loo"),
        (replace(good, r_hat=float("nan")), "R-hat", "evidence"),
        (replace(good, ess=399.0), "399", "evidence"),
        (replace(good, divergences=3), "3 transitions", "loo"),
        (replace(good, leave_one_out=bad_score), "2 of 50 observations, with Pareto k up to 0.90", "loo"),
        (replace(good, evidence=Evidence(-105.0, 1.01 * LARGEST_EVIDENCE_ERROR)), "standard error of 0.39", "evidence"),
        (replace(good, evidence=None, evidence_problem="components = 7"), "components = 7", "evidence"),
    ):
        assert any(part in problem for problem in changed.problems), part
        found = {s.criterion: s for s in standings((CANDIDATES[0], changed, CANDIDATES[2]))}
        assert 2 in (*found[where].missing, *found[where].doubtful)


def test_numbers_of_components_as_they_are_typed() -> None:
    assert sorted(set(COMPONENTS.parse("1:6"))) == [1, 2, 3, 4, 5, 6]
    assert sorted(set(COMPONENTS.parse("5,2, 3"))) == [2, 3, 5]
    assert sorted(set(COMPONENTS.parse("1:3,3,7"))) == [1, 2, 3, 7]
    assert sorted(set(COMPONENTS.parse("4"))) == [4]
    for bad in ("", "0:3", "3:1", "1-3", "a", "1:", "1,,2", "1:101", "-1", "1:2:3", "٣", "9" * 400):
        with pytest.raises(ValueError, match=r"^--components .* such as 1:6 or 2,3,5\.$"):
            COMPONENTS.parse(bad)


def test_nothing_is_fitted_when_one_of_the_models_cannot_be() -> None:
    for components, message in (([], "components is empty"), ([1, 0], "components must"), ([1, 50], "components = 50")):
        with pytest.raises(ValueError, match=message):
            choose(COUNTS, "poisson", components, starts=10**9)


@pytest.fixture(scope="module")
def sampled() -> ModelChoice:
    model = Model.of(Data.of(COUNTS), "poisson", 1)
    prior = Prior(Gamma(2.0, 0.4), model)
    return choose(
        COUNTS, "poisson", range(1, 4), prior=prior, draws=500, tune=500, chains=2, starts=8, seed=1,
        title="<b>40</b> counts", command="emvsbayes choose '</pre><script>alert(1)</script>'",
    )  # fmt: skip


@pytest.mark.slow
def test_a_criterion_is_drawn_onto_axes(sampled: ModelChoice) -> None:
    with pyplot.rc_context({"backend": "agg"}):
        _, axes = pyplot.subplots()
        assert sampled.plot("bic", ax=axes) is axes
        assert axes.get_title() == "BIC"
        assert sampled.plot("evidence").get_title() == "evidence"
        with pytest.raises(
            ValueError, match="criterion must be one of 'aic', 'bic', 'icl', 'loo', 'evidence', got 'dic'"
        ):
            sampled.plot("dic")
        pyplot.close("all")


@pytest.mark.slow
def test_evidence_and_score_are_the_exact_ones(sampled: ModelChoice) -> None:
    for candidate, prior in zip(sampled.candidates[:2], sampled.priors, strict=False):
        exact = exact_posterior(COUNTS, "poisson", candidate.components, prior=prior)
        assert candidate.exact_evidence == exact.evidence
        assert candidate.evidence is not None
        assert abs(candidate.evidence.log_evidence - exact.evidence) < 4 * candidate.evidence.standard_error
        assert prior.components == Gamma(2.0, 0.4)
    # One rate has the posterior Gamma(a + Σx, b + n): p(x) follows from any one value of the rate.
    a, b, n, total = 2.0, 0.4, len(COUNTS), COUNTS.sum()
    by_hand = (
        stats.poisson.logpmf(COUNTS, 5).sum()
        + stats.gamma.logpdf(5, a, scale=1 / b)
        - stats.gamma.logpdf(5, a + total, scale=1 / (b + n))
    )
    assert sampled.candidates[0].exact_evidence == pytest.approx(by_hand, rel=1e-12)
    # Rates of 2 and 9 are far apart: one component is out of the question for every criterion.
    assert all(1 not in standing.contenders for standing in sampled.standings)


@pytest.mark.slow
def test_what_one_k_gets_does_not_depend_on_the_others(sampled: ModelChoice) -> None:
    alone = choose(COUNTS, "poisson", [1], prior=sampled.priors[0], draws=500, tune=500, chains=2, starts=8, seed=1)
    shared = [column for column in sampled.table if not str(column).startswith("loo_behind")]
    pd.testing.assert_frame_equal(alone.table[shared], sampled.table.loc[[1], shared])


@pytest.mark.slow
def test_a_prior_by_its_parameters_is_that_at_every_k_and_a_single_component_has_no_weights(
    sampled: ModelChoice,
) -> None:
    stated = sampled.priors[1].parameters()
    found = choose(COUNTS, "poisson", [1, 2], prior=stated, draws=500, tune=500, chains=2, starts=8, seed=1)
    assert found.priors == sampled.priors[:2]
    pd.testing.assert_series_equal(found.table["log_evidence"], sampled.table.loc[[1, 2], "log_evidence"])


@pytest.mark.slow
def test_it_is_written_whole_and_over_nothing_foreign(sampled: ModelChoice, tmp_path: Path) -> None:
    folder = tmp_path / "choice"
    for _ in range(2):
        assert sampled.save(folder) == folder / "choice.html"
    whole = json.loads((folder / "choice.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(whole, SCHEMA)
    assert whole["sentence"] == sampled.sentence
    read = pd.read_csv(folder / "choice.csv", index_col="components")
    np.testing.assert_allclose(read["bic"], sampled.table["bic"], rtol=1e-12)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["choice"]
    (folder / "choice.json").write_text("{}")
    with pytest.raises(ValueError, match="emvsbayes did not write"):
        check_choice_folder(folder)
    with pytest.raises(ValueError, match="emvsbayes did not write"):
        sampled.save(folder)


@pytest.mark.slow
def test_a_collapse_and_missing_evidence_still_make_a_page(sampled: ModelChoice) -> None:
    collapsed = replace(sampled.candidates[2], status=Status.COLLAPSED, reason="<i>", criteria=None)
    without = replace(sampled.candidates[1], evidence=None, evidence_problem="too many", exact_evidence=None)
    changed = replace(sampled, candidates=(sampled.candidates[0], without, collapsed))
    jsonschema.validate(changed.document(), SCHEMA)
    page = render(changed)
    assert "every start of EM collapsed (&lt;i&gt;)" in page
    assert "no evidence, since too many" in page
    assert re.search(r"\b(nan|inf|None)\b", re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)) is None


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_page_opens_alone_fits_and_is_accessible(
    browser: Browser, sampled: ModelChoice, tmp_path: Path, width: int, scheme: str
) -> None:
    path = sampled.save(tmp_path / "choice")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    assert complaints == []
    assert page.locator("#picture svg").count() == 5
    assert page.locator("#table tbody tr").count() == 3
    assert page.locator("script").count() == 0
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    require_accessible(page)
    context.close()
