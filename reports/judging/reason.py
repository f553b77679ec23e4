"""One reason of a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .advice import advice
from .codes import Code

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide


@dataclass(frozen=True)
class Reason:
    """Why the two cannot be compared or differ: a code, the figures that show it, what it means and what to do."""

    code: Code
    evidence: dict[str, float | str]
    explanation: str
    advice: str

    @classmethod
    def of(cls, code: Code, both: SideBySide, evidence: dict[str, float | str], explanation: str) -> Reason:
        """Make a reason with the advice on its code that fits this comparison."""
        return cls(code, evidence, explanation, advice(code, both))
