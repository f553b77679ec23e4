"""So many of the rows, drawn at random, for what would take too long with all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models import Data, SparseData

# Always the same rows of a file, so that a report is made again from the same data.
SEED = 0


def drawn_rows(data: Data | SparseData, count: int | None) -> Data | SparseData:
    """Return so many rows without replacement, in their order, with a note that says so; all where there are no more."""
    if count is None or count >= data.rows:
        return data
    chosen = np.random.default_rng(SEED).choice(data.rows, count, replace=False)
    note = f"{count} of {data.rows} rows, drawn at random, are the data."
    return replace(data.take(np.sort(chosen)), notes=(*data.notes, note))


def require_observations(count: int | None, counts_column: str | None) -> None:
    """Raise a ``ValueError`` where rows are to be drawn that are not one observation each."""
    if count is not None and counts_column is not None:
        raise ValueError(
            "rows are drawn from single observations, and a row of a counts column is many: leave one out."
        )
