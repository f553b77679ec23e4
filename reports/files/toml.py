"""TOML that people edit: tables of text and numbers, with comments, which TOML's small libraries do not write.

Every number comes back as it was: Python writes the shortest digits that do so (``repr``), and they are TOML's as well.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

WIDTH = 110


def as_toml(tables: Mapping[str, Mapping[str, Any]], comments: Mapping[str, str], heading: str = "") -> str:
    """Return tables of text, numbers and lists of numbers as TOML, whose names are plain words.

    ``comments`` has what is said of ``"table.name"`` or ``"table"``; ``heading`` stands before all.
    """
    written = [_table(name, table, comments) for name, table in tables.items()]
    return "\n".join([comment(heading), *written] if heading else written)


def comment(text: str) -> str:
    """Return a text as a comment; its lines stay lines, long ones are wrapped, and what does not print is left out."""
    printing = ("".join(filter(str.isprintable, line)) for line in text.split("\n"))
    lines = [part for line in printing for part in textwrap.wrap(line, WIDTH) or [""]]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _table(name: str, table: Mapping[str, Any], comments: Mapping[str, str]) -> str:
    said = comments.get(name)
    entries = [_entry(key, value, comments.get(f"{name}.{key}")) for key, value in table.items()]
    return f"{comment(said) if said else ''}[{name}]\n{''.join(entries)}"


def _entry(key: str, value: Any, said: str | None) -> str:
    return f"{comment(said) if said else ''}{key} = {_value(value)}\n"


def _value(value: Any) -> str:
    if isinstance(value, (str, bool)):
        # JSON has TOML's escapes, but leaves the last of the control characters, and would write 🦉 as two halves.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        if value and isinstance(value[0], list):
            return "[\n" + "".join(f"    {_value(row)},\n" for row in value) + "]"
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)
