"""A folder that is written whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .exchange import exchange

STAGE = ".emvsbayes-"


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A folder beside the target to write into, which takes the target's place in one step when it is complete.

    Other files in the target stay. Where the system cannot swap two folders, or somebody works in the target, the new
    files are moved in place one by one, each of them whole.
    """
    target = Path(os.path.realpath(folder))
    target.parent.mkdir(parents=True, exist_ok=True)
    stage = _stage_for(target)
    try:
        yield stage
        stage.chmod(0o777 & ~umask())
        if not target.exists():
            stage.rename(target)
        elif not _swapped(stage, target):
            _move_into(stage, target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _stage_for(target: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(dir=target.parent, prefix=STAGE))
    except OSError:
        # Of a mounted folder hardly anything but itself may be ours to write to.
        return Path(tempfile.mkdtemp(dir=target, prefix=STAGE))


def _swapped(stage: Path, target: Path) -> bool:
    """Whether the stage, with all that is not ours, took the target's place, and holds now what was there before."""
    state = target.stat()
    ours = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
    if not ours or target in stage.parents or Path.cwd().is_relative_to(target):
        return False
    stage.chmod(stat.S_IMODE(state.st_mode))
    try:
        _link_missing(target, stage)
    except OSError:
        return False
    if not exchange(stage, target):
        return False
    # What somebody put there in the meantime.
    _link_missing(stage, target)
    return True


def _link_missing(source: Path, target: Path) -> None:
    """Give every file that only the source has a second name in the target."""
    for entry in source.iterdir():
        twin = target / entry.name
        if entry.is_dir() and not entry.is_symlink():
            twin.mkdir(exist_ok=True)
            _link_missing(entry, twin)
        elif not os.path.lexists(twin):
            os.link(entry, twin, follow_symlinks=False)


def _move_into(stage: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for entry in sorted(stage.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            _move_into(entry, folder / entry.name)
        else:
            os.replace(entry, folder / entry.name)


def umask() -> int:
    """What this process takes away from the permissions of new files."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
