"""The order of the tests, in which two workers compile little twice, and end at about the same time; a core for each."""

from __future__ import annotations

import os
from pathlib import PurePath

import pytest

# As many workers as cores leave none for a second thread of linear algebra, which would only wait for its part of matrices
# this small: up to a third of the time of a comparison. Whoever sets these otherwise gets what they ask for.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
# PyTensor notes for every node of a graph from which lines it came, which takes a tenth of the time of a compilation.
os.environ["PYTENSOR_FLAGS"] = ",".join(filter(None, ["traceback__limit=0", os.environ.get("PYTENSOR_FLAGS")]))

# Where nothing is on disk yet, the first of them compiles for minutes what the others find there afterwards. Meanwhile
# those of em, which need none of it, are run beside it; the short files of the other folders come last.
COMPILES = PurePath("bayes/test_compiled.py")
FOLDERS = ("em", "reports", "bayes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(config.rootpath / "tests")
        if path == COMPILES:
            return -1
        return FOLDERS.index(path.parts[0]) if path.parts[0] in FOLDERS else len(FOLDERS)

    items.sort(key=rank)
