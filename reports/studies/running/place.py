"""Where a repeated simulation is kept and computed: its folder, its store, the processes or the cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from ...files.folders import check_writable
from ...running.progress import Progress
from .cluster import cluster
from .experiment import Experiment
from .outcome import Outcome
from .run import Place, processes, run
from .store import FILE, Store

REPLICATIONS = 1000


def check_study_folder(folder: Path, own_files: Sequence[str]) -> None:
    """Make sure that a study can be kept there, before hours are spent on it.

    ``own_files`` are the names that the study, or another kind of study, writes beside its store.

    Raises
    ------
    ValueError
        When the folder cannot be written to, or holds a file of a study's name without a study's store beside it.
    """
    check_writable(folder)
    foreign = [name for name in own_files if (folder / name).exists()]
    if foreign and not (folder / FILE).exists():
        raise ValueError(
            f"the folder {str(folder)!r} holds a {foreign[0]} that is none of a study: choose another folder."
        )


def open_store[R: Outcome](
    folder: Path, design: Experiment[R], own_files: Sequence[str]
) -> AbstractContextManager[Store[R]]:
    """Return the folder's store, once it is certain that the study or calibration may be kept there.

    Raises
    ------
    ValueError
        When the folder holds something else.
    """
    check_study_folder(folder, own_files)
    return Store.open(folder, design)


def workplace(dask: str | None, workers: int) -> AbstractContextManager[Place]:
    """Give processes here, or a Dask cluster.

    Raises
    ------
    ValueError
        When there is no such cluster.
    """
    return nullcontext((partial(processes, workers), workers)) if dask is None else cluster(dask)


def compute[E: Experiment[Any], R: Outcome](
    replicate: Callable[[E, int, int], R],
    design: E,
    store: Store[R],
    place: Place,
    limit: float,
    progress: Progress,
    what: str = "replicates",
) -> None:
    """Compute the replicates that are missing, and say on an interrupt what is kept."""
    total, done = len(design.sizes) * design.replications, len(store.done())
    step = progress.stage(f"{what} ({done} kept)" if done else what, total - done)
    try:
        executor, workers = place
        run(replicate, design, store, executor=executor, workers=workers, limit=limit, on_record=lambda _: step())
    except KeyboardInterrupt:
        kept = len(store.done())
        raise KeyboardInterrupt(f"{kept} of {total} {what} are kept; the same command goes on.") from None


def sizes_of(known: object, asked: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return the sizes that were asked for on the command line, else those known.

    Raises
    ------
    ValueError
        When they are no list of whole numbers.
    """
    if asked is not None:
        return asked
    if not isinstance(known, (list, tuple)):
        raise ValueError(f"sizes must be a list of whole numbers, got {known!r}.")
    return tuple(known)
