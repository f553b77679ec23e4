"""The priors of components by name: *weak*, which does not fight the data, and *conjugate*, whose posterior has a form.

Every family has one of each. ``Model.prior`` makes them from data, ``Prior.of`` from their own parameters.
"""

from __future__ import annotations

from typing import Any

from ..components import ComponentPrior
from .gaussian_conjugate import NormalInverseWishart
from .gaussian_weak import SharedScale
from .poisson_conjugate import Gamma
from .poisson_product_conjugate import Gammas
from .poisson_product_weak import SharedRates
from .poisson_weak import SharedRate
from .stated import require_parameters, require_parts, require_positive, shown

component_priors: dict[str, tuple[type[ComponentPrior], ...]] = {
    "gaussian": (SharedScale, NormalInverseWishart),
    "poisson": (SharedRate, Gamma),
    "poisson-product": (SharedRates, Gammas),
}
named_priors = ("weak", "conjugate")


def prior_named(family: str, called: str) -> type[ComponentPrior]:
    """Return the family's prior of that name."""
    return next(each for each in component_priors[family] if each.called == called)


def prior_entitled(family: str, parameters: dict[str, Any]) -> type[ComponentPrior]:
    """Return the family's prior whose parameters these claim to be.

    Raises
    ------
    ValueError
        When the family has none of that name; it says which it has.
    """
    own, title = component_priors[family], parameters.get("name")
    for each in own:
        if each.title == title:
            return each
    names = " or ".join(repr(each.title) for each in own)
    others = [of for of, priors in component_priors.items() if any(each.title == title for each in priors)]
    what = f"{shown(title)}, a prior of family {others[0]!r}" if others else shown(title)
    raise ValueError(f"the prior's name must be {names} for family {family!r}, got {what}.")


__all__ = [
    "Gamma",
    "Gammas",
    "NormalInverseWishart",
    "SharedRate",
    "SharedRates",
    "SharedScale",
    "component_priors",
    "named_priors",
    "prior_entitled",
    "prior_named",
    "require_parameters",
    "require_parts",
    "require_positive",
]
