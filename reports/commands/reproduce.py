"""``emvsbayes reproduce``: a report computed again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from . import options
from .errors import DIFFERENT, BadInputError, input_errors
from .terminal import progress


@click.command("reproduce")
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="The file of the data, when it lies elsewhere now.")
@options.reading
def command(report: Path, data: Path | None, **written: Any) -> None:
    """Compute REPORT again from the data, seed and settings that it names, and say what differs.

    REPORT is the folder of a report, or its report.json. The exit status is 0 when everything is reproduced, 1 when
    something differs, and 2 when the report or its data cannot be used.
    """
    from ..comparing.exact import NoExactPosteriorError
    from ..reproducing.recipe import recipe_of
    from ..reproducing.reproduction import reproduce_recipe
    from ..reproducing.saved import load_report

    with input_errors():
        recipe = recipe_of(load_report(report), data, **written)
    try:
        with progress() as bars:
            reproduction = reproduce_recipe(recipe, bars)
    except NoExactPosteriorError as error:
        raise BadInputError(str(error)) from None
    click.echo(reproduction.to_text())
    sys.exit(0 if reproduction.reproduced else DIFFERENT)
