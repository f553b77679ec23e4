"""The posterior of small mixtures without sampling, to grade samplers and evidence against."""

from .marginal import Marginal
from .posterior import ExactPosterior, exact_posterior

__all__ = ["ExactPosterior", "Marginal", "exact_posterior"]
