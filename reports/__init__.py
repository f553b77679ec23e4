"""Compare, judge, draw, write: the only place where em and bayes meet."""

from __future__ import annotations

# Nothing is imported here, not even typing: the command is listening for interrupts a moment later (program.py).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .choice.model_choice import ModelChoice, choose
    from .comparing.equivalence import Equivalence, EquivalenceError
    from .comparing.exact import ExactGrade, NoExactPosteriorError
    from .comparing.side_by_side import Settings
    from .images.compression import Compression, compress
    from .judging.comparison import Comparison, compare
    from .predicting.read_report import ReadReport, read
    from .reading.chunks import read_in_chunks
    from .reading.estimates import read_estimate
    from .reading.posteriors import read_posterior
    from .reading.priors import read_prior
    from .reading.sources import FileSource, ScenarioSource
    from .reading.tables import read_data
    from .reproducing.report_diff import ReportDiff, diff
    from .reproducing.reproduction import Reproduction, reproduce
    from .running.progress import Progress
    from .studies.asked import calibrate, study
    from .studies.calibration.finished import FinishedCalibration
    from .studies.coverage.finished import FinishedStudy
    from .validating.draws import JudgedDraws, validate_draws
    from .validating.judgement import Judgement, judge
    from .validating.validate import Validation, validate

__all__ = [
    "Comparison",
    "Compression",
    "Equivalence",
    "EquivalenceError",
    "ExactGrade",
    "FileSource",
    "FinishedCalibration",
    "FinishedStudy",
    "JudgedDraws",
    "Judgement",
    "ModelChoice",
    "NoExactPosteriorError",
    "Progress",
    "ReadReport",
    "ReportDiff",
    "Reproduction",
    "ScenarioSource",
    "Settings",
    "Validation",
    "calibrate",
    "choose",
    "compare",
    "compress",
    "diff",
    "judge",
    "read",
    "read_data",
    "read_estimate",
    "read_in_chunks",
    "read_posterior",
    "read_prior",
    "reproduce",
    "study",
    "validate",
    "validate_draws",
]

_HOME = {
    "Comparison": "judging.comparison",
    "Compression": "images.compression",
    "Equivalence": "comparing.equivalence",
    "EquivalenceError": "comparing.equivalence",
    "ExactGrade": "comparing.exact",
    "FileSource": "reading.sources",
    "FinishedCalibration": "studies.calibration.finished",
    "FinishedStudy": "studies.coverage.finished",
    "JudgedDraws": "validating.draws",
    "Judgement": "validating.judgement",
    "ModelChoice": "choice.model_choice",
    "NoExactPosteriorError": "comparing.exact",
    "Progress": "running.progress",
    "ReadReport": "predicting.read_report",
    "ReportDiff": "reproducing.report_diff",
    "Reproduction": "reproducing.reproduction",
    "ScenarioSource": "reading.sources",
    "Settings": "comparing.side_by_side",
    "Validation": "validating.validate",
    "calibrate": "studies.asked",
    "choose": "choice.model_choice",
    "compare": "judging.comparison",
    "compress": "images.compression",
    "diff": "reproducing.report_diff",
    "judge": "validating.judgement",
    "read": "predicting.read_report",
    "read_data": "reading.tables",
    "read_estimate": "reading.estimates",
    "read_in_chunks": "reading.chunks",
    "read_prior": "reading.priors",
    "reproduce": "reproducing.reproduction",
    "study": "studies.asked",
    "read_posterior": "reading.posteriors",
    "validate_draws": "validating.draws",
    "validate": "validating.validate",
}


def __getattr__(name: str) -> Any:
    # PyMC and ArviZ cost seconds to import, and `emvsbayes --help` must not wait for them.
    if name not in _HOME:
        raise AttributeError(f"module 'reports' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    # So that help() and completion show what is imported only when it is asked for, and nothing else.
    return __all__
