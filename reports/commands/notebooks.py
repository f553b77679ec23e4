"""``emvsbayes notebooks``: the work of the texts that the suite grew from, as notebooks."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .errors import input_errors


class NamesNotebooks(click.Command):
    """A command that names the notebooks in its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line for each notebook."""
        from ..notebooks import titles

        with formatter.section("Notebooks"):
            formatter.write_dl([(f"{name}.ipynb", title) for name, title in titles.items()])


@click.command("notebooks", cls=NamesNotebooks)
@options.out("out/notebooks", "The folder.")
def command(out: Path) -> None:
    """Write notebooks that redo three classic texts on EM with the suite, step by step, and then their posterior."""
    from ..notebooks.write import write_notebooks

    with input_errors():
        written = write_notebooks(out)
    for path in written:
        click.echo(str(path))
    click.echo("Open them with Jupyter; each runs in under a minute.")
