"""A report that was written before: its document, read with the distrust that somebody else's file deserves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..files.documents import GENERATOR, strictly_parsed
from ..presenting.saved_as import DOCUMENT, SCHEMA_VERSION

SCHEMA = Path(__file__).parents[1] / "presenting" / "schema" / "report.schema.json"
MOST_LETTERS = 100
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class SavedReport:
    """The content of a ``report.json``, and the path it was read from."""

    path: Path
    document: dict[str, Any]


def load_report(path: Path | str) -> SavedReport:
    """Read a report by its folder or by its ``report.json``.

    Raises
    ------
    ValueError
        When there is none, when it is no JSON, or when it does not keep to the schema; in one sentence.
    """
    path, shown = Path(path), printable(str(path))
    try:
        path = path / DOCUMENT if path.is_dir() else path
        if not path.is_file():
            raise ValueError(f"there is no file {shown!r}: give a report's folder, or its {DOCUMENT}.")
        document = _parsed(path.read_text(encoding="utf-8"), shown)
    except OSError as error:
        raise ValueError(f"{shown} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise ValueError(f"{shown} is no JSON: it is not text in UTF-8.") from None
    _require_schema(document, shown)
    return SavedReport(path, document)


def _parsed(text: str, shown: str) -> Any:
    try:
        return strictly_parsed(text)
    except RecursionError:
        raise ValueError(f"{shown} is no report: it is nested too deeply.") from None
    except ValueError as error:
        raise ValueError(f"{shown} is no JSON: {printable(str(error))}.") from None


def _require_schema(document: Any, shown: str) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    if not isinstance(document, dict) or document.get("generator") != GENERATOR or "posterior" not in document:
        raise ValueError(f"{shown} is no report of emvsbayes compare.")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"{shown} is a report of schema {printable(str(version))}, and this emvsbayes reads {SCHEMA_VERSION}: "
            "use the version that wrote it."
        )
    error = best_match(Draft202012Validator(_schema()).iter_errors(document))
    if error is not None:
        where = written(tuple(error.absolute_path)) or "the report"
        raise ValueError(f"{shown} is damaged: at {where}, {printable(error.message)}.")


@cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every number, text, truth value, null and empty list of a document, with its place."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*place, name))
    elif isinstance(value, list) and value:
        for i, inner in enumerate(value):
            yield from leaves(inner, (*place, i))
    else:
        yield place, value


def written(place: Place) -> str:
    """Return a place as people write it: ``posterior.parameters.rates[1].mean``, lists counted from 0."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return printable(text.removeprefix("."))


def printable(text: str) -> str:
    """Write a text on one line, of bearable length, and without anything that a terminal would obey."""
    safe = "".join(character if character.isprintable() else "�" for character in text)
    return safe if len(safe) <= MOST_LETTERS else f"{safe[: MOST_LETTERS - 1]}…"
