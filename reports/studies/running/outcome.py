"""What every replicate comes to, whatever it computes."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from dataclasses import asdict, dataclass
from typing import Self

OK, UNUSABLE, NOT_CONVERGED, UNDETERMINED = "ok", "unusable data", "EM without an optimum", "no standard error"
CHAINS_DISAGREE, DIVERGED = "chains disagree", "divergences"
RAISED, TIMED_OUT, LOST = "raised", "timed out", "worker lost"
STATUSES = (OK, UNUSABLE, NOT_CONVERGED, UNDETERMINED, CHAINS_DISAGREE, DIVERGED, RAISED, TIMED_OUT, LOST)
FAILURES = (RAISED, TIMED_OUT, LOST)


def checksum(text: str) -> str:
    """Return the SHA-256 of a record as text."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What one replicate came to, whatever it computes: its ``status``, and the ``reason`` for it if there is one."""

    size: int
    number: int
    status: str
    reason: str | None

    @classmethod
    @abstractmethod
    def without_answer(cls, size: int, number: int, status: str, reason: str) -> Self:
        """Return the record of a replicate that came to nothing."""

    def to_json(self) -> str:
        """Write the record as text, with every digit."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the record that a text holds."""
        return cls(**json.loads(text))
