"""The proof catches every model that is another one, and takes a likelihood without a unique maximum for what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

from bayes import build
from em import Fit, fit, information_of
from models import Array, Data, Frame, Gaussian, Mixture, Model, Poisson, Prior
from reports.comparing import equivalence
from reports.comparing.equivalence import EquivalenceError, newton_gain, prove_for

COUNTS = np.random.default_rng(0).poisson([2, 9], size=(60, 2)).ravel()
GROUPS = np.concatenate([np.random.default_rng(1).normal(0, 1, 70), np.random.default_rng(2).normal(6, 2, 50)])


def counts_by(weights: Callable[[Any], Any], rates: Callable[[Any], Any], term: Callable[[Any], Any]) -> Any:
    """A textbook Poisson mixture of which one thing is not as it should be."""

    def wrong(data: Data, model: Model, prior: Prior, likelihood: str) -> pm.Model:
        of_rates: Any = model.prior(data, "conjugate").components
        with pm.Model(coords={"component": range(model.components)}) as built:
            w = pm.Dirichlet("weights", a=np.ones(model.components), dims="component")
            r = pm.Gamma("rates", alpha=of_rates.shape, beta=of_rates.rate, dims="component")

            def logp(value: Any, w: Any, r: Any) -> Any:
                return pm.logp(pm.Mixture.dist(w=weights(w), comp_dists=pm.Poisson.dist(mu=rates(r))), value) + term(r)

            observed = np.repeat(data.values[:, 0], data.weights.astype(int)).astype(np.int64)
            pm.CustomDist("x", w, r, logp=logp, signature="(k),(k)->()", dtype="int64", observed=observed)
        return built

    return wrong


def as_it_is(value: Any) -> Any:
    return value


def nothing(value: Any) -> Any:
    return 0.0


def groups_by(deviation: Callable[[Any], Any]) -> Any:
    """A textbook Gaussian mixture whose standard deviation is some function of the variance."""

    def wrong(data: Data, model: Model, prior: Prior, likelihood: str) -> pm.Model:
        of_components: Any = model.prior(data, "conjugate").components
        with pm.Model(coords={"component": range(model.components)}) as built:
            w = pm.Dirichlet("weights", a=np.ones(model.components), dims="component")
            shape, scale = of_components.degrees_of_freedom / 2, of_components.scale.item() / 2
            variances = pm.InverseGamma("variances", alpha=shape, beta=scale, dims="component")
            sigma = pt.sqrt(variances / of_components.strength)
            means = pm.Normal("means", mu=of_components.location[0], sigma=sigma, dims="component")
            pm.NormalMixture("x", w=w, mu=means, sigma=deviation(variances), observed=data.values[:, 0])
        return built

    return wrong


WRONG = {
    "weights forgotten": (COUNTS, "poisson", counts_by(lambda w: 0 * w + 0.5, as_it_is, nothing)),
    "a rate off by a millionth": (COUNTS, "poisson", counts_by(as_it_is, lambda r: r * (1 + 1e-6), nothing)),
    "the Jacobian of the logarithms taken in": (
        COUNTS,
        "poisson",
        counts_by(as_it_is, as_it_is, lambda r: pt.log(r).sum(axis=-1) / len(COUNTS)),
    ),
    "a variance for a standard deviation": (GROUPS, "gaussian", groups_by(as_it_is)),
}
# Written here as in the others, with nothing wrong.
RIGHT = {
    "counts": (COUNTS, "poisson", counts_by(as_it_is, as_it_is, nothing)),
    "groups": (GROUPS, "gaussian", groups_by(pt.sqrt)),
}


def instead_of(likelihood: str, wrong: Any) -> Any:
    """Models as they are built, the one of this likelihood aside."""

    def built(data: Data, model: Model, prior: Prior, which: str) -> pm.Model:
        return wrong(data, model, prior, which) if which == likelihood else build(data, model, prior, which)

    return built


@pytest.mark.parametrize("likelihood", ["textbook", "fused"])
@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_model_is_caught(what: str, likelihood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is the one that is shown or the one that is sampled."""
    x, family, wrong = WRONG[what]
    found = fit(x, family, 2, starts=4)
    monkeypatch.setattr(equivalence, "build", instead_of(likelihood, wrong))
    with pytest.raises(EquivalenceError, match="not the same model"):
        prove_for(found, np.random.default_rng(0))


