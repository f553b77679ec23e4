"""Data that the fitted model does not make, each in one way that has a name."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from models import Array, Data, Model

from .recipe import Case, Recipe

SIZES = (700, 1000, 1500, 2000)
REPLICATES = 10


def _first(rng: np.random.Generator) -> Array:
    """Which of two groups each observation belongs to."""
    n = int(rng.choice(SIZES))
    return (rng.random(n) < rng.uniform(0.35, 0.65)).astype(float)


def negative_binomial(rng: np.random.Generator) -> Array:
    """Counts whose variance is one and a half to five times their mean."""
    group = _first(rng)
    means, shape = np.where(group, rng.uniform(3, 5), rng.uniform(18, 25)), rng.uniform(3, 6)
    return np.asarray(rng.negative_binomial(shape, shape / (shape + means)), dtype=float)


def zero_inflated(rng: np.random.Generator) -> Array:
    """A tenth of the counts, or a little less, are zeros that are none."""
    group = _first(rng)
    counts = rng.poisson(np.where(group, rng.uniform(5, 7), rng.uniform(18, 25)))
    return np.where(rng.random(len(group)) < rng.uniform(0.05, 0.1), 0.0, counts)


def three_rates(rng: np.random.Generator) -> Array:
    """Counts of three rates, fitted with two."""
    rates = np.array([rng.uniform(2, 4), rng.uniform(12, 18), rng.uniform(35, 45)])
    return np.asarray(rng.poisson(rng.choice(rates, int(rng.choice(SIZES)))), dtype=float)


def heaped_counts(rng: np.random.Generator) -> Array:
    """Counts of which a fifth to two fifths were rounded to fives."""
    group = _first(rng)
    return _heaped(rng.poisson(np.where(group, 12, rng.uniform(35, 45))).astype(float), rng)


def three_groups(rng: np.random.Generator) -> Array:
    """Three normals, fitted with two."""
    apart = rng.uniform(4, 6)
    return np.asarray(rng.normal(apart * rng.integers(0, 3, int(rng.choice(SIZES))), 1))


def student(rng: np.random.Generator) -> Array:
    """Two groups with the tails of Student's t with three degrees of freedom."""
    group = _first(rng)
    return rng.uniform(7, 10) * group + rng.standard_t(3, len(group))


def lognormal(rng: np.random.Generator) -> Array:
    """Two groups with a long tail to the right."""
    group = _first(rng)
    return rng.uniform(6, 9) * group + rng.lognormal(0, 0.5, len(group))


def heaped_lengths(rng: np.random.Generator) -> Array:
    """Measurements in whole units, of which a fifth to two fifths were guessed to fives."""
    group = _first(rng)
    return _heaped(np.round(60 + 10 * rng.normal(5 * group, 1)), rng)


def _heaped(x: Array, rng: np.random.Generator) -> Array:
    return np.where(rng.random(len(x)) < rng.uniform(0.2, 0.4), 5 * np.round(x / 5), x)


def _case(make: Any, model: Model, rng: np.random.Generator) -> Case:
    return Case(Data.of(make(rng)), model)


def _recipe(make: Any, family: str, kind: str, right: str) -> Recipe:
    model = Model(family, 2, covariance="full" if family == "gaussian" else None)
    name = make.__name__.replace("_", " ")
    words = (make.__doc__ or "").splitlines()[0].rstrip(".")
    return Recipe(name, kind, frozenset(right.split()), words, partial(_case, make, model), REPLICATES)


RECIPES = (
    _recipe(negative_binomial, "poisson", "misfit: dispersion", "overdispersed"),
    _recipe(zero_inflated, "poisson", "misfit: zeros", "excess-zeros"),
    _recipe(three_rates, "poisson", "misfit: a group too few", "too-few-components"),
    _recipe(three_groups, "gaussian", "misfit: a group too few", "too-few-components"),
    _recipe(heaped_counts, "poisson", "misfit: heaped values", "tied-values"),
    _recipe(heaped_lengths, "gaussian", "misfit: heaped values", "tied-values"),
    _recipe(student, "gaussian", "misfit: tails", "heavy-tails"),
    _recipe(lognormal, "gaussian", "misfit: skewness", "skewed"),
)
