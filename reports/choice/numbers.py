"""Numbers of components as a user types them."""

from __future__ import annotations

import re

_PIECE = re.compile("([0-9]{1,9})(?::([0-9]{1,9}))?")


def parse_numbers(text: str) -> list[int]:
    """The numbers in ascending order that ``text`` lists, such as ``1:6`` (both ends included) or ``2,3,5``.

    Raises
    ------
    ValueError
        When it is something else, or a number is below one or above a hundred.
    """
    numbers: set[int] = set()
    for piece in text.split(","):
        found = _PIECE.fullmatch(piece.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= 100:
            raise ValueError(
                f"--components {text!r} must list numbers of components from 1 to 100, such as 1:6 or 2,3,5."
            )
        numbers |= set(range(first, last + 1))
    return sorted(numbers)
