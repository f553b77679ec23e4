"""The posterior with labels that are known: PyMC's graph, the compiled model, labels, and a sum over all allocations."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from bayes import LogLikelihood, build, build_model, exact_posterior, exchange_costs, relabel, sample, stephens
from bayes.compiled import compiled_for
from bayes.labellings import Labellings
from models import Array, Data, Mixture, Model, Poisson, Prior
from models.priors import Gamma

RNG = np.random.default_rng(11)
LABELS = RNG.integers(0, 3, 24)
SEEN = np.where(RNG.random(24) < 0.5, LABELS + 1, -1)
COUNTS = RNG.poisson(3 * LABELS + 1)
NUMBERS = RNG.normal(3.0 * LABELS, 1.0)
PLANE = np.column_stack([NUMBERS, RNG.normal(size=24)])
EXPOSURE = RNG.uniform(0.5, 2.0, 24)


@pytest.mark.parametrize(
    ("family", "x", "said", "called", "known"),
    [
        ("gaussian", NUMBERS, {}, "weak", SEEN),
        ("gaussian", PLANE, {"covariance": "full"}, "weak", SEEN),
        ("gaussian", PLANE, {"covariance": "tied"}, "conjugate", LABELS + 1),
        ("gaussian", PLANE, {"covariance": "spherical", "mixing": "equal"}, "conjugate", SEEN),
        ("poisson", COUNTS, {}, "weak", LABELS + 1),
        ("poisson", COUNTS, {"exposure": EXPOSURE}, "conjugate", SEEN),
        ("poisson", np.column_stack([COUNTS, COUNTS[::-1]]), {"exposure": EXPOSURE}, "weak", SEEN),
    ],
)
def test_graph_says_of_labels_what_em_s_likelihood_does(
    family: str, x: Array, said: dict[str, Any], called: str, known: Array
) -> None:
    model_of = {name: value for name, value in said.items() if name != "exposure"}
    data = Data.of(x, known=known, exposure=said.get("exposure"))
    model = Model.of(data, family, 3, **model_of)
    prior = model.prior(data, called)
    mixture = prior.sample(np.random.default_rng(2))
    textbook, fused = (LogLikelihood(build(data, model, prior, which), model, prior) for which in ("textbook", "fused"))
    (value, gradient), (fused_value, fused_gradient) = textbook.with_gradient(mixture), fused.with_gradient(mixture)
    assert value == pytest.approx(mixture.expectation(data).log_likelihood, rel=1e-10)
    assert fused_value == pytest.approx(value, rel=1e-10)
    np.testing.assert_allclose(fused_gradient, gradient, rtol=1e-7, atol=1e-7)


def test_graph_has_the_labels_and_the_rows_of_each_as_variables_of_their_own() -> None:
    built = build_model(COUNTS, "poisson", 3, known=SEEN)
    assert [variable.name for variable in built.observed_RVs] == ["x", "label", "x_of_1", "x_of_2", "x_of_3"]
    assert [variable.name for variable in build_model(COUNTS, "poisson", 3).observed_RVs] == ["x"]


@pytest.mark.parametrize("exposure", [None, EXPOSURE], ids=["counts", "rates"])
def test_compiled_density_has_the_labels_in_it_in_value_and_gradient(exposure: Array | None) -> None:
    data = Data.of(COUNTS, known=SEEN, exposure=exposure)
    model = Model.of(data, "poisson", 3)
    prior = model.prior(data, "conjugate")
    mixture = prior.sample(np.random.default_rng(4))
    compiled = compiled_for(data, model, "conjugate")
    at = compiled.unconstrained(mixture, prior)
    value, gradient = compiled.log_density(data, prior)(at)
    # The prior and the coordinates are the same without labels: only the likelihood differs.
    plain_value, plain_gradient = compiled_for(data.unlabelled, model, "conjugate").log_density(data.unlabelled, prior)(
        at
    )
    with_labels, without = (
        LogLikelihood(build(each, model, prior, "textbook"), model, prior) for each in (data, data.unlabelled)
    )
    (ours, slope), (theirs, plain_slope) = with_labels.with_gradient(mixture), without.with_gradient(mixture)
    assert value - plain_value == pytest.approx(ours - theirs, rel=1e-9)
    np.testing.assert_allclose(gradient - plain_gradient, slope - plain_slope, rtol=1e-7, atol=1e-8)


def test_compiled_density_takes_data_of_which_all_labels_are_known_and_labels_without_rows() -> None:
    model = Model("poisson", 3)
    prior = Prior(Gamma(2.0, 0.5), model)
    mixture = prior.sample(np.random.default_rng(4))
    values = []
    for known in (LABELS + 1, np.where(LABELS == 1, 2, -1)):
        data = Data.of(COUNTS, known=known)
        compiled = compiled_for(data, model, "conjugate")
        value, _ = compiled.log_density(data, prior)(compiled.unconstrained(mixture, prior))
        values.append(value - mixture.expectation(data).log_likelihood)
    assert values[0] == pytest.approx(values[1], rel=1e-10)


def test_components_of_known_label_are_never_exchanged() -> None:
    rng = np.random.default_rng(0)
    draws = Mixture(np.full((1, 40, 3), 1 / 3), Poisson(rng.permuted(np.tile([1.0, 9.0, 20.0], (1, 40, 1)), axis=-1)))
    data = Data.of(np.array([1, 2, 9, 8, 20, 21]), known=["b", None, "a", None, None, None])
    kept = draws.relabel(np.tile(np.arange(3), (1, 40, 1)))
    responsibilities = kept[0].responsibilities(data.values)
    assert (stephens(responsibilities, data.weights, 0, (0, 1, 2)) == np.arange(3)).all()
    one = Mixture(np.full((1, 2, 3), 1 / 3), Poisson(np.array([[[9.0, 1.0, 20.0], [9.5, 1.5, 19.0]]])))
    found = relabel(one, data, np.zeros((1, 2)))
    np.testing.assert_array_equal(found.components.location(), one.components.location())
    assert np.isinf(exchange_costs(one, data)).all()
    assert np.isfinite(exchange_costs(one, data.unlabelled)).all()


def test_labellings_are_those_of_the_components_without_a_label() -> None:
    built = build_model(COUNTS, "poisson", 3)
    points = np.array([[0.3, -0.1, 1.0, 2.0, 3.0]])
    assert Labellings.of(built, 3).count == 6
    some = Labellings.of(built, 3, (1,))
    assert some.count == 2
    first, second = some(points)
    np.testing.assert_array_equal(first, points)
    np.testing.assert_allclose(second, [[-0.2, -0.1, 3.0, 2.0, 1.0]])
    near = some.nearest(points, second[0], np.eye(5), 24)
    assert near.shape == (1, 2, 5)
    assert any(np.allclose(each, second[0]) for each in near[0])
    all_fixed = Labellings.of(built, 3, (0, 1, 2))
    assert [each.tolist() for each in all_fixed(points)] == [points.tolist()]
    np.testing.assert_array_equal(all_fixed.nearest(points, points[0], np.eye(5), 24), points[None])


def test_there_is_no_exact_posterior_with_known_labels() -> None:
    with pytest.raises(ValueError, match="known does not apply to an exact posterior"):
        exact_posterior(Data.of([1, 2, 5], known=[1, None, 2]), "poisson", 2)


@pytest.mark.slow
def test_posterior_is_the_sum_over_all_allocations_that_agree() -> None:
    x, known = np.array([0, 2, 3, 4, 6, 1, 3]), ["b", None, None, None, "a", None, None]
    prior = Prior(Gamma(2.0, 0.5), Model("poisson", 2), concentration=1.0)
    found = sample(x, "poisson", 2, known=known, prior=prior, draws=4000, chains=4, seed=3)
    log_terms, means, shares = [], [], []
    for labels in itertools.product((0, 1), repeat=7):
        if labels[0] != 1 or labels[4] != 0:
            continue
        z = np.array(labels)
        counts = np.array([(z == 0).sum(), (z == 1).sum()])
        sums = np.array([x[z == 0].sum(), x[z == 1].sum()])
        # With uniform weights p(z) = N₁! N₂! / (n + 1)!. A gamma prior makes the total of n counts negative binomial, and
        # given the total they are multinomial.
        term = special.gammaln(counts + 1).sum()
        for j in (0, 1):
            term += stats.nbinom(2.0, 0.5 / (0.5 + counts[j])).logpmf(sums[j])
            term += stats.multinomial(int(sums[j]), np.full(counts[j], 1 / counts[j])).logpmf(x[z == j])
        log_terms.append(term)
        means.append((2.0 + sums) / (0.5 + counts))
        shares.append((1 + counts[0]) / 9)
    weights = np.exp(np.array(log_terms) - max(log_terms))
    summary = found.summary
    expected = {
        **{f"rates[{j + 1}]": np.average(np.array(means)[:, j], weights=weights) for j in (0, 1)},
        "weights[1]": np.average(shares, weights=weights),
    }
    for name, value in expected.items():
        # Four Monte Carlo standard errors.
        assert abs(summary["mean"][name] - value) < 4 * summary["mcse_mean"][name], name
    assert found.data.labels == ("a", "b")
