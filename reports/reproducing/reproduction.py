"""Reproduce a report: compute it again from the data, the seed and the settings that it names, and say what differs.

With the same versions on the same kind of machine every digit must come back, and so must the files beside the document;
only the seconds that each stage took may be others. Elsewhere the numbers must agree as ``allowance`` says.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from models import Data, Shown

from ..comparing.equivalence import EquivalenceError
from ..files.documents import as_json
from ..files.provenance import machine, versions
from ..judging.comparison import Comparison
from ..presenting.document import document as document_of
from ..presenting.write import DOCUMENT, OWN_FILES, write_report
from ..running.progress import Progress
from .recipe import Recipe, recipe_of
from .saved import Place, SavedReport, leaves, load_report, printable, written

SHOWN_OF_SECTION = 5
FILES = "files"
EXACTLY = "every digit"
ABSENT = "–"
TAKEN_OVER: tuple[Place, ...] = (("title",), ("provenance", "command"), ("provenance", "seconds"))


@dataclass(frozen=True)
class Discrepancy:
    """Where a report differs: the place in the document, both values as text, and what would have been allowed."""

    path: str
    reported: str
    recomputed: str
    allowed: str


@dataclass(frozen=True, repr=False)
class Reproduction(Shown):
    """What came of computing a report again.

    ``elsewhere`` names each version, and the machine, that differs between the report and here; when it is empty every
    digit had to agree. ``compared`` says of how many places in each section of the document, and of how many files beside
    it; ``differences`` are all that were found there. ``unchecked`` counts the places that only the same versions on the
    same machine could check. ``own_prior`` says that the prior is not the one that the data suggest.

    Examples
    --------
    >>> from reports import compare, reproduce
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> found = reproduce(both.save("report").parent, x)
    >>> sum(found.compared.values()) > 100, found.elsewhere
    (True, ())
    """

    path: Path
    elsewhere: tuple[str, ...]
    compared: dict[str, int]
    differences: dict[str, tuple[Discrepancy, ...]]
    unchecked: int
    own_prior: bool = False

    @property
    def reproduced(self) -> bool:
        """Whether nothing differs."""
        return not any(self.differences.values())

    @property
    def sentence(self) -> str:
        """The result in words."""
        places, differing = sum(self.compared.values()), sum(map(len, self.differences.values()))
        if self.reproduced and not self.elsewhere:
            return f"The report is reproduced: all {places} entries agree to the last digit."
        if self.reproduced:
            return f"The report is reproduced within its errors: all {places} entries that can be compared agree."
        return f"The report is not reproduced: {differing} of {places} entries differ."

    def to_text(self) -> str:
        """Write a table of what was checked, what differs, the rule, and the sentence."""
        width = max(map(len, self.compared))
        rows = [
            f"{section:<{width}}  {count:8d}  {len(self.differences.get(section, ())):7d}"
            for section, count in self.compared.items()
        ]
        shown = [line for found in self.differences.values() for line in _shown(found)]
        return "\n".join([f"{'':<{width}}  compared  differ", *rows, *shown, *self._notes(), self.sentence])

    def _notes(self) -> list[str]:
        own = ["The prior is the report's own, not the one that is scaled from the data."] if self.own_prior else []
        if not self.elsewhere:
            rule = "Rule: the same versions and machine, so that every digit must agree."
            return [*own, f"{rule} Title, command and timings are not computed, and were not checked."]
        return [
            *own,
            f"Computed elsewhere: {'; '.join(self.elsewhere)}.",
            "Rule: what the report was told, and the verdict, the same; what EM finds, within rounding and EM's tolerance; "
            "what comes from draws, within 4√2 Monte Carlo standard errors.",
            f"Not compared: {self.unchecked} entries that only the same versions on the same machine can check.",
        ]

    def _said(self) -> Iterator[str]:
        yield self.to_text()


def reproduce(
    report: Path | str, data: ArrayLike | Data | Path | None = None, progress: Progress | None = None
) -> Reproduction:
    """Compute a report again and hold it against itself.

    Parameters
    ----------
    report
        The report's folder, or its ``report.json``.
    data
        The observations, or the path of the file that holds them, when they are not where the report says.
    progress
        Shows every stage of the work, as progress bars do.

    Returns
    -------
    Reproduction
        What was checked, and what differs.

    Raises
    ------
    ValueError
        When the report or its data cannot be read, or when the data are others than the report's.

    Examples
    --------
    >>> from reports import compare, reproduce
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> reproduce(both.save("report").parent, x).reproduced
    True
    """
    return reproduce_recipe(recipe_of(load_report(report), data), progress)


def reproduce_recipe(recipe: Recipe, progress: Progress | None = None) -> Reproduction:
    """Reproduce a report once it and its data are read."""
    saved = recipe.saved
    elsewhere = _elsewhere(saved.document["provenance"])
    try:
        computed = recipe.compute(progress)
    except EquivalenceError as error:
        found: dict[str, tuple[Discrepancy, ...]] = {
            "equivalence": (Discrepancy("equivalence.holds", "true", printable(str(error)), EXACTLY),)
        }
        return Reproduction(saved.path, elsewhere, {"equivalence": 1}, found, 0, recipe.has_own_prior)
    again = json.loads(as_json(document_of(computed)))
    if elsewhere:
        from .allowance import allowances

        allowed = allowances(computed, again)
        compared = [_within(saved.document, again, place, bound) for place, bound in allowed.items()]
        unchecked = len(dict(leaves(again)).keys() - allowed.keys())
    else:
        compared, unchecked = [*_exactly(saved.document, again), *_files(saved, computed)], 0
    sections = Counter(section for section, _ in compared)
    differences = {
        section: tuple(found for of, found in compared if of == section and found is not None) for section in sections
    }
    return Reproduction(saved.path, elsewhere, dict(sections), differences, unchecked, recipe.has_own_prior)


_Compared = tuple[str, Discrepancy | None]


def _elsewhere(provenance: dict[str, Any]) -> tuple[str, ...]:
    there = {**provenance["versions"], "machine": provenance["machine"]}
    here = {**versions(), "machine": machine()}
    return tuple(
        f"{printable(name)} {printable(there.get(name, ABSENT))} there, {here.get(name, ABSENT)} here"
        for name in dict.fromkeys([*here, *there])
        if there.get(name) != here.get(name)
    )


def _exactly(reported: dict[str, Any], recomputed: dict[str, Any]) -> list[_Compared]:
    """Compare every place of either document that was computed and not just taken over."""
    ours, theirs = dict(leaves(recomputed)), dict(leaves(reported))
    places = [place for place in dict.fromkeys([*ours, *theirs]) if not _is_taken_over(place)]
    return [_same(place, theirs.get(place, ABSENT), ours.get(place, ABSENT)) for place in places]


def _is_taken_over(place: Place) -> bool:
    return any(place[: len(part)] == part for part in TAKEN_OVER)


def _same(place: Place, reported: Any, recomputed: Any) -> _Compared:
    # As text, since to Python 1, 1.0 and true are the same.
    both = json.dumps(reported), json.dumps(recomputed)
    differs = both[0] != both[1]
    return str(place[0]), Discrepancy(
        written(place), _value(reported), _value(recomputed), EXACTLY
    ) if differs else None


def _within(reported: Any, recomputed: Any, place: Place, bound: float) -> _Compared:
    theirs, ours = _at(reported, place), _at(recomputed, place)
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (theirs, ours))
    if not (numbers and bound > 0):
        return _same(place, theirs, ours)
    if abs(theirs - ours) <= bound:
        return str(place[0]), None
    return str(place[0]), Discrepancy(written(place), _value(theirs), _value(ours), f"± {bound:.2g}")


def _at(value: Any, place: Place) -> Any:
    for part in place:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def _files(saved: SavedReport, computed: Comparison) -> list[_Compared]:
    """Compare the files that lie beside the document, byte for byte."""
    beside = [name for name in OWN_FILES if name != DOCUMENT and (saved.path.parent / name).is_file()]
    if not beside:
        return []
    with tempfile.TemporaryDirectory() as folder:
        write_report(computed, Path(folder))
        return [(FILES, _file(saved.path.parent / name, Path(folder) / name)) for name in beside]


def _file(reported: Path, recomputed: Path) -> Discrepancy | None:
    theirs, ours = reported.read_bytes(), recomputed.read_bytes()
    if theirs == ours:
        return None
    first = next((i for i, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b), min(len(theirs), len(ours)))
    line = ours.count(b"\n", 0, first) + 1
    return Discrepancy(f"{reported.name}, line {line}", f"{len(theirs)} bytes", f"{len(ours)} bytes", "every byte")


def _shown(found: tuple[Discrepancy, ...]) -> list[str]:
    lines = [
        f"  {each.path}: reported {each.reported}, recomputed {each.recomputed}, allowed {each.allowed}"
        for each in found[:SHOWN_OF_SECTION]
    ]
    return [*lines, f"  … and {len(found) - SHOWN_OF_SECTION} more"] if len(found) > SHOWN_OF_SECTION else lines


def _value(value: Any) -> str:
    return value if value == ABSENT else printable(json.dumps(value, ensure_ascii=False))
