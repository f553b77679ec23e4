"""``emvsbayes sample``: the posterior alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .errors import input_errors
from .new_file import require_new_file
from .rescue import saved
from .terminal import print_json, progress

if TYPE_CHECKING:
    from bayes import Posterior


@click.command("sample", epilog=options.DATA_HELP)
@options.model
@options.known
@options.prior
@options.sampling
@options.max_draws
@options.max_minutes
@options.out(None, "Save the draws to this NetCDF file.")
@options.as_json
def command(
    data: str,
    seed: int,
    draws: int,
    tune: int,
    chains: int,
    prior: str | None,
    max_draws: int | None,
    max_minutes: float | None,
    out: Path | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Sample the posterior of DATA alone and print its summary."""
    with input_errors():
        from models import require_whole_weights

        from .given_prior import prior_given
        from .task import task_of

        task = task_of(data, **chosen)
        require_whole_weights(task.data)
        require_new_file("--out", out)
        given = prior_given(prior, task.model)
    from bayes import Sampling, sample
    from models import usable_cores

    from ..comparing.hills import optima_under
    from ..comparing.side_by_side import BATCHES
    from ..running.patience import MOST_MINUTES, require_patience

    with progress() as bars:
        sampling = Sampling(draws, tune, chains, usable_cores(), seed)
        require_patience(task.data, [task.model], sampling, max_minutes or MOST_MINUTES, bars)
        step = bars.stage("NUTS", chains * (draws + tune))
        posterior = sample(
            task.data,
            **task.model.specification,
            prior=given,
            draws=draws,
            tune=tune,
            chains=chains,
            optima=optima_under(task.data, task.model, given, seed),
            max_draws=BATCHES * draws if max_draws is None else max_draws,
            seed=seed,
            on_draw=step,
            on_longer=lambda more: bars.stage(f"NUTS, {more} draws", chains * (more + tune)),
        )
    if out is not None:
        saved(partial(_saved, posterior), out)
    if as_json:
        from ..presenting.document import posterior_document
        from ..presenting.inputs import data_document

        print_json({"data": data_document(posterior.data), **posterior_document(posterior)})
    else:
        click.echo(repr(posterior))


def _saved(posterior: Posterior, path: Path) -> Path:
    from ..files.staged import staged_file

    staged_file(path, posterior.save)
    return path
