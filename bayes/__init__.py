"""The same models in PyMC, z summed out: build, sample, relabel, diagnose. Never imports em."""

from models import match

from .build import bayesian_components, build, build_model, point
from .evidence import Evidence, evidence
from .exact import ExactPosterior, Marginal, exact_posterior
from .leave_one_out import LeaveOneOut, leave_one_out
from .log_likelihood import LogLikelihood, newton_gain
from .model_choice import BayesianCriteria, bayesian_criteria
from .posterior import PROBABILITY, Posterior, posterior_mixture, summarise
from .relabel import relabel, stephens
from .sample import sample, total_log_likelihood

__all__ = [
    "PROBABILITY",
    "BayesianCriteria",
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
    "evidence",
    "exact_posterior",
    "leave_one_out",
    "match",
    "newton_gain",
    "point",
    "posterior_mixture",
    "relabel",
    "sample",
    "stephens",
    "summarise",
    "total_log_likelihood",
]
