"""Data, or settings, that are built to cause one code of the verdict each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from em import fit
from models import Array, Data, Gaussian, Mixture, Model, Poisson

from .recipe import Case, Recipe

# A nat is what one parameter too many gains on average twice over (Wilks 1938): a hill that is lower by more is lower.
LOWER = 1.0
MOST_TRIES = 100


def stopped_early(rng: np.random.Generator) -> Case:
    """EM's own steps between overlapping rates, of which it would need dozens, and is granted three."""
    data = _poissons([0.5, 0.5], [4.0, rng.uniform(8, 10)], 300, rng)
    start = Mixture(np.array([0.5, 0.5]), Poisson(float(data.mean[0]) * np.array([0.9, 1.1])))
    return Case(data, Model("poisson", 2), em={"start": start, "acceleration": "none", "max_steps": 3})


def poor_optimum(rng: np.random.Generator) -> Case:
    """Three groups; EM starts with one of them split and the other two in one, and ends on a hill of its own."""
    for _ in range(MOST_TRIES):
        data, good, poor = _three_groups(rng)
        top, end = (fit(data, "gaussian", 3, start=start) for start in (good, poor))
        if end.log_likelihood < top.log_likelihood - LOWER:
            return Case(data, Model("gaussian", 3, covariance="full"), em={"start": poor})
    raise RuntimeError("no poor optimum was found.")


def chains_in_two_modes(rng: np.random.Generator) -> Case:
    """The same groups; EM is free to find its way, but half of the chains start in the poor mode."""
    case = poor_optimum(rng)
    good = fit(case.data, "gaussian", 3, seed=rng)
    poor = fit(case.data, "gaussian", 3, **case.em)
    return replace(case, em={}, modes=(good.mixture, poor.mixture))


def point_mass(rng: np.random.Generator) -> Case:
    """Of numbers that were measured, one in ten to one in five is the same to the last digit."""
    n = int(rng.choice([150, 300]))
    same = int(n * rng.uniform(0.1, 0.2))
    x = np.concatenate([rng.normal(size=n - same), np.full(same, rng.uniform(-1.5, 1.5))])
    return Case(Data.of(x), Model("gaussian", 2, covariance="full"))


def overlapping_rates(rng: np.random.Generator) -> Case:
    """Two rates a standard deviation and less apart, and free weights."""
    rate = rng.uniform(4, 8)
    data = _poissons(_weights(rng), [rate, rate + rng.uniform(0.5, 1) * np.sqrt(rate)], 300, rng)
    return Case(data, Model("poisson", 2))


def overlapping_means(rng: np.random.Generator) -> Case:
    """Two normals of one variance, a standard deviation and less apart, and free weights."""
    weights, apart = _weights(rng), rng.uniform(0.5, 1)
    x = rng.normal(size=300) + apart * (rng.random(300) < weights[1])
    return Case(Data.of(x), Model("gaussian", 2, covariance="tied"))


def exchangeable_rates(rng: np.random.Generator) -> Case:
    """Two rates with equal weights, so near each other that forty counts cannot say which component is which."""
    rate = rng.uniform(6, 10)
    data = _poissons([0.5, 0.5], [rate, rate + rng.uniform(0.1, 0.5) * np.sqrt(rate)], 40, rng)
    return Case(data, Model("poisson", 2, mixing="equal"))


def three_rates_for_two(rng: np.random.Generator) -> Case:
    """Counts of two rates far apart, fitted with three."""
    return Case(_poissons(_weights(rng), [3.0, rng.uniform(15, 20)], 300, rng), Model("poisson", 3))


def three_normals_for_two(rng: np.random.Generator) -> Case:
    """Two normals far apart, fitted with three of one variance."""
    x = rng.normal(size=400) + rng.uniform(6, 8) * (rng.random(400) < 0.5)
    return Case(Data.of(x), Model("gaussian", 3, covariance="tied"))


def wrong_prior_of_rates(rng: np.random.Generator) -> Case:
    """A prior under which rates above a half are next to impossible, for counts of about four and twenty."""
    model = Model("poisson", 2)
    data = _poissons([0.5, 0.5], [4.0, rng.uniform(18, 24)], 200, rng)
    return _with_prior(data, model, rate=rng.uniform(8, 16))


