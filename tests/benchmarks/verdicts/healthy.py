"""Data that both methods should find easy: the right model, components well or moderately far apart, enough of each.

Every component is at least 4.5 standard deviations from the next and stands for at least a hundred observations, enough for
the normal limit of its mean, of its deviation and of its weight.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from models import Array, Data, Gaussian, Mixture, Model, Poisson

from .recipe import HEALTHY, Case, Recipe

REPLICATES = 9
SMALLEST_WEIGHT = 0.25
LARGEST_DEVIATION = 1.25
SIZES = (400, 600, 1000, 2000)


def poisson(components: int, mixing: str, rng: np.random.Generator) -> Case:
    """Rates that are between five and eight apart on the scale of twice the square root, where every deviation is one."""
    roots = rng.uniform(3, 5) + np.concatenate([[0], np.cumsum(rng.uniform(5, 8, components - 1))])
    truth = Mixture(_weights(components, mixing, rng), Poisson(np.square(roots / 2)))
    return _drawn(truth, Model("poisson", components, mixing=mixing), rng)


def gaussian(components: int, dimension: int, covariance: str, mixing: str, rng: np.random.Generator) -> Case:
    """Centres on a line through all features, 4.5 to 7 of the largest deviation apart."""
    scales = _scales(components, dimension, covariance, rng)
    apart = np.concatenate([[0], np.cumsum(rng.uniform(4.5, 7, components - 1) * LARGEST_DEVIATION)])
    direction = np.ones(dimension) / np.sqrt(dimension)
    rotation = _rotation(dimension, rng) if covariance in ("full", "tied") else np.eye(dimension)
    covariances = rotation @ (np.square(scales)[..., None] * np.eye(dimension)) @ rotation.T
    truth = Mixture(_weights(components, mixing, rng), Gaussian(apart[:, None] * direction, covariances))
    return _drawn(truth, Model("gaussian", components, dimension, covariance, mixing), rng)


def _scales(components: int, dimension: int, covariance: str, rng: np.random.Generator) -> Array:
    """Standard deviations between one and the largest, shape ``(k, d)``."""
    shape = {"tied": (1, dimension), "spherical": (components, 1)}.get(covariance, (components, dimension))
    return np.broadcast_to(rng.uniform(1, LARGEST_DEVIATION, shape), (components, dimension))


def _rotation(dimension: int, rng: np.random.Generator) -> Array:
    return np.linalg.qr(rng.standard_normal((dimension, dimension)))[0]


def _weights(components: int, mixing: str, rng: np.random.Generator) -> Array:
    if mixing == "equal":
        return np.full(components, 1 / components)
    return SMALLEST_WEIGHT + (1 - components * SMALLEST_WEIGHT) * rng.dirichlet(np.ones(components))


def _drawn(truth: Mixture, model: Model, rng: np.random.Generator) -> Case:
    return Case(Data.of(truth.sample(int(rng.choice(SIZES)), rng)[0]), model)


def _recipe(name: str, make: object) -> Recipe:
    return Recipe(name, HEALTHY, frozenset({"agree"}), "the right model, far apart, enough data", make, REPLICATES)  # type: ignore[arg-type]


RECIPES = tuple(
    _recipe(name, make)
    for name, make in {
        "Poisson, 2 components": partial(poisson, 2, "free"),
        "Poisson, 3 components": partial(poisson, 3, "free"),
        "Poisson, 2 equal weights": partial(poisson, 2, "equal"),
        "Poisson, 1 component": partial(poisson, 1, "free"),
        "Gaussian, 2 components": partial(gaussian, 2, 1, "full", "free"),
        "Gaussian, 3 components": partial(gaussian, 3, 1, "full", "free"),
        "Gaussian, 2 tied": partial(gaussian, 2, 1, "tied", "free"),
        "plane, 2 full": partial(gaussian, 2, 2, "full", "free"),
        "plane, 2 full, equal weights": partial(gaussian, 2, 2, "full", "equal"),
        "plane, 3 tied": partial(gaussian, 3, 2, "tied", "free"),
        "plane, 2 diagonal": partial(gaussian, 2, 2, "diagonal", "free"),
        "plane, 3 spherical": partial(gaussian, 3, 2, "spherical", "free"),
    }.items()
)
