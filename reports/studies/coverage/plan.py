"""A study from what was asked for to the finished tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...running.progress import Progress
from ..running.place import REPLICATIONS, compute, sizes_of
from ..running.run import Place
from ..running.store import Store
from ..subject import Subject
from .design import Design
from .finished import FinishedStudy
from .judging import FOLDER, Judged, Judging, judge
from .record import Record
from .replicate import replicate

SIZES = (50, 200, 1000, 5000)
# A whole verdict takes about ten times as long as a replicate: one in fifty is worth a fifth of the time.
ONE_JUDGED_IN = 50


def design_of(about: Subject, sizes: tuple[int, ...] | None, asked: dict[str, Any]) -> Design:
    """Make the design: what was asked for, then what the subject says, then what holds for every study.

    Raises
    ------
    ValueError
        Names what cannot be used.
    """
    settings: dict[str, Any] = {"sizes": SIZES, "replications": REPLICATIONS, **about.settings, **asked}
    settings["sizes"] = sizes_of(settings["sizes"], sizes)
    if "judged" not in settings and isinstance(settings["replications"], int):
        settings["judged"] = settings["replications"] // ONE_JUDGED_IN
    design = Design(
        about.name, about.title, about.truth, about.model, about.columns, **settings, exposures=about.exposures
    )
    # Whether there is a nearest mixture is found out before hours are spent on it.
    design.true_values  # noqa: B018
    return design


def run_study(design: Design, store: Store[Record], place: Place, limit: float, progress: Progress) -> FinishedStudy:
    """Compute what is missing at that place, and return the study.

    Raises
    ------
    KeyboardInterrupt
        When the user interrupts; it says what was kept.
    """
    compute(replicate, design, store, place, limit, progress)
    return FinishedStudy.of(design, store, judged(design, store.folder, place, limit, progress))


def judged(design: Design, folder: Path, place: Place, limit: float, progress: Progress) -> list[Judged]:
    """Ask for the verdicts that are missing, and return all of them."""
    if not design.judged:
        return []
    judging = Judging.of(design)
    with Store.open(folder / FOLDER, judging) as store:
        compute(judge, judging, store, place, limit, progress, "verdicts")
        return list(store.records())