def wrong_prior_of_variances(rng: np.random.Generator) -> Case:
    """A prior under which variances below five are next to impossible, for two groups of variance one."""
    model = Model("gaussian", 2, covariance="full")
    x = rng.normal(size=200) + rng.uniform(15, 20) * (rng.random(200) < 0.5)
    return _with_prior(Data.of(x), model, scale=np.array([[rng.uniform(60, 120)]]))


def rare_events(rng: np.random.Generator) -> Case:
    """A group in which no more than two events were seen: the posterior of its rate lies to one side of the maximum."""
    events = int(rng.integers(0, 3))
    rare = np.bincount(rng.integers(60, size=events), minlength=60)
    return Case(Data.of(np.concatenate([rare, rng.poisson(rng.uniform(15, 25), 60)])), Model("poisson", 2))


def _weights(rng: np.random.Generator) -> Array:
    first = rng.uniform(0.3, 0.7)
    return np.array([first, 1 - first])


def _poissons(weights: Any, rates: Any, n: int, rng: np.random.Generator) -> Data:
    return Data.of(Mixture(np.array(weights), Poisson(np.array(rates))).sample(n, rng)[0])


def _three_groups(rng: np.random.Generator) -> tuple[Data, Mixture, Mixture]:
    """Groups at zero, about twenty and somewhat beyond, with the mixture of each and with the poor start."""
    second = rng.uniform(18, 25)
    third = second + rng.uniform(3.5, 5)
    centres = np.array([0.0, second, third])
    x = rng.normal(centres[rng.integers(3, size=450)])
    good = _line([1, 1, 1], centres, [1, 1, 1])
    poor = _line([1, 1, 4], [-1.0, 1.0, (second + third) / 2], [1, 1, 5])
    return Data.of(x), good, poor


def _line(shares: Any, means: Any, variances: Any) -> Mixture:
    components = Gaussian(np.array(means)[:, None], np.array(variances, dtype=float)[:, None, None])
    return Mixture(np.array(shares) / np.sum(shares), components)


def _with_prior(data: Data, model: Model, **changes: Any) -> Case:
    own = model.prior(data)
    components: Any = own.components
    return Case(data, model, replace(own, components=replace(components, **changes)))


def _recipe(make: Any, kind: str, right: str, why: str, replicates: int = 25) -> Recipe:
    return Recipe(make.__name__.replace("_", " "), kind, frozenset(right.split()), why, make, replicates)


# More components than there are leave the data without an answer in one of three ways, and which of them depends on
# where the spare one goes (Rousseau and Mengersen 2011): beside another (no information about which is which, nor about
# how they share the weight) or onto a few observations.
SPARE = "weakly-identified labels-unresolved degenerate"

RECIPES = (
    _recipe(stopped_early, "EM stopped early", "em-not-converged", "three of EM's own steps"),
    _recipe(poor_optimum, "a poor optimum", "local-optimum", "a start that ends on a lower hill"),
    _recipe(point_mass, "a point mass", "degenerate", "the likelihood is unbounded at a value seen many times"),
    _recipe(chains_in_two_modes, "chains in two modes", "chains-disagree", "half of the chains start in a lower mode"),
    _recipe(exchangeable_rates, "labels exchangeable", "labels-unresolved", "two components nearly alike"),
    _recipe(overlapping_rates, "overlap", "weakly-identified", "a standard deviation apart", 13),
    _recipe(overlapping_means, "overlap", "weakly-identified", "a standard deviation apart", 13),
    _recipe(three_rates_for_two, "k larger than the truth", SPARE, "a component too many", 13),
    _recipe(three_normals_for_two, "k larger than the truth", SPARE, "a component too many", 13),
    _recipe(wrong_prior_of_rates, "a strong wrong prior", "prior-dominated", "worth as much as the data", 13),
    _recipe(wrong_prior_of_variances, "a strong wrong prior", "prior-dominated", "worth as much as the data", 13),
    _recipe(rare_events, "rare events", "non-normal-posterior", "a rate near zero", 25),
)
