"""A folder that is written whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

from .exchange import exchange

try:
    import fcntl as _fcntl
except ImportError:  # Windows
    fcntl: ModuleType | None = None
else:
    fcntl = _fcntl

STAGE = ".emvsbayes-"


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a folder beside the target to write into, which takes the target's place in one step when it is complete.

    Other files in the target stay. Where the system cannot swap two folders, or somebody works in the target, the new
    files are moved in place one by one, each of them whole.

    Raises
    ------
    OSError
        When the system refuses to write; it names the file in the target.
    """
    target = Path(os.path.realpath(folder))
    with _naming(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _stage_for(target) as stage, _named_as_in(target, stage):
            yield stage
            _put(stage, target)


@contextmanager
def staged_parts(folder: Path, before: Callable[[], None]) -> Iterator[Path]:
    """Give a folder to write several others into, which take their places in the target when all are complete.

    ``before`` is called once all are complete and none has its place yet.
    """
    target = Path(os.path.realpath(folder))
    with _naming(target):
        target.mkdir(parents=True, exist_ok=True)
        with stage_in(target) as stage, _named_as_in(target, stage):
            yield stage
            before()
            for part in sorted(stage.iterdir()):
                _put(part, target / part.name)


@contextmanager
def stage_in(folder: Path) -> Iterator[Path]:
    """Give a new folder within this one, which is gone afterwards, as are those that a killed process left behind."""
    sweep(folder)
    stage, lock = _owned(folder)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def staged_file(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file written beside the target, and put it in its place in one step.

    Raises
    ------
    OSError
        When the system refuses to write; it names the target.
    """
    with _naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with stage_in(path.parent) as stage:
            written = stage / path.name
            with _named_as_in(path.parent, stage):
                write(written)
                os.replace(written, path)


def sweep(folder: Path) -> None:
    """Remove the stages in a folder that nobody owns: whoever writes to one holds a lock on it, which ends with them."""
    for stage in folder.glob(f"{STAGE}*"):
        try:
            lock = _lock(stage)
        except OSError:
            continue  # it is somebody's, or gone
        if lock is None:
            continue
        if stage.is_dir():
            shutil.rmtree(stage, ignore_errors=True)
        else:
            stage.unlink(missing_ok=True)
        os.close(lock)


def _owned(folder: Path) -> tuple[Path, int | None]:
    """Return a new stage in a folder, and the open file that holds our lock on it, where the system has such locks."""
    while True:
        stage = Path(tempfile.mkdtemp(dir=folder, prefix=STAGE))
        try:
            lock = _lock(stage)
        except (BlockingIOError, FileNotFoundError):
            continue  # somebody sweeps it away, who came between
        if lock is None or _is_still(stage, lock):
            return stage, lock
        os.close(lock)


def _lock(path: Path) -> int | None:
    """Return an open file that locks what the path names, as long as we live; ``None`` where there are no such locks.

    Raises
    ------
    BlockingIOError
        When somebody else holds one.
    OSError
        When the path cannot be opened.
    """
    if fcntl is None:
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return descriptor


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock on what the path names, if we can get one."""
    try:
        lock = _lock(path)
    except OSError:
        lock = None
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _is_still(path: Path, descriptor: int) -> bool:
    """Return whether the path still names what was opened."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Name the target in those of the system's errors that name no file."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error


@contextmanager
def _named_as_in(target: Path, stage: Path) -> Iterator[None]:
    """Name the target in errors of writing to the stage."""
    try:
        yield
    except OSError as error:
        # Of a write that fails the system does not name the file: it is the one that was begun last.
        name = _newest(stage) if error.filename is None else error.filename
        if error.errno is None or not isinstance(name, str | Path) or not Path(name).is_relative_to(stage):
            raise
        raise OSError(error.errno, error.strerror, str(target / Path(name).relative_to(stage))) from error


def _newest(stage: Path) -> Path | None:
    files = [path for path in stage.rglob("*") if path.is_file()]
    return max(files, key=lambda path: path.stat().st_mtime_ns, default=None)


@contextmanager
def _stage_for(target: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            stage = stack.enter_context(stage_in(target.parent))
        except OSError:
            # Of a mounted folder hardly anything but itself may be ours to write to.
            stage = stack.enter_context(stage_in(target))
        yield stage


def _put(stage: Path, target: Path) -> None:
    """Let what was written take the target's place."""
    stage.chmod(0o777 & ~umask())
    if not target.exists():
        stage.rename(target)
        return
    with _locked(target):  # until now; for a moment it bears the name of a stage, which nobody should sweep away
        if not _swapped(stage, target):
            _move_into(stage, target)


def _swapped(stage: Path, target: Path) -> bool:
    """Return whether the stage, with all that is not ours, took the target's place, and holds now what was there before."""
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
    """Return what this process takes away from the permissions of new files."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
