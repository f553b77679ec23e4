"""What memory holds: asked before the work begins, since the system has no sentence for it afterwards."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CONTROL_GROUP = Path("/sys/fs/cgroup")
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


class UnfeasibleError(ValueError):
    """What was asked for cannot be computed here, which is known before the work begins.

    Examples
    --------
    >>> from models import UnfeasibleError, require_memory
    >>> try:
    ...     require_memory("draws", 10**12, each=10**6)
    ... except UnfeasibleError as error:
    ...     print(str(error).partition(" of memory")[0])
    draws = 1000000000000 would take about 1 EB
    """


def require_memory(argument: str, given: int, each: float, power: int = 1) -> None:
    """Raise an error that says what would fit, unless ``each`` times ``given`` to the power are as many bytes.

    Parameters
    ----------
    argument
        The name of the argument that the memory depends on.
    given
        What was given for it.
    each
        How many bytes one of it takes.
    power
        With which power the bytes grow.

    Raises
    ------
    UnfeasibleError
        When there is less memory; it says what would fit.

    Examples
    --------
    >>> from models import require_memory
    >>> require_memory("starts", 10**12, each=1000.0)
    Traceback (most recent call last):
    models.memory.UnfeasibleError: starts = 1000000000000 would take about 1 PB of memory, and ... fits.
    """
    room = free_memory()
    if given**power * each > room:
        raise UnfeasibleError(
            f"{argument} = {given} would take about {_amount(given**power * each)} of memory, and {_amount(room)} are free: "
            f"at most {argument} = {_rounded_down((room / each) ** (1 / power))} fits."
        )


def free_memory() -> float:
    """How many bytes this process may still take: what the machine has, and what its container is allowed."""
    return min(_of_machine(), _of_container())


def _of_machine() -> float:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return 1024.0 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):  # a system that does not say
        return math.inf


def _of_container() -> float:
    try:
        most = int((_CONTROL_GROUP / "memory.max").read_text(encoding="ascii"))
        return float(most - int((_CONTROL_GROUP / "memory.current").read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or no limit
        return math.inf


def _amount(size: float) -> str:
    power = min(int(math.log10(max(size, 1)) // 3), len(_UNITS) - 1)
    return f"{size / 1000**power:.3g} {_UNITS[power]}"


def _rounded_down(number: float) -> int:
    """Round down to two digits, which is as good as the estimate is."""
    whole = int(max(number, 0))
    step: int = 10 ** max(len(str(whole)) - 2, 0)
    return whole // step * step
