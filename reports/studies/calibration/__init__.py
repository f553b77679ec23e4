"""Is the sampler calibrated? Ranks of true values among posterior draws, over many simulated data sets."""

from .bands import Band, counts_below, p_value, simultaneous_band
from .design import Calibration
from .record import Ranking
from .result import CalibrationResult
from .truths import FromPosterior, FromPrior

__all__ = [
    "Band",
    "Calibration",
    "CalibrationResult",
    "FromPosterior",
    "FromPrior",
    "Ranking",
    "counts_below",
    "p_value",
    "simultaneous_band",
]
