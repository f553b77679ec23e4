"""What a mixture is: parameters, log-densities, sampling, priors, reference data sets. NumPy, SciPy and Numba only."""

from .arguments import require_whole
from .arrays import Array
from .caches import caching, temporary_cache
from .chunked import ChunkedData
from .chunks import CHUNK_ROWS
from .components import ComponentPrior, Components, Statistics
from .data import Data
from .digits import in_digits, number, plain
from .effort import require_effort
from .families import families
from .frame import Frame
from .gaussian import Gaussian, GaussianStatistics
from .given import Given, GivenDraws, StatedDraws
from .given_rows import in_memory, observed, require_whole_weights, rows_of
from .known import UNKNOWN, GivenLabels, known_of
from .labels import component_in_words, labels_in_words, require_labels_fit, require_no_labels
from .matching import aligned, match, permutation
from .membership import Membership, membership, memberships
from .memory import UnfeasibleError, require_memory
from .mixture import Expectation, Mixture, concatenated
from .model import DEFAULT_PRIOR, AnyPrior, Model, Prior, mixings
from .order import ascending_order, assigned, free_of
from .parallel import in_order, usable_cores
from .parts import Batch, Part
from .poisson import Poisson, PoissonStatistics, mean_rate
from .poisson_product import PoissonProduct, PoissonProductStatistics
from .predicting import Predicts, new_rows
from .priors import (
    Gamma,
    Gammas,
    NormalInverseWishart,
    SharedRate,
    SharedRates,
    SharedScale,
    component_priors,
    named_priors,
)
from .progress import Tick
from .rows import Rows
from .scenarios import (
    DEFAULT_SEED,
    REPORTED,
    Classic,
    Published,
    Scenario,
    Simulation,
    classics,
    scenario,
    scenarios,
    simulation,
    simulations,
)
from .shown import Shown, as_html, as_text
from .sparse import SparseData, sparse_rows

__all__ = [
    "CHUNK_ROWS",
    "DEFAULT_PRIOR",
    "DEFAULT_SEED",
    "REPORTED",
    "UNKNOWN",
    "AnyPrior",
    "Array",
    "Batch",
    "ChunkedData",
    "Classic",
    "ComponentPrior",
    "Components",
    "Data",
    "Expectation",
    "Frame",
    "Gamma",
    "Gammas",
    "Gaussian",
    "GaussianStatistics",
    "Given",
    "GivenDraws",
    "GivenLabels",
    "Membership",
    "Mixture",
    "Model",
    "NormalInverseWishart",
    "Part",
    "Poisson",
    "PoissonProduct",
    "PoissonProductStatistics",
    "PoissonStatistics",
    "Predicts",
    "Prior",
    "Published",
    "Rows",
    "Scenario",
    "SharedRate",
    "SharedRates",
    "SharedScale",
    "Shown",
    "Simulation",
    "SparseData",
    "StatedDraws",
    "Statistics",
    "Tick",
    "UnfeasibleError",
    "aligned",
    "as_html",
    "as_text",
    "ascending_order",
    "assigned",
    "caching",
    "classics",
    "component_in_words",
    "component_priors",
    "concatenated",
    "families",
    "free_of",
    "in_digits",
    "in_memory",
    "in_order",
    "known_of",
    "labels_in_words",
    "match",
    "mean_rate",
    "membership",
    "memberships",
    "mixings",
    "named_priors",
    "new_rows",
    "number",
    "observed",
    "permutation",
    "plain",
    "require_effort",
    "require_labels_fit",
    "require_memory",
    "require_no_labels",
    "require_whole",
    "require_whole_weights",
    "rows_of",
    "scenario",
    "scenarios",
    "simulation",
    "simulations",
    "sparse_rows",
    "temporary_cache",
    "usable_cores",
]
