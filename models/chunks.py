"""Large data in fixed chunks, on as many threads as there are cores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .parallel import usable_cores

if TYPE_CHECKING:
    from .data import Chunk, Data

CHUNK_ROWS = 65_536
# Below about a millisecond of work, handing it to a thread costs more than it saves.
LEAST_WORK = 1_000_000


def sum_over_chunks(data: Data, work_per_row: int, run: Callable[[Chunk], tuple[Any, ...]]) -> tuple[Any, ...]:
    """Run a pass over chunks and add up its results entry by entry.

    The chunks and the order of the sum are fixed, so that any number of threads gives the same bits.
    """
    return sum_over_slices(data.rows, work_per_row, lambda rows: run(data.chunk(rows.start, CHUNK_ROWS)))


def sum_over_slices(rows: int, work_per_row: int, run: Callable[[slice], tuple[Any, ...]]) -> tuple[Any, ...]:
    """Run a pass over slices of so many rows, and add up its results entry by entry, as :func:`sum_over_chunks` does."""
    slices = [slice(start, start + CHUNK_ROWS) for start in range(0, rows, CHUNK_ROWS)]
    if len(slices) == 1 or rows * work_per_row < LEAST_WORK:
        results = list(map(run, slices))
    else:
        results = list(_threads().map(run, slices))
    return tuple(sum(entries[1:], start=entries[0]) for entries in zip(*results, strict=True))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(usable_cores())
