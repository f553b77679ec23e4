"""A calibration as one HTML page in the style of the study."""

from __future__ import annotations

from ...presenting.environment import rendered
from ...presenting.names import shortened, symbols
from ..coverage.replicate import LARGEST_R_HAT
from ..simulated import unit_of_rates
from . import figures
from .result import MEANING, CalibrationResult


def render(result: CalibrationResult, command: str) -> str:
    """Return the whole page, self-contained; the same calibration gives the same page."""
    return rendered(
        "calibration.html",
        result=result,
        design=result.design,
        labels=labels(result),
        command=command,
        figures=figures,
        MEANING=MEANING,
        LARGEST_R_HAT=LARGEST_R_HAT,
    )


def labels(result: CalibrationResult) -> dict[str, str]:
    """Return every quantity as people write it."""
    design = result.design
    of_parameters = symbols(design.model, design.reference, design.columns, unit=unit_of_rates(design.exposures))
    at = "" if design.exposures is None else f" at {design.exposures.mean:.4g} {shortened(design.exposures.column)}"
    places = {
        f"log_density[{index + 1}]": f"log p({', '.join(f'{value:.4g}' for value in place)}{at})"
        for index, place in enumerate(design.places)
    }
    return {"log_likelihood": "log-likelihood", **of_parameters, **places}
