"""The same models in PyMC, z summed out: build, sample, relabel, diagnose. Never imports em."""

from models import match

from .build import bayesian_components, build, build_model, point
from .compiled import CompiledModel, Draws, compiled_model
from .log_likelihood import LogLikelihood, newton_gain
from .posterior import PROBABILITY, Posterior, posterior_mixture, summarise
from .relabel import relabel, stephens
from .sample import sample, total_log_likelihood

__all__ = [
    "PROBABILITY",
    "CompiledModel",
    "Draws",
    "LogLikelihood",
    "Posterior",
    "bayesian_components",
    "build",
    "build_model",
    "compiled_model",
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
