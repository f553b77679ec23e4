"""Rows whose label is known: how labels are given, and what follows for the order of the components.

A component that a label names has its place from there: the first label's is the first. Only the others can exchange their
places, and only these are put in an order, matched or relabelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from .table import is_missing, shown

if TYPE_CHECKING:
    from .components import Array
    from .data import Data
    from .mixture import Mixture
    from .rows import Rows

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


def labels_in_words(data: Rows) -> tuple[str, ...]:
    """Say in a sentence how many labels are known, and which component has which; none where none is.

    Parameters
    ----------
    data
        The rows.

    Returns
    -------
    tuple of str
        The sentence, or nothing.

    Examples
    --------
    >>> from models import Data, labels_in_words
    >>> labels_in_words(Data.of([1, 2, 8, 9], known=["low", None, None, "low"]))
    ("The labels of 2 of 4 observations are known: component 1 is 'low' (2).",)
    """
    if not data.labels:
        return ()
    counts = data.total(_counts)
    each = [f"component {place + 1} is {shown(data.labels[place])} ({counts[place]:g})" for place in data.fixed]
    column = "" if data.known_column == KNOWN else f" (column {data.known_column!r})"
    return (f"The labels of {counts.sum():g} of {data.size:g} observations are known{column}: {', '.join(each)}.",)


def _counts(data: Data) -> Array:
    """How many observations have each label."""
    found = np.zeros(len(data.labels))
    for label, part in data.by_label:
        if label != UNKNOWN:
            found[label] = part.size
    return found


def component_in_words(place: int, labels: tuple[str, ...]) -> str:
    """The name of a component, counted from zero, with its label if it has one.

    Parameters
    ----------
    place
        The component, counted from zero.
    labels
        A name for each component that has one, as in :class:`Data`.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> from models import component_in_words
    >>> component_in_words(0, ("healthy",)), component_in_words(1, ("healthy",))
    ('component 1 (healthy)', 'component 2')
    """
    label = labels[place] if place < len(labels) else ""
    return f"component {place + 1}" + (f" ({label})" if label else "")


def require_labels_fit(data: Rows, components: int) -> None:
    """Make sure that there are no more labels than components.

    Parameters
    ----------
    data
        The rows.
    components
        How many components there are.

    Raises
    ------
    ValueError
        When there are more labels.

    Examples
    --------
    >>> from models import Data, require_labels_fit
    >>> require_labels_fit(Data.of([1, 5, 9], known=["low", "middle", "high"]), components=2)
    Traceback (most recent call last):
    ValueError: known holds 3 labels ('high', 'low', 'middle') for 2 components: ...
    """
    if len(data.labels) <= components:
        return
    column = f"known column {data.known_column!r}" if data.known_column != KNOWN else KNOWN
    if all(label in ("", str(place + 1)) for place, label in enumerate(data.labels)):
        raise ValueError(
            f"{column} holds the label {data.labels[-1]}, which is the number of a component, and there are {components}: "
            "take more components, or give names for labels."
        )
    raise ValueError(
        f"{column} holds {len(data.labels)} labels ({', '.join(map(shown, data.labels[:6]))}"
        f"{', …' if len(data.labels) > 6 else ''}) for {components} components: take as many components or more, or fewer "
        "labels."
    )


def require_no_labels(labels: tuple[str, ...], what: str) -> None:
    """Make sure that no labels are known, for what has no use for them.

    Parameters
    ----------
    labels
        The names of the components that labels name, as in :class:`Data`.
    what
        What has no use for labels.

    Raises
    ------
    ValueError
        When there are labels.

    Examples
    --------
    >>> from models import require_no_labels
    >>> require_no_labels(("healthy", "sick"), "the bootstrap")
    Traceback (most recent call last):
    ValueError: known does not apply to the bootstrap: leave the known labels out.
    """
    if labels:
        raise ValueError(f"known does not apply to {what}: leave the known labels out.")


def free_of(fixed: Sequence[int], components: int) -> Labels:
    """The components, from zero, that no label names.

    Parameters
    ----------
    fixed
        The components that a label names.
    components
        How many components there are.

    Returns
    -------
    numpy.ndarray
        The others, in their order, shape ``(free,)``.

    Examples
    --------
    >>> from models import free_of
    >>> free_of((1,), 4).tolist()
    [0, 2, 3]
    """
    return np.setdiff1d(np.arange(components), np.asarray(fixed, dtype=np.intp))


def ascending_order(location: Array, fixed: Sequence[int]) -> Labels:
    """The order, shape ``(..., k)``, in which components ascend by location, the ``fixed`` ones in their places.

    Parameters
    ----------
    location
        The location of each component, shape ``(..., k)``.
    fixed
        The components, from zero, that stay where they are.

    Returns
    -------
    numpy.ndarray
        For each place the old component, shape ``(..., k)``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import ascending_order
    >>> location = np.array([9.0, 5.0, 2.0])
    >>> ascending_order(location, ()).tolist(), ascending_order(location, (0,)).tolist()
    ([2, 1, 0], [0, 2, 1])
    """
    if not fixed:
        return np.argsort(location, axis=-1, kind="stable")
    free = free_of(fixed, location.shape[-1])
    order = np.broadcast_to(np.arange(location.shape[-1]), location.shape).copy()
    order[..., free] = free[np.argsort(location[..., free], axis=-1, kind="stable")]
    return order


def assigned(costs: NDArray[np.floating], fixed: Sequence[int] = ()) -> Labels:
    """The cheapest order, shape ``(k,)``, of labels (columns) in places (rows), those that are ``fixed`` in their own.

    Parameters
    ----------
    costs
        What it costs to put each label in each place, shape ``(k, k)``.
    fixed
        The labels, from zero, that stay in their own places.

    Returns
    -------
    numpy.ndarray
        For each place the label, shape ``(k,)``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import assigned
    >>> costs = np.array([[4.0, 1.0], [2.0, 3.0]])
    >>> assigned(costs).tolist(), assigned(costs, fixed=(0,)).tolist()
    ([1, 0], [0, 1])
    """
    if not fixed:
        return np.asarray(linear_sum_assignment(costs)[1])
    free, order = free_of(fixed, len(costs)), np.arange(len(costs))
    order[free] = free[linear_sum_assignment(costs[np.ix_(free, free)])[1]]
    return order


def aligned(mixture: Mixture, data: Data) -> Mixture:
    """The mixture with its components in the order under which the rows of known label are likeliest.

    The components that no label names follow in the order in which they are.

    Parameters
    ----------
    mixture
        The mixture, without leading axes.
    data
        The rows with what is known of their labels.

    Returns
    -------
    Mixture
        The same mixture, perhaps in another order.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson, aligned
    >>> data = Data.of([1, 2, 8, 9], known=["sick", None, None, "healthy"])
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> data.labels, aligned(mixture, data).components.rates.tolist()
    (('healthy', 'sick'), [9.0, 2.0])
    """
    if data.known is None:
        return mixture
    k = len(mixture.weights)
    costs = np.zeros((k, k))
    for label, part in data.by_label:
        if label != UNKNOWN:
            costs[label] = -(part.weights @ mixture.components.log_density(part.values, part.exposure))
    return mixture.relabel(assigned(np.nan_to_num(costs, posinf=1e300)))


def only_known(array: Array, known: Labels | None, elsewhere: float) -> Array:
    """An array ``(..., n, k)`` with another value for each component that a row is known not to be of."""
    if known is None:
        return array
    possible = (known[:, None] == UNKNOWN) | (known[:, None] == np.arange(array.shape[-1]))
    return np.where(possible, array, elsewhere)
