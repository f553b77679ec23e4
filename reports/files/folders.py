"""Folders that a report may be written into: whole or not at all, and never over what somebody else put there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from .documents import GENERATOR
from .staged import stage_in


def check_folder(folder: Path, own_files: Sequence[str], mark: str) -> None:
    """Make sure that a report of these files can be written there, before hours are spent on it.

    ``mark`` is the JSON document that says whether earlier files of these names are ours.

    Raises
    ------
    ValueError
        When the folder cannot be made or written to, or when it holds a file of such a name that is none of ours.
    """
    check_writable(folder)
    foreign = [name for name in own_files if (folder / name).exists()]
    if foreign and not is_own_report(folder, mark):
        raise ValueError(
            f"the output folder {str(folder)!r} holds a {foreign[0]} that emvsbayes did not write: choose another folder."
        )


def check_writable(folder: Path) -> None:
    """Make sure that the folder is there or can be made, and that files can be put into it.

    Raises
    ------
    ValueError
        When it cannot.
    """
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not existing.is_dir():
        raise ValueError(f"the output folder {str(folder)!r} cannot be made, since {str(existing)!r} is a file.")
    try:
        with stage_in(existing):
            pass
    except OSError as error:
        raise ValueError(
            f"the output folder {str(folder)!r} cannot be written to ({error.strerror}): choose another with --out."
        ) from None


def is_own_report(folder: Path, mark: str) -> bool:
    """Return whether the folder holds a report of ours, which a new one may replace."""
    try:
        found = json.loads((folder / mark).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("generator") == GENERATOR
