"""The two kinds of study, each from its plan to its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .calibration import write as calibration_files
from .calibration.plan import calibration_of, posterior_calibration_of, run_calibration
from .coverage import write as coverage_files
from .coverage.plan import design_of, run_study


@dataclass(frozen=True)
class Kind:
    """What a study does: its plan (``plan_on_own_data`` where the truth is an estimate), its run, and its page."""

    name: str
    plan: Callable[..., Any]
    plan_on_own_data: Callable[..., Any]
    run: Callable[..., Any]
    write: Callable[..., Any]


COVERAGE = Kind("study", design_of, design_of, run_study, coverage_files.write_study)
CALIBRATION = Kind(
    "calibration", calibration_of, posterior_calibration_of, run_calibration, calibration_files.write_calibration
)
# Whatever any of them writes beside its store.
OWN_FILES = (*coverage_files.OWN_FILES, *calibration_files.OWN_FILES)
