"""The derivations: the docstrings of the very modules that compute what is derived, as HTML."""

from __future__ import annotations

from importlib import import_module

from markupsafe import Markup

from .mathematics import to_html

MODULES = ("em.e_step", "em.weights", "em.gaussian", "em.poisson", "bayes.gaussian", "bayes.poisson")


def derivation(module: str) -> tuple[Markup, Markup]:
    """Return headline and text of one module's derivation."""
    headline, _, text = (import_module(module).__doc__ or module).partition("\n")
    return to_html(headline), to_html(text)
