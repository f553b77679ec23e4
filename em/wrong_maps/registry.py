"""The mistakes of each family, and how far a change of its components is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models import Array

from . import any_family, gaussian, poisson, poisson_product
from .step import WrongEStep, WrongMap


@dataclass(frozen=True)
class FamilyMaps:
    """Wrong maps and E-steps; two measures in the complete data's information for one observation of each component."""

    wrong_maps: tuple[WrongMap, ...]
    wrong_e_steps: tuple[WrongEStep, ...]
    squared_change: Callable[[Any, Any], Array]
    squared_rounding: Callable[[Any, float], Array]


families_maps = {
    "gaussian": FamilyMaps(
        (*any_family.WRONG_MAPS, *gaussian.WRONG_MAPS),
        (*any_family.WRONG_E_STEPS, *gaussian.WRONG_E_STEPS),
        gaussian.squared_change,
        gaussian.squared_rounding,
    ),
    "poisson": FamilyMaps(
        (*any_family.WRONG_MAPS, *poisson.WRONG_MAPS),
        (*any_family.WRONG_E_STEPS, *poisson.WRONG_E_STEPS),
        poisson.squared_change,
        poisson.squared_rounding,
    ),
    "poisson-product": FamilyMaps(
        (*any_family.WRONG_MAPS, *poisson_product.WRONG_MAPS),
        (*any_family.WRONG_E_STEPS, *poisson_product.WRONG_E_STEPS),
        poisson_product.squared_change,
        poisson_product.squared_rounding,
    ),
}
