"""What stands between PyMC's model and the sampler: coordinates, and what is done when transitions diverge."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from bayes import compiled_model, posterior_mixture, sample
from tests.bayes.problems import Problem

PROBLEMS = [
    Problem("poisson", 3),
    *(Problem("gaussian", 2, 1, covariance) for covariance in ("full", "tied")),
    *(Problem("gaussian", 2, 2, covariance) for covariance in ("full", "diagonal", "tied")),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_a_start_and_back(problem: Problem) -> None:
    compiled, given = compiled_model(problem.model), problem.prior.sample(np.random.default_rng(2))
    unconstrained = compiled.unconstrained(given, problem.prior)
    assert unconstrained.shape == (problem.model.free_parameters,)
    back = posterior_mixture(compiled.variables(unconstrained[None, None], problem.data, problem.prior), problem.model)
    for name, value in given.arrays().items():
        # There and back through logarithms and exponentials.
        np.testing.assert_allclose(back[0, 0].arrays()[name], value, rtol=1e-9, atol=1e-12)


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
    tree = sample([0, 5, 2, 9, 1, 7], "poisson", 2, draws=10, tune=20, chains=2, seed=1).tree
    assert asked == [0.8, 0.95]
    assert not tree["sample_stats"]["diverging"][0, 0]
    assert dict(tree["posterior"]["rates"].sizes) == {"chain": 2, "draw": 10, "component": 2}
    assert set(tree["posterior"]["rates"].coords) == {"chain", "draw", "component"}
