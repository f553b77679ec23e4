"""What is done when transitions diverge."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import xarray as xr

from bayes import Sampling, sample
from tests.known import known


def test_draws_with_divergences_are_taken_again_with_smaller_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    module, asked = sys.modules["bayes.engine.nuts"], []
    run = module._run

    def diverging(model: Any, sampling: Sampling, target_accept: float, on_draw: Any) -> Any:
        asked.append(target_accept)
        found = run(model, sampling, target_accept, on_draw)
        if len(asked) == 1:
            found.statistics["diverging"][0, 0] = True
        return found

    monkeypatch.setattr(module, "_run", diverging)
    tree = sample([0, 5, 2, 9, 1, 7], "poisson", 2, draws=10, tune=20, chains=2, seed=1).tree
    assert asked == [0.8, 0.95]
    assert not known(tree["sample_stats"]["diverging"], xr.DataArray)[0, 0]
    assert dict(tree["posterior"]["rates"].sizes) == {"chain": 2, "draw": 10, "component": 2}
    assert set(tree["posterior"]["rates"].coords) == {"chain", "draw", "component"}
