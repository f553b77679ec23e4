"""Compare, judge, draw, write: the only place where em and bayes meet."""

from __future__ import annotations

# Nothing is imported here, not even typing: the command is listening for interrupts a moment later (program.py).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .choice.model_choice import ModelChoice, choose
    from .chunks import read_in_chunks
    from .comparison import Comparison, Progress, Settings, compare
    from .equivalence import Equivalence, EquivalenceError
    from .exact import ExactGrade, NoExactPosteriorError
    from .images.compression import Compression, compress
    from .read import read_data
    from .report_diff import ReportDiff, diff
    from .source import FileSource, ScenarioSource
    from .verification import Verification, verify

__all__ = [
    "Comparison",
    "Compression",
    "Equivalence",
    "EquivalenceError",
    "ExactGrade",
    "FileSource",
    "ModelChoice",
    "NoExactPosteriorError",
    "Progress",
    "ReportDiff",
    "ScenarioSource",
    "Settings",
    "Verification",
    "choose",
    "compare",
    "compress",
    "diff",
    "read_data",
    "read_in_chunks",
    "verify",
]

_HOME = {
    "Comparison": "comparison",
    "Progress": "comparison",
    "Settings": "comparison",
    "ModelChoice": "choice.model_choice",
    "choose": "choice.model_choice",
    "compare": "comparison",
    "Equivalence": "equivalence",
    "EquivalenceError": "equivalence",
    "Compression": "images.compression",
    "compress": "images.compression",
    "ExactGrade": "exact",
    "NoExactPosteriorError": "exact",
    "read_data": "read",
    "read_in_chunks": "chunks",
    "ReportDiff": "report_diff",
    "diff": "report_diff",
    "FileSource": "source",
    "ScenarioSource": "source",
    "Verification": "verification",
    "verify": "verification",
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
