"""Where a demonstration of EM starts: far off, and not in vain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from em import RANDOM_PARAMETERS, START_KINDS, Fit, Status, draw_start, same_height
from em import fit as fit_by_em
from models import Data, Mixture, Model, Tick

POOR = "poor"
# What a command line calls the kinds of starts.
STARTS = (POOR, *(kind.replace(" ", "-") for kind in START_KINDS))
RANDOM_STARTS = 20
MOST_STEPS = 2000


def climb_from(data: Data, model: Model, start: str = POOR, seed: int = 0, on_start: Tick | None = None) -> Fit:
    """Run EM's own steps, path and all, from one start of the kind named.

    ``"poor"`` is, of twenty starts with random parameters, the one with the lowest log-likelihood among those from
    which EM reaches the highest optimum that any of them led to: a long way to an end worth looking at.
    """
    rng = np.random.default_rng(seed)
    if start == POOR:
        point, kind = _poor_start(data, model, rng, on_start)
    else:
        kind = dict(zip(STARTS[1:], START_KINDS, strict=True)).get(start, start)
        point = draw_start(kind, data, model, rng)
    climbed = fit_by_em(
        data, **model.specification, start=point, acceleration="none", keep_path=True, max_steps=MOST_STEPS
    )
    return replace(climbed, starts=(replace(climbed.starts[0], kind=f"{kind} (seed {seed})"),))


def _poor_start(data: Data, model: Model, rng: np.random.Generator, on_start: Tick | None) -> tuple[Mixture, str]:
    points, ends = [], []
    for _ in range(RANDOM_STARTS):
        points.append(draw_start(RANDOM_PARAMETERS, data, model, rng))
        ends.append(fit_by_em(data, **model.specification, start=points[-1]))
        if on_start is not None:
            on_start()
    reached = _at_the_highest_optimum(ends)
    return points[
        min(reached, key=lambda i: ends[i].climb.log_likelihood[0])
    ], f"poorest of {RANDOM_STARTS} random ones"


def _at_the_highest_optimum(ends: list[Fit]) -> list[int]:
    """Return the runs that ended at the highest optimum; when every one collapsed, those that ended highest."""
    regular = [end.log_likelihood for end in ends if end.status is not Status.COLLAPSED]
    highest = max(regular or [end.log_likelihood for end in ends])
    return [i for i, end in enumerate(ends) if abs(end.log_likelihood - highest) <= same_height(highest)]
