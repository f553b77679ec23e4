"""The same models in PyMC, z summed out: build, sample, relabel, diagnose. Never imports em."""

from .build import bayesian_components, build, build_model, point
from .exact import ExactPosterior, Marginal, exact_posterior
from .log_likelihood import LogLikelihood, newton_gain
from .posterior import PROBABILITY, Posterior, summarise
from .relabel import match, relabel, stephens
from .sample import sample, total_log_likelihood

__all__ = [
    "PROBABILITY",
    "ExactPosterior",
    "LogLikelihood",
    "Marginal",
    "Posterior",
    "bayesian_components",
    "build",
    "build_model",
    "exact_posterior",
    "match",
    "newton_gain",
    "point",
    "relabel",
    "sample",
    "stephens",
    "summarise",
    "total_log_likelihood",
]
