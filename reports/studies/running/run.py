"""Compute what is missing of a study, on any executor, and lose nothing on the way.

Every replicate has seeds of its own, so that neither the executor nor the order of completion changes a digit. One that
raises, runs out of time or loses its worker is noted and tried once more; one that fails again is kept as a failure. When a
worker dies, nobody can say which of the replicates under way it was: each of them is tried again, after all others and by
itself, so that only the guilty one fails twice.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from ...running.processes import new_pool, terminate
from .experiment import Experiment
from .outcome import FAILURES, LOST, RAISED, Outcome
from .store import Store
from .worker import run_one

LIMIT = 120.0
ATTEMPTS = 2
# Beyond those that run, so that no worker waits for the next.
AHEAD = 2
POOLS_IN_VAIN = 3
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerLostError(Exception):
    """The worker of one task ended; its executor goes on with the others."""


class Attempt(NamedTuple):
    """The n-th attempt at a replicate."""

    size: int
    number: int
    attempt: int = 1


# What makes the executors, and how many replicates run there at a time.
type Place = tuple[Callable[[], Executor], int]
type Submit[R] = Callable[[Executor, Attempt], Future[R]]
type Ending[R] = Callable[[Attempt, Future[R]], None]


def processes(workers: int) -> Executor:
    """Make as many processes of our own, each of them new and with one thread for linear algebra."""
    return new_pool(workers)


def run[E: Experiment[Any], R: Outcome](
    replicate: Callable[[E, int, int], R],
    design: E,
    store: Store[R],
    *,
    executor: Callable[[], Executor] | None = None,
    workers: int = 2,
    limit: float = LIMIT,
    on_record: Callable[[R], None] | None = None,
) -> None:
    """Compute the replicates that the store lacks, and keep each as soon as it is done.

    Parameters
    ----------
    replicate
        Computes the record of a replicate from the design, its size and its number; the same in every process.
    design, store
        The study, and where its records go.
    executor
        Makes the executor, and another when that one breaks; ``workers`` processes unless given.
    workers
        How many replicates run at the same time.
    limit
        The seconds that a replicate may take.
    on_record
        Called with each record once it is kept. When it raises, or the user interrupts, what is kept stays.

    Raises
    ------
    RuntimeError
        When one worker after the other ends without a single record.
    """
    done = store.done()
    queue = deque(Attempt(*pair) for pair in design.pairs() if pair not in done)
    make = executor or partial(processes, workers)

    def submit(pool: Executor, attempt: Attempt) -> Future[R]:
        return pool.submit(run_one, replicate, design, attempt.size, attempt.number, limit)

    def settle(attempt: Attempt, record: R) -> None:
        if record.status in FAILURES:
            store.note(attempt.size, attempt.number, attempt.attempt, f"{record.status}: {record.reason}")
            if attempt.attempt < ATTEMPTS:
                again.append(attempt._replace(attempt=attempt.attempt + 1))
                return
        store.add(record)
        if on_record is not None:
            on_record(record)

    def failed(attempt: Attempt, status: str, reason: str) -> R:
        without_answer: Callable[..., R] = design.record.without_answer
        return without_answer(attempt.size, attempt.number, status, reason)

    def end(attempt: Attempt, future: Future[R]) -> None:
        error = future.exception()  # which the executor itself raised: whatever a replicate raises is in its record
        if error is None:
            settle(attempt, future.result())
        elif isinstance(error, WorkerLostError):
            settle(attempt, failed(attempt, LOST, str(error)))
        else:
            settle(attempt, failed(attempt, RAISED, f"{type(error).__name__}: {error}"))

    again: deque[Attempt] = deque()
    with _one_thread_each():
        for attempt in _all(make, queue, workers + AHEAD, submit, end):
            settle(attempt, failed(attempt, LOST, "its worker ended, or another beside it"))
        alone, again = again, deque()
        for attempt in _all(make, alone, 1, submit, end):
            settle(attempt, failed(attempt, LOST, "its worker ended, or another beside it"))


def _all[R](
    make: Callable[[], Executor], queue: deque[Attempt], most: int, submit: Submit[R], end: Ending[R]
) -> list[Attempt]:
    """Run the whole queue, in as many pools as it takes, and return the attempts during which one broke."""
    lost: list[Attempt] = []
    in_vain = 0
    while queue:
        left = len(queue)
        with _closing(make()) as pool:
            under_way = _until_broken(pool, queue, most, submit, end)
        in_vain = in_vain + 1 if len(under_way) == left - len(queue) else 0
        lost += under_way
        if in_vain == POOLS_IN_VAIN and most > 1:
            raise RuntimeError(
                f"{in_vain} times all workers ended before the first record was there: see their messages."
            )
    return lost


def _until_broken[R](
    pool: Executor, queue: deque[Attempt], most: int, submit: Submit[R], end: Ending[R]
) -> list[Attempt]:
    """Run the queue, and return what was under way when the pool broke: nothing when it did not."""
    running: dict[Future[R], Attempt] = {}
    while queue or running:
        while queue and len(running) < most:
            try:
                future = submit(pool, queue[0])
            except BrokenExecutor:
                return list(running.values())
            running[future] = queue.popleft()
        ended, _ = wait(running, return_when=FIRST_COMPLETED)
        whole = [future for future in ended if not isinstance(future.exception(), BrokenExecutor)]
        for future in whole:
            end(running.pop(future), future)
        if len(whole) < len(ended):
            return list(running.values())
    return []


@contextmanager
def _closing(pool: Executor) -> Iterator[Executor]:
    """Let what runs come to its end, except on an interrupt or an error, when nobody is there to keep what it comes to."""
    try:
        yield pool
    except BaseException:
        terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Give processes that begin meanwhile one thread for linear algebra: there is one of them for each core."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
