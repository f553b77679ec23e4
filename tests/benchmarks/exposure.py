"""One iteration of EM on counts of which no two were exposed alike: the same data, start and number of steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy import special

from em import MStep, climb
from models import Array, Data, Mixture, Model, Poisson

from .iterations import NEVER
from .table import Row, faster, per_step

N, RATES = 300_000, np.array([0.5, 2.0, 6.0])
STEPS = 5
# What one iteration has to be at least, of which NumPy has the logarithm of factorials and exposures beforehand.
THAN_NUMPY = 5
REASON = "both are exponentials, of which NumPy's are vectorised too"


def exposure(repetitions: int, largest: int) -> Iterator[Row]:
    """Poisson with an exposure for each row, against NumPy."""
    n = min(N, largest)
    rng = np.random.default_rng(6)
    hours = rng.uniform(0.2, 8, n)
    x = rng.poisson(hours * RATES[rng.integers(0, 3, n)]).astype(np.float64)
    start = Mixture(np.full(3, 1 / 3), Poisson(np.array([1.0, 3.0, 5.0])))
    ours, reached = _our_step(Data.of(x, exposure=hours), start, repetitions)
    theirs = per_step(partial(climbed, x, hours, start), 1, 1 + STEPS, repetitions)
    other = climbed(x, hours, start, STEPS)
    note = f"{1e9 * ours / (n * 3):.2f} ns an observation and component"
    if abs(other - reached) > 1e-9 * abs(reached):
        note += f"; log-likelihoods differ: {reached:.6f}, {other:.6f}"
    yield faster(
        f"EM iteration, poisson with exposures ({n:.0e}, 1, 3)".replace("e+0", "e"),
        "NumPy",
        ours,
        theirs,
        THAN_NUMPY,
        note,
        REASON,
    )


def _our_step(data: Data, start: Mixture, repetitions: int) -> tuple[float, float]:
    """Seconds per step, and the log-likelihood after the steps."""
    m_step = MStep(Model.of(data, "poisson", 3), data)

    def run(steps: int) -> float:
        return float(climb(data, start, m_step, NEVER, steps).log_likelihood[-1])

    run(1)
    return per_step(run, 1, 1 + 10 * STEPS, repetitions), run(STEPS)


def climbed(x: Array, hours: Array, start: Mixture, steps: int) -> float:
    """The log-likelihood after so many steps of EM as a student writes it, what no rate changes known beforehand."""
    weights, rates = start.weights, start.components.arrays()["rates"]
    base = x * np.log(hours) - special.gammaln(x + 1)
    for step in range(steps + 1):
        log_joint = np.log(weights) + x[:, None] * np.log(rates) - hours[:, None] * rates + base[:, None]
        total = special.logsumexp(log_joint, axis=1)
        if step == steps:
            break
        shares = np.exp(log_joint - total[:, None])
        weights, rates = shares.mean(axis=0), (shares.T @ x) / (shares.T @ hours)
    return float(total.sum())
