"""The same models in PyMC, z summed out: build, sample, relabel, diagnose. Never imports em."""

from models import match

from .build import bayesian_components, build, build_model, point
from .log_likelihood import LogLikelihood, newton_gain
from .normal_approximation import LARGEST_PARETO_K, pareto_k
from .posterior import LARGEST_R_HAT, PROBABILITY, SMALLEST_ESS, Posterior, summarise
from .relabel import exchange_costs, relabel, stephens
from .sample import sample, total_log_likelihood

__all__ = [
    "LARGEST_PARETO_K",
    "LARGEST_R_HAT",
    "PROBABILITY",
    "SMALLEST_ESS",
    "LogLikelihood",
    "Posterior",
    "bayesian_components",
    "build",
    "build_model",
    "exchange_costs",
    "match",
    "newton_gain",
    "pareto_k",
    "point",
    "relabel",
    "sample",
    "stephens",
    "summarise",
    "total_log_likelihood",
]
