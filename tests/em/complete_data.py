"""What the M-step maximises, written down once more in PyTensor, which differentiates it by itself.

Q = Σ γ (log π + log p(x | θ)), and for MAP the log-prior up to a constant. Parameters are the free ones by name; those of
a covariance, ``spread``, are one matrix, vector or number for each component, or one matrix for all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode

from models import Gaussian, Poisson, PoissonProduct

# Graphs as small as these are interpreted faster than they are compiled.
INTERPRET = Mode(linker="py", optimizer="fast_compile")
SPREADS = {"full": pt.dtensor3, "tied": pt.dmatrix, "diagonal": pt.dmatrix, "spherical": pt.dvector}


def log_determinants(matrices):
    return pt.linalg.slogdet(matrices)[1]


def gaussian(x, means, covariances):
    """log N(x | means, covariances) without its constant, shape ``(n, k)``."""
    residuals = x[:, None, :] - means
    squares = (residuals[:, :, :, None] * pt.linalg.inv(covariances) * residuals[:, :, None, :]).sum(axis=(2, 3))
    return -0.5 * (squares + log_determinants(covariances))


def matrices(covariance, spread, means):
    """The covariance matrix of each component, shape ``(k, d, d)``."""
    if covariance == "diagonal":
        return spread[:, :, None] * pt.eye(means.shape[1])
    if covariance == "spherical":
        return spread[:, None, None] * pt.eye(means.shape[1])
    return spread + pt.zeros((means.shape[0], 1, 1))


def inverse_wishart(spread, degrees, scale):
    """The kernel: |Σ|^(−(ν+d+1)/2) exp(−tr(ΨΣ⁻¹)/2)."""
    traces = (pt.linalg.inv(spread) * scale).sum(axis=(-2, -1))
    return (-0.5 * (degrees + spread.shape[-1] + 1) * log_determinants(spread) - 0.5 * traces).sum()


def inverse_gamma(spread, degrees, scale):
    """The kernel of an inverse gamma(ν/2, ψ/2): x^(−ν/2−1) exp(−ψ/(2x))."""
    return (-(0.5 * degrees + 1) * pt.log(spread) - 0.5 * scale / spread).sum()


class Objective:
    """Q plus ``with_prior`` (zero or one) times the log-prior, of one family and structure, for any data."""

    def __init__(self, family, covariance):
        self.family, self.covariance = family, covariance
        self.x, self.shares, self.with_prior = pt.dmatrix(), pt.dmatrix(), pt.dscalar()
        self.concentration = pt.dscalar()
        self.parameters = {"weights": pt.dvector()}
        if family == "poisson":
            self.parameters |= {"rates": pt.dvector()}
            self.hyperparameters = [pt.dscalar(), pt.dscalar()]
        elif family == "poisson-product":
            self.parameters |= {"rates": pt.dmatrix()}
            self.hyperparameters = [pt.dscalar(), pt.dvector()]
        else:
            self.parameters |= {"means": pt.dmatrix(), "spread": SPREADS[covariance]()}
            scale = {"diagonal": pt.dvector, "spherical": pt.dscalar}.get(covariance, pt.dmatrix)
            self.hyperparameters = [pt.dvector(), pt.dscalar(), pt.dscalar(), scale()]
        self.inputs = [self.x, self.shares, self.with_prior, self.concentration, *self.hyperparameters]

    def value(self, parameters):
        of_components, log_prior = getattr(self, self.family.replace("-", "_"))(**parameters)
        log_weights = pt.log(parameters["weights"])
        log_prior += (self.concentration - 1) * log_weights.sum()
        return (self.shares * (log_weights + of_components)).sum() + self.with_prior * log_prior

    def poisson(self, weights, rates):
        shape, rate = self.hyperparameters
        counts, exposure = self.x[:, 0][:, None], self.x[:, 1][:, None]
        return counts * pt.log(rates) - exposure * rates, ((shape - 1) * pt.log(rates) - rate * rates).sum()

    def poisson_product(self, weights, rates):
        shape, own = self.hyperparameters
        each = self.x[:, None, :] * pt.log(rates) - rates
        return each.sum(axis=2), ((shape - 1) * pt.log(rates) - own * rates).sum()

    def gaussian(self, weights, means, spread):
        location, strength, degrees, scale = self.hyperparameters
        covariances = matrices(self.covariance, spread, means)
        of_means = gaussian(location[None], means, covariances / strength).sum()
        kernel = inverse_wishart if self.covariance in ("full", "tied") else inverse_gamma
        return gaussian(self.x, means, covariances), of_means + kernel(spread, degrees, scale)


@lru_cache
def gradient(family, covariance):
    """The gradient by each free parameter: a function of the objective's inputs and of the parameters."""
    objective = Objective(family, covariance)
    symbols = objective.parameters
    gradients = pytensor.grad(objective.value(symbols), list(symbols.values()))
    return pytensor.function([*objective.inputs, *symbols.values()], gradients, mode=INTERPRET)


