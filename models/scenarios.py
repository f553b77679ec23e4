"""Reference data sets, simulated from a known truth that is kept with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .data import Data
from .gaussian import Gaussian
from .mixture import Mixture
from .model import Model
from .poisson import Poisson
from .poisson_product import PoissonProduct

DEFAULT_SEED = 2026


@dataclass(frozen=True)
class Scenario:
    """Simulated ``data`` with the ``truth`` and the ``labels`` they were drawn from, and the ``model`` to fit."""

    name: str
    title: str
    data: Data
    labels: NDArray[np.intp]
    truth: Mixture
    model: Model


def scenario(name: str, seed: int = DEFAULT_SEED) -> Scenario:
    """Simulate the reference data set of that name; one seed always gives the same bits.

    Raises
    ------
    ValueError
        When there is no scenario of that name.
    """
    if name not in scenarios:
        raise ValueError(f"there is no scenario {name!r}: choose one of {', '.join(map(repr, scenarios))}.")
    return _makers[name](np.random.default_rng(seed))


def poisson_three(rng: np.random.Generator) -> Scenario:
    """500 counts from three Poisson distributions that hardly overlap."""
    truth = Mixture(np.array([0.3, 0.4, 0.3]), Poisson(np.array([30.0, 100.0, 150.0])))
    x, labels = truth.sample(500, rng)
    data = Data.of(x, columns=("count",), name="poisson-three")
    return Scenario("poisson-three", scenarios["poisson-three"], data, labels, truth, Model("poisson", 3))


def poisson_exposure(rng: np.random.Generator) -> Scenario:
    """300 counts of events at two rates, each watched for a quarter of an hour to twelve hours."""
    truth = Mixture(np.array([0.4, 0.6]), Poisson(np.array([0.8, 4.0])))
    hours = rng.integers(1, 49, size=300) / 4
    x, labels = truth.sample(300, rng, hours)
    data = Data.of(x, None, ("events",), "poisson-exposure", hours, "hours")
    return Scenario("poisson-exposure", scenarios["poisson-exposure"], data, labels, truth, Model("poisson", 2))


def gaussian_five(rng: np.random.Generator) -> Scenario:
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
    return Scenario("gaussian-five", scenarios["gaussian-five"], data, labels, truth, model)


def gaussian_two(rng: np.random.Generator) -> Scenario:
    """20 draws of N(0, 2²) and 20 of N(2, 1²), the weights known to be one half: too few to tell them well apart."""
    truth = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([[0.0], [2.0]]), np.array([[[4.0]], [[1.0]]])))
    labels = np.repeat([0, 1], 20)
    data = Data.of(truth.components.sample(labels, rng), name="gaussian-two")
    model = Model("gaussian", 2, covariance="full", mixing="equal")
    return Scenario("gaussian-two", scenarios["gaussian-two"], data, labels, truth, model)


def counts_many(rng: np.random.Generator) -> Scenario:
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
    return Scenario("counts-many", scenarios["counts-many"], data, labels, truth, Model(PoissonProduct.name, k, d))


scenarios: dict[str, str] = {
    "poisson-three": "500 counts from three Poisson components with rates 30, 100 and 150",
    "gaussian-five": "5000 points from five bivariate Gaussians with full covariances of their own",
    "poisson-exposure": "300 counts at rates of 0.8 and 4 per hour, watched for 15 minutes to 12 hours",
    "gaussian-two": "40 numbers from N(0, 2²) and N(2, 1²), weights fixed at one half",
    "counts-many": "600 rows of 40 columns of counts from four groups, each known by eight columns",
}
# What `emvsbayes report` shows unasked.
REPORTED = ("poisson-three", "gaussian-five", "gaussian-two")
_makers: dict[str, Callable[[np.random.Generator], Scenario]] = {
    "poisson-three": poisson_three,
    "gaussian-five": gaussian_five,
    "poisson-exposure": poisson_exposure,
    "gaussian-two": gaussian_two,
    "counts-many": counts_many,
}
