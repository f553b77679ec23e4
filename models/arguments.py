"""What a caller gave for an argument: a sentence that names it, and says what it may be, unless it is that."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np


def require_whole(argument: str, given: object, least: int) -> None:
    """Raise a ``ValueError`` that names the argument unless a whole number from ``least`` on is given.

    Parameters
    ----------
    argument
        The name of the argument.
    given
        What was given for it.
    least
        The smallest number that it may be.

    Raises
    ------
    ValueError
        When it is no whole number, or a smaller one.

    Examples
    --------
    >>> from models import require_whole
    >>> require_whole("starts", 0, least=1)
    Traceback (most recent call last):
    ValueError: starts must be a whole number from 1 on, got 0.
    """
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < least:
        raise ValueError(f"{argument} must be a whole number from {least} on, got {given!r}.")


def require_one_of(argument: str, given: object, allowed: Collection[str]) -> None:
    """Raise a ``ValueError`` that names the argument unless one of these words is given."""
    if not isinstance(given, str) or given not in allowed:
        shown = " ".join(repr(given).split())
        raise ValueError(f"{argument} must be one of {', '.join(map(repr, allowed))}, got {shown}.")
