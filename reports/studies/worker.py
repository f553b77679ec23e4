"""What runs in a worker: one replicate within its time, and nothing left behind when the study is gone.

Two clocks watch a replicate. The first raises in Python, and is enough for what is merely slow. Code that never comes back
to Python is ended by the second, which needs no lock of the interpreter and takes the whole process with it: to the study
that is a worker lost, like one that was killed. In a thread of a cluster's worker, whose process is not ours to end, there
is the first clock alone.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection, parent_process

from .experiment import Experiment
from .record import RAISED, TIMED_OUT, Outcome

# How much longer than its limit a replicate may take before its process ends.
PATIENCE = 1.5


class OutOfTimeError(Exception):
    """A replicate took longer than its limit."""


def run_one[R: Outcome](design: Experiment[R], size: int, number: int, limit: float) -> R:
    """The record of a replicate, also of one that raised or took more than ``limit`` seconds."""
    without_answer: Callable[..., R] = design.record.without_answer
    try:
        with _limited(limit):
            return design.replicate(size, number)
    except Exception as error:  # whatever it is, it is reported and the study goes on
        # Compiled code that the clock rings in raises an error of its own, because of the clock's.
        if isinstance(error, OutOfTimeError) or isinstance(error.__cause__, OutOfTimeError):
            return without_answer(size, number, TIMED_OUT, f"more than {limit:g} s")
        return without_answer(size, number, RAISED, f"{type(error).__name__}: {error}")


def begin() -> None:
    """Prepare a process of our own: it leaves interrupts to the study, and ends when the study does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise after so many seconds."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        with _limited_in_thread(seconds):
            yield
        return
    before = signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    if parent_process() is not None:
        faulthandler.dump_traceback_later(seconds * PATIENCE, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _limited_in_thread(seconds: float) -> Iterator[None]:
    """The same where no signal arrives: another thread has the interpreter raise here.

    The interpreter does so between two steps in Python, and not before whatever it waits for has come back.
    """
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    here = (ctypes.c_ulong(threading.get_ident()), ctypes.py_object(OutOfTimeError))
    clock = threading.Timer(seconds, raise_in, here)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        clock.join()


def _out_of_time(*_: object) -> None:
    raise OutOfTimeError
