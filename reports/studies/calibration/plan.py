"""A calibration from what was asked for to the finished tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from models import Array, Data, Prior
from models.truths import Truth

from ...running.progress import Progress
from ..running.place import REPLICATIONS, compute, sizes_of
from ..running.run import Place
from ..running.store import Store
from ..subject import Subject
from .design import Calibration
from .finished import FinishedCalibration
from .posterior_truths import posterior_truths
from .record import Ranking
from .replicate import ranking
from .truths import FromPrior, Truths

# Few observations leave the posterior its difficult shapes, and each data set is soon done.
SIZES = (50,)
SETTINGS = ("replications", "seed", "draws", "tune", "chains", "level", "prior")
QUANTILES = (0.1, 0.5, 0.9)


def calibration_of(about: Subject, sizes: tuple[int, ...] | None, asked: dict[str, Any]) -> Calibration:
    """Plan the calibration of a subject's model, under the prior that its reference data have.

    Raises
    ------
    ValueError
        Names what cannot be used.
    """
    _require_known(asked)
    said = {setting: value for setting, value in about.settings.items() if setting in SETTINGS}
    settings = {**said, **asked, "sizes": sizes_of(SIZES, sizes)}
    prior = _prior(about, settings)
    return _calibration(about, prior, FromPrior(prior), settings)


def posterior_calibration_of(about: Subject, sizes: tuple[int, ...] | None, asked: dict[str, Any]) -> Calibration:
    """Plan the calibration around the posterior of the subject's own data, at their own size.

    Raises
    ------
    ValueError
        Names what cannot be used; also when the chains on these data do not settle.
    """
    _require_known(asked)
    settings = {**asked, "sizes": sizes_of(about.settings["sizes"], sizes)}
    prior = _prior(about, settings)
    # Whatever cannot be used is said before the posterior is sampled.
    planned = _calibration(about, prior, FromPrior(prior), settings)
    return replace(planned, truths=posterior_truths(about, prior, planned.replications, planned.seed))


def _require_known(asked: dict[str, Any]) -> None:
    """Raise a ``ValueError`` that names what a study can be asked for, and a calibration cannot."""
    unknown = [name for name in asked if name not in SETTINGS]
    if unknown:
        raise ValueError(f"{unknown[0]} is for studies of a truth: a calibration has no such thing, leave it out.")


def _prior(about: Subject, settings: dict[str, Any]) -> Prior:
    """Take the prior out of the settings: one of that name is scaled from the reference data."""
    return about.model.chosen_prior(settings.pop("prior", None), about.reference)


def _calibration(about: Subject, prior: Prior, truths: Truths, settings: dict[str, Any]) -> Calibration:
    if isinstance(about.truth, Truth):
        raise ValueError(
            "a calibration asks whether the sampler is right where the model is: leave out --truth, [truth] and another "
            "number of components, or --calibrate."
        )
    return Calibration(
        about.name,
        about.title,
        about.model,
        prior,
        truths,
        about.columns,
        places(about.reference),
        about.truth,
        **{"replications": REPLICATIONS, **settings},
        exposures=about.exposures,
    )


def places(data: Data) -> Array:
    """Choose where the log-density is ranked, shape ``(3, d)``: of every feature a low, a middling and a high value.

    With exposures they are counts that such rates lead to at the mean exposure.
    """
    if data.exposure is None:
        return np.quantile(data.values, QUANTILES, axis=0, method="inverted_cdf", weights=data.weights)
    rates, mean = data.values / data.exposure[:, None], data.total_exposure / data.size
    return np.round(mean * np.quantile(rates, QUANTILES, axis=0, method="inverted_cdf", weights=data.weights))


def run_calibration(
    design: Calibration, store: Store[Ranking], place: Place, limit: float, progress: Progress
) -> FinishedCalibration:
    """Compute what is missing, and return the result.

    Raises
    ------
    KeyboardInterrupt
        When the user interrupts; it says what was kept.
    """
    compute(ranking, design, store, place, limit, progress)
    return FinishedCalibration.of(design, store)
