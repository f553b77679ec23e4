"""Many independent runs on an executor, their results in order whatever the order in which they end."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import chain, islice

# So many items are handed over before the first result is asked for: enough to keep any executor busy.
AHEAD = 256


def usable_cores() -> int:
    """Return how many cores this process may use, which may be fewer than the machine has.

    Returns
    -------
    int
        At least one.

    Examples
    --------
    >>> from models import usable_cores
    >>> usable_cores() >= 1
    True
    """
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order[Item, Result](
    task: Callable[[Item], Result], items: Iterable[Item], executor: Executor | None
) -> Iterator[Result]:
    """The result of each item in turn; what has not begun is cancelled as soon as the caller stops asking for more.

    Without an executor there are as many threads as cores, and none for a single item. Processes take tasks and items that
    can be sent to them.

    Parameters
    ----------
    task
        What is done with each item.
    items
        The items, which are taken as they are needed.
    executor
        Where the tasks run.

    Returns
    -------
    iterator
        The results, in the order of the items.

    Examples
    --------
    >>> from models import in_order
    >>> list(in_order(len, ["one", "three", "eleven"], None))
    [3, 5, 6]
    """
    items = iter(items)
    first = list(islice(items, 2))
    if executor is None and len(first) < 2:
        yield from map(task, first)
        return
    pool = executor or ThreadPoolExecutor(usable_cores())
    running = deque(pool.submit(task, item) for item in chain(first, islice(items, AHEAD - 2)))
    try:
        while running:
            yield running.popleft().result()
            running.extend(pool.submit(task, item) for item in islice(items, 1))
    finally:
        for future in running:
            future.cancel()
        if executor is None:
            pool.shutdown()
