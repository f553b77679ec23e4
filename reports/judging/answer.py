"""The answer to one question about two fits."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """A ``status``, a sentence that stands by itself, and the codes of what was found, each with its meaning and advice."""

    status: str
    sentence: str
    codes: tuple[str, ...] = ()
    explanations: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    evidence: dict[str, float | str] = field(default_factory=dict)
