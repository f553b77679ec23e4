"""The parameters of a prior as somebody states them: what does not fit gets one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arrays import Array

# A sentence shows so many letters of what was given.
MOST_LETTERS = 80
# By so much may correlations be asymmetric, which are the same sums in another order.
ROUNDING = 1e-9


def require_parts(given: Mapping[str, Any], weights_are_free: bool) -> None:
    """Make sure that a prior has the parts that it needs: components, and weights exactly where they are free.

    Raises
    ------
    ValueError
        Names the part that is unknown, missing or one too many.
    """
    unknown = [name for name in given if name not in ("weights", "components")]
    if unknown:
        raise ValueError(f"the prior has the parts weights and components, got {shown(unknown[0])}.")
    for part in ("weights", "components"):
        if given.get(part) is not None and not isinstance(given[part], Mapping):
            raise ValueError(f"the prior's {part} must be a table of names and numbers, got {shown(given[part])}.")
    if given.get("components") is None:
        raise ValueError("the prior must have components, and has none.")
    if weights_are_free and given.get("weights") is None:
        raise ValueError(
            "the prior must have weights, those of the model being free: {'name': 'Dirichlet', 'concentration': 1.0} is "
            "uniform."
        )
    if not weights_are_free and given.get("weights") is not None:
        raise ValueError("the prior has weights, and those of the model are fixed: leave them out.")


def require_parameters(given: Mapping[str, Any], name: str, shapes: dict[str, tuple[int, ...]], **fixed: str) -> None:
    """Make sure that ``given`` holds a prior of that name: finite arrays of these shapes, and what is fixed.

    Raises
    ------
    ValueError
        Names the parameter that does not fit.
    """
    expected = {"name": name, **fixed}
    known = (*expected, *shapes)
    if set(given) != set(known):
        odd = next((each for each in given if each not in known), None)
        wrong = f"lacks {next(each for each in known if each not in given)}" if odd is None else f"has no {shown(odd)}"
        raise ValueError(f"the prior {name!r} must have {', '.join(known)}: this one {wrong}.")
    for what, value in expected.items():
        if given[what] != value:
            raise ValueError(f"the prior's {what} must be {value!r}, got {shown(given[what])}.")
    for what, shape in shapes.items():
        _require_numbers(what, given[what], shape)


def _require_numbers(what: str, given: Any, shape: tuple[int, ...]) -> None:
    plain = given.tolist() if isinstance(given, (np.ndarray, np.generic)) else given
    if not _holds_numbers(plain):
        raise ValueError(f"the prior's {what} must hold numbers, got {shown(plain)}.")
    try:
        array = np.asarray(plain, dtype=float)
    except (ValueError, OverflowError):  # rows of different lengths; a whole number that no double holds
        raise ValueError(f"the prior's {what} must be {_form(shape)}, got {shown(plain)}.") from None
    if array.shape != shape:
        raise ValueError(f"the prior's {what} must be {_form(shape)}, got {_form(array.shape)}: {shown(plain)}.")
    if not np.isfinite(array).all():
        raise ValueError(f"the prior's {what} must be finite, got {shown(plain)}.")


def _holds_numbers(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_holds_numbers, value))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _form(shape: tuple[int, ...]) -> str:
    if not shape:
        return "one number"
    if len(shape) == 1:
        return f"a list of {shape[0]}"
    return f"{' × '.join(map(str, shape))} numbers, a list for each row"


def require_positive(what: str, value: Array | float) -> None:
    """Make sure that numbers are positive, and that a matrix is symmetric and positive definite.

    Raises
    ------
    ValueError
        Names the parameter, and says what it is.
    """
    array = np.asarray(value)
    if array.ndim < 2:
        if not array.min() > 0:
            raise ValueError(f"the prior's {what} must be positive, got {shown(array.tolist())}.")
        return
    # As correlations, so that nothing depends on the columns' units; NaN, which no comparison allows, without variances.
    deviations = np.sqrt(np.where(np.diag(array) > 0, np.diag(array), np.nan))
    correlations = array / deviations / deviations[:, None]
    if np.abs(correlations - correlations.T).max() > ROUNDING:
        raise ValueError(f"the prior's {what} must be a symmetric matrix, got {shown(array.tolist())}.")
    if not (np.isfinite(correlations).all() and np.linalg.eigvalsh(correlations)[0] > 0):
        raise ValueError(f"the prior's {what} must be a positive definite matrix, got {shown(array.tolist())}.")


def shown(given: object) -> str:
    """Return what was given on one line of bearable length."""
    text = " ".join(repr(given).split())
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
