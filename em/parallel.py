"""Many independent runs on an executor, their results in order whatever the order in which they end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor


def in_order[Item, Result](
    task: Callable[[Item], Result], items: Iterable[Item], executor: Executor | None
) -> Iterator[Result]:
    """The result of each item in turn; what has not begun is cancelled as soon as the caller stops asking for more.

    Without an executor there are as many threads as cores. Processes take tasks and items that can be sent to them.
    """
    pool = executor or ThreadPoolExecutor(
        os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    )
    futures = [pool.submit(task, item) for item in items]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
        if executor is None:
            pool.shutdown()
