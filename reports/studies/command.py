"""The command ``emvsbayes study``: from its arguments to the finished folder."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from ..comparison import Progress
from .cluster import cluster
from .design import Design
from .run import processes, run
from .scenarios import subject
from .store import Store
from .study import Study
from .write import check_study_folder

SIZES, REPLICATIONS = (50, 200, 1000, 5000), 1000


def design_of(name: str, sizes: str | None, asked: dict[str, Any]) -> Design:
    """The design: what was asked for, then what the file says, then what holds for every study.

    Raises
    ------
    ValueError
        Names what cannot be used.
    """
    about = subject(name)
    settings: dict[str, Any] = {"sizes": SIZES, "replications": REPLICATIONS, **about.settings, **asked}
    if sizes is not None:
        settings["sizes"] = _numbers(sizes)
    if not isinstance(settings["sizes"], (list, tuple)):
        raise ValueError(f"sizes must be a list of whole numbers, got {settings['sizes']!r}.")
    settings["sizes"] = tuple(settings["sizes"])
    return Design(about.name, about.title, about.truth, about.model, about.columns, **settings)


def open_store(folder: Path, design: Design) -> AbstractContextManager[Store]:
    """The folder's store, once it is certain that the study may be kept there.

    Raises
    ------
    ValueError
        When the folder holds something else.
    """
    check_study_folder(folder)
    return Store.open(folder, design)


def workplace(dask: str | None, workers: int) -> AbstractContextManager[tuple[Callable[[], Executor], int]]:
    """What makes the executors, and how many replicates run at a time: processes here, or a Dask cluster.

    Raises
    ------
    ValueError
        When there is no such cluster.
    """
    return nullcontext((partial(processes, workers), workers)) if dask is None else cluster(dask)


def run_study(
    design: Design,
    store: Store,
    place: tuple[Callable[[], Executor], int],
    limit: float,
    progress: Progress,
) -> Study:
    """Compute what is missing at that place, and return the study.

    Raises
    ------
    KeyboardInterrupt
        When the user interrupts; it says what was kept.
    """
    total, done = len(design.sizes) * design.replications, len(store.done())
    step = progress.stage(f"replicates ({done} kept)" if done else "replicates", total - done)
    try:
        executor, workers = place
        run(design, store, executor=executor, workers=workers, limit=limit, on_record=lambda _: step())
    except KeyboardInterrupt:
        kept = len(store.done())
        raise KeyboardInterrupt(f"{kept} of {total} replicates are kept; the same command goes on.") from None
    return Study.of(design, store)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"--sizes must be whole numbers separated by commas, got {text!r}.") from None
