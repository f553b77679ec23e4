"""The large-sample meter: whether the posterior is what EM's standard errors say it should be.

For many observations the posterior is the normal distribution about the maximum of the likelihood whose spread is EM's
standard errors (Bernstein and von Mises). Then the shift of the posterior's mean from the MLE, in standard errors, is
near zero, the ratio of the posterior's standard deviation to the standard error is near one, and the normal distribution
is a good proposal for the posterior (Pareto k below 0.7). Where they are not, the two methods answer different questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models import Shown, in_digits

if TYPE_CHECKING:
    import pandas as pd

    from bayes import Posterior
    from em import StandardErrors

# At 400 effective draws the standard deviation of a bell curve has a standard error of 1 / √800, or 4 %, and that of a
# skewed one a few times as much; a half more or less is what a reader of an interval would notice.
LARGEST_RATIO = 1.5


@dataclass(frozen=True, repr=False)
class LargeSample(Shown):
    """``table`` has for each parameter the MLE, its standard_error, the shift in standard errors and the sd_ratio.

    ``problem`` says why standard errors are missing.
    """

    table: pd.DataFrame
    problem: str | None

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield in_digits(self.table, self.table["standard_error"], {"shift": 2, "sd_ratio": 2})
        if self.problem:
            yield self.problem

    @property
    def worst_ratio(self) -> tuple[str, float]:
        """The parameter whose posterior is most unlike its standard error, and the ratio; without any, the first and NaN."""
        away = np.abs(np.log(self.table["sd_ratio"]))
        if away.isna().all():
            return str(self.table.index[0]), float("nan")
        return str(away.idxmax()), float(self.table["sd_ratio"][away.idxmax()])


def large_sample(errors: StandardErrors, posterior: Posterior) -> LargeSample:
    """Hold the posterior against the normal distribution about the MLE, whose ``errors`` these are."""
    summary, table = posterior.summary, errors.table[["estimate", "standard_error"]].copy()
    table["shift"] = (summary["mean"] - table["estimate"]) / table["standard_error"]
    table["sd_ratio"] = summary["sd"] / table["standard_error"]
    return LargeSample(table, errors.problem)
