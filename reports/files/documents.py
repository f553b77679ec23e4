"""Documents in JSON that are written whole or not at all, with the same bytes for the same content."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from .staged import staged_file

# What our JSON documents say under "generator".
GENERATOR = "emvsbayes"


def write_text(path: Path, text: str) -> None:
    """Write one file whole or not at all."""
    staged_file(path, lambda file: _written(file, text))


def as_json(whole: dict[str, Any]) -> str:
    """Return readable JSON with the same bytes for the same content."""
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def strictly_parsed(text: str) -> Any:
    """Return the content of a JSON text in which every number is finite and no name stands twice.

    Raises
    ------
    ValueError
        When it is none; a ``RecursionError`` when it is nested too deeply.
    """
    return json.loads(text, parse_constant=_not_finite, parse_float=_finite, object_pairs_hook=_without_repetitions)


def _finite(written: str) -> float:
    value = float(written)
    return value if math.isfinite(value) else _not_finite(written)


def _not_finite(written: str) -> float:
    raise ValueError(f"{written} is not a finite number")


def _without_repetitions(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands there twice")
    return found


def finite(value: Any) -> Any:
    """Return plain JSON: NumPy's numbers become Python's, and what is not finite becomes null."""
    if isinstance(value, dict):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _written(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
