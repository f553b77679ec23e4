"""What known labels say of rows and components, in words, and whether a model has a component for each."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .data import Data
from .known import KNOWN, UNKNOWN
from .rows import Rows
from .table import shown


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
