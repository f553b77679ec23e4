"""What somebody may state about the components of each family, in an estimate or in draws, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..arrays import Array
from ..model import Model
from . import gaussian, gaussian_draws, poisson, poisson_draws, poisson_product, poisson_product_draws
from .reading import Reading
from .stated import Stated


@dataclass(frozen=True)
class FamilyReader:
    """The ``pieces`` of a family's components by their names, and all ``readings`` of them.

    ``draws`` are the readings of pieces that have a leading axis, for a model that is known.
    """

    pieces: tuple[str, ...]
    readings: Callable[[Stated, int, int | None], list[Reading]]
    draws: Callable[[dict[str, Array], dict[str, str], Model], list[Reading]]


readers = {
    "gaussian": FamilyReader(gaussian.PIECES, gaussian.readings, gaussian_draws.draws),
    "poisson": FamilyReader(poisson.PIECES, poisson.readings, poisson_draws.draws),
    "poisson-product": FamilyReader(poisson_product.PIECES, poisson_product.readings, poisson_product_draws.draws),
}
# Where several families have the stated pieces, their shapes tell.
_of_shape: dict[tuple[str, ...], Callable[[Stated, int], bool]] = {
    ("poisson", "poisson-product"): poisson_product.is_of_several_columns
}


def family_of(stated: Stated, components: int) -> str:
    """The family whose pieces are stated, of so many components.

    Raises
    ------
    ValueError
        When these are of no family, of several, or of another one than the estimate says.
    """
    own = [name for name, reader in readers.items() if stated.take(*reader.pieces)]
    if not own:
        raise ValueError("the estimate has no components: give means with covariances, or rates.")
    if tuple(own) in _of_shape:
        own = [own[_of_shape[tuple(own)](stated, components)]]
    if len(own) > 1:
        pieces = [repr(stated.called[next(iter(stated.take(*readers[name].pieces)))]) for name in own]
        raise ValueError(
            f"the estimate has {' and '.join(dict.fromkeys(pieces))}, which belong to different families: leave one out."
        )
    if stated.family is not None and stated.family.casefold() not in (own[0], "normal"):
        raise ValueError(f"the estimate's family is {stated.family!r}, but it has the pieces of {own[0]!r}.")
    return own[0]
