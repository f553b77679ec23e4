"""Columns for single features, such as ``mean_1`` and ``cov_1_2``, put together to means and matrices."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from ..arrays import Array
from .words import plain

Parts = Mapping[str, Array]


def assembled(parts: Mapping[str, Parts], columns: tuple[str, ...] | None) -> dict[str, Array]:
    """Arrays with a row for each component from columns of shape ``(k,)`` by piece and feature.

    Raises
    ------
    ValueError
        When columns do not fit the features that the means have, or when one is missing.
    """
    if not parts:
        return {}
    features = _features(parts, columns)
    found = {}
    for piece, own in parts.items():
        if any(column.ndim != 1 for column in own.values()):
            raise ValueError(f"the estimate's {piece} of one feature must be a number for each component.")
        found[piece] = _one_each(own, features) if set(map(plain, own)) == set(map(plain, features)) else None
        if found[piece] is None:
            found[piece] = _matrices(piece, own, features)
    return {piece: array for piece, array in found.items() if array is not None}


def _features(parts: Mapping[str, Parts], columns: tuple[str, ...] | None) -> list[str]:
    """The features in the order of the data's columns where they have their names, else of their numbers or as they come."""
    names = list(parts.get("means", next(iter(parts.values()))))
    own = {plain(name): name for name in names}
    if columns is not None and set(own) == set(map(plain, columns)):
        return [own[plain(column)] for column in columns]
    return sorted(names, key=int) if all(name.isdecimal() for name in names) else names


def _one_each(own: Parts, features: list[str]) -> Array:
    by_feature = {plain(name): column for name, column in own.items()}
    return np.stack([by_feature[plain(feature)] for feature in features], axis=1)


def _matrices(piece: str, own: Parts, features: list[str]) -> Array:
    d, k = len(features), len(next(iter(own.values())))
    place = _flat(own, d) or _pairs(own, features)
    found = np.full((k, d, d), np.nan)
    for name, column in own.items():
        at = place(name)
        if at is None:
            raise ValueError(
                f"the estimate's {piece} have a column {name!r}, which is none of the features "
                f"{', '.join(map(repr, features))} and no pair of them."
            )
        found[:, *at] = column
    mirrored = np.swapaxes(found, 1, 2)
    found = np.where(np.isnan(found), 0.0 if piece == "cholesky" else mirrored, found)
    missing = np.argwhere(np.isnan(found[0]))
    if missing.size:
        pair = " and ".join(repr(features[j]) for j in missing[0])
        raise ValueError(f"the estimate's {piece} have no column for {pair}.")
    return found


def _flat(own: Parts, d: int) -> Callable[[str], tuple[int, int] | None] | None:
    """The place of ``cov1``, …, ``cov4`` in a matrix, as R unrolls one: column by column."""
    if d < 2 or set(own) != {str(j + 1) for j in range(d * d)}:
        return None
    return lambda name: ((int(name) - 1) % d, (int(name) - 1) // d)


def _pairs(own: Parts, features: list[str]) -> Callable[[str], tuple[int, int] | None]:
    numbered = [str(j + 1) for j in range(len(features))]
    places = {}
    for names in (numbered, features):
        for i, row in enumerate(names):
            for j, column in enumerate(names):
                places[plain(f"{row}.{column}")] = (i, j)
    if all(re.fullmatch(r"\D.*", name) for name in features):  # a lone number may be a feature's own name
        places |= {number: (j, j) for j, number in enumerate(numbered)}
    places |= {plain(name): (j, j) for j, name in enumerate(features)}
    return lambda name: places.get(plain(name))
