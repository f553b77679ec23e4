"""The entries of a study's TOML file that describe a mixture: weights, and the components' arrays by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from models import Array, Components, Data, Model


def weights_of(given: Mapping[str, Any]) -> Array:
    """Return the weights.

    Raises
    ------
    ValueError
        When they are not positive, or do not sum to one.
    """
    weights = _array("weights", given)
    if weights.ndim != 1 or (weights <= 0).any() or not np.isclose(weights.sum(), 1):
        raise ValueError(f"weights must be positive and sum to one, got {given['weights']!r}.")
    return weights


def components_of(model: Model, columns: tuple[str, ...], given: Mapping[str, Any]) -> Components:
    """Return the components of that family, as many as the model has, each of their arrays in the shape that they need.

    Raises
    ------
    ValueError
        When an array is missing, or of another shape, or holds what cannot be a parameter.
    """
    centres = np.ones((model.components, len(columns)))
    example = model.family_of_components.around(centres, any_data(columns, model.components))
    shapes = {name: array.shape for name, array in example.arrays().items()}
    components: Components = type(example)(
        **{name: _shaped(name, _array(name, given), shape) for name, shape in shapes.items()}
    )
    with np.errstate(all="ignore"):
        possible = _possible(components, centres)
    if not possible:
        raise ValueError(f"{', '.join(shapes)} must be parameters of a {model.family} distribution.")
    return components


def array_names(family: type[Components], columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the arrays that components of a family have."""
    return tuple(family.around(np.ones((1, len(columns))), any_data(columns, 1)).arrays())


def any_data(columns: tuple[str, ...], components: int) -> Data:
    """Return data that every model of these columns can be fitted to."""
    rows = np.vstack(
        [np.eye(len(columns)), 2 + np.arange((components + 1) * len(columns)).reshape(-1, len(columns)) ** 2]
    )
    return Data.of(rows, columns=columns)


def _possible(components: Components, places: Array) -> bool:
    try:
        return bool(np.isfinite(components.log_density(places)).all())
    except np.linalg.LinAlgError:
        return False


def _array(name: str, given: Mapping[str, Any]) -> Array:
    try:
        array = np.asarray(given[name], dtype=np.float64)
    except KeyError:
        raise ValueError(f"{name} is missing: the truth needs it.") from None
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers in a list, got {given[name]!r}.") from None
    if not array.size or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers, got {given[name]!r}.")
    return array


def _shaped(name: str, array: Array, shape: tuple[int, ...]) -> Array:
    if array.shape not in (shape, tuple(length for length in shape if length != 1), shape[:1]) or array.size != np.prod(
        shape
    ):
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}.")
    return array.reshape(shape)
