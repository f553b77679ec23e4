"""What stands between PyMC's model and the sampler: coordinates, and what is done when transitions diverge."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from bayes import build_model
from bayes.build import point
from bayes.nuts import _expand, nuts
from bayes.unconstrained import to_unconstrained
from tests.bayes.problems import Problem

PROBLEMS = [
    Problem("poisson", 3),
    *(Problem("gaussian", 2, 1, covariance) for covariance in ("full", "tied")),
    *(Problem("gaussian", 2, 2, covariance) for covariance in ("full", "diagonal", "tied")),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_a_start_and_back(problem: Problem) -> None:
    built = problem.build("fused")
    given = point(problem.prior.sample(np.random.default_rng(2)), problem.model, problem.prior)
    unconstrained = to_unconstrained(built)(given)
    assert unconstrained.ndim == 1
    back = dict(zip([v.name for v in built.free_RVs], _expand(built)(unconstrained), strict=False))
    for name, value in given.items():
        # There and back through logarithms and exponentials.
        np.testing.assert_allclose(back[name], value, rtol=1e-10, atol=1e-12)


def test_draws_with_divergences_are_taken_again_with_smaller_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    module, asked = sys.modules["bayes.nuts"], []
    run = module._run

    def diverging(model: Any, settings: dict[str, int], target_accept: float, on_draw: Any) -> Any:
        asked.append(target_accept)
        found = run(model, settings, target_accept, on_draw)
        if len(asked) == 1:
            found.statistics["diverging"][0, 0] = True
        return found

    monkeypatch.setattr(module, "_run", diverging)
    built = build_model([0, 5, 2, 9, 1, 7], "poisson", 2)
    start = {"weights": np.array([0.5, 0.5]), "rates": np.array([2.0, 6.0])}
    tree = nuts(built, lambda rng: start, 10, 20, 2, 1, seed=1)
    assert asked == [0.8, 0.95]
    assert not tree["sample_stats"]["diverging"][0, 0]
    assert dict(tree["posterior"]["rates"].sizes) == {"chain": 2, "draw": 10, "component": 2}
    assert set(tree["posterior"]["rates"].coords) == {"chain", "draw", "component"}
