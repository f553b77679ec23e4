"""The Bayesian side builds each mixture in PyMC with z summed out, samples, relabels, diagnoses; it never imports em."""

# First, and from here: for each package that it can do without and that is missing, ArviZ reads the source of every module
# that leads to it, which among thousands of modules takes a second.
import arviz_base  # noqa: F401

from models import match

from .caches import provide_compiledir

provide_compiledir()

from .build import bayesian_components, build, build_model, point
from .compiled import CompiledModel, compiled_model
from .duration import expected_seconds
from .engine import Sampling
from .evidence import Evidence, evidence
from .exact import ExactPosterior, Marginal, exact_posterior
from .given import GivenPosterior, given_posterior
from .going_on import is_settled, largest_r_hat, smallest_size
from .hill import Hill
from .hills.located import hills_of
from .leave_one_out import LeaveOneOut, leave_one_out, require_draws_for_scores
from .log_likelihood import LogLikelihood
from .model_choice import BayesianCriteria, bayesian_criteria
from .normal_approximation import LARGEST_PARETO_K, pareto_k
from .posterior import PROBABILITY, Posterior, posterior_mixture, summarise
from .relabel import exchange_costs, relabel, stephens
from .sample import sample
from .sampler import Draws, PosteriorSampler, total_log_likelihood
from .settled import (
    LARGEST_R_HAT,
    LARGEST_UNCLEAR,
    SMALLEST_ESS,
    places_of,
    r_hat_of,
    unclear_labels,
)

__all__ = [
    "LARGEST_PARETO_K",
    "LARGEST_R_HAT",
    "LARGEST_UNCLEAR",
    "PROBABILITY",
    "SMALLEST_ESS",
    "BayesianCriteria",
    "CompiledModel",
    "Draws",
    "Evidence",
    "ExactPosterior",
    "GivenPosterior",
    "Hill",
    "LeaveOneOut",
    "LogLikelihood",
    "Marginal",
    "Posterior",
    "PosteriorSampler",
    "Sampling",
    "bayesian_components",
    "bayesian_criteria",
    "build",
    "build_model",
    "compiled_model",
    "evidence",
    "exact_posterior",
    "exchange_costs",
    "expected_seconds",
    "given_posterior",
    "hills_of",
    "is_settled",
    "largest_r_hat",
    "leave_one_out",
    "match",
    "pareto_k",
    "places_of",
    "point",
    "posterior_mixture",
    "r_hat_of",
    "relabel",
    "require_draws_for_scores",
    "sample",
    "smallest_size",
    "stephens",
    "summarise",
    "total_log_likelihood",
    "unclear_labels",
]
