"""The atlas: optima are told apart whatever their labels, and basins are where EM ends from given mixtures."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from em import Status, fit
from em.atlas import atlas, basin_shares
from models import Gaussian, Mixture, Poisson, scenario
from tests.known import known


@pytest.fixture(scope="module")
def three():
    return fit(scenario("poisson-three").data, "poisson", 3)


def test_starts_are_grouped_by_where_they_ended(three):
    found = atlas(three)
    assert found.runs == len(three.starts) == sum(found.statuses.values())
    assert sum(optimum.hits for optimum in found.optima) == found.statuses[Status.CONVERGED]
    assert found.reported == 0
    assert found.optima[0].gap == pytest.approx(0, abs=1e-7)
    assert 0 < found.share <= 1
    assert found.higher == 0
    # The known poor optimum: two components share what one should have.
    assert found.optima[1].gap > 100
    assert list(found.table()["share"]) == [optimum.hits / found.finished for optimum in found.optima]
    assert f"{found.share:.0%} of the finished runs" in found.summary()


def test_labels_make_no_other_optimum(three):
    turned = tuple(replace(s, mixture=s.mixture.relabel(np.array([2, 0, 1]))) for s in three.starts)
    assert [o.hits for o in atlas(replace(three, starts=turned)).optima] == [o.hits for o in atlas(three).optima]


def test_equal_heights_are_not_one_optimum():
    """A mirrored sample: each optimum has its mirror image, as high and another."""
    half = np.random.default_rng(5).exponential(size=30)
    x = np.concatenate([half, -half])
    starts = []
    for sign in (-1, 1):
        place = Gaussian(np.array([[0.0], [sign * 2.5]]), np.array([[[0.5]], [[0.2]]]))
        starts.append(fit(x, "gaussian", 2, start=Mixture(np.array([0.8, 0.2]), place)))
    one, other = starts
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)
    assert one.parameters["means[1]"] != pytest.approx(other.parameters["means[1]"], abs=0.1)
    assert len(atlas(replace(one, starts=(*one.starts, *other.starts))).optima) == 2


def test_draws_near_the_estimate_lie_in_its_basin_and_those_of_the_poor_optimum_do_not(three):
    rates = np.array([[30, 100, 150], [151, 29, 98], [95, 35, 155], [25, 35, 125]])
    draws = Mixture(np.full((2, 2, 3), 1 / 3), Poisson(rates.reshape(2, 2, 3).astype(float)))
    done: list[int] = []
    found = basin_shares(three, draws, on_run=done.append)
    assert done == [1, 2, 3, 4]
    assert found.share == 0.75
    assert found.optima[known(found.reported, int)].hits == 3
    with ThreadPoolExecutor(1) as one:
        again = basin_shares(three, draws, executor=one)
    assert [o.log_likelihood for o in again.optima] == [o.log_likelihood for o in found.optima]


def test_a_better_optimum_than_the_reported_one_is_seen(three):
    poor = next(
        s for s in three.starts if s.status is Status.CONVERGED and s.log_likelihood < three.log_likelihood - 10
    )
    stuck = fit(three.data, "poisson", 3, start=poor.mixture)
    found = basin_shares(stuck, Mixture(three.mixture.weights[None], Poisson(three.mixture.components.rates[None])))
    assert (found.share, found.higher, found.reported) == (0.0, 1.0, None)
    assert "above" in found.summary()
