"""Large data in fixed chunks, on as many threads as there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .data import Chunk, Data

CHUNK_ROWS = 65_536
# Below about a millisecond of work, handing it to a thread costs more than it saves.
LEAST_WORK = 1_000_000


def sum_over_chunks(data: Data, work_per_row: int, run: Callable[[Chunk], tuple[Any, ...]]) -> tuple[Any, ...]:
    """Run a pass over chunks and add up its results entry by entry.

    The chunks and the order of the sum are fixed, so that any number of threads gives the same bits.
    """
    rows = data.rows
    chunks = range(0, rows, CHUNK_ROWS)

    def run_chunk(start: int) -> tuple[Any, ...]:
        return run(data.chunk(start, CHUNK_ROWS))

    if len(chunks) == 1 or rows * work_per_row < LEAST_WORK:
        results = list(map(run_chunk, chunks))
    else:
        results = list(_threads().map(run_chunk, chunks))
    return tuple(sum(entries[1:], start=entries[0]) for entries in zip(*results, strict=True))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count())
