"""The command ``emvsbayes study``: from its arguments to the finished folder."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from ..comparison import Progress
from .cluster import cluster
from .design import Design
from .experiment import Experiment
from .record import Outcome, Record
from .run import Place, processes, run
from .scenarios import Subject
from .store import Store
from .study import Study
from .write import check_study_folder

SIZES, REPLICATIONS = (50, 200, 1000, 5000), 1000


def design_of(about: Subject, sizes: str | None, asked: dict[str, Any]) -> Design:
    """The design: what was asked for, then what the subject says, then what holds for every study.

    Raises
    ------
    ValueError
        Names what cannot be used.
    """
    settings: dict[str, Any] = {"sizes": SIZES, "replications": REPLICATIONS, **about.settings, **asked}
    settings["sizes"] = sizes_of(settings["sizes"], sizes)
    return Design(about.name, about.title, about.truth, about.model, about.columns, **settings)


def open_store[R: Outcome](folder: Path, design: Experiment[R]) -> AbstractContextManager[Store[R]]:
    """The folder's store, once it is certain that the study or calibration may be kept there.

    Raises
    ------
    ValueError
        When the folder holds something else.
    """
    check_study_folder(folder)
    return Store.open(folder, design)


def workplace(dask: str | None, workers: int) -> AbstractContextManager[Place]:
    """Processes here, or a Dask cluster.

    Raises
    ------
    ValueError
        When there is no such cluster.
    """
    return nullcontext((partial(processes, workers), workers)) if dask is None else cluster(dask)


def run_study(design: Design, store: Store[Record], place: Place, limit: float, progress: Progress) -> Study:
    """Compute what is missing at that place, and return the study.

    Raises
    ------
    KeyboardInterrupt
        When the user interrupts; it says what was kept.
    """
    compute(design, store, place, limit, progress)
    return Study.of(design, store)


def compute[R: Outcome](design: Experiment[R], store: Store[R], place: Place, limit: float, progress: Progress) -> None:
    """Compute the replicates that are missing, and say on an interrupt what is kept."""
    total, done = len(design.sizes) * design.replications, len(store.done())
    step = progress.stage(f"replicates ({done} kept)" if done else "replicates", total - done)
    try:
        executor, workers = place
        run(design, store, executor=executor, workers=workers, limit=limit, on_record=lambda _: step())
    except KeyboardInterrupt:
        kept = len(store.done())
        raise KeyboardInterrupt(f"{kept} of {total} replicates are kept; the same command goes on.") from None


def sizes_of(known: object, asked: str | None) -> tuple[int, ...]:
    """The sizes that were asked for on the command line, else those known.

    Raises
    ------
    ValueError
        When they are no list of whole numbers.
    """
    if asked is not None:
        return _numbers(asked)
    if not isinstance(known, (list, tuple)):
        raise ValueError(f"sizes must be a list of whole numbers, got {known!r}.")
    return tuple(known)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"--sizes must be whole numbers separated by commas, got {text!r}.") from None
