"""What the numbers of a departure may be."""

from __future__ import annotations

import math


def require_above(name: str, given: float, least: float) -> None:
    """Raise a ``ValueError`` that names the argument unless it is a finite number above the least."""
    if not (math.isfinite(given) and given > least):
        raise ValueError(f"{name} must be a number above {least:g}, got {given!r}.")


def require_share(name: str, given: float) -> None:
    """Raise a ``ValueError`` that names the argument unless it lies between zero and one."""
    if not 0 < given < 1:
        raise ValueError(f"{name} must be a share between 0 and 1, got {given!r}.")
