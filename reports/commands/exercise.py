"""``emvsbayes exercise``: a notebook with blanks, for somebody who learns EM or its Bayesian twin."""

from __future__ import annotations

from pathlib import Path

import click

from . import completion
from .errors import input_errors


class NamesExercises(click.Command):
    """A command that names the exercises in its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line for each exercise."""
        from ..exercises import titles

        with formatter.section("Exercises"):
            formatter.write_dl(list(titles.items()))


@click.command("exercise", cls=NamesExercises)
@click.argument("name", shell_complete=completion.exercise)
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The new notebook.")
@click.option("--solution", is_flag=True, help="Write the instructor's notebook, with the blanks filled in.")
def command(name: str, out: Path, solution: bool) -> None:
    """Write the exercise NAME: a notebook with a derivation to write, functions to fill in, and a check after each."""
    from ..exercises import exercise
    from ..exercises.notebook import write_exercise

    with input_errors():
        asked = exercise(name)
        write_exercise(asked, out, solution)
    click.echo(f"{'The solution' if solution else 'The exercise'} is in {out}; open it with Jupyter.")
