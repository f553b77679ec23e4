"""``emvsbayes lessons``: all live lessons and the derivations."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .errors import input_errors
from .lesson import NamesLessons
from .terminal import progress


@click.command("lessons", cls=NamesLessons)
@options.seed
@options.out("out/lessons", "The folder.")
def command(seed: int, out: Path) -> None:
    """Write all lessons, the derivations in full, and an index page."""
    from ..lessons.write import INDEX, write_lessons

    with input_errors(), progress() as bars:
        write_lessons(out, seed, bars)
    click.echo(f"The lessons are in {out / INDEX}")
