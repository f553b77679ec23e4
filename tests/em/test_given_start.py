"""A run from a given start is an estimate of its own, told apart from what a search finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from em import Status, atlas, beside, fit
from models import Data, Gaussian, Mixture

# Three groups for two components: one optimum has the two on the left together, the other those on the right.
THREE = Data.of(np.concatenate([np.random.default_rng(0).normal(c, 1, n) for c, n in ((0, 80), (9, 60), (20, 80))]))
RIGHT = {"weights": [0.35, 0.65], "means": [0, 15], "sds": [1, 5]}
LEFT = {"weights": [0.65, 0.35], "means": [4, 20], "sds": [5, 1]}
SEARCHED = fit(THREE, "gaussian", 2, starts=20)


def test_the_start_is_in_any_form_that_estimates_have() -> None:
    from_there = fit(THREE, "gaussian", 2, start=RIGHT)
    start = Mixture(np.array([0.35, 0.65]), Gaussian(np.array([[0.0], [15.0]]), np.array([[[1.0]], [[25.0]]])))
    np.testing.assert_array_equal(from_there.climb.objective, fit(THREE, "gaussian", 2, start=start).climb.objective)
    assert [start.kind for start in from_there.starts] == ["own"]
    assert from_there.search is None


def test_the_sentence_says_how_the_end_stands_to_the_best_of_the_search() -> None:
    ends = [fit(THREE, "gaussian", 2, start=start) for start in (RIGHT, LEFT)]
    lower, higher = sorted(ends, key=lambda found: found.log_likelihood)
    apart = SEARCHED.log_likelihood - lower.log_likelihood
    assert apart > 1
    found = beside(lower, SEARCHED)
    assert found.mixture is lower.mixture
    assert f"from the given start: the optimum is {apart:.3g} nats below the best of the search over 20" in repr(found)
    assert found.highest == SEARCHED.highest
    assert "the optimum is the same as the best of the search" in beside(higher, SEARCHED).summary()


def test_what_the_search_did_not_find_lies_above_it() -> None:
    lower = min((fit(THREE, "gaussian", 2, start=start) for start in (RIGHT, LEFT)), key=lambda f: f.log_likelihood)
    found = beside(SEARCHED, lower)
    assert "nats above the best of the search over 1 start" in found.summary()
    assert found.highest == SEARCHED.highest


def test_a_mirrored_optimum_is_another_one_and_as_high() -> None:
    x = THREE.values[:, 0]
    mirrored = Data.of(np.concatenate([x, 20 - x]))
    ends = [fit(mirrored, "gaussian", 2, start=start) for start in (RIGHT, LEFT)]
    assert "the optimum is another one than the best of the search" in beside(*ends).summary()


def test_a_collapse_is_told_beside_what_the_search_finds() -> None:
    repeated = Data.of(np.append(THREE.values, [[50.0], [50.0]]))
    on_a_point = {"weights": [0.99, 0.01], "means": [10, 50], "sds": [8, 1e-3]}
    collapsed, searched = fit(repeated, "gaussian", 2, start=on_a_point), fit(repeated, "gaussian", 2, starts=20)
    assert collapsed.status is Status.COLLAPSED
    found = beside(collapsed, searched)
    assert f"EM collapses there, and the search over 20 starts finds an optimum of {searched.log_likelihood:.6f}" in (
        found.summary()
    )
    assert found.highest == searched.highest
    assert "every start of the search over 1 start collapses" in beside(searched, collapsed).summary()
    assert beside(collapsed, collapsed).summary().endswith("the search over 1 start collapses as well")


def test_the_atlas_knows_the_optima_of_the_search() -> None:
    lower = min((fit(THREE, "gaussian", 2, start=start) for start in (RIGHT, LEFT)), key=lambda f: f.log_likelihood)
    found = atlas(beside(lower, SEARCHED))
    assert found.runs == 21
    assert found.optima[0].gap == pytest.approx(lower.log_likelihood - SEARCHED.log_likelihood, abs=1e-6)
    assert found.reported is not None
    assert found.reported > 0


def test_only_the_search_for_the_same_estimate_stands_beside_it() -> None:
    lower = fit(THREE, "gaussian", 2, start=LEFT)
    for other in (
        fit(THREE, "gaussian", 2, starts=1, mixing="equal"),
        fit(THREE, "gaussian", 2, starts=1, estimate="map"),
        replace(SEARCHED, observations=Data.of(THREE.values[1:])),
    ):
        with pytest.raises(ValueError, match=r"^searched must be the same estimate"):
            beside(lower, other)
