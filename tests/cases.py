"""The table of cases: one row per family × covariance × dimension, with a mixture and data drawn from it.

A property of the data, such as an exposure, has a row of its own as well: all that holds of a family holds with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import Components, Data, Gaussian, Mixture, Model, Poisson, PoissonProduct


@dataclass(frozen=True)
class Case:
    family: str
    covariance: str | None
    mixture: Mixture
    data: Data

    def __str__(self) -> str:
        name = f"{self.family}-{self.covariance}-{self.data.dimension}d" if self.covariance else self.family
        return f"{name}-exposed" if self.data.is_exposed else name

    @property
    def components(self) -> int:
        return len(self.mixture.weights)

    @property
    def model(self) -> Model:
        return self.model_with("free")

    def model_with(self, mixing: str) -> Model:
        return Model.of(self.data, self.family, self.components, self.covariance, mixing)


def gaussian(covariance: str, dimension: int) -> Case:
    """Three overlapping components with nothing round or equal about them."""
    rng = np.random.default_rng(dimension)
    means = np.array([-2.0, 0.5, 3.0])[:, None] + rng.normal(scale=0.7, size=(3, dimension))
    shapes = rng.normal(size=(3, dimension, dimension))
    covariances = 0.5 * shapes @ np.swapaxes(shapes, 1, 2) + np.array([0.3, 0.8, 0.5])[:, None, None] * np.eye(
        dimension
    )
    components = Gaussian(means, covariances).structured(covariance)
    return case("gaussian", covariance, components, rng)


def case(family: str, covariance: str | None, components: Components, rng: np.random.Generator) -> Case:
    mixture = Mixture(np.array([0.2, 0.45, 0.35]), components)
    return Case(family, covariance, mixture, Data.of(mixture.sample(80, rng)[0]))


def exposed() -> Case:
    """Counts at three rates, of which hardly two were exposed alike."""
    rng = np.random.default_rng(5)
    mixture = Mixture(np.array([0.2, 0.45, 0.35]), Poisson(np.array([0.5, 2.0, 6.0])))
    exposure = np.round(rng.uniform(0.2, 7, size=80), 1)
    return Case("poisson", None, mixture, Data.of(mixture.sample(80, rng, exposure)[0], exposure=exposure))


CASES = [
    case("poisson", None, Poisson(np.array([1.5, 7.0, 16.0])), np.random.default_rng(0)),
    gaussian("full", 1),
    gaussian("full", 2),
    gaussian("full", 3),
    gaussian("diagonal", 1),
    gaussian("diagonal", 2),
    gaussian("diagonal", 3),
    gaussian("spherical", 1),
    gaussian("spherical", 2),
    gaussian("spherical", 3),
    gaussian("tied", 1),
    gaussian("tied", 2),
    gaussian("tied", 3),
    case(
        "poisson-product",
        None,
        PoissonProduct(np.array([[1.5, 2.0, 0.4], [7.0, 2.5, 1.1], [4.0, 9.0, 0.6]])),
        np.random.default_rng(0),
    ),
    exposed(),
]
