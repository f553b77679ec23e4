"""A Dask cluster as the place where replicates run.

Dask itself gives what a lost worker had in hand to another one. Only a replicate whose workers keep ending (as often as the
scheduler's ``allowed-failures`` says) comes back as lost; the study notes it and tries it once more. The limit of a
replicate holds here, too, in Python: one that hangs in compiled code keeps its worker until that is stopped (``dask worker
--lifetime`` or by hand), after which it goes the way of a lost one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager
from functools import partial
from typing import Any

from .run import Place, WorkerLostError

SECONDS_TO_CONNECT = 10


class Cluster(Executor):
    """The workers of a Dask client."""

    def __init__(self, client: Any) -> None:
        # A replicate that is tried again is the same function of the same arguments, and yet a task of its own.
        self._executor = client.get_executor(pure=False)

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Run a task on any of the workers."""
        future: Future[Any] = Future()
        self._executor.submit(task, *arguments, **named).add_done_callback(partial(_pass_on, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take back what is not done, or wait for it; the cluster stays."""
        self._executor.shutdown(wait=wait and not cancel_futures)


@contextmanager
def cluster(address: str) -> Iterator[Place]:
    """Give what makes executors on the cluster at this address, and how many tasks it runs at a time.

    Raises
    ------
    ValueError
        When Dask is not installed, or nobody answers there, or the cluster has no workers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("--dask needs Dask, which the extra brings: pip install 'emvsbayes[dask]'.") from None
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"--dask: no scheduler answers at {address!r} ({type(error).__name__}).") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ValueError(f"--dask: the cluster at {address!r} has no workers: start some.")
        yield partial(Cluster, client), threads


def _pass_on(future: Future[Any], done: Future[Any]) -> None:
    """Pass on the outcome, with Dask's own exceptions in the words of :mod:`concurrent.futures`."""
    from distributed import KilledWorker

    try:
        future.set_result(done.result())
    except KilledWorker:
        future.set_exception(WorkerLostError("its worker ended"))
    except CancelledError:
        future.set_exception(BrokenExecutor("the cluster is gone"))
    except Exception as error:  # whatever it is, the study reports it
        future.set_exception(error)
