"""``emvsbayes prior``: the prior as a file to edit, and what it expects under the data."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .errors import input_errors
from .new_file import require_new_file
from .rescue import saved
from .terminal import print_json

if TYPE_CHECKING:
    from models import Data, Prior

FORMS = (".svg", ".png")


@click.command("prior", epilog=options.DATA_HELP)
@options.model
@options.prior
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE.svg|FILE.png",
    help="Draw what the prior expects before it has seen the data, under the data.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of TOML.")
def command(data: str, seed: int, prior: str | None, figure: Path | None, as_json: bool, **chosen: Any) -> None:
    """Print the prior that DATA and a model have, as a TOML file to edit.

    Its comments say what each number is, and what all of them say of the data. `--prior FILE` takes the file, here as well:
    here it is printed again, held against the data, and drawn.
    """
    with input_errors():
        from .given_prior import prior_given
        from .task import task_of

        task = task_of(data, **chosen)
        _require_form(figure)
        require_new_file("--figure", figure)
        found = task.model.chosen_prior(prior_given(prior, task.model), task.data)
    if as_json:
        print_json(found.parameters())
    else:
        from ..presenting.prior_file import prior_file

        click.echo(prior_file(found, task.data), nl=False)
    if figure is not None:
        place = saved(partial(_drawn, found, task.data, seed), figure)
        click.echo(f"The figure is {place}", err=True)


def _require_form(figure: Path | None) -> None:
    if figure is not None and figure.suffix.lower() not in FORMS:
        raise ValueError(f"--figure must end in {' or '.join(FORMS)}, got {str(figure)!r}.")


def _drawn(prior: Prior, data: Data, seed: int, path: Path) -> Path:
    from ..comparing.side_by_side import mixtures_of_prior
    from ..files.staged import staged_file
    from ..presenting.figures import MOST_FEATURES, prior_predictive, to_png, to_svg

    features = range(min(data.dimension, MOST_FEATURES))
    drawn = prior_predictive(data, mixtures_of_prior(prior, seed), features)
    content = to_png(drawn) if path.suffix.lower() == ".png" else to_svg(drawn, inline=False).encode()
    staged_file(path, partial(_written, content))
    return path


def _written(content: bytes, file: Path) -> None:
    file.write_bytes(content)
