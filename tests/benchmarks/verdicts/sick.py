"""Data, or settings, that are built to cause one code of the verdict each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from bayes import exact_posterior
from em import Fit, fit
from models import Array, Data, Mixture, Model, Poisson

from .recipe import Case, Recipe

# A nat is what one parameter too many gains on average twice over (Wilks 1938): a hill that is lower by more is lower.
LOWER = 1.0
NEARLY_AS_HIGH = 40.0
MOST_TRIES = 1000
# Twice what a rival hill may hold, of which a hundredth or two are the error of its share; and when a pass is one.
SMALLEST_SHARE, DEEP = 0.1, 0.02
HIGHEST, BISECTIONS, PLACES = (22.0, 80.0), 9, 60


def stopped_early(rng: np.random.Generator) -> Case:
    """EM's own steps between overlapping rates, of which it would need dozens, and is granted three."""
    data = _poissons([0.5, 0.5], [4.0, rng.uniform(8, 10)], 300, rng)
    start = Mixture(np.array([0.5, 0.5]), Poisson(float(data.mean[0]) * np.array([0.9, 1.1])))
    return Case(data, Model("poisson", 2), em={"start": start, "acceleration": "none", "max_steps": 3})


def poor_optimum(rng: np.random.Generator) -> Case:
    """Two components for three groups; EM starts with the wrong two of them in one, and ends on a hill of its own."""
    data, _, poor = _two_hills(rng)
    return Case(data, Model("poisson", 2), em={"start": poor})


def chains_in_two_modes(rng: np.random.Generator) -> Case:
    """Two components for three groups; EM is free to find its way, but half of the chains start in the poor mode.

    From a mode hundreds of nats below the other a chain may still climb while it is tuned, and then all is well. Of modes
    of nearly one height each lies behind a barrier of its own.
    """
    data, good, poor = _two_hills(rng, NEARLY_AS_HIGH)
    return Case(data, Model("poisson", 2), modes=(good, poor))


def mirrored_groups(rng: np.random.Generator) -> Case:
    """Two normals for three groups, and every number with its mirror image: each of two hills holds half of the mass."""
    half, apart = int(rng.integers(20, 50)), rng.uniform(5, 9)
    right, middle = rng.normal(apart, 1, 2 * half), rng.normal(0, 1, half)
    return Case(Data.of(np.concatenate([right, -right, middle, -middle])), Model("gaussian", 2, covariance="full"))


def near_tied_hills(rng: np.random.Generator) -> Case:
    """Two rates for counts of three groups, the highest such that either pair of neighbours might be one group."""
    for _ in range(MOST_TRIES):
        lower = np.repeat([rng.uniform(1, 3), rng.uniform(12, 18)], rng.integers(25, 40, 2))
        counts, level = rng.poisson(lower).astype(float), rng.random(rng.integers(25, 40))

        def with_highest(rate: float, counts: Array = counts, level: Array = level) -> Data:
            return Data.of(np.concatenate([counts, stats.poisson.ppf(level, rate)]))

        low, high = HIGHEST
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            # The farther the highest group is, the more it costs to have it in one with the second.
            first, second = (end.log_likelihood for end in _pairs(with_highest(middle)))
            low, high = (middle, high) if first < second else (low, middle)
        data = with_highest((low + high) / 2)
        if min(exact_shares(data)) > SMALLEST_SHARE:
            return Case(data, Model("poisson", 2))
    raise RuntimeError("no data with two hills of about one mass were drawn.")


def exact_shares(data: Data) -> tuple[float, float]:
    """Return how much of the exact posterior lies on either side of the pass between two hills; all on one without any.

    They are the posterior's by enumeration, whose density of the lower rate has to fall to a fiftieth at the pass.
    """
    low, high = sorted(float(end.mixture.arrays()["rates"].min()) for end in _pairs(data))
    of_lower = exact_posterior(data, "poisson", 2, prior="weak").marginals["rates[1]"]
    places = np.linspace(low, high, PLACES)
    densities = np.array([of_lower.density(float(place)) for place in places])
    pass_at = int(np.argmin(densities))
    if not densities[pass_at] < DEEP * min(densities[0], densities[-1]):
        return 0.0, 1.0
    below = of_lower.distribution(float(places[pass_at]))
    return below, 1 - below


def _pairs(data: Data) -> list[Fit]:
    """Return where EM ends with the two lower of three groups in one, and with the two higher ones."""
    thirds = np.quantile(data.values[:, 0], [0.15, 0.5, 0.85], weights=data.weights, method="inverted_cdf")
    starts = [np.array([thirds[:2].mean(), thirds[2]]), np.array([thirds[0], thirds[1:].mean()])]
    return [fit(data, "poisson", 2, start=Mixture(np.array([0.5, 0.5]), Poisson(start + 0.1))) for start in starts]


