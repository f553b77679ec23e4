"""Data sets from textbooks: five with a model that the literature knows to be sick on it, and one on which both sides agree.

``tests/benchmarks/test_verdicts.py`` holds EM to the maxima of the likelihood that were published.
"""

from __future__ import annotations

import numpy as np

from em import draw_start
from models import Model, scenario

from .recipe import Case, Recipe
from .sick import SPARE

KIND = "textbook data"


def galaxies(rng: np.random.Generator) -> Case:
    """Velocities of 82 galaxies in 1000 km/s (Roeder 1990), six normals with variances of their own."""
    return Case(scenario("galaxies").data, Model("gaussian", 6, covariance="full"))


def deaths(rng: np.random.Generator) -> Case:
    """Deaths of women over 80 in The Times on 1096 days (Hasselblad 1969), two rates."""
    return Case(scenario("times-deaths").data, Model("poisson", 2))


def iris(rng: np.random.Generator) -> Case:
    """Fisher's (1936) irises, three normals of any shape, with one k-means++ start."""
    data, model = scenario("iris").data, Model("gaussian", 3, 4, "full")
    return Case(data, model, em={"start": draw_start("k-means++", data, model, np.random.default_rng(IRIS_SEED))})


def earthquakes(rng: np.random.Generator) -> Case:
    """Major earthquakes in each of the years 1900 to 2006 (Zucchini and MacDonald 2009), four rates."""
    return Case(scenario("earthquakes").data, Model("poisson", 4))


def horse_kicks(rng: np.random.Generator) -> Case:
    """Deaths by the kick of a horse in 200 corps-years (Bortkiewicz 1898), two rates."""
    return Case(scenario("horse-kicks").data, Model("poisson", 2))


def faithful(rng: np.random.Generator) -> Case:
    """Eruptions of Old Faithful (Azzalini and Bowman 1990), two normals of any shape."""
    return Case(scenario("old-faithful").data, Model("gaussian", 2, 2, "full"))


# The k-means++ start of this seed ends twenty nats below the top; those of the next three end six to thirteen below.
IRIS_SEED = 0


RECIPES = (
    Recipe(
        "galaxies, 6 normals",
        KIND,
        frozenset({"degenerate"}),
        "the best optimum has a component of two or three galaxies (McLachlan and Peel 2000, section 3.10)",
        galaxies,
        1,
    ),
    Recipe(
        "deaths, 2 rates",
        KIND,
        frozenset({"weakly-identified", "imprecise"}),
        "a long ridge, on which EM takes hundreds of steps (Titterington, Smith and Makov 1985), and along which both sides "
        "are unsure alike",
        deaths,
        1,
    ),
    Recipe(
        "iris, 3 normals from one start",
        KIND,
        frozenset({"local-optimum"}),
        "single starts end at poor optima, below the best one of -180.19, which is mclust's (Scrucca and others 2016)",
        iris,
        1,
    ),
    Recipe(
        "earthquakes, 4 rates",
        KIND,
        frozenset(SPARE.split()),
        "a fourth rate gains a tenth of a nat over three (Zucchini and MacDonald 2009)",
        earthquakes,
        1,
    ),
    Recipe(
        "horse kicks, 2 rates",
        KIND,
        frozenset(SPARE.split()),
        "one rate fits already: mean and variance are the same (Bortkiewicz 1898)",
        horse_kicks,
        1,
    ),
    Recipe(
        "Old Faithful, 2 normals",
        KIND,
        frozenset({"agree"}),
        "two clear groups, of which both sides say the same; whether they are normal is another question "
        "(some durations were recorded as short, medium or long: Azzalini and Bowman 1990)",
        faithful,
        1,
    ),
)
