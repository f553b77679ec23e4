"""``emvsbayes validate-posterior``: draws of another program, judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .errors import BadInputError, input_errors
from .terminal import print_json, progress

if TYPE_CHECKING:
    from models import Data, Given, Model

    from ..validating.draws import JudgedDraws
    from .task import Task


def _names(_context: click.Context, _option: click.Parameter, given: str | None) -> dict[str, str]:
    """Return the name of each piece in their program."""
    pairs = [piece.partition("=") for piece in given.split(",")] if given else []
    for own, equals, name in pairs:
        if not (own.strip() and equals and name.strip()):
            raise BadInputError(f"--names {given!r} must be of the form weights=theta,means=mu,sds=sigma.")
    return {own.strip(): name.strip() for own, _, name in pairs}


_POSTERIOR: dict[str, Any] = {
    "metavar": "FILE",
    "multiple": True,
    "type": click.Path(path_type=Path),
    "help": "The draws: a NetCDF file of ArviZ, or Stan's CSV files, the option repeated for each chain.",
}
posterior_files = click.option("--posterior", "posterior_files", **_POSTERIOR)
names = click.option(
    "--names", metavar="PIECE=NAME,…", callback=_names, help="What a piece is called there: weights=theta,sds=sigma."
)


@click.command("validate-posterior", epilog=options.DATA_HELP)
@options.model
@click.option("--posterior", "posterior_files", required=True, **_POSTERIOR)
@names
@options.prior
@click.option("--estimate", type=click.Path(path_type=Path), help="A file with a point estimate.  [default: EM's own]")
@click.option("--no-own", is_flag=True, help="Do not sample our own posterior beside the draws.")
@options.as_json
def command(
    data: str,
    posterior_files: tuple[Path, ...],
    names: dict[str, str],
    prior: str | None,
    estimate: Path | None,
    no_own: bool,
    seed: int,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Judge draws from the posterior of DATA that another program made.

    Whether they are of this model, whether the chains agree, and whether they are the posterior that is sampled here, under
    the prior that is stated with --prior.
    """
    with input_errors():
        from models import require_whole_weights

        from .task import task_of

        task = task_of(data, **chosen)
        require_whole_weights(task.data)
        point = None if estimate is None else _estimate(estimate, task)
    judged = judged_draws(task.data, task.model, posterior_files, names, prior, point, no_own, seed)
    if as_json:
        from ..presenting.inputs import data_document
        from ..validating.draws_document import draws_document

        print_json({"data": data_document(task.data), "given": draws_document(judged)})
    else:
        click.echo(repr(judged))


def _estimate(path: Path, task: Task) -> Given:
    from ..reading.estimates import read_estimate

    return read_estimate(path, task.data)


def judged_draws(
    data: Data,
    model: Model,
    files: tuple[Path, ...],
    names: dict[str, str],
    prior: str | None,
    estimate: Given | None,
    no_own: bool,
    seed: int,
) -> JudgedDraws:
    """Judge the draws in these files, beside our own posterior unless ``no_own``."""
    with progress() as bars, input_errors():
        from ..reading.posteriors import read_posterior
        from ..validating.draws import estimate_of, given_of, judged_posterior, own_posterior, with_its_prior

        given = given_of(data, model, read_posterior(files), names, prior)
        own = None if no_own else own_posterior(given, seed, bars)
        return with_its_prior(judged_posterior(given, own, estimate_of(given, estimate, seed)), seed, bars)
