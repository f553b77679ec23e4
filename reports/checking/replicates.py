"""What the figures of a fit come to where the model is right: on data that the posterior makes, each fitted by EM.

Each replicate is drawn from one posterior draw, as many observations as there were, and fitted from there just as the data
were: so the figures know that the estimate was fitted to the very data that it is held against, and that it is uncertain.
A posterior predictive check (Rubin 1984; Gelman, Meng and Stern 1996) whose figure is computed at the replicate's own
estimate is not conservative, as one at fixed parameters is (Robins, van der Vaart and Ventura 2000).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from em import MStep, Status, climb, penalty_of
from models import Data, Mixture, Model, Prior

from .figure import Figure, Figures, Key
from .registry import statistics_of

TOLERANCE, MOST_STEPS = 1e-7, 2000
# Every figure's distribution is nearly that of n without end by then, if the rarest component has enough of them.
MOST_ROWS, MOST_OF_ALL, ENOUGH = 4000, 100_000, 200
# The information of so many numbers, rows times parameters, takes a hundredth of a second.
MOST_NUMBERS = 60_000


def figures_of(data: Data, mixture: Mixture, model: Model) -> Figures:
    """Return every figure of data at the mixture that was fitted to them."""
    # What the labels say is not asked here, but how the observations of all labels are distributed.
    found = statistics_of(model)(data if data.known is None else data.unlabelled.compress(), mixture)
    if data.rows * model.free_parameters > MOST_NUMBERS:
        return found
    penalty = penalty_of(data, mixture, MStep(model, data, None))
    if penalty is not None and penalty > 0:
        ratio = penalty / model.free_parameters
        found[Key("penalty")] = Figure(float(np.sqrt(data.size) * np.log(ratio)), float(ratio))
    return found


def size_of_replicates(data: Data, mixture: Mixture) -> int:
    """Return how many observations a replicate has: as many as the data, or enough for every component's shape."""
    rarest = max(float(mixture.weights.min()), np.finfo(float).tiny)
    return min(round(data.size), max(MOST_ROWS, int(min(ENOUGH / rarest, MOST_OF_ALL))))


def replicated(
    mixtures: Mixture, model: Model, prior: Prior | None, data: Data, size: int, rng: np.random.Generator
) -> Iterator[Figures]:
    """Yield the figures of a data set from each mixture of one leading axis; those that EM cannot fit are left out.

    ``prior`` is that of the estimate, where it is a mode under one.
    """
    for place in range(len(mixtures.weights)):
        start = mixtures[place]
        drawn = start.sample_like(data, rng, size).compress()
        try:
            Model.of(drawn, **model.specification)
            m_step = MStep(model, drawn, prior)
            found = climb(drawn, start, m_step, TOLERANCE, MOST_STEPS, acceleration="quasi-newton")
        except ValueError:
            continue
        if found.status is Status.CONVERGED:
            yield figures_of(drawn, found.mixture, model)
