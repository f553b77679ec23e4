"""Judgements against independent evidence: rounded right answers, programs with mistakes, saddles, edges, early stops."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from em import fit
from em.wrong_maps import Mistake
from models import scenario
from reports import judge
from reports.validating.codes import Claim, Status
from tests.doubles import typed
from tests.em.wrong_maps.programs import buggy_normal, buggy_poisson

RNG = np.random.default_rng(0)
TWO = np.concatenate([RNG.normal(0, 1, 90), RNG.normal(4, 1.5, 60)])
COUNTS = np.concatenate([RNG.poisson(2, 100), RNG.poisson(9, 70)]).astype(float)
START = (np.array([0.6, 0.4]), np.array([0.0, 4.0]), np.array([1.0, 1.5]))


def rounded(numbers, digits):
    return [float(f"{number:.{digits}g}") for number in numbers]


def normals(bug="none", digits=17):
    """What a program of its own finds: SciPy's densities, a loop, and one mistake."""
    weights, means, variances = (rounded(found, digits) for found in buggy_normal(TWO, *START, bug))
    return {"weights": weights, "means": means, "variances": variances}


@pytest.mark.parametrize("digits", [3, 4, 6, 8, 17])
def test_right_answers_are_maxima_however_they_are_rounded(digits):
    found = judge(TWO, normals(digits=digits), starts=5)
    assert (found.status, found.mistake) == (Status.MAXIMUM, None)
    weights, rates = (rounded(each, digits) for each in buggy_poisson(COUNTS, START[0], np.array([2.0, 9.0]), "none"))
    found = judge(COUNTS, {"weights": weights, "rates": rates}, starts=5)
    assert (found.status, found.mistake) == (Status.MAXIMUM, None)


@pytest.mark.parametrize(
    ("bug", "mistake"),
    [
        ("weights forgotten", Mistake.WEIGHTS_FORGOTTEN),
        ("hard", Mistake.HARD_ASSIGNMENTS),
        ("one less", Mistake.UNBIASED_COVARIANCE),
        ("ridge", Mistake.RIDGE),
    ],
)
def test_programs_with_a_mistake_are_no_maxima_and_are_named(bug, mistake):
    found = judge(TWO, normals(bug, 6), starts=3)
    assert (found.status, found.mistake) == (Status.NOT_A_MAXIMUM, mistake)
    assert {"not-a-maximum", "mistake", str(mistake)} <= set(found.failures)


def test_one_covariance_for_all_is_a_maximum_of_its_own_model_and_a_mistake_where_each_was_meant():
    pooled = normals("pooled")
    assert judge(TWO, pooled, starts=3).given.model.covariance == "tied"
    meant = judge(TWO, pooled, covariance="full", starts=3)
    assert (meant.status, meant.mistake) == (Status.NOT_A_MAXIMUM, Mistake.POOLED_COVARIANCE)


def test_the_depth_is_that_of_scipy_and_the_distance_that_of_the_closed_form():
    x = TWO[:90]
    given = {"weights": [1.0], "means": [x.mean() + 0.2], "variances": [x.var()]}
    found = judge(x, given)
    above = stats.norm.logpdf(x, x.mean(), x.std()).sum() - stats.norm.logpdf(x, x.mean() + 0.2, x.std()).sum()
    assert found.below_own_top == pytest.approx(above, rel=1e-9)
    assert found.standard_errors_off == pytest.approx(0.2 / (x.std() / np.sqrt(len(x))), rel=1e-6)


def test_the_mode_under_a_prior_is_known_for_one():
    deaths = scenario("times-deaths").data
    for prior in ("weak", "conjugate"):
        mode = fit(deaths, "poisson", 2, estimate="map", prior=prior, starts=5).mixture
        found = judge(deaths, mode.arrays(), starts=3)
        assert (found.status, found.mode_under, found.mistake) == (Status.NOT_A_MAXIMUM, prior, None)
        assert f"mode under the {prior} prior" in found.sentence