@pytest.mark.parametrize("what", RIGHT)
def test_the_same_graph_with_nothing_wrong_passes(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or what was caught above would be the way in which those graphs are written."""
    x, family, right = RIGHT[what]
    monkeypatch.setattr(equivalence, "build", instead_of("textbook", right))
    assert prove_for(fit(x, family, 2, starts=4), np.random.default_rng(0)).holds


def test_a_looser_proof_would_let_a_rate_off_by_a_millionth_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is caught is caught by the tolerance: a hundred times as much of it is too much."""
    x, family, wrong = WRONG["a rate off by a millionth"]
    monkeypatch.setattr(equivalence, "build", instead_of("textbook", wrong))
    monkeypatch.setattr(equivalence, "RELATIVE_TOLERANCE", 1e-4)
    assert prove_for(fit(x, family, 2, starts=4), np.random.default_rng(0)).holds


def test_the_jacobian_of_the_frame_must_not_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Frame, "log_volume", 0.0)
    with pytest.raises(EquivalenceError, match="not the same model"):
        prove_for(fit(GROUPS, "gaussian", 2, starts=4), np.random.default_rng(0))


def away_from_the_maximum(found: Fit, by: float) -> Fit:
    """The fit that EM would have if it had said that it converged a share of a standard deviation off."""
    components: Any = found.mixture.components
    moved = Gaussian(components.means + by * np.sqrt(components.covariances[..., 0]), components.covariances)
    return as_if_it_ended_at(Mixture(found.mixture.weights, moved), found)


def as_if_it_ended_at(mixture: Mixture, found: Fit) -> Fit:
    """The fit with another end."""
    at = float(mixture.log_likelihood(found.data.values, found.data.weights))
    climb = replace(found.climb, log_likelihood=np.append(found.climb.log_likelihood, at))
    return replace(found, mixture=mixture, climb=climb)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1e-12, 0.0), (1e12, 0.0), (1.0, 1e9), (1e-9, 1e-3)])
def test_units_and_origin_have_no_part_in_it(scale: float, shift: float) -> None:
    """The proof holds in all of them, and beside the maximum it holds in none."""
    found = fit(scale * GROUPS + shift, "gaussian", 2, starts=4)
    proof = prove_for(found, np.random.default_rng(0))
    assert proof.holds
    assert proof.undetermined == 0
    assert proof.em[0] == found.log_likelihood
    # Half of the square of a thousandth of a standard deviation, times 120 observations: 6e-5 nats, sixty times as
    # much as is allowed, whatever the units.
    with pytest.raises(EquivalenceError, match="Newton step"):
        prove_for(away_from_the_maximum(found, 1e-3), np.random.default_rng(0))


def test_counts_of_thousands_of_millions_are_rounded_and_not_another_model() -> None:
    """The terms of their log-probabilities are a million million times as large as what they add up to."""
    counts = np.random.default_rng(3).poisson([1e9, 1.1e9], size=(40, 2)).ravel()
    assert prove_for(fit(counts, "poisson", 2, starts=4), np.random.default_rng(0)).holds


@pytest.mark.parametrize(("components", "seed"), [(3, 0), (3, 1), (4, 2)])
def test_components_too_many_are_a_finding(components: int, seed: int) -> None:
    """Counts have one rate, and two components come to it, or one to a weight of zero."""
    counts = np.random.default_rng(seed).poisson(2, size=200)
    proof = prove_for(fit(counts, "poisson", components, starts=20), np.random.default_rng(seed))
    assert proof.holds


def test_a_saddle_is_no_other_model() -> None:
    """Two equal components: the gradient vanishes, and the information is negative, or nothing, in some direction."""
    data = Data.of(COUNTS)
    one = Mixture(np.array([0.5, 0.5]), Poisson(np.full(2, float(data.mean[0]))))
    # EM itself leaves it: this is as if it had stayed.
    proof = prove_for(as_if_it_ended_at(one, fit(data, "poisson", 2, starts=2)), np.random.default_rng(0))
    assert proof.holds
    assert proof.undetermined > 0


