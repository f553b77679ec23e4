"""The leave-one-out score of many rows against ArviZ, which takes them one by one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from arviz_stats.base import array_stats

from bayes.pareto_smoothing import leave_one_out_of_rows

from .table import Row, faster, seconds

ROWS = 500


def scores(repetitions: int, largest: int) -> Iterator[Row]:
    """Pareto-smoothed importance sampling of the same log-likelihoods on both sides."""
    rng = np.random.default_rng(0)
    for draws in (1000, 4000):
        if draws * ROWS > largest:
            continue
        log_likelihood = -np.abs(rng.standard_t(5, size=(draws, ROWS))) * rng.uniform(0.1, 1, ROWS) - 3
        ours = seconds(lambda x=log_likelihood: leave_one_out_of_rows(x, 1.0), repetitions)  # type: ignore[misc]
        theirs = seconds(lambda x=log_likelihood: array_stats.loo(x.T[:, None]), repetitions)  # type: ignore[misc]
        yield faster(f"leave-one-out, {ROWS} rows of {draws} draws", "ArviZ", ours, theirs, 5)