def test_components_that_are_all_alike_are_a_saddle():
    found = judge(COUNTS, {"weights": [0.5, 0.5], "rates": [COUNTS.mean(), COUNTS.mean()]}, starts=3)
    assert found.status == Status.NOT_A_MAXIMUM
    assert found.is_a_saddle
    assert "saddle" in found.sentence


def test_a_rate_of_zero_lies_on_the_boundary():
    inflated = np.concatenate([np.zeros(200), np.maximum(np.random.default_rng(6).poisson(5.0, 100), 2)])
    end = fit(inflated, "poisson", 2, starts=5).mixture
    assert judge(inflated, end.arrays(), starts=3).status == Status.BOUNDARY


def test_a_component_on_one_observation_is_spurious():
    x = TWO[:60]
    rest = np.delete(x, 3)
    given = {"weights": [1 / 60, 59 / 60], "means": [x[3], rest.mean()], "variances": [1e-6, rest.var()]}
    found = judge(x, given, starts=3)
    assert found.status == Status.SPURIOUS
    assert not np.isfinite(found.below_own_top)


def test_scikit_learn_stops_early_on_faithful():
    mixture = pytest.importorskip("sklearn.mixture", reason="scikit-learn is not installed")
    faithful = scenario("old-faithful").data
    two = mixture.GaussianMixture(2, random_state=0).fit(faithful.values)
    assert judge(faithful, two, starts=5).status == Status.MAXIMUM
    three = judge(faithful, mixture.GaussianMixture(3, random_state=0).fit(faithful.values), starts=40)
    assert three.status == Status.NOT_A_MAXIMUM
    assert three.stopped_early


def conventions():
    """The log-likelihood of the right answer by SciPy, as programs state it."""
    weights, means, variances = (np.array(each) for each in normals().values())
    total = float(np.log(stats.norm.pdf(TWO[:, None], means, np.sqrt(variances)) @ weights).sum())
    n = len(TWO)
    return {
        Claim.TOTAL: total,
        Claim.MEAN_PER_ROW: total / n,
        Claim.NEGATIVE: -total,
        Claim.MINUS_TWICE: -2 * total,
        Claim.WITHOUT_CONSTANT: total + n / 2 * np.log(2 * np.pi),
        Claim.BIC: 5 * np.log(n) - 2 * total,
        Claim.AIC: 10 - 2 * total,
        Claim.UNKNOWN: total + 3.0,
    }


@pytest.mark.parametrize("claim", [claim for claim in Claim if claim in conventions()])
def test_a_stated_log_likelihood_is_known_for_what_it_is(claim):
    # Four decimals, as people copy it.
    stated = round(conventions()[claim], 4)
    assert judge(TWO, {**normals(), "log_likelihood": stated}, starts=1).claimed == claim


def written(folder: Path, given) -> None:
    (folder / "estimate.json").write_text(json.dumps(given))
    (folder / "two.csv").write_text("x\n" + "\n".join(map(repr, TWO.tolist())) + "\n")


COMMAND = ("validate", "two.csv", "--estimate", "estimate.json", "--no-posterior", "--starts", "3")


def test_the_command_says_it_in_words_and_in_json(tmp_path):
    written(tmp_path, normals("weights forgotten"))
    said = typed(*COMMAND, folder=tmp_path)
    assert said.exit_code == 0
    assert said.stdout.startswith("This is no maximum")
    done = typed(*COMMAND, "--json", "--fail-on", "mistake", folder=tmp_path)
    assert done.exit_code == 3
    given = json.loads(done.stdout)["given"]
    assert (given["status"], given["mistake"]) == ("not-a-maximum", "weights-forgotten")
    assert typed(*COMMAND, "--fail-on", "lower-hill", folder=tmp_path).exit_code == 0
    assert typed(*COMMAND, "--fail-on", "nonsense", folder=tmp_path).exit_code == 2


def test_an_estimate_that_cannot_be_read_is_one_sentence(tmp_path):
    written(tmp_path, {"weights": [0.5, 0.6], "means": [0, 1], "variances": [1, 1]})
    done = typed(*COMMAND, "--json", folder=tmp_path)
    assert done.exit_code == 2
    assert json.loads(done.stdout)["given"]["status"] == "unreadable"
    assert "weights must sum to 1" in done.stderr
