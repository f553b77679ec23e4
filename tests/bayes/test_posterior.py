"""Posterior draws against exact answers, by enumeration and in closed form."""

from __future__ import annotations

import pytest

from bayes import summarise
from tests.bayes.small import SMALL, Small, posterior_of


@pytest.mark.slow
@pytest.mark.parametrize("small", SMALL[:5], ids=str)
def test_nuts_finds_the_exact_posterior(small: Small) -> None:
    posterior = posterior_of(small)
    expected = small.expectations()
    found = summarise({name: small.quantities(posterior)[name] for name in expected})
    assert found["r_hat"].max() < 1.01
    # Monte Carlo error alone: four standard errors, some forty quantities in all, missed once in four hundred seeds.
    for name, value in expected.items():
        assert found.loc[name, "mean"] == pytest.approx(value, abs=4 * found.loc[name, "mcse_mean"]), name
