"""Small models of every kind, each with data and a prior whose parameters are nothing special."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np
import pymc as pm
import pytensor
from pymc.pytensorf import join_nonshared_inputs

from bayes import LogLikelihood, build_model
from bayes.engine import INTERPRETED
from models import Array, Data, Gamma, Mixture, Model, NormalInverseWishart, Prior

# Another way to write the likelihood is one more entry here; every test then runs with it as well.
LIKELIHOODS = ("textbook", "fused")
COVARIANCES = ("full", "diagonal", "spherical", "tied")
ROWS = 12


@dataclass(frozen=True)
class Problem:
    """A model with data that were not made for it: nothing tested here needs a good fit."""

    family: str
    components: int
    dimension: int = 1
    covariance: str | None = None
    mixing: str = "free"

    def __str__(self) -> str:
        structure = f"-{self.dimension}d-{self.covariance}" if self.covariance else ""
        return f"{self.family}{structure}-k{self.components}-{self.mixing}"

    @cached_property
    def data(self) -> Data:
        rng = np.random.default_rng(self.dimension)
        if self.family == "poisson":
            return Data.of(rng.poisson([2, 9], size=(ROWS // 2, 2)).ravel())
        scales, offsets = np.array([1.0, 3.0, 0.5]), np.array([0.0, 2.0, -1.0])
        mixing = np.eye(3) + 0.4 * np.tri(3, k=-1)
        rows = offsets + rng.normal(size=(ROWS, 3)) @ mixing * scales
        return Data.of(rows[:, : self.dimension])

    @cached_property
    def model(self) -> Model:
        return Model.of(self.data, self.family, self.components, self.covariance, self.mixing)

    @cached_property
    def prior(self) -> Prior:
        """A prior in which no term vanishes, as some do in the default: Dirichlet(1, …, 1) hides a wrong exponent."""
        default = self.model.prior(self.data, "conjugate")
        of_components = default.components
        if isinstance(of_components, Gamma):
            of_components = Gamma(2.5, 0.4)
        if isinstance(of_components, NormalInverseWishart):
            of_components = replace(of_components, strength=0.6, degrees_of_freedom=self.dimension + 4.5)
        return replace(default, components=of_components, concentration=1.7)

    def build(self, likelihood: str, weights: Array | None = None) -> pm.Model:
        data = self.data if weights is None else replace(self.data, weights=weights)
        return build_model(
            data,
            self.family,
            self.components,
            covariance=self.covariance,
            mixing=self.mixing,
            prior=self.prior,
            likelihood=likelihood,
        )


# Everything is crossed where it is cheap; of the multivariate graphs, which take seconds each, those that differ.
PROBLEMS = [
    *(Problem("poisson", k, mixing=mixing) for k, mixing in product((1, 2, 3), ("free", "equal"))),
    *(Problem("gaussian", k, 1, "full", mixing) for k, mixing in product((1, 2, 3), ("free", "equal"))),
    *(Problem("gaussian", k, 1, covariance) for covariance, k in product(COVARIANCES[1:], (1, 2, 3))),
    *(Problem("gaussian", 1, 2, covariance, "equal") for covariance in COVARIANCES),
    *(Problem("gaussian", 3, 2, covariance) for covariance in ("full", "tied")),
    *(Problem("gaussian", 2, 3, covariance, "equal") for covariance in ("full", "diagonal", "spherical")),
]

# One of every kind of prior and of parametrisation.
KINDS = [
    Problem("poisson", 3),
    Problem("poisson", 2, mixing="equal"),
    *(Problem("gaussian", 2, 1, covariance) for covariance in ("full", "tied")),
    *(Problem("gaussian", 2, 2, covariance) for covariance in COVARIANCES),
    Problem("gaussian", 1, 3, "full"),
]


class Graph:
    """A PyMC model as a function of the one vector of real numbers that NUTS moves in."""

    def __init__(self, built: pm.Model, model: Model) -> None:
        self.model = model
        self.names = [name for name in ("weights", "rates", "means", "covariances") if name in built.named_vars]
        outputs = built.replace_rvs_by_values([built[name] for name in self.names])
        log_prior = built.logp(vars=built.free_RVs, jacobian=True)
        point = built.initial_point(0)
        outputs, joined = join_nonshared_inputs(point, [*outputs, log_prior], built.value_vars)
        self._function = pytensor.function([joined], outputs, mode=INTERPRETED, on_unused_input="ignore")
        self.centre = np.concatenate([np.ravel(point[variable.name]) for variable in built.value_vars])

    def mixture(self, vector: Array) -> Mixture:
        """What the model's own variables are there."""
        k, d = self.model.components, self.model.dimension
        shapes = {"rates": (k,), "means": (k, d), "covariances": (k, d, d)}
        found: dict[str, Any] = dict(zip(self.names, self._function(vector)[:-1], strict=True))
        weights = found.pop("weights", np.full(k, 1 / k))
        components = {name: np.reshape(value, shapes[name]) for name, value in found.items()}
        return Mixture(weights, self.model.family_of_components(**components))

    def log_prior(self, vector: Array) -> float:
        """The log-density of the priors per volume of the vector's own space."""
        return float(self._function(vector)[-1])


@cache
def built(problem: Problem, likelihood: str) -> pm.Model:
    """The PyMC model, for tests that only look at it: it takes longer to build than to evaluate."""
    return problem.build(likelihood)


@cache
def graph(problem: Problem, likelihood: str) -> Graph:
    """The PyMC model as a compiled function."""
    return Graph(built(problem, likelihood), problem.model)


@cache
def log_likelihood(problem: Problem, likelihood: str) -> LogLikelihood:
    """The log-likelihood of that model."""
    return LogLikelihood(built(problem, likelihood), problem.model, problem.prior)


def derivative(function: Any, at: Array) -> Array:
    """Central differences in every coordinate, shape ``(p, ...)``; truncation and rounding leave about 1e-10."""
    steps = np.cbrt(np.finfo(float).eps) * np.maximum(1, np.abs(at))
    return np.array([(function(at + step) - function(at - step)) / (2 * step.sum()) for step in np.diag(steps)])
