"""Many columns of counts in PyMC: the textbook graph and the fused one against SciPy, and the exact posterior."""

import itertools

import numpy as np
import pytest
from scipy import special, stats

from bayes import build_model, exact_posterior
from bayes.engine import INTERPRETED
from models import Data, Mixture, Model, PoissonProduct


def problem(exposed, rows=12):
    rng = np.random.default_rng(3)
    mixture = Mixture(np.array([0.3, 0.7]), PoissonProduct(rng.gamma(1.0, 2.0, size=(2, 3))))
    exposure = rng.gamma(4.0, 0.3, rows) if exposed else None
    return Data.of(mixture.sample(rows, rng, exposure)[0], exposure=exposure)


def log_likelihood(data, mixture):
    exposure = np.ones(data.rows) if data.exposure is None else data.exposure
    means = exposure[:, None, None] * mixture.components.arrays()["rates"]
    log_joint = np.log(mixture.weights) + stats.poisson.logpmf(data.values[:, None], means).sum(axis=2)
    return special.logsumexp(log_joint, axis=1).sum()


@pytest.mark.parametrize("exposed", [False, True])
@pytest.mark.parametrize("prior", ["weak", "conjugate"])
def test_both_graphs_are_scipys_likelihood_times_the_prior(prior, exposed):
    data = problem(exposed)
    chosen = Model.of(data, "poisson", 2).prior(data, prior)
    heights, gradients, rng = [], [], np.random.default_rng(1)
    mixtures = [chosen.sample(rng) for _ in range(2)]
    for likelihood in ("textbook", "fused"):
        built = build_model(data, "poisson", 2, prior=prior, likelihood=likelihood)
        outputs = [built.logp(jacobian=False), built.dlogp()]
        function = built.compile_fn(outputs, inputs=built.value_vars, mode=INTERPRETED)
        for mixture in mixtures:
            weights = np.log(mixture.weights)
            values = {"weights_simplex__": (weights - weights.mean())[:-1]}
            rates = next(variable.name for variable in built.value_vars if variable.name.startswith("rates"))
            height, gradient = function(values | {rates: np.log(mixture.components.arrays()["rates"])})
            heights.append(float(height))
            gradients.append(gradient)
    expected = [float(log_likelihood(data, mixture) + chosen.log_density(mixture)) for mixture in mixtures]
    np.testing.assert_allclose(heights, expected * 2, rtol=1e-10)
    for textbook, fused in zip(gradients[:2], gradients[2:], strict=True):
        np.testing.assert_allclose(textbook, fused, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("exposed", [False, True])
def test_the_exact_evidence_is_the_sum_over_all_allocations(exposed):
    """Each by the chain rule: the predictive probabilities of its rows, one after the other, negative binomial."""
    data = problem(exposed, rows=6)
    exposure = np.ones(data.rows) if data.exposure is None else data.exposure
    found = exact_posterior(data, "poisson", 2, prior="conjugate")
    rates = 1 / (data.values.sum(axis=0) / exposure.sum())
    total = []
    for labels in itertools.product(range(2), repeat=data.rows):
        height = special.gammaln(2) - special.gammaln(2 + data.rows)
        for k in range(2):
            own = [i for i, label in enumerate(labels) if label == k]
            height += special.gammaln(1 + len(own))
            shape, rate = np.ones(3), rates.copy()
            for i in own:
                height += np.sum(stats.nbinom.logpmf(data.values[i], shape, rate / (rate + exposure[i])))
                shape, rate = shape + data.values[i], rate + exposure[i]
        total.append(height)
    assert found.evidence == pytest.approx(special.logsumexp(total), rel=1e-12)
