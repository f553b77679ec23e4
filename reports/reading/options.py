"""What a user may say about how a file is written, where it does not show itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from models import require_whole

from .numerals import DECIMALS, THOUSANDS, tidy_sign


@dataclass(frozen=True)
class Reading:
    """How a file is to be read; whatever is ``None`` the file shows itself, or the user is asked.

    ``decimal`` and ``thousands`` are the signs in its numbers, ``header`` says whether the first row holds names,
    ``encoding`` is that of its letters, and ``missing`` says whether rows with missing cells are refused or dropped.
    ``exposure_file`` holds the exposure of each row, which the file itself has no column for. ``rows`` says how many of the
    rows are drawn at random.
    """

    decimal: str | None = None
    thousands: str | None = None
    header: bool | None = None
    encoding: str | None = None
    missing: Literal["refuse", "drop"] = "refuse"
    exposure_file: str | None = None
    rows: int | None = None

    @classmethod
    def of(cls, **said: Any) -> Reading:
        """Check what was said.

        Raises
        ------
        ValueError
            Names the argument, and what it may be.
        """
        reading = cls(**{name: value for name, value in said.items() if value is not None})
        if reading.decimal is not None and reading.decimal not in DECIMALS:
            raise ValueError(f"decimal must be '.' or ',', got {reading.decimal!r}.")
        if reading.thousands is not None and tidy_sign(reading.thousands) not in THOUSANDS:
            raise ValueError(f"thousands must be '.', ',', a space or an apostrophe, got {reading.thousands!r}.")
        if reading.decimal is not None and reading.decimal == reading.thousands:
            raise ValueError(f"decimal and thousands must differ, got {reading.decimal!r} for both.")
        if reading.missing not in ("refuse", "drop"):
            raise ValueError(f"missing must be 'refuse' or 'drop', got {reading.missing!r}.")
        if reading.rows is not None:
            require_whole("rows", reading.rows, least=1)
        if reading.encoding is not None:
            _require_encoding(reading.encoding)
        return reading

    @property
    def said(self) -> dict[str, Any]:
        """What differs from the usual, by its argument."""
        usual = asdict(Reading())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}


def _require_encoding(name: str) -> None:
    try:
        b"".decode(name)
        "".encode(name)
    except (LookupError, ValueError, TypeError):  # ValueError: a null in the name
        raise ValueError(
            f"encoding {name!r} is not known; give one such as utf-8, utf-16, latin-1 or cp1252."
        ) from None
