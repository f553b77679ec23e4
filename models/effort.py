"""How much is sampled: whether that is possible is asked before anything is computed."""

from __future__ import annotations

from .arguments import require_whole
from .memory import require_memory

# Bytes, measured generously: what nutpie and its statistics keep of each draw, tuning included; what every variable of a
# draw, its copies and its summaries take; the state of a chain.
_NUMBER, _OF_STATISTICS, _OF_DRAW, _OF_CHAIN = 8, 300, 3000, 50_000


def require_effort(parameters: int, draws: int, tune: int, chains: int) -> None:
    """Make sure that so much of a posterior of so many parameters can be sampled.

    Parameters
    ----------
    parameters
        How many parameters the model has.
    draws, tune
        How many draws each chain keeps, and before them takes for tuning.
    chains
        How many chains there are.

    Raises
    ------
    ValueError
        Names the argument, and what it may be; an :class:`UnfeasibleError` when memory does not hold it.

    Examples
    --------
    >>> from models import require_effort
    >>> require_effort(parameters=5, draws=1000, tune=1000, chains=4)
    >>> require_effort(parameters=5, draws=2, tune=1000, chains=4)
    Traceback (most recent call last):
    ValueError: draws must be a whole number from 4 on, got 2.
    """
    for name, value, least in (("draws", draws, 4), ("tune", tune, 1), ("chains", chains, 1)):
        require_whole(name, value, least)
    require_memory("chains", chains, _OF_CHAIN)
    tuned = 2 * _NUMBER * parameters + _OF_STATISTICS
    require_memory("tune", tune, chains * tuned)
    require_memory("draws", draws, chains * (tuned + 8 * _NUMBER * parameters + _OF_DRAW))
