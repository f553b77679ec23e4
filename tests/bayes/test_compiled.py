"""The model that is compiled once says of every data set what the model built for it would say."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pymc.pytensorf import join_nonshared_inputs

from bayes import (
    CompiledModel,
    build,
    compiled_model,
    posterior_mixture,
    sample,
    summarise,
    total_log_likelihood,
)
from bayes.engine import interpreted
from models import Array, Data, Gamma, NormalInverseWishart, Prior
from tests.cases import CASES, Case

CHOSEN = [
    case for case in CASES if str(case) in ("poisson", "gaussian-full-1d", "gaussian-full-2d", "gaussian-tied-2d")
]
ALSO_OTHER_VARIABLES = [*CHOSEN, *(case for case in CASES if str(case) in ("gaussian-tied-1d", "gaussian-diagonal-2d"))]


def unusual(prior: Prior) -> Prior:
    """A prior in which no term vanishes, as some do in the default: Dirichlet(1, …, 1) hides a wrong exponent."""
    components = prior.components
    if isinstance(components, Gamma):
        return replace(prior, components=Gamma(2.5, 0.4), concentration=1.7)
    assert isinstance(components, NormalInverseWishart)
    return replace(prior, components=replace(components, strength=0.6, degrees_of_freedom=6.5), concentration=1.7)


def textbook_log_density(case: Case, data: Data, x: Array, prior: Prior) -> float:
    """PyMC's own graph, interpreted: neither Numba nor the fused operation has a part in it."""
    built = build(data, case.model, prior, "textbook")
    (value,), joined = join_nonshared_inputs(built.initial_point(0), [built.logp()], built.value_vars)
    return float(interpreted([joined], [value])(x)[0])


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_one_compiled_model_has_the_log_density_of_each_data_set(case: Case) -> None:
    rng = np.random.default_rng(11)
    compiled, default = compiled_model(case.model, "conjugate"), case.model.prior(case.data, "conjugate")
    other = Data.of(np.round(2 * case.mixture.sample(33, rng)[0]), columns=case.data.columns)
    for data, prior in ((case.data, default), (other, unusual(default))):
        x, log_density = rng.normal(scale=0.5, size=case.model.free_parameters), compiled.log_density(data, prior)
        value, gradient = log_density(x)
        # Two orders of summation over the rows: rounding alone.
        assert value == pytest.approx(textbook_log_density(case, data, x, prior), rel=1e-10)
        step = 1e-5 * np.eye(len(x))
        ahead, behind = ([log_density(x + sign * row)[0] for row in step] for sign in (1, -1))
        # Central differences: truncation of order step², and rounding of |value|·ε/step.
        np.testing.assert_allclose(
            gradient, (np.array(ahead) - behind) / 2e-5, rtol=1e-5, atol=1e-4 * np.abs(gradient).max()
        )


@pytest.mark.parametrize("case", ALSO_OTHER_VARIABLES, ids=str)
def test_a_mixture_and_back(case: Case) -> None:
    compiled, prior = compiled_model(case.model, "conjugate"), unusual(case.model.prior(case.data, "conjugate"))
    given = prior.sample(np.random.default_rng(2))
    unconstrained = compiled.unconstrained(given, prior)
    assert unconstrained.shape == (case.model.free_parameters,)
    back = posterior_mixture(compiled.variables(unconstrained[None, None], case.data, prior), case.model)
    for name, value in given.arrays().items():
        # There and back through logarithms and exponentials.
        np.testing.assert_allclose(back[0, 0].arrays()[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", ALSO_OTHER_VARIABLES, ids=str)
def test_all_draws_at_once_are_what_each_is_alone(case: Case) -> None:
    compiled, prior = compiled_model(case.model, "conjugate"), unusual(case.model.prior(case.data, "conjugate"))
    given = prior.sample(np.random.default_rng(2))
    points = compiled.unconstrained(given, prior) + np.random.default_rng(3).normal(
        size=(2, 3, case.model.free_parameters)
    )
    together = compiled.variables(points, case.data, prior)
    for chain, draw in np.ndindex(2, 3):
        alone = compiled.variables(points[chain : chain + 1, draw : draw + 1], case.data, prior)
        for name, values in alone.items():
            # The same arithmetic, in loops of other lengths: the last digits of exponentials.
            np.testing.assert_allclose(together[name][chain, draw], values[0, 0], rtol=1e-12, atol=1e-300)
    mixtures = posterior_mixture(together, case.model)
    # The E-step of models sums in another order.
    np.testing.assert_allclose(together["x"], total_log_likelihood(mixtures, case.data), rtol=1e-10)


def test_its_posterior_is_that_of_sample() -> None:
    case = CASES[0]
    compiled = compiled_model(case.model)
    compiled.sample(
        Data.of([0, 1, 3, 9, 4, 40, 8]), draws=4, tune=4
    )  # other data before, which must leave nothing behind
    draws = compiled.sample(case.data, draws=800, tune=500, seed=3)
    theirs = sample(case.data, "poisson", 3, draws=800, tune=500, chains=2, seed=4)
    ours = summarise(case.model.scalars(draws.mixture, case.data.columns))
    # Five Monte Carlo errors of the difference of two means.
    error = np.hypot(ours["mcse_mean"], theirs.summary["mcse_mean"])
    assert (np.abs(ours["mean"] - theirs.summary["mean"]) < 5 * error).all()
    assert (np.abs(np.log(ours["sd"] / theirs.summary["sd"])) < 0.25).all()
    assert draws.log_likelihood[1, 7] == pytest.approx(
        float(draws.mixture[1, 7].log_likelihood(case.data.values, case.data.weights))
    )


def test_what_it_cannot_take_is_refused() -> None:
    case = CASES[0]
    compiled = compiled_model(case.model)
    assert isinstance(compiled, CompiledModel)
    with pytest.raises(ValueError, match="whole numbers"):
        compiled.log_density(Data.of([1, 2, 9], weights=[0.5, 1, 1]))


SAMPLE = """
from bayes import compiled_model
from tests.cases import CASES
case = next(case for case in CASES if str(case) == "gaussian-full-2d")
drawn = compiled_model(case.model).sample(case.data, draws=40, tune=60, seed=5)
print(drawn.mixture.components.means.tobytes().hex(), drawn.log_likelihood.tobytes().hex())
"""


@pytest.mark.slow
def test_the_process_that_compiles_draws_what_later_ones_draw(tmp_path: Path) -> None:
    flags = f"{os.environ.get('PYTENSOR_FLAGS', '')},base_compiledir={tmp_path / 'pytensor'}".strip(",")
    fresh = {**os.environ, "PYTHONPATH": ".", "NUMBA_CACHE_DIR": str(tmp_path / "numba"), "PYTENSOR_FLAGS": flags}
    command = [sys.executable, "-c", SAMPLE]
    first, later = (subprocess.run(command, env=fresh, capture_output=True, text=True, check=True) for _ in range(2))
    assert len(first.stdout) > 1000
    assert first.stdout == later.stdout


@pytest.mark.parametrize("case", [case for case in CASES if str(case) == "gaussian-spherical-2d"], ids=str)
def test_a_standard_deviation_of_zero_has_no_density(case: Case) -> None:
    """exp(−1e4) is zero in doubles, which PyMC refuses as a standard deviation."""
    value, gradient = compiled_model(case.model).log_density(case.data)(np.full(case.model.free_parameters, -1e4))
    assert value == -np.inf
    assert np.isnan(gradient).all()