def point_mass(rng: np.random.Generator) -> Case:
    """Measurements of which one in ten to one in five is the same to the last digit."""
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
    """Two rates with equal weights, near each other, and counts that vary no more than those of one rate.

    The likelihood then has its maximum where the rates are the same, and nothing says which component is which.
    """
    for _ in range(MOST_TRIES):
        rate = rng.uniform(6, 10)
        data = _poissons([0.5, 0.5], [rate, rate + rng.uniform(0.1, 0.5) * np.sqrt(rate)], 40, rng)
        if data.covariance[0, 0] <= data.mean[0]:
            return Case(data, Model("poisson", 2, mixing="equal"))
    raise RuntimeError("no counts with the variance of one rate were drawn.")


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
    """A group in which no event was seen: the estimate of its rate is on the edge, the posterior to one side of it."""
    return Case(Data.of(np.concatenate([np.zeros(60), rng.poisson(rng.uniform(15, 25), 60)])), Model("poisson", 2))


def _weights(rng: np.random.Generator) -> Array:
    first = rng.uniform(0.3, 0.7)
    return np.array([first, 1 - first])


def _poissons(weights: Any, rates: Any, n: int, rng: np.random.Generator) -> Data:
    return Data.of(Mixture(np.array(weights), Poisson(np.array(rates))).sample(n, rng)[0])


def _two_hills(rng: np.random.Generator, most: float = np.inf) -> tuple[Data, Mixture, Mixture]:
    """Counts of three rates, and the two optima of two rates: the first is higher, by ``most`` nats at most."""
    for _ in range(MOST_TRIES):
        rates = np.array([5.0, rng.uniform(25, 35), rng.uniform(70, 90)])
        data = _poissons([0.3, 0.4, 0.3], rates, 300, rng)
        pairs = [np.array([rates[:2].mean(), rates[2]]), np.array([rates[0], rates[1:].mean()])]
        ends = [fit(data, "poisson", 2, start=Mixture(np.array([0.5, 0.5]), Poisson(pair))) for pair in pairs]
        poor, good = sorted(ends, key=lambda end: end.log_likelihood)
        if LOWER < good.log_likelihood - poor.log_likelihood < most:
            return data, good.mixture, poor.mixture
    raise RuntimeError("no data with two optima were drawn.")


def _with_prior(data: Data, model: Model, **changes: Any) -> Case:
    own = model.prior(data, "conjugate")
    components: Any = own.components
    return Case(data, model, replace(own, components=replace(components, **changes)))


def _recipe(make: Any, kind: str, right: str, why: str, replicates: int = 25) -> Recipe:
    return Recipe(make.__name__.replace("_", " "), kind, frozenset(right.split()), why, make, replicates)


# More components than there are leave the data without an answer in one of three ways, and which of them depends on
# where the spare one goes (Rousseau and Mengersen 2011): beside another (no information about which is which, nor about
# how they share the weight) or onto a few observations.
SPARE = "weakly-identified labels-unresolved degenerate"

# Where both sides are unsure alike they do not differ, and nothing has to be explained: what is lacking is precision.
OVERLAP = "weakly-identified imprecise"

RECIPES = (
    _recipe(stopped_early, "EM stopped early", "em-not-converged", "three of EM's own steps"),
    _recipe(poor_optimum, "a poor optimum", "local-optimum", "a start that ends on a lower hill"),
    _recipe(mirrored_groups, "two hills", "several-hills", "by symmetry each hill holds half of the mass"),
    _recipe(
        near_tied_hills, "near-tied hills", "several-hills", "each of two hills holds a tenth of the exact posterior"
    ),
    _recipe(point_mass, "a point mass", "degenerate", "the likelihood is unbounded at a value seen many times"),
    _recipe(chains_in_two_modes, "chains in two modes", "chains-disagree", "half of the chains start in a lower mode"),
    _recipe(exchangeable_rates, "labels exchangeable", "labels-unresolved", "two components nearly alike"),
    _recipe(overlapping_rates, "overlap", OVERLAP, "a standard deviation apart", 13),
    _recipe(overlapping_means, "overlap", OVERLAP, "a standard deviation apart", 13),
    # Trajectories along the funnel of a spare normal are so long that a data set takes many minutes.
    _recipe(three_rates_for_two, "k larger than the truth", SPARE, "a component too many", 25),
    _recipe(three_normals_for_two, "k larger than the truth", SPARE, "a component too many", 1),
    _recipe(wrong_prior_of_rates, "a strong wrong prior", "prior-dominated", "worth as much as the data", 13),
    _recipe(wrong_prior_of_variances, "a strong wrong prior", "prior-dominated", "worth as much as the data", 13),
    _recipe(rare_events, "rare events", "non-normal-posterior", "a rate of zero", 25),
)
