"""Seven components are weighed as two are: whose 5040 labellings are too many to look at one by one."""

from __future__ import annotations

import numpy as np

from bayes import compiled_model
from bayes.hills.importance import importance
from bayes.hills.mode import modes
from bayes.hills.target import Target
from models import Data, Gaussian, Mixture, Model

# Eight groups, of which two at one end and their mirror images at the other lie nearer to each other than all others.
CENTRES = np.array([8.0, 24.0, 40.0, 45.0])


def mirrored() -> tuple[Target, Mixture]:
    """Return the density of seven normals for eight groups, and two mixtures, one of them the mirror image of the other."""
    half = np.concatenate([np.random.default_rng(0).normal(centre, 1, 20) for centre in CENTRES])
    data = Data.of(np.concatenate([half, -half]))
    model = Model("gaussian", 7, covariance="tied")
    means = np.sort(np.concatenate([-CENTRES[:3], CENTRES]))
    means[0] = -CENTRES[2:].mean()
    both = np.array([means, -means])[..., None]
    weights = np.where(np.abs(both[..., 0]) == CENTRES[2:].mean(), 0.25, 0.125)
    mixtures = Mixture(weights, Gaussian(both, np.full((2, 7, 1, 1), 1.5)))
    return Target.of(compiled_model(model, "weak"), data, model.prior(data)), mixtures


def test_by_symmetry_each_of_two_hills_holds_half() -> None:
    target, both = mirrored()
    turned = both.relabel(np.array([[6, 5, 4, 3, 2, 1, 0], [1, 0, 3, 2, 5, 4, 6]]))
    tops = modes(target, np.concatenate([target.points(both), target.points(turned)]))
    assert len(tops) == 2
    found = importance(target, tops, np.random.default_rng(1))
    error = float(np.hypot(*found.standard_errors))
    assert error < 0.1
    assert (found.pareto_k < 0.7).all()
    assert abs(found.log_evidences[0] - found.log_evidences[1]) < 4 * error
