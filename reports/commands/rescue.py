"""What was computed is kept although its folder cannot be written to any more: elsewhere, where there is room."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click


def saved(save: Callable[[Path], Path], folder: Path) -> Path:
    """Save in the folder, and return the path of the page.

    When the system refuses, somebody at a terminal is asked for another place; otherwise a temporary folder is taken.

    Raises
    ------
    OSError
        When it is not in the folder that was asked for; it says where else, or that it is lost.
    """
    try:
        return save(folder)
    except OSError as error:
        refused = error
    while _somebody_is_there():
        click.echo(f"{refused.filename or folder}: {refused.strerror or refused}.", err=True)
        answer = click.prompt("Another place for it (nothing for a temporary folder)", default="", err=True)
        if not answer:
            break
        try:
            return save(Path(answer))
        except (OSError, ValueError) as error:
            refused = error if isinstance(error, OSError) else OSError(0, str(error), answer)
    raise OSError(
        refused.errno or 0,
        f"{refused.strerror or refused}; {_elsewhere(save, folder.name)}",
        refused.filename or str(folder),
    )


def _elsewhere(save: Callable[[Path], Path], name: str) -> str:
    for place in (None, str(Path.home()), "/dev/shm"):
        try:
            folder = Path(tempfile.mkdtemp(prefix="emvsbayes-saved-", dir=place))
        except OSError:
            continue
        try:
            return f"what was computed is in {save(folder / name)} instead"
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
    return "and there is no room elsewhere for what was computed, which is lost"


def _somebody_is_there() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
