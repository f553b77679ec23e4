"""Rows whose label is known: how labels are given, and what they leave possible.

A component that a label names has its place from there: the first label's is the first. Only the others can exchange their
places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Array
from .table import is_missing

KNOWN = "known"
UNKNOWN = -1
# More labels than any mixture has components: the column is not one of labels.
MOST_LABELS = 1000

type Labels = NDArray[np.intp]
# Names beside None are no array that NumPy's types know.
type GivenLabels = ArrayLike | Sequence[Any]


class Unlabelled:
    """Rows of whose labels nothing is known."""

    known: None = None
    labels: tuple[str, ...] = ()
    fixed: tuple[int, ...] = ()
    known_column: str = KNOWN

    @property
    def by_label(self) -> tuple[tuple[int, Self], ...]:
        """The rows of each label: all of them under that of no label."""
        return ((UNKNOWN, self),)


def known_of(given: GivenLabels | None, rows: int, called: str | None) -> tuple[Labels | None, tuple[str, ...], str]:
    """Read labels: the component of each row from zero, −1 where unknown; a name for each component; the column's name.

    Whole numbers from one on are the numbers of components. Anything else is a name, and the components follow the names in
    their order, of numbers the numerical one. Nothing is known of a row without a label: an empty text, ``None``, NaN, or
    −1 among whole numbers, as in scikit-learn. A component that no label names has an empty name; without any label there
    is ``None`` in place of the components, and no name.

    Parameters
    ----------
    given
        The label of each row, shape ``(rows,)``, ``None`` where no label is known.
    rows
        How many rows there are.
    called
        The name of the labels; unless given, the one of their column, or ``"known"``.

    Returns
    -------
    numpy.ndarray or None
        The component of each row, shape ``(rows,)``, counted from zero, and −1 where it is unknown.
    tuple of str
        A name for each component.
    str
        The name of the labels.

    Raises
    ------
    ValueError
        When there is not one entry for each row, or the entries are no labels.

    Examples
    --------
    >>> from models import known_of
    >>> components, names, _ = known_of(["sick", None, "healthy"], 3, None)
    >>> components.tolist(), names
    ([1, -1, 0], ('healthy', 'sick'))
    """
    name = called or str(getattr(given, "name", None) or KNOWN)
    if given is None:
        return None, (), name
    what = KNOWN if name == KNOWN else f"known column {name!r}"
    cells = np.asarray(given, dtype=object)
    if cells.shape != (rows,):
        raise ValueError(f"{what} must have one label for each of the {rows} rows, got shape {cells.shape}.")
    try:
        texts = {cell: _text(cell) for cell in cells.tolist()}
    except TypeError:
        raise ValueError(f"{what} must hold names or numbers, got something else.") from None
    found = {text for text in texts.values() if text}
    if all(_number(text) is not None for text in found):
        found -= {str(UNKNOWN)}
    if not found:
        return None, (), name
    if len(found) > MOST_LABELS:
        raise ValueError(f"{what} holds {len(found)} different labels: it is no column of labels.")
    labels = _in_order(found)
    places = {label: place for place, label in enumerate(labels) if label}
    of_cells = {cell: places.get(text, UNKNOWN) for cell, text in texts.items()}
    return np.array([of_cells[cell] for cell in cells.tolist()], dtype=np.intp), labels, name


def _text(cell: object) -> str:
    """A label as text, the same for 1, 1.0 and "1"; empty where there is none."""
    text = str(cell).strip()
    if is_missing(text) or text == "NaT":
        return ""
    number = _number(text)
    return text if number is None else np.format_float_positional(number, trim="-")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _in_order(found: set[str]) -> tuple[str, ...]:
    """The label of each component."""
    numbers = {label: number for label in found if (number := _number(label)) is not None}
    if len(numbers) < len(found):
        return tuple(sorted(found))
    if all(number >= 1 and number == np.floor(number) for number in numbers.values()):
        most = int(max(numbers.values()))
        if most <= MOST_LABELS:
            return tuple(str(number) if number in numbers.values() else "" for number in range(1, most + 1))
    return tuple(sorted(found, key=lambda label: numbers[label]))


def only_known(array: Array, known: Labels | None, elsewhere: float) -> Array:
    """An array ``(..., n, k)`` with another value for each component that a row is known not to be of."""
    if known is None:
        return array
    possible = (known[:, None] == UNKNOWN) | (known[:, None] == np.arange(array.shape[-1]))
    return np.where(possible, array, elsewhere)
