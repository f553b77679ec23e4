"""The derivations: the docstrings of the very modules that compute what is derived, as HTML."""

from __future__ import annotations

from importlib import import_module

from markupsafe import Markup

from .mathematics import to_html

OF_FAMILY = {
    "gaussian": (
        "em.gaussian",
        "models.priors.gaussian_weak",
        "em.gaussian_prior",
        "em.gaussian_chart",
        "bayes.gaussian",
        "bayes.gaussian_weak",
    ),
    "poisson": ("em.poisson", "models.priors.poisson_weak", "bayes.poisson"),
    "poisson-product": (
        "em.poisson_product",
        "models.priors.poisson_product_weak",
        "bayes.poisson_product",
        "bayes.engine.poisson_product",
    ),
}
MODULES = ("em.e_step", "em.weights", *(module for modules in OF_FAMILY.values() for module in modules))


def derivation(module: str) -> tuple[Markup, Markup]:
    """Return headline and text of one module's derivation."""
    headline, _, text = (import_module(module).__doc__ or module).partition("\n")
    return to_html(headline), to_html(text)