def test_a_rate_of_exactly_zero_is_the_same_model() -> None:
    """EM may end there to the last digit, where the logarithm of the rate is no number."""
    counts = Data.of(np.concatenate([np.zeros(60), np.random.default_rng(1).poisson(4.0, size=60)]))
    found = fit(counts, "poisson", 2, starts=4)
    at_zero = Mixture(found.mixture.weights, Poisson(np.array([0.0, found.mixture.components.arrays()["rates"][1]])))
    proof = prove_for(as_if_it_ended_at(at_zero, found), np.random.default_rng(0))
    assert proof.holds
    assert proof.remaining is None


def test_an_estimate_that_is_on_the_edge_but_for_rounding_is_no_other_model() -> None:
    """Its information is that on the edge: of a component of no weight, of a rate of zero."""
    rng = np.random.default_rng(1)
    counts = Data.of(np.concatenate([np.zeros(20), rng.poisson(2.3, size=90), rng.poisson(8.8, size=90)]))
    found = fit(counts, "poisson", 3, starts=4)
    rates: Array = found.mixture.components.arrays()["rates"]
    last = float(found.mixture.weights[2])
    doubled = Mixture(
        np.array([*found.mixture.weights[:2], last - 1e-9, 1e-9]), Poisson(np.array([1e-8, *rates[1:], rates[2]]))
    )
    ended = replace(as_if_it_ended_at(doubled, found), model=Model.of(counts, "poisson", 4), prior=None)
    proof = prove_for(ended, np.random.default_rng(0))
    assert proof.holds
    assert proof.remaining is None


def gain_of(mixture: Mixture, data: Data) -> float:
    model = Model.of(data, "gaussian", len(mixture.weights))
    climbed = fit(data, "gaussian", len(mixture.weights), starts=1)
    found = information_of(replace(climbed, model=model, mixture=mixture))
    assert found is not None
    return newton_gain(found, found.gradient)


def test_newton_gains_nothing_at_a_maximum_and_what_was_lost_beside_it() -> None:
    rows: Array = np.random.default_rng(5).normal(size=(40, 2)) @ np.array([[1.0, 0.4], [0.0, 2.0]])
    data = Data.of(rows)
    # One Gaussian's maximum is in closed form: the mean and the covariance of the data.
    maximum = Mixture(np.ones(1), Gaussian(data.mean[None], data.covariance[None]))
    assert gain_of(maximum, data) < 1e-12
    shift = 1e-3 * np.sqrt(np.diag(data.covariance))
    beside = Mixture(np.ones(1), Gaussian(data.mean[None] + shift, data.covariance[None]))
    lost = float(maximum.log_likelihood(data.values) - beside.log_likelihood(data.values))
    # So near the maximum the log-likelihood is a parabola but for a part in a thousand.
    assert gain_of(beside, data) == pytest.approx(lost, rel=1e-2)


@pytest.fixture
def few_for_textbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equivalence, "MOST_TEXTBOOK_ROWS", 40)


@pytest.mark.usefixtures("few_for_textbook")
@pytest.mark.parametrize("family", ["poisson", "gaussian"])
def test_of_many_rows_the_textbook_graph_has_an_even_selection(family: str) -> None:
    rng = np.random.default_rng(5)
    x = rng.poisson(rng.choice([3.0, 15.0], 150)) if family == "poisson" else rng.normal(rng.choice([0, 9], 150), 1)
    fitted = fit(x, family, 2)
    found = prove_for(fitted, np.random.default_rng(1))
    assert found.holds
    assert found.textbook_rows == 38
    # What is shown is of all rows.
    assert found.em[0] == pytest.approx(fitted.log_likelihood, rel=1e-12)


@pytest.mark.usefixtures("few_for_textbook")
def test_a_textbook_graph_that_is_another_is_noticed_on_the_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    fitted = fit(rng.normal(rng.choice([0, 9], 150), 1), "gaussian", 2)

    def another(data: Data, model: Model, prior: Prior, likelihood: str) -> pm.Model:
        shifted = replace(data, values=data.values + 1e-6)
        return build(shifted if likelihood == "textbook" else data, model, prior, likelihood)

    monkeypatch.setattr(equivalence, "build", another)
    with pytest.raises(EquivalenceError, match="not the same model"):
        prove_for(fitted, np.random.default_rng(1))
