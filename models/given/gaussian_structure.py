"""The structure of covariance that an estimate has: the one that is stated, or the one that its numbers show."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..gaussian import Gaussian
from .gaussian_scales import SYMMETRY, is_diagonal
from .numbers import digits_of
from .words import plain

_NAMES = {
    **{name: name for name in Gaussian.covariance_structures},
    "diag": "diagonal",
    "sphere": "spherical",
    "shared": "tied",
}
# mclust's models (Scrucca et al. 2016, table 3): volume, shape and orientation are Equal, Variable, or I for none.
_OF_MCLUST = {
    "E": "tied",
    "V": "full",
    "X": "full",
    "EEE": "tied",
    "VVV": "full",
    "VVI": "diagonal",
    "VII": "spherical",
}
_OF_ONE = {"XII": "spherical", "XXI": "diagonal", "XXX": "full"}
_WITHIN = {"EII": "spherical", **dict.fromkeys(("EEI", "VEI", "EVI"), "diagonal")} | dict.fromkeys(
    ("EEV", "EVE", "VEE", "VEV", "EVV", "VVE"), "full"
)
# Equal numbers with fewer digits may be equal by rounding alone.
ENOUGH_DIGITS = 5


def named_structure(name: str) -> tuple[str, tuple[str, ...]]:
    """The structure of that name, and what is to be said where it is only the next larger one.

    Raises
    ------
    ValueError
        When no structure has this name.
    """
    found = _NAMES.get(plain(name)) or (_OF_MCLUST | _OF_ONE).get(name.upper())
    if found is not None:
        return found, ()
    within = _WITHIN.get(name.upper())
    if within is None:
        raise ValueError(
            f"the estimate's structure of covariance must be one of {', '.join(map(repr, Gaussian.covariance_structures))} "
            f"or a model of mclust, got {name!r}."
        )
    return within, (
        f"mclust's model {name} ties parts of the covariances: it is held against {within!r}, the smallest structure here "
        "that contains it and whose maximum may be higher.",
    )


def has_structure(components: Gaussian, structure: str) -> bool:
    """Whether the covariances are of that structure, but for the rounding of single precision."""
    covariances, wanted = components.covariances, components.structured(structure).covariances
    widths = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return bool((np.abs(covariances - wanted) <= SYMMETRY * widths[:, :, None] * widths[:, None, :]).all())


def shown_structure(covariances: Array, is_shared: bool) -> tuple[str, tuple[str, ...]]:
    """The smallest structure that these covariances show, and what is to be said of it."""
    k, d = covariances.shape[:2]
    diagonals = np.diagonal(covariances, axis1=1, axis2=2)
    if d > 1 and is_diagonal(covariances):
        return ("spherical" if (diagonals == diagonals[:, :1]).all() else "diagonal"), ()
    if k == 1 or not (covariances == covariances[0]).all():
        return "full", ()
    if is_shared or digits_of(covariances[0]) >= ENOUGH_DIGITS:
        return "tied", ()
    return "full", (
        "the components have the same covariance, which rounding may have made: the estimate is held against 'full'; "
        "if it was fitted as one for all, state the structure 'tied'.",
    )
