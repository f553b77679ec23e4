"""What runs in a worker: one replicate within its time.

Two clocks watch a replicate. The first raises in Python, again and again until the replicate is left, since a library may
take what is raised for its own affair and go on; it is enough for what is merely slow. Code that never comes back to Python
is ended by the second, which needs no lock of the interpreter and takes the whole process with it: to the study that is a
worker lost, like one that was killed. In a thread of a cluster's worker, whose process is not ours to end, there is the
first clock alone.
"""

from __future__ import annotations

import ctypes
import faulthandler
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from typing import Any

from .experiment import Experiment
from .outcome import RAISED, TIMED_OUT, Outcome

# How much longer than its limit a replicate may take before its process ends.
PATIENCE = 1.5
# After how many seconds the first clock rings once more.
AGAIN = 1.0


class OutOfTimeError(BaseException):
    """A replicate took longer than its limit: no error of the code it is raised in, which would catch one of those."""


def run_one[E: Experiment[Any], R: Outcome](
    replicate: Callable[[E, int, int], R], design: E, size: int, number: int, limit: float
) -> R:
    """Compute the record of a replicate, also of one that raised or took more than ``limit`` seconds."""
    without_answer: Callable[..., R] = design.record.without_answer
    timed_out = without_answer(size, number, TIMED_OUT, f"more than {limit:g} s")
    began = time.monotonic()
    try:
        with _limited(limit):
            record = replicate(design, size, number)
    except OutOfTimeError:
        return timed_out
    except Exception as error:  # whatever it is, it is reported and the study goes on
        record = without_answer(size, number, RAISED, f"{type(error).__name__}: {error}")
    # What went on after its clock rang, or raised because of it, is no answer either.
    return record if time.monotonic() - began < limit else timed_out


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise after so many seconds."""
    alarms = threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGALRM")
    stop = _alarm(seconds) if alarms else _clock_beside(seconds)
    try:
        yield
    finally:
        _unrung(stop)


def _alarm(seconds: float) -> Callable[[], None]:
    """Have the system's clock ring here; what is returned stops it."""
    before = signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    if parent_process() is not None:
        faulthandler.dump_traceback_later(seconds * PATIENCE, exit=True)

    def stop() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)

    return stop


def _clock_beside(seconds: float) -> Callable[[], None]:
    """Ring the clock where no signal arrives: another thread has the interpreter raise in this one.

    The interpreter does so between two steps in Python, and not before whatever it waits for has come back.
    """
    here = ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    stopped = threading.Event()

    def ring() -> None:
        pause = seconds
        while not stopped.wait(pause):
            raise_in(here, ctypes.py_object(OutOfTimeError))
            pause = AGAIN

    clock = threading.Thread(target=ring, daemon=True)
    clock.start()

    def stop() -> None:
        stopped.set()
        clock.join()
        raise_in(here, None)  # what rang and was not heard yet is forgotten

    return stop


def _unrung(stop: Callable[[], None]) -> None:
    """Stop a clock, also one that rings meanwhile."""
    while True:
        try:
            return stop()
        except OutOfTimeError:
            continue


def _out_of_time(*_: object) -> None:
    raise OutOfTimeError
