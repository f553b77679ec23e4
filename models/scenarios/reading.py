"""The columns of the data files in this folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def columns_of(name: str, columns: Sequence[str]) -> NDArray[np.float64]:
    """The columns of a file, shape ``(rows, columns)``."""
    path = file_of(name)
    with path.open(encoding="utf-8") as lines:
        header = lines.readline().strip().split(",")
        found = [header.index(column) for column in columns]
        return np.loadtxt(lines, delimiter=",", usecols=found, ndmin=2)


def file_of(name: str) -> Path:
    """Where the real data set of that name lies, as a CSV file with a header."""
    return Path(__file__).with_name(f"{name}.csv")
