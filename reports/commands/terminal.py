"""What a command shows: progress on standard error, results on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from ..running.stages import Lines, Quiet, say

_QUIET = f"{__name__}.quiet"
QUIET_WORDS = ("-q", "--quiet")


def _hush(context: click.Context, _: click.Parameter, asked: bool) -> None:
    context.meta[_QUIET] = asked or context.meta.get(_QUIET, False)


quiet = click.Option(
    QUIET_WORDS, is_flag=True, is_eager=True, expose_value=False, callback=_hush, help="Show no progress."
)


def loading(words: list[str]) -> None:
    """Say that a command with these words begins, before it imports what takes seconds."""
    if "numpy" not in sys.modules and not {*QUIET_WORDS, "-h", "--help"} & {*words}:
        say("Loading")


@contextmanager
def progress() -> Iterator[Any]:
    """Show until the block ends a bar for each stage; where standard error is no terminal, a line."""
    if click.get_current_context().meta.get(_QUIET):
        yield Quiet()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        from ..running.bars import progress_bars

        with progress_bars() as bars:
            yield bars


def print_json(whole: dict[str, Any]) -> None:
    """Print a document as JSON."""
    from ..files.documents import as_json, finite

    click.echo(as_json(finite(whole)), nl=False)
