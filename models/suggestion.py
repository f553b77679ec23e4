"""What somebody may have meant who named something that there is not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST_LISTED = 12


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that began with what there is not: the name that is nearest to it, or those that there are."""
    names = [*known]
    by_letters = {each.casefold(): each for each in names}
    close = get_close_matches(name.casefold(), by_letters, n=1)
    if close:
        return f", did you mean {by_letters[close[0]]!r}?"
    listed = ", ".join(map(repr, names[:MOST_LISTED]))
    return f"; there are {listed}{', …' if len(names) > MOST_LISTED else ''}."