@lru_cache
def unconstrained(family, covariance):
    """−Q and its gradient by parameters without bounds: logits, logarithms, and roots A of Σ = AAᵀ."""
    objective = Objective(family, covariance)
    free = {name: symbol.type() for name, symbol in objective.parameters.items()}
    parameters = constrain(free, covariance, pt)
    value = -objective.value(parameters)
    gradients: Any = pytensor.grad(value, list(free.values()))
    outputs = [value, *gradients]
    return pytensor.function([*objective.inputs, *free.values()], outputs, mode=INTERPRET)


def constrain(free, covariance, library=np):
    """From parameters without bounds to a mixture's own, in PyTensor or NumPy."""
    exponentials = library.exp(free["weights"])
    parameters = {"weights": exponentials / exponentials.sum()}
    if "rates" in free:
        return parameters | {"rates": library.exp(free["rates"])}
    spread = free["spread"]
    square = spread @ library.swapaxes(spread, -1, -2) if covariance in ("full", "tied") else library.exp(spread)
    return parameters | {"means": free["means"], "spread": square}


def inputs(data, shares, prior, with_prior):
    """The inputs of either function, exposures beside the counts; ``with_prior`` says whether the prior counts."""
    given, x = prior.components, data.values
    if prior.model.family == "poisson":
        x = np.column_stack([x, np.ones(len(x)) if data.exposure is None else data.exposure])
    names: tuple[str, ...] = ("location", "strength", "degrees_of_freedom", "scale")
    if hasattr(given, "shape"):
        names = ("shape", "rate" if hasattr(given, "rate") else "rates")
    return [x, shares, float(with_prior), prior.concentration, *(getattr(given, name) for name in names)]


def parameters_of(mixture, covariance):
    """The free parameters of a mixture by name."""
    if covariance is None:
        return {"weights": mixture.weights, "rates": mixture.components.rates}
    covariances = mixture.components.covariances
    spread = {
        "full": covariances,
        "tied": covariances[0],
        "diagonal": np.diagonal(covariances, axis1=1, axis2=2),
        "spherical": covariances[:, 0, 0],
    }[covariance]
    return {"weights": mixture.weights, "means": mixture.components.means, "spread": np.array(spread)}


def components_of(parameters, covariance):
    """The components that have these free parameters."""
    if covariance is None:
        return (Poisson if np.ndim(parameters["rates"]) == 1 else PoissonProduct)(parameters["rates"])
    means, spread = parameters["means"], parameters["spread"]
    k, d = means.shape
    if covariance in ("diagonal", "spherical"):
        spread = spread.reshape(k, -1, 1) * np.eye(d)
    return Gaussian(means, np.array(np.broadcast_to(spread, (k, d, d))))


def free_of(mixture, covariance):
    """A mixture's parameters without bounds."""
    free = parameters_of(mixture, covariance)
    free["weights"] = np.log(free["weights"])
    if covariance is None:
        free["rates"] = np.log(free["rates"])
    elif covariance in ("full", "tied"):
        free["spread"] = np.linalg.cholesky(free["spread"])
    else:
        free["spread"] = np.log(free["spread"])
    return free
