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
