"""Several hills of a posterior: the verdict speaks of their mass, and the report has a table of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from bayes import exact_posterior
from em import atlas
from models import Data
from reports import presenting
from reports.comparing.hills import NEAR, optima_of
from reports.files.documents import as_json
from reports.judging.comparison import Comparison, compare
from reports.judging.hills import in_percent
from reports.presenting.document import document
from reports.presenting.page import render
from tests.bayes.hills.two_hills import BETWEEN, LEFT_BY_CHAINS, NEAR_TIED

SCHEMA = json.loads((Path(presenting.__file__).parent / "schema" / "report.schema.json").read_text(encoding="utf-8"))


def compared(data: Data) -> Comparison:
    return compare(data, "poisson", 2, prior="conjugate", draws=500, tune=500, starts=20, seed=2)


@pytest.fixture(scope="module")
def near_tied() -> Comparison:
    return compared(NEAR_TIED)


def test_a_rival_that_holds_more_than_a_twentieth_is_named_with_both_answers(near_tied: Comparison) -> None:
    verdict = near_tied.verdict
    assert verdict.status == "differ"
    (found,) = (reason for reason in verdict.reasons if reason.code == "several-hills")
    lower = exact_posterior(NEAR_TIED, "poisson", 2, prior="conjugate").marginals["rates[1]"].distribution(BETWEEN)
    on_lower = near_tied.mle.mixture.arrays()["rates"].min() < BETWEEN
    share, error = (float(found.evidence[name]) for name in ("share_of_the_hill_of_em", "share_error"))
    # The density at the border is .02 at most: half a per cent lies within a fifth of it, on either side.
    assert abs(share - (lower if on_lower else 1 - lower)) < 4 * error + 0.005
    assert float(found.evidence["share_of_the_rival"]) == pytest.approx(1 - share, abs=1e-9)
    for each in near_tied.hills:
        assert in_percent(each.hill.share, each.hill.share_error) in verdict.sentence
    # Chains are not asked where they fell.
    assert "draws" not in verdict.sentence
    assert "chains-disagree" not in verdict.codes


def test_a_share_below_a_half_is_a_local_optimum_by_mass(near_tied: Comparison) -> None:
    share = sum(each.hill.share for each in near_tied.hills if each.is_of_em)
    codes = near_tied.verdict.codes
    assert ("local-optimum" in codes) == (share < 0.45 or near_tied.basins.higher > 0)
    own, other = ((True, False), (False, True))
    for kept, expected in ((own, near_tied.hills[0].hill.share), (other, near_tied.hills[1].hill.share)):
        turned = replace(near_tied)
        hills = tuple(replace(each, is_of_em=is_of_em) for each, is_of_em in zip(near_tied.hills, kept, strict=True))
        object.__setattr__(turned, "hills", hills)
        found = [reason for reason in turned.verdict.reasons if reason.code == "local-optimum"]
        if expected < 0.5:
            assert found[0].evidence["share_in_the_reported_basin"] == pytest.approx(expected)
            assert in_percent(expected, hills[1].hill.share_error) in found[0].explanation
            assert "of the posterior's mass" in found[0].explanation


def test_the_hills_have_the_answers_of_their_own_draws(near_tied: Comparison) -> None:
    posterior = near_tied.posterior
    assert posterior.owner is not None
    for number, each in enumerate(near_tied.hills):
        draws = posterior.scalars["rates[1]"][:, posterior.owner == number]
        assert each.table["mean"]["rates[1]"] == pytest.approx(draws.mean())
        # The mean of a hill lies within its standard deviation of the top.
        top = float(np.sort(each.hill.mode.arrays()["rates"])[0])
        assert abs(each.table["mean"]["rates[1]"] - top) < each.table["sd"]["rates[1]"]


def test_page_and_document_have_the_hills(near_tied: Comparison) -> None:
    page = render(near_tied)
    assert '<section id="hills">' in page
    assert '<a href="#hills">' in page
    whole = json.loads(as_json(document(near_tied)))
    jsonschema.validate(whole, SCHEMA)
    assert [hill["share"] for hill in whole["hills"]] == [each.hill.share for each in near_tied.hills]
    assert sum(hill["is_of_em"] for hill in whole["hills"]) == 1
    for each in near_tied.hills:
        assert in_percent(each.hill.share, each.hill.share_error) in page


def test_hills_are_graded_against_the_exact_posterior_unasked(near_tied: Comparison) -> None:
    assert near_tied.exact is not None
    # Four Monte Carlo errors that do not know of the error of the shares, half as large again.
    assert max(abs(z) for z in near_tied.exact.z.values()) < 6
    shares = near_tied.exact.hills
    assert shares["share"].to_list() == [each.hill.share for each in near_tied.hills]
    assert np.abs(shares["z"]).max() < 4
    lower = exact_posterior(NEAR_TIED, "poisson", 2, prior="conjugate").marginals["rates[1]"].distribution(BETWEEN)
    low = np.array([each.hill.mode.arrays()["rates"].min() < BETWEEN for each in near_tied.hills])
    # Four errors of the draws; half a per cent lies near the border.
    assert shares["exact"][low].sum() == pytest.approx(lower, abs=4 * shares["exact_error"].max() + 0.005)
    assert '<section id="exact">' in render(near_tied)


def test_a_small_rival_is_mentioned_and_is_no_difference() -> None:
    found = compared(LEFT_BY_CHAINS)
    assert len(found.hills) == 2
    assert 0.02 < found.hills[1].hill.share < 0.04
    assert not {"several-hills", "local-optimum", "chains-disagree"} & set(found.verdict.codes)


def test_where_there_is_one_hill_nothing_is_said_of_hills(poisson_comparison: Comparison, poisson_page: str) -> None:
    assert poisson_comparison.hills == ()
    assert '<section id="hills">' not in poisson_page
    assert json.loads(as_json(document(poisson_comparison)))["hills"] == []


def test_optima_near_the_best_are_handed_to_the_chains(near_tied: Comparison) -> None:
    found = optima_of(near_tied.mle, near_tied.map)
    near = [o for fit in (near_tied.mle, near_tied.map) for o in atlas(fit).optima if o.gap < NEAR]
    assert found is not None
    assert len(found.weights) == len(near) >= 4
    for number, optimum in enumerate(near):
        np.testing.assert_array_equal(found[number].weights, optimum.mixture.weights)


@pytest.mark.parametrize(
    ("share", "error", "expected"),
    [
        (0.372, 0.004, "37.2 ± 0.4 %"),
        (0.6, 0.031, "60 ± 3 %"),
        (1e-5, 1e-6, "less than 0.1 %"),
        (0.5, 0.0, "50.0 ± 0.1 %"),
    ],
)
def test_a_share_has_the_digits_that_its_error_justifies(share: float, error: float, expected: str) -> None:
    assert in_percent(share, error) == expected
