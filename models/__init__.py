"""What a mixture is: parameters, log-densities, sampling, priors, simulated data sets. NumPy, SciPy and Numba only."""

from .chunked import ChunkedData, Part
from .chunks import CHUNK_ROWS
from .components import Array, ComponentPrior, Components, Statistics
from .data import Data
from .frame import Frame
from .gaussian import Gaussian, GaussianStatistics, NormalInverseWishart
from .matching import match, permutation
from .mixture import Expectation, Mixture
from .model import Model, Prior, families, mixings, require_whole
from .parallel import in_order
from .poisson import Gamma, Poisson, PoissonStatistics
from .scenarios import DEFAULT_SEED, Scenario, scenario, scenarios

__all__ = [
    "CHUNK_ROWS",
    "DEFAULT_SEED",
    "Array",
    "ChunkedData",
    "ComponentPrior",
    "Components",
    "Data",
    "Expectation",
    "Frame",
    "Gamma",
    "Gaussian",
    "GaussianStatistics",
    "Mixture",
    "Model",
    "NormalInverseWishart",
    "Part",
    "Poisson",
    "PoissonStatistics",
    "Prior",
    "Scenario",
    "Statistics",
    "families",
    "in_order",
    "match",
    "mixings",
    "permutation",
    "require_whole",
    "scenario",
    "scenarios",
]
