"""The same models in PyMC, z summed out: build, sample, relabel, diagnose. Never imports em."""

from models import match

from .build import bayesian_components, build, build_model, point
from .compiled import CompiledModel, Draws, compiled_model
from .evidence import Evidence, evidence
from .exact import ExactPosterior, Marginal, exact_posterior
from .leave_one_out import LeaveOneOut, leave_one_out
from .log_likelihood import LogLikelihood
from .model_choice import BayesianCriteria, bayesian_criteria
from .normal_approximation import LARGEST_PARETO_K, pareto_k
from .posterior import LARGEST_R_HAT, PROBABILITY, SMALLEST_ESS, Posterior, posterior_mixture, summarise
from .relabel import exchange_costs, relabel, stephens
from .sample import sample, total_log_likelihood

__all__ = [
    "LARGEST_PARETO_K",
    "LARGEST_R_HAT",
    "PROBABILITY",
    "SMALLEST_ESS",
    "BayesianCriteria",
    "CompiledModel",
    "Draws",
    "Evidence",
    "ExactPosterior",
    "LeaveOneOut",
    "LogLikelihood",
    "Marginal",
    "Posterior",
    "bayesian_components",
    "bayesian_criteria",
    "build",
    "build_model",
    "compiled_model",
    "evidence",
    "exact_posterior",
    "exchange_costs",
    "leave_one_out",
    "match",
    "pareto_k",
    "point",
    "posterior_mixture",
    "relabel",
    "sample",
    "stephens",
    "summarise",
    "total_log_likelihood",
]
