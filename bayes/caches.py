"""Where PyTensor keeps its files: where it is told, else in the home folder, else in a temporary one.

PyTensor asks when it is imported, and ends there when the place cannot be written to.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from models import UnfeasibleError, temporary_cache

_OPTIONS = ("base_compiledir", "compiledir")


def provide_compiledir() -> None:
    """Name a place by the environment when there is no usual one; to be called before PyTensor is imported.

    Raises
    ------
    UnfeasibleError
        When there is no place at all.
    """
    flags = [flag.strip() for flag in os.environ.get("PYTENSOR_FLAGS", "").split(",") if flag.strip()]
    named = dict(flag.split("=", 1) for flag in flags if "=" in flag)
    usual = Path(os.environ.get("LOCALAPPDATA", "~")) / (".pytensor" if os.name != "nt" else "PyTensor")
    if _is_writable(Path(named.get("base_compiledir") or named.get("compiledir") or usual)):
        return
    folder = temporary_cache()
    if folder is None:
        raise UnfeasibleError(
            "PyTensor needs a folder that it can write to, and there is none: name one with "
            "PYTENSOR_FLAGS=base_compiledir=…, or TMPDIR."
        )
    kept = [flag for flag in flags if flag.partition("=")[0] not in _OPTIONS]
    os.environ["PYTENSOR_FLAGS"] = ",".join([*kept, f"base_compiledir={folder / 'pytensor'}"])


def _is_writable(folder: Path) -> bool:
    try:
        folder = folder.expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError):  # no home
        return False
