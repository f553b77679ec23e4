"""Data sets simulated from a known truth that is kept with them."""

from __future__ import annotations

import numpy as np

from ..data import Data
from ..gaussian import Gaussian
from ..mixture import Mixture
from ..model import Model
from ..poisson import Poisson
from ..poisson_product import PoissonProduct
from .kinds import Simulation


def poisson_three(rng: np.random.Generator) -> Simulation:
    """500 counts from three Poisson distributions that hardly overlap."""
    truth = Mixture(np.array([0.3, 0.4, 0.3]), Poisson(np.array([30.0, 100.0, 150.0])))
    x, labels = truth.sample(500, rng)
    data = Data.of(x, columns=("count",), name="poisson-three")
    return Simulation(
        "poisson-three",
        "500 counts from three Poisson components with rates 30, 100 and 150",
        "Where groups are far apart, EM and Bayes say the same.",
        data,
        Model("poisson", 3),
        truth,
        labels,
    )


def gaussian_five(rng: np.random.Generator) -> Simulation:
    """5000 points from five bivariate Gaussians of different location, size, shape and orientation."""
    means = np.array([[-0.5, 8.5], [0.5, 1.0], [4.5, 5.0], [8.5, 8.5], [9.0, 0.5]])
    deviations = np.array([[0.6, 0.8], [1.1, 0.7], [0.9, 0.9], [0.9, 1.1], [0.7, 1.0]])
    correlations = np.array([0.5, -0.6, 0.8, -0.3, 0.0])
    covariances = deviations[:, :, None] * deviations[:, None, :]
    covariances[:, [0, 1], [1, 0]] *= correlations[:, None]
    truth = Mixture(np.array([0.15, 0.25, 0.2, 0.3, 0.1]), Gaussian(means, covariances))
    x, labels = truth.sample(5000, rng)
    data = Data.of(x, name="gaussian-five")
    model = Model("gaussian", 5, dimension=2, covariance="full")
    return Simulation(
        "gaussian-five",
        "5000 points from five bivariate Gaussians with full covariances of their own",
        "With many observations a poor start is what can go wrong, not the method.",
        data,
        model,
        truth,
        labels,
    )


def gaussian_two(rng: np.random.Generator) -> Simulation:
    """20 draws of N(0, 2²) and 20 of N(2, 1²), the weights known to be one half: too few to tell them well apart."""
    truth = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([[0.0], [2.0]]), np.array([[[4.0]], [[1.0]]])))
    labels = np.repeat([0, 1], 20)
    data = Data.of(truth.components.sample(labels, rng), name="gaussian-two")
    model = Model("gaussian", 2, covariance="full", mixing="equal")
    return Simulation(
        "gaussian-two",
        "40 numbers from N(0, 2²) and N(2, 1²), weights fixed at one half",
        "So few numbers hardly tell two groups apart, which the posterior says and a point cannot.",
        data,
        model,
        truth,
        labels,
    )


def poisson_exposure(rng: np.random.Generator) -> Simulation:
    """300 counts of events at two rates, each watched for a quarter of an hour to twelve hours."""
    truth = Mixture(np.array([0.4, 0.6]), Poisson(np.array([0.8, 4.0])))
    hours = rng.integers(1, 49, size=300) / 4
    x, labels = truth.sample(300, rng, hours)
    data = Data.of(x, None, ("events",), "poisson-exposure", hours, "hours")
    return Simulation(
        "poisson-exposure",
        "300 counts at rates of 0.8 and 4 per hour, watched for 15 minutes to 12 hours",
        "Without the hours, how long somebody watched looks like a group of its own.",
        data,
        Model("poisson", 2),
        truth,
        labels,
    )


def counts_many(rng: np.random.Generator) -> Simulation:
    """600 rows of 40 columns of counts from four groups, each of which is known by eight columns of its own."""
    k, d, own = 4, 40, 8
    common = rng.gamma(1.5, 2.0, size=d) + 0.2
    rates = np.tile(common, (k, 1))
    for group in range(k):
        columns = np.arange(own * group, own * (group + 1))
        rates[group, columns] *= np.exp(rng.normal(0.0, 0.8, size=own))
    truth = Mixture(np.array([0.4, 0.3, 0.2, 0.1]), PoissonProduct(rates))
    x, labels = truth.sample(600, rng)
    data = Data.of(x, columns=tuple(f"c{j + 1:02d}" for j in range(d)), name="counts-many")
    return Simulation(
        "counts-many",
        "600 rows of 40 columns of counts from four groups, each known by eight columns",
        "Many columns that each say little tell groups apart together.",
        data,
        Model(PoissonProduct.name, k, d),
        truth,
        labels,
    )
