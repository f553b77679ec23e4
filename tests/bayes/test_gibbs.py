"""NUTS under the weak prior against an independent Gibbs sampler, in which the shared scale is drawn, not integrated out."""

from __future__ import annotations

import arviz as az
import numpy as np
import pytest

from bayes import sample
from em import fit
from models import Data, Model
from tests.bayes.gibbs import gibbs

RNG = np.random.default_rng(12)
GROUPS = np.repeat([0.0, 5.0], 40)
DATA = {
    "poisson": Data.of(RNG.poisson(np.repeat([2.0, 12.0], 40))),
    "gaussian": Data.of(RNG.normal(GROUPS, 1.0)),
    "rounded": Data.of(np.round(RNG.normal(GROUPS, 1.0))),
    "plane": Data.of(RNG.normal(size=(80, 2)) * [1.0, 2.0] + GROUPS[:, None]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DATA)
def test_nuts_and_gibbs_agree(name: str) -> None:
    data, family = DATA[name], "poisson" if name == "poisson" else "gaussian"
    model = Model.of(data, family, 2)
    prior = model.prior(data, "weak")
    start = fit(data, family, 2, estimate="map", prior=prior, starts=5).mixture
    by_gibbs = gibbs(data, model, prior, start, np.random.default_rng(3)).ascending()
    by_nuts = sample(data, family, 2, prior=prior, draws=1000, tune=500, chains=4, seed=4).mixture.ascending()
    expected, found = (model.scalars(draws, data.columns) for draws in (by_gibbs, by_nuts))
    for parameter, draws in expected.items():
        for what in ("mean", "sd"):
            values = [getattr(np, "mean" if what == "mean" else "std")(each) for each in (draws, found[parameter])]
            errors = [float(az.mcse(each, method=what)) for each in (draws, found[parameter])]
            error = np.hypot(errors[0], errors[1])
            # Some thirty quantities, each of which passes four errors once in sixteen thousand.
            assert abs(values[0] - values[1]) < 4 * error, (parameter, what)
