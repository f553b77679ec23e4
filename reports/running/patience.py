"""How long NUTS may take: a long time is said before anything is fitted, and a very long one has to be allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bayes import Sampling, expected_seconds
from models import Data, Model, UnfeasibleError

from .progress import Progress, Speaks

MOST_MINUTES = 3.0
# Whoever waits for less does not want to choose.
LONG_SECONDS, LONG_HOURS = 120.0, 3
SHORTER = (
    "Fewer draws or chains take less, and so does a part of the rows, or rounding them until many are equal. "
    "A fit by EM alone takes seconds."
)


def require_patience(
    data: Data, models: Sequence[Model], sampling: Sampling, max_minutes: float, progress: Progress
) -> None:
    """Refuse the chains of these models if they will take longer than is allowed; if they take long, say how long.

    Raises
    ------
    ValueError
        As :func:`require_allowed` says.
    """
    seconds = sum(expected_seconds(data, model, sampling) for model in models)
    require_allowed(seconds, data.compress().rows, max_minutes)
    foretell(progress, seconds)


def require_allowed(seconds: float, rows: int, max_minutes: float = MOST_MINUTES) -> None:
    """Make sure that whoever waits has allowed for so long a time.

    Parameters
    ----------
    seconds
        About how long the chains will take.
    rows
        How many distinct rows there are.
    max_minutes
        How long they may take, in minutes.

    Raises
    ------
    ValueError
        When ``max_minutes`` is not positive; an :class:`~models.UnfeasibleError` when the chains would take longer.

    Examples
    --------
    >>> from reports.running.patience import require_allowed
    >>> require_allowed(seconds=100, rows=50_000)
    >>> try:
    ...     require_allowed(seconds=760, rows=2_000_000)
    ... except ValueError as error:
    ...     print(error)
    NUTS would take about 13 minutes here for 2000000 different rows, more than max_minutes = 3: read fewer of them, drawn at
    random (rows=400000), ask for fewer draws or chains, or wait (max_minutes=20). A fit by EM alone takes seconds.
    """
    if not max_minutes > 0:
        raise ValueError(f"max_minutes must be positive, got {max_minutes!r}.")
    if seconds <= 60 * max_minutes:
        return
    fewer, longer = _rounded_down(rows * 60 * max_minutes / seconds), _rounded_up(seconds / 60)
    raise UnfeasibleError(
        f"NUTS would take about {_in_words(seconds)} here for {rows} different rows, more than max_minutes = "
        f"{max_minutes:g}: read fewer of them, drawn at random (rows={fewer}), ask for fewer draws or chains, or wait "
        f"(max_minutes={longer}). A fit by EM alone takes seconds."
    )


def foretell(progress: Progress, seconds: float) -> None:
    """Say before the work begins about how long the chains will take, where that is long, and what takes less."""
    if seconds < LONG_SECONDS or not isinstance(progress, Speaks):
        return
    progress.say(f"NUTS will take about {_in_words(seconds)} here, if its first draws are enough. {SHORTER}")


def _in_words(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds < LONG_HOURS * 3600 else f"{seconds / 3600:.0f} hours"


def _rounded_down(number: float) -> int:
    """The next smaller number of one digit and zeros."""
    unit = _unit(number)
    return max(1, math.floor(number / unit)) * unit


def _rounded_up(number: float) -> int:
    """The next larger number of one digit and zeros."""
    unit = _unit(number)
    return math.ceil(number / unit) * unit


def _unit(number: float) -> int:
    return int(10 ** math.floor(math.log10(max(number, 1))))
