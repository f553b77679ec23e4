"""Two reports side by side: what was fitted to what, what came out, and how far apart that is."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import Shown

from ..judging.codes import Code
from .membership_diff import membership_diff
from .saved import Place, SavedReport, leaves, load_report, printable, written

SECONDS: Place = ("provenance", "seconds")
# What a report was told, in the order in which it is shown.
TOLD = {
    "data": ("name", "n", "rows", "d", "columns", "sha256", "source"),
    "model": ("family", "components", "covariance", "mixing", "prior"),
    "provenance": ("seed", "settings", "versions", "machine"),
}
FOUND = ("em", "map")
# What a verdict says beside whether both agree.
ANSWERS = ("fit", "precision", "prior")
ABSENT = "–"
MOST_TOLD = 15
_MISSING = object()


@dataclass(frozen=True)
class Row:
    """A parameter in both reports, ``None`` where one does not have it.

    ``em`` is the estimate that was compared with the posterior, ``mean`` and ``sd`` are the posterior's, ``error`` is the
    Monte Carlo error of the mean.
    """

    name: str
    em: tuple[float | None, float | None]
    mean: tuple[float | None, float | None]
    sd: tuple[float | None, float | None]
    error: tuple[float | None, float | None]

    @property
    def em_apart(self) -> float | None:
        """B's estimate less A's, in posterior standard deviations (the root of the mean of both variances)."""
        return _over(_apart(self.em), _root(self.sd, 2))

    @property
    def mean_apart(self) -> float | None:
        """B's posterior mean less A's, in posterior standard deviations."""
        return _over(_apart(self.mean), _root(self.sd, 2))

    @property
    def mean_in_errors(self) -> float | None:
        """B's posterior mean less A's, in Monte Carlo standard errors of this difference."""
        return _over(_apart(self.mean), _root(self.error, 1))

    @property
    def sd_ratio(self) -> float | None:
        """B's posterior standard deviation over A's."""
        first, second = self.sd
        return None if first is None else _over(second, first)


@dataclass(frozen=True, repr=False)
class ReportDiff(Shown):
    """What two reports have in common and where they differ, timings apart.

    ``told`` has what differs of data, model, prior, settings and versions; ``fits`` what differs of EM's two estimates as
    a whole; ``verdicts`` both statuses with the codes of their reasons; ``rows`` every parameter of either; ``places`` how
    many entries differ in each section of the document; ``memberships`` says how many rows have another component.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from reports import compare, diff
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> found = diff(both.save("one").parent, replace(both, title="again").save("two").parent)
    >>> found.same, found.places
    (False, {'title': 1})
    """

    paths: tuple[Path, Path]
    told: dict[str, tuple[str, str]]
    fits: dict[str, tuple[str, str]]
    verdicts: tuple[str, str]
    rows: tuple[Row, ...]
    places: dict[str, int]
    memberships: str | None = None

    @property
    def same(self) -> bool:
        """Whether nothing but timings differs."""
        return not self.places and self.memberships is None

    @property
    def sentence(self) -> str:
        """The result in words."""
        if self.same:
            return "The two reports are the same apart from timings."
        if not self.places:
            return "The reports differ in their files of memberships alone."
        parts = ", ".join(f"{section} ({count})" for section, count in self.places.items())
        return f"The reports differ in {sum(self.places.values())} entries: {parts}."

    def to_text(self) -> str:
        """Write what differs, as tables, and the sentence."""
        if self.same:
            return self.sentence
        first, second = self.verdicts
        verdict = [f"verdict: both {first}"] if first == second else [f"verdict: A {first}; B {second}"]
        told = [f"{what}: A {a}; B {b}" for what, (a, b) in {**self.fits, **self.told}.items()]
        more = [f"… and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
        head = [f"{mark} is {printable(str(path))}" for mark, path in zip("AB", self.paths, strict=True)]
        rows = [] if self.memberships is None else [self.memberships]
        return "\n".join([*head, *told[:MOST_TOLD], *more, *verdict, *_table(self.rows), *rows, self.sentence])

    def _said(self) -> Iterator[str]:
        yield self.to_text()


def diff(first: Path | str, second: Path | str) -> ReportDiff:
    """Compare two saved reports, each its folder or its ``report.json``.

    Parameters
    ----------
    first, second
        The reports' folders, or their ``report.json``.

    Returns
    -------
    ReportDiff
        What differs, as text, and in a ``sentence``.

    Raises
    ------
    ValueError
        When one of them cannot be read.

    Examples
    --------
    >>> from reports import compare, diff
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> diff(both.save("one").parent, both.save("two").parent).same
    True
    """
    a, b = load_report(first), load_report(second)
    return ReportDiff(
        (a.path, b.path),
        _told(a, b),
        _fits(a, b),
        (_verdict(a.document), _verdict(b.document)),
        _rows(a.document, b.document),
        _places(a.document, b.document),
        membership_diff(a.path.parent, b.path.parent),
    )


def _told(a: SavedReport, b: SavedReport) -> dict[str, tuple[str, str]]:
    found = {}
    for part, names in TOLD.items():
        for name in names:
            ours, theirs = (
                {written(place): value for place, value in leaves(_in(d, part, name), (part, name))} for d in (a, b)
            )
            for place in dict.fromkeys([*ours, *theirs]):
                first, second = ours.get(place, _MISSING), theirs.get(place, _MISSING)
                if first != second:
                    found[place.removeprefix("provenance.")] = _value(first), _value(second)
    return found


def _fits(a: SavedReport, b: SavedReport) -> dict[str, tuple[str, str]]:
    found = {}
    for part in FOUND:
        for name in ("status", "log_likelihood"):
            ours, theirs = _in(a, part, name), _in(b, part, name)
            if ours != theirs:
                apart = f" ({theirs - ours:+.3g} nats)" if name == "log_likelihood" else ""
                found[f"{part}.{name}"] = _value(ours), _value(theirs) + apart
    return found


def _in(report: SavedReport, part: str, name: str) -> Any:
    return report.document[part][name]


def _verdict(document: dict[str, Any]) -> str:
    verdict = document["verdict"]
    statuses = ", ".join([verdict["status"], *(verdict[part]["status"] for part in ANSWERS)])
    found = ", ".join(code for code in verdict["codes"] if code != Code.AGREE)
    return f"{statuses} ({found})" if found else statuses


def _rows(a: dict[str, Any], b: dict[str, Any]) -> tuple[Row, ...]:
    both = [(_estimates(d), d["posterior"]["parameters"]) for d in (a, b)]
    names = dict.fromkeys(name for _, posterior in both for name in posterior)

    def pair(name: str, what: str) -> tuple[float | None, float | None]:
        first, second = (posterior.get(name, {}).get(what) for _, posterior in both)
        return first, second

    return tuple(
        Row(
            name,
            (both[0][0].get(name), both[1][0].get(name)),
            pair(name, "mean"),
            pair(name, "sd"),
            pair(name, "mcse_mean"),
        )
        for name in names
    )


def _estimates(document: dict[str, Any]) -> dict[str, float]:
    part = "map" if document["provenance"]["settings"]["estimate"] == "map" else "em"
    found: dict[str, float] = document[part]["parameters"]
    return found


def _places(a: dict[str, Any], b: dict[str, Any]) -> dict[str, int]:
    ours, theirs = dict(leaves(a)), dict(leaves(b))
    found: dict[str, int] = {}
    for place in dict.fromkeys([*ours, *theirs]):
        timing = place[: len(SECONDS)] == SECONDS
        if not timing and ours.get(place, _MISSING) != theirs.get(place, _MISSING):
            found[str(place[0])] = found.get(str(place[0]), 0) + 1
    return found


def _table(rows: tuple[Row, ...]) -> list[str]:
    """Return a line for each parameter; the distances are B less A."""
    head = ("parameter", "EM A", "EM B", "apart/sd", "mean A", "mean B", "apart/sd", "apart/mcse", "sd B/A")
    lines = [
        (
            printable(row.name),
            *(_number(value, 5) for value in row.em),
            _number(row.em_apart, 2),
            *(_number(value, 5) for value in row.mean),
            *(_number(value, 2) for value in (row.mean_apart, row.mean_in_errors)),
            _number(row.sd_ratio, 3),
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    return [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in (head, *lines)
    ]


def _apart(pair: tuple[float | None, float | None]) -> float | None:
    first, second = pair
    return None if first is None or second is None else second - first


def _root(pair: tuple[float | None, float | None], divisor: int) -> float | None:
    first, second = pair
    return None if first is None or second is None else math.hypot(first, second) / math.sqrt(divisor)


def _over(numerator: float | None, denominator: float | None) -> float | None:
    """Return the ratio; no distance at all is none in any unit."""
    if numerator is None or denominator is None:
        return None
    if denominator == 0:
        return 0.0 if numerator == 0 else math.inf
    return numerator / denominator


def _number(value: float | None, digits: int) -> str:
    return ABSENT if value is None else f"{value:.{digits}g}"


def _value(value: Any) -> str:
    return ABSENT if value is _MISSING else printable(json.dumps(value, ensure_ascii=False))
