"""Processes of our own that leave nothing behind, and parts that a few of them compute at a time, with a bar for each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import connection, parent_process, resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models import Tick

    from .progress import Progress


def begin() -> None:
    """Prepare a process of our own: it leaves interrupts to its parent, and ends when that one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


class _DeafProcess(SpawnProcess):
    """A new process that hears no interrupt from the terminal before it can leave it to its parent."""

    def start(self) -> None:
        resource_tracker.ensure_running()  # which would unblock the signal meanwhile
        with _blocked():
            super().start()


class _Context(SpawnContext):
    Process = _DeafProcess


@contextmanager
def _blocked() -> Iterator[None]:
    """Let nobody hear an interrupt meanwhile; one that came is heard afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def new_pool(workers: int, initializer: Callable[[], None] = begin) -> ProcessPoolExecutor:
    """Return a pool of so many new processes of our own."""
    return ProcessPoolExecutor(workers, mp_context=_Context(), initializer=initializer)


def terminate() -> None:
    """Have all processes of our own leave what they are at."""
    for process in multiprocessing.active_children():
        process.terminate()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _begin() -> None:
    """Prepare a process of our own that also cleans up when it is told to stop."""
    begin()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """Give new processes of our own, which leave what they are at on an interrupt or an error, and clean up."""
    with new_pool(workers, _begin) as pool:
        try:
            yield pool
        except BaseException:
            terminate()
            raise


def compute_parts(
    parts: dict[str, Callable[[], Any]], executor: Executor, workers: int, progress: Progress
) -> dict[str, Any]:
    """Return what each part returns, by its name; begun in their order, ``workers`` of them at a time.

    Raises
    ------
    Exception
        The first that a part raises.
    KeyboardInterrupt
        On an interrupt; it says which parts are complete.
    """
    found: dict[str, Any] = {}
    running: dict[Future[Any], tuple[str, Tick]] = {}
    waiting = list(parts)
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                name = waiting.pop(0)
                running[executor.submit(parts[name])] = name, progress.stage(name, 1)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name, step = running.pop(future)
                found[name] = future.result()
                step()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"complete: {', '.join(found) or 'nothing'}.") from None
    return found
