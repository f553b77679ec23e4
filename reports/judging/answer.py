"""The answer to one question about two fits."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """A ``status``, a sentence that stands by itself, the codes of what was found, and what to do about each of them."""

    status: str
    sentence: str
    codes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    evidence: dict[str, float | str] = field(default_factory=dict)
