"""What a mixture is: parameters, log-densities, sampling, priors, simulated data sets. NumPy, SciPy and Numba only."""

from .caches import caching, temporary_cache
from .chunked import Batch, ChunkedData, Part
from .chunks import CHUNK_ROWS
from .components import Array, ComponentPrior, Components, Statistics
from .data import Data
from .digits import in_digits, number, plain
from .effort import require_effort
from .frame import Frame
from .gaussian import Gaussian, GaussianStatistics
from .given import Given, GivenDraws, StatedDraws
from .matching import match, permutation
from .memory import UnfeasibleError, require_memory
from .mixture import Expectation, Mixture, concatenated
from .model import DEFAULT_PRIOR, AnyPrior, Model, Prior, families, mixings, require_whole
from .parallel import in_order
from .poisson import Poisson, PoissonStatistics, log_base, mean_rate
from .priors import Gamma, NormalInverseWishart, SharedRate, SharedScale, component_priors, named_priors
from .progress import Tick
from .rows import Rows, in_memory, observed, require_whole_weights, rows_of
from .scenarios import DEFAULT_SEED, Scenario, scenario, scenarios

__all__ = [
    "CHUNK_ROWS",
    "DEFAULT_PRIOR",
    "DEFAULT_SEED",
    "AnyPrior",
    "Array",
    "Batch",
    "ChunkedData",
    "ComponentPrior",
    "Components",
    "Data",
    "Expectation",
    "Frame",
    "Gamma",
    "Gaussian",
    "GaussianStatistics",
    "Given",
    "GivenDraws",
    "Mixture",
    "Model",
    "NormalInverseWishart",
    "Part",
    "Poisson",
    "PoissonStatistics",
    "Prior",
    "Rows",
    "Scenario",
    "SharedRate",
    "SharedScale",
    "StatedDraws",
    "Statistics",
    "Tick",
    "UnfeasibleError",
    "caching",
    "component_priors",
    "concatenated",
    "families",
    "in_digits",
    "in_memory",
    "in_order",
    "log_base",
    "match",
    "mean_rate",
    "mixings",
    "named_priors",
    "number",
    "observed",
    "permutation",
    "plain",
    "require_effort",
    "require_memory",
    "require_whole",
    "require_whole_weights",
    "rows_of",
    "scenario",
    "scenarios",
    "temporary_cache",
]
