"""A file that a command is to write: it has to be a new one, in a folder that is there."""

from __future__ import annotations

from pathlib import Path


def require_new_file(option: str, path: Path | None) -> None:
    """Make sure that a file, if one is asked for, can be written and overwrites nothing.

    Raises
    ------
    ValueError
        Names the option, and says what is in the way.
    """
    if path is None:
        return
    if path.exists():
        raise ValueError(f"{option} {str(path)!r} exists already: choose another name.")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"{option} {str(path)!r} lies in a folder that does not exist.")
