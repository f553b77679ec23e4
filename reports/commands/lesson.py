"""``emvsbayes lesson``: one live lesson."""

from __future__ import annotations

from pathlib import Path

import click

from . import completion, options
from .errors import input_errors
from .terminal import progress


class NamesLessons(click.Command):
    """A command that names the lessons in its help, which click's own wrapping would run together."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line for each lesson."""
        from ..lessons import titles

        with formatter.section("Lessons"):
            formatter.write_dl(list(titles.items()))


@click.command("lesson", cls=NamesLessons)
@click.argument("name", shell_complete=completion.lesson)
@options.seed
@options.out("out/lessons", "A folder, or a file that ends in .html.")
def command(name: str, seed: int, out: Path) -> None:
    """Write the lesson NAME: one page with something live in it, which needs nothing but a browser."""
    from ..lessons.write import write_lesson

    with input_errors(), progress() as bars:
        path = write_lesson(name, out, seed, bars)
    click.echo(f"The lesson is in {path}")
