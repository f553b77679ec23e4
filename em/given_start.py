"""An estimate from a start that somebody gave, held against what a search over starts finds instead.

A run from a given start is an estimate of its own: whoever fixes a start wants the optimum that it leads to, be it the
highest or not. What the search is for then is to say how that optimum stands to the best one that is known.
"""

from __future__ import annotations

from .loop import Status
from .optimum import Place


def beside_the_search(own: Place, own_status: Status, best: Place, best_status: Status, starts: int) -> str:
    """How the end of a run from a given start stands to the best of a search over so many starts, in words.

    It completes the sentence "The estimate is …, from the given start: …".
    """
    search = f"the search over {starts} start{'s' * (starts != 1)}"
    if own_status is Status.COLLAPSED:
        ended = "collapses as well" if best_status is Status.COLLAPSED else f"finds an optimum of {best.objective:.6f}"
        return f"EM collapses there, and {search} {ended}"
    if best_status is Status.COLLAPSED:
        return f"an interior optimum, while every start of {search} collapses"
    if own.is_same(best):
        return f"the optimum is the same as the best of {search}"
    if own.is_as_high_as(best):
        return f"the optimum is another one than the best of {search}, and as high"
    apart = own.objective - best.objective
    return f"the optimum is {abs(apart):.3g} nats {'above' if apart > 0 else 'below'} the best of {search}"
