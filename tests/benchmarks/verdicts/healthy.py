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


def far_apart(dimension: int, rng: np.random.Generator) -> Case:
    """Two groups between eight and two hundred standard deviations apart, along a direction of no axis."""
    apart, n = float(np.exp(rng.uniform(np.log(8), np.log(200)))), int(rng.choice(SIZES))
    direction = rng.standard_normal(dimension)
    centres = np.array([[0.0], [apart]]) * direction / np.linalg.norm(direction)
    truth = Mixture(np.array([0.5, 0.5]), Gaussian(centres, np.broadcast_to(np.eye(dimension), (2, *[dimension] * 2))))
    return Case(Data.of(truth.sample(n, rng)[0]), Model("gaussian", 2, dimension, "full"))


def unequal_scales(rng: np.random.Generator) -> Case:
    """A group twenty-five times as narrow as the other, beside it and as large."""
    widths, size = np.array([1.0, 0.04]), int(rng.choice([200, 300, 500]))
    centres = np.array([[0.0], [rng.uniform(3, 6)]])
    truth = Mixture(np.array([0.5, 0.5]), Gaussian(centres, np.square(widths)[:, None, None]))
    return Case(Data.of(truth.sample(2 * size, rng)[0]), Model("gaussian", 2, covariance="full"))


def few_counts(size: int, rng: np.random.Generator) -> Case:
    """So few counts of each of two rates that nobody could mix up: little is known, and both sides know the same."""
    rates = np.array([rng.uniform(4, 6), rng.uniform(50, 70)])
    return Case(Data.of(rng.poisson(np.repeat(rates, size)).astype(float)), Model("poisson", 2))


def rotated(rng: np.random.Generator) -> Case:
    """Two long groups in the plane, turned by any angle: no verdict may know the axes."""
    case, angle = gaussian(2, 2, "full", "free", rng), rng.uniform(0, np.pi)
    stretch = np.diag([rng.uniform(3, 10), 1.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return Case(Data.of(case.data.values @ stretch @ turn.T), case.model)


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
        "line, 8 to 200 apart": partial(far_apart, 1),
        "plane, 8 to 200 apart": partial(far_apart, 2),
        "sd 1 beside .04": unequal_scales,
        "15 + 15 counts": partial(few_counts, 15),
        "plane, turned": rotated,
        "plane, 2 diagonal": partial(gaussian, 2, 2, "diagonal", "free"),
        "plane, 3 spherical": partial(gaussian, 3, 2, "spherical", "free"),
        "5 + 5 counts": partial(few_counts, 5),
    }.items()
)
