"""The outermost level of the command: what holds from its first line to its last.

Somebody who asks the program to end gets one sentence and the status that the system has for it, whether libraries are
still being imported or the report is already written. Whatever the system refuses, a full disk or memory that is not there,
is one sentence, too. And neither a library's warnings nor its settings in the environment reach the results.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import warnings
from types import FrameType
from typing import Any

# What may ask the program to end. The status is 128 and the signal's number, as that of a shell.
ENDINGS = {"SIGINT": "Interrupted", "SIGTERM": "Terminated", "SIGHUP": "Hung up"}
REFUSED = 2
# Who presses the keys twice in a hurry does not mean to disturb the cleaning up; who does so after this time does.
SECONDS_TO_CLEAN_UP = 5.0
# Of PyTensor's settings those that say where files go; the others would change numbers.
_PLACES = ("base_compiledir", "compiledir", "generated_src_dir")


class Asked:
    """Raises where the program is when a signal asks it to end, and remembers which one did."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._when = -float("inf")

    def listen(self) -> None:
        """Heed every signal that asks to end, unless whoever started the program has it ignored."""
        for name in ENDINGS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._ask)
        sys.unraisablehook, sys.excepthook = self._unraisable, sys.__excepthook__

    def close(self) -> None:
        """Stop listening: from here on nothing can go wrong any more, and there is nothing left to stop."""
        for name in ENDINGS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)

    def status(self) -> int:
        """Return the exit status of a program that was asked to end."""
        return 128 + (self.number or signal.SIGINT)

    def word(self) -> str:
        """Say what became of the program."""
        return ENDINGS[signal.Signals(self.number or signal.SIGINT).name]

    def _ask(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._when < SECONDS_TO_CLEAN_UP:
            return
        self.number, self._when = number, now
        raise KeyboardInterrupt

    def _unraisable(self, what: Any) -> None:
        """Raise an interrupt once more that was raised in a callback of the interpreter, where it is lost."""
        if self.number is None or not issubclass(what.exc_type, KeyboardInterrupt):
            sys.__unraisablehook__(what)
            return
        self._when = -float("inf")
        again = threading.Timer(0.05, signal.raise_signal, [self.number])
        again.daemon = True
        again.start()


def run() -> None:
    """Run the command, with one sentence and no traceback for what a user can do something about."""
    asked = Asked()
    try:
        try:
            asked.listen()
            _settle_environment()
            status = _status_of_command()
        except KeyboardInterrupt as interrupt:
            asked.close()
            # click puts its own exception around the interrupt, whose words say what was kept.
            status = _said(f"{asked.word()}: {_words(interrupt) or 'nothing was written.'}", asked.status())
    except KeyboardInterrupt:  # in the single line before the signals are closed
        status = _said(f"{asked.word()}: nothing was written.", asked.status())
    asked.close()
    # An interrupt that a library's own call of the interpreter let pass is remembered, and would end the process by the
    # signal in spite of its status; the next such call forgets it (unhandled_keyboard_interrupt in CPython's pythonrun.c).
    exec("")
    sys.exit(status)


def _status_of_command() -> int:
    from click.exceptions import Abort, ClickException

    from .commands.arguments import as_options
    from .commands.group import cli

    try:
        cli.main(prog_name="emvsbayes", standalone_mode=False)
        sys.stdout.flush()
    except ClickException as error:
        error.show()
        return error.exit_code
    except Abort as error:
        raise (error.__cause__ or KeyboardInterrupt()) from None
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except ValueError as error:
        from models import UnfeasibleError  # which is slow to import, and here by now if that is what it is

        if not isinstance(error, UnfeasibleError):
            raise
        return _said(f"Error: {as_options(str(error))}", REFUSED)
    except (OSError, MemoryError) as error:
        return _said(f"Error: {sentence(error)}", REFUSED)
    return 0


def sentence(error: OSError | MemoryError) -> str:
    """Say in words what the system refused: the file and the reason."""
    if isinstance(error, MemoryError):
        detail = str(error).strip().rstrip(".")
        return f"the memory does not suffice{f' ({detail})' if detail else ''}: take fewer data, draws or components."
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return f"the system refuses: {reason}."
    return f"{_shortened(os.fsdecode(error.filename))!r}: {reason}."


def _shortened(path: str) -> str:
    return path if len(path) <= 200 else f"{path[:99]}…{path[-100:]}"


def _words(interrupt: KeyboardInterrupt) -> str:
    return str(interrupt.args[0]) if interrupt.args else ""


def _said(words: str, status: int) -> int:
    """Say it where it can be heard, and return the status."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is sys.stderr:
                stream.write(f"{words}\n")
            stream.flush()
        except OSError:
            # Nobody reads it any more, or its disk is full: nor must the interpreter try once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return status


def _settle_environment() -> None:
    """Open no window, compile everything, and compute in doubles: here, and in the processes that this one starts."""
    os.environ["MPLBACKEND"] = "agg"
    os.environ.pop("NUMBA_DISABLE_JIT", None)
    flags = [flag.strip() for flag in os.environ.get("PYTENSOR_FLAGS", "").split(",")]
    kept = [flag for flag in flags if flag.partition("=")[0].strip() in _PLACES]
    os.environ["PYTENSOR_FLAGS"] = ",".join([*kept, "floatX=float64"])
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
        # What the suite itself has to say is no library's warning, and is said as any other sentence.
        warnings.filterwarnings("default", module=r"(models|em|bayes|reports)(\.|$)")
        warnings.showwarning = _show
        os.environ["PYTHONWARNINGS"] = "ignore"
        logging.disable(logging.WARNING)


def _show(message: Warning | str, *_: Any, **__: Any) -> None:
    sys.stderr.write(f"WARNING: {message}\n")
