"""The top of a hill, where it is in closed form, and twins that are one."""

from __future__ import annotations

import numpy as np

from bayes import compiled_model
from bayes.hills.mode import modes
from bayes.hills.target import Target
from models import Data, Gamma, Mixture, Model
from tests.bayes.hills.two_hills import NEAR_TIED, optima


def target_of(data: Data, components: int) -> Target:
    model = Model.of(data, "poisson", components)
    return Target.of(compiled_model(model, "conjugate"), data, model.prior(data, "conjugate"))


def test_the_top_and_its_curvature_are_those_of_a_gamma_density() -> None:
    data = Data.of(np.random.default_rng(0).poisson(4, 30))
    target = target_of(data, 1)
    (found,) = modes(target, target.points(target.prior.sample(np.random.default_rng(1), (2,))))
    prior = target.prior.components
    assert isinstance(prior, Gamma)
    shape, rate = prior.shape + float(data.values.sum()), prior.rate + data.size
    # In η = log λ the log-density is shape · η − rate · e^η: it is highest at log(shape / rate), and bends by the shape.
    np.testing.assert_allclose(found.point, [np.log(shape / rate)], atol=1e-6)
    np.testing.assert_allclose(found.curvature, [[shape]], rtol=1e-5)
    np.testing.assert_allclose(found.factor @ found.factor.T, [[1 / shape]], rtol=1e-5)


def test_both_hills_are_found_and_labelled_twins_are_one() -> None:
    target = target_of(NEAR_TIED, 2)
    both = optima()
    twins = both.relabel(np.array([[1, 0], [1, 0]]))
    found = modes(target, np.concatenate([target.points(both), target.points(twins)]))
    assert len(found) == 2
    assert found[0].log_density >= found[1].log_density
    for mode in found:
        value, gradient = target.density(mode.point)
        # The climb ends where the slope is no more than rounding leaves: the log-density has some 1e-13 of its value.
        assert abs(gradient @ mode.factor).max() < 1e-3
        assert value == mode.log_density


def test_a_mixture_goes_to_a_point_and_back() -> None:
    target = target_of(NEAR_TIED, 2)
    both = optima()
    back = target.mixtures(target.points(both))
    assert isinstance(back, Mixture)
    for name, array in both.arrays().items():
        np.testing.assert_allclose(back.arrays()[name], array, rtol=1e-10)
