"""How results show themselves: the same sentences and tables as text, and in a notebook as HTML.

Nothing of the HTML has a colour of its own, so that it can be read in light and in dark notebooks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    type Part = str | pd.DataFrame

# A wide table, or text that was laid out in columns, scrolls by itself and leaves the page as it is.
SCROLLS = "overflow-x: auto; max-width: 100%"
PLAIN = "color: inherit; background: none"


class Shown(ABC):
    """A result that says in sentences and tables what it is, as text and in a notebook.

    A dataclass that is one says ``repr=False``, since it would else print its fields.

    Examples
    --------
    >>> from models import Shown
    >>> class Summary(Shown):
    ...     def _said(self):
    ...         yield "Two components."
    ...         yield "Ten rows."
    >>> Summary()
    Two components.
    Ten rows.
    """

    @abstractmethod
    def _said(self) -> Iterator[Part]:
        """Yield sentences and tables; text of several lines is shown as it is laid out, and an empty one parts the text."""

    def __repr__(self) -> str:
        return as_text(self._said())

    def _repr_html_(self) -> str:
        return as_html(self._said())


def as_text(parts: Iterable[Part]) -> str:
    """Return sentences and tables as text, one below the other.

    Parameters
    ----------
    parts
        Sentences and data frames.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import as_text
    >>> print(as_text(["Two components.", pd.DataFrame({"rate": ["2.0", "9.0"]}, index=[1, 2])]))
    Two components.
      rate
    1  2.0
    2  9.0
    """
    return "\n".join(part if isinstance(part, str) else str(part.to_string()) for part in parts)


def as_html(parts: Iterable[Part]) -> str:
    """Return sentences and tables as HTML, with everything escaped that a name may hold.

    Parameters
    ----------
    parts
        Sentences and data frames.

    Returns
    -------
    str
        The HTML, in one element.

    Examples
    --------
    >>> from models import as_html
    >>> as_html(["Rates < 2 are low."])
    '<div><p style="margin: 0.3em 0">Rates &lt; 2 are low.</p></div>'
    """
    return f"<div>{''.join(map(_html, parts))}</div>"


def _html(part: Part) -> str:
    if not isinstance(part, str):
        return f'<div style="{SCROLLS}">{part.to_html(border=0)}</div>'
    if "\n" in part:
        return f'<pre style="{SCROLLS}; {PLAIN}">{escape(part)}</pre>'
    return f'<p style="margin: 0.3em 0">{escape(part)}</p>' if part else ""
