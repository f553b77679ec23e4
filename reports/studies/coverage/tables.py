r"""What the replicates say together: every quantity with its Monte Carlo error (Morris, White and Crowther 2019, table 6).

Over $R$ replicates, with $t_i$ the estimates of the true $\theta$ (of a truth outside the model the pseudo-true one),

- bias $= \bar t - \theta$, with error $s / \sqrt R$, where $s$ is the standard deviation of the $t_i$;
- RMSE, the root of the mean of $(t_i - \theta)^2$, with error $s_2 / (2 \sqrt R \, \mathrm{RMSE})$ by the delta method,
  where $s_2$ is the standard deviation of the squared errors;
- coverage, the share of intervals that hold $\theta$, with the error of a share (``proportion``);
- width, the mean length of the intervals, and likewise shift, sd ratio and Wasserstein distance, each with the error of a
  mean.

Each side counts the replicates on which it has an answer: EM those that converged (for intervals, those with a standard
error), the posterior those whose chains agree. How many these are stands beside each value; the shares of all statuses
say what became of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from models import Array

from ..running.experiment import Experiment
from ..running.outcome import STATUSES, Outcome
from .design import Design
from .proportion import proportion
from .record import Record
from .verdict import VERDICTS

Summary = Callable[[Array, float], tuple[float, float]]
WALD, SANDWICH, BOOTSTRAP, CREDIBLE = "Wald", "sandwich", "bootstrap", "credible"
ESTIMATES = {"MLE": "mle", "MAP": "map", "posterior mean": "mean"}
INTERVALS = {
    WALD: ("wald_lower", "wald_upper"),
    SANDWICH: ("sandwich_lower", "sandwich_upper"),
    BOOTSTRAP: ("bootstrap_lower", "bootstrap_upper"),
    CREDIBLE: ("lower", "upper"),
}
METER = {"shift": "shift", "sd ratio": "sd_ratio", "Wasserstein": "wasserstein"}
OF_POSTERIOR = ("posterior mean", CREDIBLE)


def replicates(records: Iterable[Record], design: Design) -> pd.DataFrame:
    """Make a row for each replicate and parameter with all that was recorded; ``em`` and ``chains`` say who counts."""
    rows = [
        {"size": record.size, "replicate": record.number, "parameter": name, "truth": design.true_values[name]}
        | {"status": record.status, "verdict": record.verdict, "em": record.em, "chains": record.chains}
        | values
        for record in records
        for name, values in record.estimates.items()
    ]
    return pd.DataFrame(rows)


def shares(records: Iterable[Outcome], design: Experiment[Any]) -> pd.DataFrame:
    """Return for each size and status that occurs the share of replicates, its Monte Carlo error, and their number."""
    return _shares([(record.size, record.status) for record in records], design.sizes, STATUSES, "status")


def verdicts(records: Iterable[Record], design: Experiment[Any]) -> pd.DataFrame:
    """Return the share of each verdict, and its Monte Carlo error."""
    return _shares([(record.size, record.verdict) for record in records], design.sizes, VERDICTS, "verdict")


def _shares(
    found: list[tuple[int, str]], sizes: tuple[int, ...], answers: tuple[str, ...], column: str
) -> pd.DataFrame:
    counts = Counter(found)
    totals = Counter(size for size, _ in found)
    rows = [
        (size, answer, *proportion(counts[size, answer], totals[size]), counts[size, answer])
        for size in sizes
        for answer in answers
        if counts[size, answer]
    ]
    return pd.DataFrame(rows, columns=["size", column, "share", "mcse", "replicates"])


def parameters(table: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Make a row for each parameter, size, method and quantity: value, Monte Carlo error ``mcse``, ``replicates``.

    ``table`` is what :func:`replicates` returns.
    """
    rows = [
        (name, size, *row)
        for name in design.true_values
        for size in design.sizes
        for row in _of(table[(table["parameter"] == name) & (table["size"] == size)], design.true_values[name])
    ]
    return pd.DataFrame(rows, columns=["parameter", "size", "method", "quantity", "value", "mcse", "replicates"])


def _of(rows: pd.DataFrame, truth: float) -> Iterator[tuple[str, str, float, float, int]]:
    """Yield method, quantity, value, error and number of replicates, of one parameter and size."""
    for method, column in ESTIMATES.items():
        estimates = _counted(rows, method, column)[:, 0]
        for quantity, summary in (("bias", _bias), ("RMSE", _rmse)):
            yield method, quantity, *summary(estimates, truth), len(estimates)
    for method, columns in INTERVALS.items():
        if columns[0] not in rows:
            continue  # bootstrap intervals are there on request, and those of the sandwich not in old records
        lower, upper = _counted(rows, method, *columns).T
        covered = int(((lower <= truth) & (truth <= upper)).sum())
        yield method, "coverage", *proportion(covered, len(lower)), len(lower)
        yield method, "width", *_mean(upper - lower), len(lower)
    for quantity, column in METER.items():
        values = _counted(rows[rows["em"]], CREDIBLE, column)[:, 0]
        yield "large-sample meter", quantity, *_mean(values), len(values)


def _counted(rows: pd.DataFrame, method: str, *columns: str) -> Array:
    """Return the values that count, shape ``(replicates, columns)``."""
    chosen = rows[rows["chains" if method in OF_POSTERIOR else "em"].astype(bool)]
    values = chosen[list(columns)].to_numpy(dtype=np.float64)
    return np.asarray(values[~np.isnan(values).any(axis=1)])


def _bias(estimates: Array, truth: float) -> tuple[float, float]:
    mean, error = _mean(estimates)
    return mean - truth, error


def _rmse(estimates: Array, truth: float) -> tuple[float, float]:
    mean, error = _mean(np.square(estimates - truth))
    return float(np.sqrt(mean)), error / (2 * float(np.sqrt(mean))) if mean > 0 else np.nan


def _mean(values: Array) -> tuple[float, float]:
    """Return the mean and its error, NaN where there are too few or one of them has no end."""
    if len(values) == 0:
        return np.nan, np.nan
    with np.errstate(invalid="ignore"):
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan
    return float(values.mean()), error
