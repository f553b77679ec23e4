"""The forms in which an estimate comes: which one somebody has, and the pieces that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..data import Data
from ..mixture import Mixture
from .programs import attributes_of_pomegranate, attributes_of_scikit_learn, attributes_of_stepmix
from .r_packages import pieces_of_flexmix, pieces_of_mclust, pieces_of_mixtools
from .stated import Stated, stated

_BY_COMPONENT: dict[str, Any] = {"components_last": False, "is_sure": True}
_OBJECTS = (attributes_of_stepmix, attributes_of_scikit_learn, attributes_of_pomegranate)
_WHAT = (
    "give a dictionary with weights, means and covariances (or variances, sds, precisions, cholesky), or with weights and "
    "rates, a table with a row for each component, or a fitted mixture of scikit-learn, StepMix or pomegranate"
)


def pieces_of(given: Any, data: Data | None) -> Stated:
    """Sort what is given into the pieces of a mixture.

    Raises
    ------
    ValueError
        When it has none of the forms, or when a piece of it is wrong.
    """
    columns = None if data is None else data.columns
    if isinstance(given, Mixture):
        return stated(given.arrays(), columns, **_BY_COMPONENT)
    if isinstance(given, Mapping):
        return _of_mapping(given, columns)
    if hasattr(given, "columns") and hasattr(given, "dtypes"):
        return stated({str(name): given[name].tolist() for name in given.columns}, columns, **_BY_COMPONENT)
    if isinstance(given, (list, tuple)):
        return stated(by_column(given), columns, **_BY_COMPONENT)
    for attributes_of in _OBJECTS:
        attributes = attributes_of(given)
        if attributes is not None:
            note = attributes.pop("notes", None)
            return stated(attributes, columns, **_BY_COMPONENT, notes=() if note is None else (note,))
    raise ValueError(f"the estimate is of type {type(given).__name__}: {_WHAT}.")


def by_column(records: Sequence[Any], names: Sequence[str] | None = None) -> dict[str, list[Any]]:
    """The columns of a table that comes row by row, a row for each component.

    Raises
    ------
    ValueError
        When a row is no dictionary, or has other columns than the first.
    """
    if not records or not all(isinstance(record, Mapping) for record in records):
        raise ValueError(f"the estimate is a list, but not of dictionaries, one for each component: {_WHAT}.")
    first = list(records[0])
    for j, record in enumerate(records):
        differing = set(record) ^ set(first)
        if differing:
            raise ValueError(
                f"component {j + 1} of the estimate differs from the first in having {min(differing)!r} or not."
            )
    return {name: [record[name] for record in records] for name in first}


def _of_mapping(given: Mapping[str, Any], columns: tuple[str, ...] | None) -> Stated:
    for pieces_of_package in (pieces_of_mclust, pieces_of_flexmix):
        pieces = pieces_of_package(given)
        if pieces is not None:
            return stated(pieces, columns, components_last=True)
    mixtools = pieces_of_mixtools(given)
    if mixtools is not None:
        return stated(mixtools, columns, components_last=False)
    own = {str(name).removesuffix("_") if str(name) != "_" else "_": value for name, value in given.items()}
    if {"means", "covariances"} <= set(own) and "means_" in given:  # vars(mixture) of scikit-learn
        kept = ("weights", "means", "covariances", "covariance_type")
        return stated({name: own[name] for name in kept if name in own}, columns, **_BY_COMPONENT)
    records = own.get("components")
    if isinstance(records, (list, tuple)) and records and isinstance(records[0], Mapping):
        rest = {name: value for name, value in own.items() if name != "components"}
        return stated({**rest, **by_column(records)}, columns, **_BY_COMPONENT)
    return stated(own, columns)
