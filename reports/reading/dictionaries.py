"""JSON and TOML files, read as dictionaries with the distrust that anybody's file deserves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..files.documents import strictly_parsed
from .written import printable


@contextmanager
def about_file(path: Path, *others: Path) -> Iterator[None]:
    """Let every sentence about a file that cannot be read begin with the file, or with the first of several."""
    shown = printable(str(path)) + (f" and {len(others)} more" if others else "")
    try:
        yield
    except FileNotFoundError as error:
        missing = printable(str(error.filename or path))
        raise ValueError(f"{missing}: the file does not exist; check the path.") from None
    except IsADirectoryError:
        raise ValueError(f"{shown}: this is a folder; give a file.") from None
    except OSError as error:
        raise ValueError(f"{shown}: the file cannot be read ({error.strerror or error}).") from None
    except ValueError as error:
        raise ValueError(f"{shown}: {error}") from None


def begins_with(signs: bytes, path: Path) -> bool:
    """Check whether the first sign of a file, after white space, is one of these."""
    with path.open("rb") as stream:
        first = stream.read(64).lstrip()[:1]
    return bool(first) and first in signs


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; a ``ValueError`` in words when it is none."""
    try:
        return strictly_parsed(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("it is nested too deeply.") from None
    except ValueError as error:  # text in another encoding as well
        raise ValueError(f"this is no JSON ({printable(str(error))}).") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds; a ``ValueError`` in words when it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no TOML ({printable(str(error))}).") from None
