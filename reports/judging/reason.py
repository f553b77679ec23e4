"""One reason of a verdict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why the two cannot be compared or differ: a code, the figures that show it, what it means and what to do."""

    code: str
    evidence: dict[str, float | str]
    explanation: str
    advice: str
