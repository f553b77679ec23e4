"""What a column of written numbers means: which sign marks the decimals, and which one groups thousands.

Every pair of signs is a hypothesis, and every cell keeps those under which it is a number: ``10.35`` leaves none in which
the point groups thousands, ``1.034.567`` only those. A column keeps what all its cells keep, a file what all its columns of
numbers do. Where two hypotheses that survive give the numbers different values, as of ``1.034`` beside ``987``, nobody but
the user knows: that is a doubt, which is asked and never guessed.

pandas and pyarrow take the signs as given, and read ``1,034`` beside a decimal point as text or as 1.034; so they are
told what was found out here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

from models.table import is_label, is_missing, shown

DECIMALS = (".", ",")
THOUSANDS = (".", ",", " ", "'")
_SPACES = "\u00a0\u202f\u2009\u2007"
_SIGNS = str.maketrans({**dict.fromkeys(_SPACES, " "), "’": "'", "−": "-"})
_SHAPE = str.maketrans("023456789", "111111111")
_LONG = re.compile("1{4,}")
_PLAIN = re.compile(r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
_EXPONENT = r"(?:e[-+]?\d+)?"


@dataclass(frozen=True)
class Signs:
    """A sign before the decimals, and one between groups of three digits, or none."""

    decimal: str = "."
    thousands: str | None = None

    def number(self, cell: str) -> float:
        """Return the number that a cell holds, NaN if none."""
        cell = cell.strip()
        if self.decimal == "." and _PLAIN.fullmatch(cell):
            return float(cell)
        cell = cell.translate(_SIGNS)
        if not _pattern(self).fullmatch(cell):
            return float("nan")
        return float((cell.replace(self.thousands, "") if self.thousands else cell).replace(self.decimal, "."))


@cache
def _pattern(signs: Signs) -> re.Pattern[str]:
    # Digits must follow a decimal comma: "1," is a cell and a separator.
    decimals = r"(?:\.\d*)?" if signs.decimal == "." else r"(?:,\d+)?"
    whole = r"\d+"
    if signs.thousands:
        group = re.escape(signs.thousands)
        whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)"
    point = re.escape(signs.decimal)
    number = rf"(?:{whole}{decimals}|{point}\d+){_EXPONENT}|inf(?:inity)?"
    return re.compile(rf"[-+]?(?:{number})", re.ASCII | re.IGNORECASE)


HYPOTHESES = tuple(
    Signs(decimal, thousands) for thousands in (None, *THOUSANDS) for decimal in DECIMALS if decimal != thousands
)


def allowed(decimal: str | None = None, thousands: str | None = None) -> int:
    """Return the set of hypotheses that agree with what the user said, a bit each."""
    sign = None if thousands is None else tidy_sign(thousands)
    return sum(
        1 << bit
        for bit, signs in enumerate(HYPOTHESES)
        if decimal in (None, signs.decimal) and (sign is None or signs.thousands == sign)
    )


ANY = allowed()


def tidy_sign(sign: str) -> str:
    """Return the one of several spaces or apostrophes that stands for all of them."""
    return sign.translate(_SIGNS)


def possible(cell: str) -> int:
    """Return the hypotheses under which a cell is a number."""
    cell = cell.strip()
    if cell.isdecimal() and cell.isascii():
        return ANY
    # Numbers have few shapes: which digits, and how many beyond four, matters to no hypothesis, but for a first zero.
    plain = cell if cell.isascii() else cell.translate(_SIGNS)
    shape = _LONG.sub("1111", plain.translate(_SHAPE))
    return _possible(shape.replace("1", "0", 1) if cell.lstrip("+-−")[:1] == "0" else shape)


@lru_cache(maxsize=4096)
def _possible(shape: str) -> int:
    return sum(1 << bit for bit, signs in enumerate(HYPOTHESES) if _pattern(signs).fullmatch(shape))


def separators(cell: str) -> set[str]:
    """Return the signs that stand in a number and may mean either."""
    return {sign for sign in DECIMALS if sign in cell}


@dataclass
class Evidence:
    """What the cells of a column, taken one after another, say of its signs and of whether it holds numbers at all."""

    hypotheses: int = ANY
    labels: int = 0
    missing: int = 0
    rows: int = 0
    signs: set[str] = field(default_factory=set)
    whole: int = 0
    doubtful: dict[str, tuple[int, str]] = field(default_factory=dict)

    def take(self, cell: str) -> None:
        """Take the next cell."""
        self.rows += 1
        found = possible(cell)
        if found:
            if found == ANY:
                self.whole += 1
                return
            self.signs |= (held := separators(cell))
            for sign in held - self.doubtful.keys():
                if found & _as_decimal(sign) and found & _as_thousands(sign):
                    self.doubtful[sign] = self.rows - 1, cell.strip()
            # A cell that no hypothesis of the others allows will be named as none of the numbers.
            self.hypotheses = (self.hypotheses & found) or self.hypotheses
        elif is_missing(cell):
            self.missing += 1
        else:
            self.labels += is_label(cell)

    @property
    def is_labels(self) -> bool:
        """Whether most cells are text."""
        return 2 * self.labels > self.rows - self.missing

    def after(self, first: str) -> Evidence:
        """Return the evidence with one cell more, before all others."""
        whole = Evidence()
        whole.take(first)
        for sign, (row, cell) in self.doubtful.items():
            whole.doubtful.setdefault(sign, (row + 1, cell))
        whole.hypotheses = (whole.hypotheses & self.hypotheses) or whole.hypotheses
        whole.signs |= self.signs
        for count in ("labels", "missing", "rows", "whole"):
            setattr(whole, count, getattr(whole, count) + getattr(self, count))
        return whole

    def doubt(self, hypotheses: int) -> tuple[str, int, str] | None:
        """Return the sign, the row and the cell that two of these hypotheses read differently."""
        for sign, (row, cell) in self.doubtful.items():
            if hypotheses & _as_decimal(sign) and hypotheses & _as_thousands(sign):
                return sign, row, cell
        return None


@cache
def _as_decimal(sign: str) -> int:
    return sum(1 << bit for bit, signs in enumerate(HYPOTHESES) if signs.decimal == sign)


@cache
def _as_thousands(sign: str) -> int:
    return sum(1 << bit for bit, signs in enumerate(HYPOTHESES) if signs.thousands == sign)


def common(columns: list[Evidence], said: int) -> int:
    """Return the hypotheses that all columns of numbers keep; one that contradicts those before it does not count."""
    kept = said
    for column in columns:
        if not column.is_labels:
            kept = (kept & column.hypotheses) or kept
    return kept


def without_point_groups(hypotheses: int) -> int:
    """Return where commas or spaces separate cells, decimals that every number has are decimals: English, or a program's."""
    return hypotheses & ~_as_thousands(".") or hypotheses


def chosen(hypotheses: int) -> Signs:
    """Return the first of them: without groups, if that is possible."""
    return next(signs for bit, signs in enumerate(HYPOTHESES) if hypotheses >> bit & 1)


def question(column: str, where: str, sign: str, cell: str) -> str:
    """Return one sentence that asks what a sign means."""
    other = DECIMALS[sign == "."]
    plain = tidy_sign(cell)
    as_groups = plain.replace(sign, "").replace(other, ".")
    as_decimals = plain.replace(sign, ".")
    return (
        f"column {shown(column)} holds {shown(cell)} in {where}, which may be {as_groups} or {as_decimals}: "
        f"say thousands='{sign}' or decimal='{sign}'."
    )
