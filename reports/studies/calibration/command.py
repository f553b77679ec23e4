"""The command ``emvsbayes study --calibrate``: from its arguments to the finished folder."""

from __future__ import annotations

from typing import Any

import numpy as np

from models import Array, Data

from ...comparison import Progress
from ..command import REPLICATIONS, compute, sizes_of
from ..scenarios import subject
from ..store import Store
from .design import Calibration
from .record import Ranking
from .result import CalibrationResult
from .truths import FromPrior

# Few observations leave the posterior its difficult shapes, and each data set is soon done.
SIZES = (50,)
SETTINGS = ("sizes", "replications", "seed", "draws", "tune", "chains", "level")
QUANTILES = (0.1, 0.5, 0.9)


def calibration_of(name: str, sizes: str | None, asked: dict[str, Any]) -> Calibration:
    """The calibration of a subject's model, under the prior that its reference data have.

    Raises
    ------
    ValueError
        Names what cannot be used.
    """
    about = subject(name)
    said = {setting: value for setting, value in about.settings.items() if setting in SETTINGS and setting != "sizes"}
    prior = about.model.prior(about.reference)
    return Calibration(
        about.name,
        about.title,
        about.model,
        prior,
        FromPrior(prior),
        about.columns,
        places(about.reference),
        about.truth,
        **{"replications": REPLICATIONS, **said, **asked, "sizes": sizes_of(SIZES, sizes)},
    )


def places(data: Data) -> Array:
    """Observations at which the log-density is ranked, shape ``(3, d)``: of every feature a low, a middling, a high one."""
    return np.quantile(data.values, QUANTILES, axis=0, method="inverted_cdf", weights=data.weights)


def run_calibration(
    design: Calibration, store: Store[Ranking], workers: int, limit: float, progress: Progress
) -> CalibrationResult:
    """Compute what is missing, and return the result.

    Raises
    ------
    KeyboardInterrupt
        When the user interrupts; it says what was kept.
    """
    compute(design, store, workers, limit, progress)
    return CalibrationResult.of(design, store)
