"""The order of the tests, in which two workers compile little twice, and end at about the same time; a core for each."""

from __future__ import annotations

import gc
import os
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import pytest

from tests.scheduling import Together, looks_at_a_comparison

# As many workers as cores leave none for a second thread of linear algebra, which would only wait for its part of matrices
# this small: up to a third of the time of a comparison. Whoever sets these otherwise gets what they ask for.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
# PyTensor notes for every node of a graph from which lines it came, which takes a tenth of the time of a compilation.
os.environ["PYTENSOR_FLAGS"] = ",".join(filter(None, ["traceback__limit=0", os.environ.get("PYTENSOR_FLAGS")]))

# Whoever looks for circles among all objects walks through what was imported as well, which took a sixth of the time of a
# worker: all are looked at a tenth as often, and what is there before the first test never again.
gc.set_threshold(2000, 10, 100)

# Where nothing is on disk yet, the first of them compiles for minutes what the others find there afterwards. Meanwhile
# those of em, which need none of it, are run beside it; of the reports the longest group comes first, and the short files
# of the other folders come last.
COMPILES = PurePath("bayes/test_compiled.py")
FOLDERS = ("em", "reports", "bayes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    @cache
    def rank(path: Path) -> tuple[int, bool]:
        below = path.relative_to(config.rootpath / "tests")
        if below == COMPILES:
            return -1, False
        folder = FOLDERS.index(below.parts[0]) if below.parts[0] in FOLDERS else len(FOLDERS)
        return folder, not looks_at_a_comparison(path.read_text(encoding="utf-8"))

    items.sort(key=lambda item: rank(item.path))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return Together(config, log) if config.getvalue("dist") in {"loadfile", "loadgroup"} else None
