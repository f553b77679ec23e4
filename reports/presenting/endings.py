"""Where the starts of EM ended."""

from __future__ import annotations

from typing import NamedTuple

from em import Fit, Start, Status, atlas


class Ending(NamedTuple):
    """Starts that ended at the same place: how many, how, and how far in nats below the best."""

    starts: int
    status: str
    objective: float
    below: float
    reason: str | None


_UNFINISHED = (Status.OUT_OF_STEPS, Status.OUTRUN, Status.COLLAPSED)


def endings(fit: Fit) -> list[Ending]:
    """List the optima that starts ended in, the best first, and then the starts that ended in none, by how they ended."""
    best = fit.highest
    reached = [
        Ending(found.hits, str(Status.CONVERGED), found.objective, best - found.objective, None)
        for found in atlas(fit).optima
    ]
    others = [[start for start in fit.runs if start.status is status] for status in _UNFINISHED]
    return reached + [_highest(starts, best) for starts in others if starts]


def _highest(starts: list[Start], best: float) -> Ending:
    """Return what is said of starts that ended alike, by the highest of them."""
    highest = max(starts, key=lambda start: start.objective)
    return Ending(len(starts), str(highest.status), highest.objective, best - highest.objective, highest.reason)
