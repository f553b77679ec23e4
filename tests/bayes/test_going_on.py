"""Sampling goes on as long as it takes, and what it comes to is what so many draws would have been from the start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bayes import Posterior, is_settled, sample

COUNTS = np.random.default_rng(0).poisson(np.repeat([2, 14], 30))
SETTINGS: dict[str, Any] = {"tune": 200, "chains": 2, "seed": 1}


def test_it_goes_on_until_the_draws_have_settled() -> None:
    few = sample(COUNTS, "poisson", 2, draws=50, **SETTINGS)
    assert few.draws == 50
    assert not is_settled(few)
    more = sample(COUNTS, "poisson", 2, draws=50, max_draws=3200, **SETTINGS)
    assert is_settled(more)
    assert 50 < more.draws < 3200
    whole = sample(COUNTS, "poisson", 2, draws=more.draws, **SETTINGS)
    np.testing.assert_array_equal(more.mixture.arrays()["rates"], whole.mixture.arrays()["rates"])
    predictive = "posterior_predictive"
    assert more.tree[predictive].to_dataset().equals(whole.tree[predictive].to_dataset())
    # The same chains, longer: what they were before is how they begin.
    first, longer = (each.tree["posterior"]["rates"].to_numpy() for each in (few, more))
    np.testing.assert_array_equal(first, longer[:, :50])


def test_it_ends_at_the_most_draws() -> None:
    assert sample(COUNTS, "poisson", 2, draws=20, max_draws=30, **SETTINGS).draws == 30


def test_what_is_settled_is_sampled_once() -> None:
    asked: list[int] = []

    def enough(posterior: Posterior) -> bool:
        asked.append(posterior.draws)
        return True

    found = sample(COUNTS, "poisson", 2, draws=600, max_draws=9600, until=enough, **SETTINGS)
    assert asked == [600]
    assert found.draws == 600


def test_who_needs_more_gets_twice_as_many() -> None:
    found = sample(
        COUNTS, "poisson", 2, draws=600, max_draws=9600, until=lambda posterior: posterior.draws > 1000, **SETTINGS
    )
    assert found.draws == 1200


@pytest.mark.parametrize("given", [19, 20.5, True])
def test_most_draws_that_are_no_such_number_are_refused(given: object) -> None:
    with pytest.raises(ValueError, match="max_draws must be a whole number from 20 on"):
        sample(COUNTS, "poisson", 2, draws=20, max_draws=given, **SETTINGS)  # type: ignore[arg-type]
