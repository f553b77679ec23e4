"""What a check says of one blank."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Parameters
    ----------
    blank
        The name of the function that was to be written.
    reason
        What is wrong, in a sentence or more; empty where nothing is.
    remark
        What else is to be said of a right one.
    points, most
        How many points it is worth, and how many it could be.
    """

    blank: str
    reason: str
    remark: str
    points: int
    most: int

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.reason

    def __str__(self) -> str:
        said = f"Right. {self.remark}".rstrip() if self.right else f"Not yet. {self.reason}"
        return f"{self.blank}: {said}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        colour, sign = ("#2e7d32", "✓") if self.right else ("#c62828", "✗")
        return (
            f'<div style="border-left: 4px solid {colour}; padding: .4em .8em; max-width: 50em">'
            f"<b>{sign}</b> {escape(str(self))}</div>"
        )
