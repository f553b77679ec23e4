"""What is given as observations, weights and exposures: read as numbers, or refused in one sentence that names it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .callers import OUR_FOLDERS
from .table import Column, features_of, shown, table_of_frame

# Beyond it, and below its inverse, products of weights with squares of log-densities leave the range of a double.
LARGEST_WEIGHT = 1e100
EXPOSURE = "exposure"


def column_names(dimension: int) -> tuple[str, ...]:
    """Return the names of features that have none: x, or x1, x2 and so on."""
    return ("x",) if dimension == 1 else tuple(f"x{j + 1}" for j in range(dimension))


type _Framed = tuple[NDArray[np.float64], tuple[str, ...], tuple[str, ...]]


def of_frame(x: object) -> _Framed | None:
    """The numbers of a data frame, the names of their columns, and what was left out; ``None`` of anything else."""
    if not (hasattr(x, "columns") and hasattr(x, "dtypes")):
        return None
    table = table_of_frame(x)
    if not table.columns or not len(table.columns[0].numbers):
        raise ValueError("x is empty: give at least one observation.")
    features, notes = features_of(table)
    for column in features:
        _require_no_text(column)
    for note in notes:
        warnings.warn(f"x: {note}", UserWarning, skip_file_prefixes=OUR_FOLDERS)
    return np.column_stack([column.numbers for column in features]), tuple(each.name for each in features), notes


def _require_no_text(column: Column) -> None:
    text = np.setdiff1d(np.flatnonzero(np.isnan(column.numbers)), column.missing)
    if text.size:
        raise ValueError(
            f"x must hold numbers, but column {shown(column.name)} holds {column.shown(int(text[0]))} in row {text[0] + 1}: "
            "convert the column, or leave it out."
        )


def numbers_of(argument: str, given: ArrayLike) -> NDArray[np.float64]:
    """Return what was given as an argument as an array of doubles."""
    if np.ma.is_masked(given):
        raise ValueError(f"{argument} has masked entries: remove or replace them.")
    try:
        array: NDArray[Any] = np.asarray(given)
        if array.dtype.kind in "mM":  # times, of which NumPy makes whole numbers as objects
            raise ValueError
        if array.dtype.kind not in "biuf":
            array = np.asarray(given, dtype=object)
            if array.size and not all(isinstance(value, (int, float, np.number)) for value in array.ravel()):
                raise ValueError
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{argument} must hold numbers in a rectangular array, got something else.") from None


def require_finite(what: str, values: NDArray[np.float64]) -> None:
    """Raise a ``ValueError`` that names the first value which is no number or infinite."""
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise ValueError(
            f"{what} holds {values[bad[0]]} in row {bad[0] + 1} ({bad.size} such values in all): remove or replace them."
        )


def weights_of(given: ArrayLike, rows: int) -> NDArray[np.float64]:
    """Return how often each row was seen, shape ``(rows,)``."""
    weights = numbers_of("weights", given)
    if weights.shape != (rows,):
        raise ValueError(f"weights must have one entry for each of the {rows} rows, got shape {weights.shape}.")
    require_finite("weights", weights)
    if (weights < 0).any() or not (weights > 0).any():
        raise ValueError("weights must not be negative, and at least one must be positive.")
    extreme = weights[(weights > 0) & ((weights < 1 / LARGEST_WEIGHT) | (weights > LARGEST_WEIGHT))]
    if extreme.size:
        raise ValueError(f"weights must be zero, or from 1e-100 to 1e100, got {extreme[0]:g}: rescale them.")
    return weights


def exposure_of(given: ArrayLike | None, rows: int, called: str | None) -> tuple[NDArray[np.float64] | None, str]:
    """Check exposures, and name them; ``None`` in their place where every row has an exposure of one.

    Raises
    ------
    ValueError
        When there is not one positive number for each row.
    """
    name = called or str(getattr(given, "name", None) or EXPOSURE)
    if given is None:
        return None, name
    what = EXPOSURE if name == EXPOSURE else f"exposure column {name!r}"
    exposure = numbers_of(what, given)
    if exposure.shape != (rows,):
        raise ValueError(f"{what} must have one entry for each of the {rows} rows, got shape {exposure.shape}.")
    require_exposures(what, exposure)
    return (None if (exposure == 1).all() else exposure), name


def require_exposures(what: str, exposure: NDArray[np.float64], first: int = 0) -> None:
    """Raise a ``ValueError`` unless all exposures are positive numbers; ``first`` is the number of rows before them.

    Of a row that nobody watched there is nothing to be known, and the sentence says what to do with it.
    """
    usable = (exposure >= 1 / LARGEST_WEIGHT) & (exposure <= LARGEST_WEIGHT)
    if usable.all():
        return
    row = int(np.flatnonzero(~usable)[0])
    value = exposure[row]
    if not np.isfinite(value):
        found, advice = ("nothing" if np.isnan(value) else f"{value:g}"), "remove these rows, or give the exposure"
    elif value > 0:
        found, advice = f"{value:g}", "take another unit, in which exposures are from 1e-100 to 1e100"
    else:
        found, advice = f"{value:g}", "an exposure is above zero; remove rows that were never watched"
    others = f" ({(~usable).sum()} such values in all)" if (~usable).sum() > 1 else ""
    raise ValueError(f"{what} holds {found} in row {first + row + 1}{others}: {advice}.")
