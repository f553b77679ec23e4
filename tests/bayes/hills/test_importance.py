"""The mass of hills by importance sampling, against the exact evidence and the exact posterior."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import special

from bayes import compiled_model, exact_posterior
from bayes.hills.importance import Masses, importance
from bayes.hills.mode import modes
from bayes.hills.target import Target
from models import Data, Gaussian, Mixture, Model
from tests.bayes.hills.two_hills import BETWEEN, LEFT_BY_CHAINS, NEAR_TIED, optima
from tests.bayes.small import NUMBERS, PLANE

COUNTS = np.random.default_rng(0)
CASES = {
    "one Poisson": (COUNTS.poisson(4, 30), "poisson", 1),
    "one Gaussian": (np.array(PLANE), "gaussian", 1),
    "modes apart": (COUNTS.poisson(np.repeat([2, 14], 20)), "poisson", 2),
    "two Gaussians": (np.array(NUMBERS), "gaussian", 2),
    "two hills": (NEAR_TIED, "poisson", 2),
    "a small hill": (LEFT_BY_CHAINS, "poisson", 2),
}


def weighed(x: ArrayLike | Data, family: str, components: int, starts: Mixture | None, draws: int = 2000) -> Masses:
    data = x if isinstance(x, Data) else Data.of(x)
    model = Model.of(data, family, components)
    prior = model.prior(data, "conjugate")
    target = Target.of(compiled_model(model, "conjugate"), data, prior)
    begun = prior.sample(np.random.default_rng(1), (8,)) if starts is None else starts
    found = importance(target, modes(target, target.points(begun)), np.random.default_rng(2), draws)
    return Masses(**{**vars(found), "log_evidences": found.log_evidences + target.log_volume})


@pytest.mark.parametrize("name", CASES)
def test_all_hills_together_hold_the_exact_evidence(name: str) -> None:
    x, family, components = CASES[name]
    found = weighed(x, family, components, optima() if name.endswith(("hills", "hill")) else None)
    exact = exact_posterior(x, family, components, prior="conjugate").evidence
    error = float(np.linalg.norm(special.softmax(found.log_evidences) * found.standard_errors))
    assert error < 0.05
    # Five errors: where the ratios have a long tail the error is itself known to a fifth.
    assert abs(special.logsumexp(found.log_evidences) - exact) < 5 * error


@pytest.mark.parametrize("data", [NEAR_TIED, LEFT_BY_CHAINS], ids=["near-tied", "left by chains"])
def test_each_hill_holds_its_share_of_the_exact_posterior(data: Data) -> None:
    found = weighed(data, "poisson", 2, optima())
    lower = exact_posterior(data, "poisson", 2, prior="conjugate").marginals["rates[1]"].distribution(BETWEEN)
    shares = special.softmax(found.log_evidences)
    low = [float(np.sort(proposal.centre[1:])[0]) < np.log(BETWEEN) for proposal in found.proposals]
    assert sum(low) == 1
    error = float(np.prod(shares)) * float(np.linalg.norm(found.standard_errors))
    # The density at the border is .02 at most: half a per cent lies within a fifth of it, on either side.
    assert abs(shares[low].sum() - lower) < 4 * error + 0.005


def test_the_standard_error_is_the_spread_of_repetitions() -> None:
    data, spread, told = NEAR_TIED, [], []
    model = Model.of(data, "poisson", 2)
    target = Target.of(compiled_model(model, "conjugate"), data, model.prior(data, "conjugate"))
    tops = modes(target, target.points(optima()))
    for seed in range(60):
        found = importance(target, tops, np.random.default_rng(seed), draws=200)
        spread.append(found.log_evidences)
        told.append(found.standard_errors)
    # A standard deviation of sixty is known to 9 %: a third is more than three times that.
    np.testing.assert_allclose(np.std(spread, axis=0), np.mean(told, axis=0), rtol=0.33)


def test_twins_of_mirrored_data_weigh_the_same() -> None:
    rng = np.random.default_rng(3)
    middle = rng.normal(0, 0.4, 20)
    side = rng.normal(4, 0.4, 20)
    x = np.concatenate([middle, -middle, side, -side])
    means, half = np.array([[-4.0, 2.0], [-2.0, 4.0]]), np.array([[1 / 3, 2 / 3], [2 / 3, 1 / 3]])
    covariances = np.array([[0.2, 4.0], [4.0, 0.2]])[..., None, None]
    starts = Mixture(half, Gaussian(means[..., None], covariances))
    found = weighed(x, "gaussian", 2, starts)
    assert len(found.log_evidences) == 2
    difference = float(np.diff(found.log_evidences)[0])
    assert abs(difference) < 4 * np.linalg.norm(found.standard_errors)
