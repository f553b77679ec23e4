"""The weighted posterior, against the exact one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bayes import Posterior, exact_posterior, sample
from models import Data, Mixture, Poisson
from tests.bayes.hills.two_hills import BETWEEN, LEFT_BY_CHAINS, NEAR_TIED, optima

DATA = {"near-tied": NEAR_TIED, "left by chains": LEFT_BY_CHAINS}


@pytest.fixture(scope="module", params=DATA)
def weighed(request: pytest.FixtureRequest) -> Posterior:
    return sample(DATA[request.param], "poisson", 2, prior="conjugate", optima=optima(), seed=1)


def test_the_draws_are_those_of_the_exact_posterior(weighed: Posterior) -> None:
    exact = exact_posterior(weighed.data, "poisson", 2, prior=weighed.prior).summary
    draws = weighed.model.scalars(weighed.mixture.ascending(), weighed.data.columns)
    for name, row in exact.iterrows():
        found = draws[str(name)]
        # Four thousand draws, worth some two thousand independent ones: a Monte Carlo error of .022 sd; four of them. The
        # shares are known to half a per cent, and the hills lie up to three sd apart.
        assert abs(found.mean() - row["mean"]) < (0.09 + 0.015) * row["sd"]
        # The deviation's error is three times as large where a small hill far out makes half of it.
        assert found.std() == pytest.approx(row["sd"], rel=0.1)


def test_the_hills_say_their_shares(weighed: Posterior) -> None:
    lower = exact_posterior(weighed.data, "poisson", 2, prior=weighed.prior).marginals["rates[1]"].distribution(BETWEEN)
    assert len(weighed.hills) == 2
    assert sum(hill.share for hill in weighed.hills) == pytest.approx(1.0, abs=1e-12)
    assert [hill.share for hill in weighed.hills] == sorted((hill.share for hill in weighed.hills), reverse=True)
    assert sum(hill.draws for hill in weighed.hills) == weighed.chains * weighed.draws
    for number, hill in enumerate(weighed.hills):
        share = lower if hill.mode.arrays()["rates"].min() < BETWEEN else 1 - lower
        assert abs(hill.share - share) < 4 * hill.share_error + 0.005  # As in test_importance.
        assert weighed.owner is not None
        assert (weighed.owner == number).sum() * weighed.chains == hill.draws
        # To the next whole draw of each chain.
        assert abs(hill.draws / (weighed.chains * weighed.draws) - hill.share) <= 1 / weighed.draws


def test_every_draw_lies_on_its_hill(weighed: Posterior) -> None:
    assert weighed.owner is not None
    lower = np.sort(weighed.mixture.arrays()["rates"], axis=-1)[..., 0]
    for number, hill in enumerate(weighed.hills):
        here, low = lower[:, weighed.owner == number], hill.mode.arrays()["rates"].min() < BETWEEN
        # The border runs where the hills' own densities cross, so that of the light hill's far slope a draw or two in a
        # thousand lie beyond the pass; were the hills mixed up, all would.
        assert (here > BETWEEN + 1).mean() < 0.002 if low else (here < BETWEEN - 1).mean() < 0.002


def test_all_groups_of_the_tree_are_of_the_same_draws(weighed: Posterior) -> None:
    for name in ("rates", "weights"):
        kept = weighed.tree["posterior"][name].to_numpy()
        np.testing.assert_array_equal(np.sort(kept, axis=-1), np.sort(weighed.mixture.arrays()[name], axis=-1))


def test_one_hill_costs_nothing_and_changes_nothing() -> None:
    data = Data.of(np.random.default_rng(0).poisson(np.repeat([2, 14], 40)))
    settings: dict[str, Any] = {"draws": 200, "tune": 200, "chains": 2, "seed": 3}
    alone = sample(data, "poisson", 2, **settings)
    beside = sample(data, "poisson", 2, optima=optima(), **settings)
    assert beside.hills == ()
    assert beside.owner is None
    np.testing.assert_array_equal(alone.mixture.arrays()["rates"], beside.mixture.arrays()["rates"])
    predictive = "posterior_predictive"
    assert alone.tree[predictive].to_dataset().equals(beside.tree[predictive].to_dataset())


def test_the_same_seed_gives_the_same_draws() -> None:
    first, second = (
        sample(NEAR_TIED, "poisson", 2, optima=optima(), draws=100, tune=200, chains=2, seed=5) for _ in range(2)
    )
    np.testing.assert_array_equal(first.mixture.arrays()["rates"], second.mixture.arrays()["rates"])
    assert [vars(a)["log_evidence"] for a in first.hills] == [vars(b)["log_evidence"] for b in second.hills]


def test_chains_that_all_begin_on_a_hill_far_below_another_are_not_believed() -> None:
    """The two lower of three groups in one cost dozens of nats more than the two higher: no chain comes back from there."""
    rng = np.random.default_rng(1)
    data = Data.of(np.concatenate([rng.poisson(rate, 100) for rate in (5, 34, 84)]).astype(float))
    both = Mixture(np.array([[0.67, 0.33], [0.33, 0.67]]), Poisson(np.array([[18.25, 81.18], [5.3, 59.0]])))
    found = sample(data, "poisson", 2, starts=both[:1], optima=both, draws=200, tune=200, chains=2, seed=1)
    heights = [mixture.expectation(data).log_likelihood for mixture in (both[0], both[1])]
    assert heights[1] - heights[0] > 25
    assert np.sort(found.mixture.arrays()["rates"], axis=-1)[..., 0].max() < 10
    assert [hill.draws for hill in found.hills] == [400, 0]
    assert found.hills[0].share > 0.999
