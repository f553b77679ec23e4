"""``emvsbayes pictures``: EM step by step, drawn for teaching."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .errors import input_errors
from .numbers import Numbers
from .replacing import say_what_is_replaced
from .terminal import progress

if TYPE_CHECKING:
    from em import Fit
    from models import Mixture

    from .task import Task

# No start takes more steps.
STEPS = Numbers("--steps", 0, 2000, "0,3,6-9", range_sign="-")


def _kinds_of_start() -> Iterable[str]:
    from ..pictures.start import STARTS

    return STARTS


@click.command("pictures", epilog=options.DATA_HELP)
@options.model
@click.option(
    "--start",
    type=options.NameOf(_kinds_of_start),
    default="poor",
    show_default=True,
    help="Where EM starts; poor is the lowest of twenty random starts that lead to the highest end.",
)
@click.option(
    "--steps",
    type=STEPS,
    help="The steps to draw, such as 0,3,6-9; 0 is the start.  [default: 0,3,6,9]",
)
@click.option("--form", type=click.Choice(["svg", "png"]), default="svg", show_default=True, help="The files' format.")
@click.option(
    "--posterior/--no-posterior",
    default=True,
    show_default=True,
    help="Of one feature, sample the posterior and draw its band, too.",
)
@options.out(None, "The pictures' folder.  [default: out/NAME-pictures]")
def command(
    data: str,
    seed: int,
    start: str,
    steps: tuple[int, ...] | None,
    form: str,
    posterior: bool,
    out: Path | None,
    **chosen: Any,
) -> None:
    """Draw for teaching: DATA, the steps of EM from a poor start, and the clusters and density that it finds."""
    from ..pictures.drawings import CONTENTS, check_pictures, pictures, steps_to_show, write_pictures
    from ..pictures.start import RANDOM_STARTS, climb_from
    from .task import task_of

    with input_errors():
        task = task_of(data, **chosen)
        folder = out or Path("out") / f"{task.data.name}-pictures"
        check_pictures(folder, [])
        say_what_is_replaced(folder, CONTENTS)
    with progress() as bars:
        on_start = bars.stage("starts", RANDOM_STARTS) if start == "poor" else None
        fit = climb_from(task.data, task.model, start, seed, on_start)
        draws = partial(_posterior_draws, task, seed, bars) if posterior else None
        with input_errors():
            shown = steps_to_show(fit, None if steps is None else sorted(set(steps)))
            drawings = pictures(fit, shown, task.truth, draws)
            check_pictures(folder, [f"{name}.{form}" for name in drawings])
        paths = write_pictures(fit, drawings, folder, form, bars.stage("pictures", len(drawings)))
    click.echo(_steps_table(fit))
    for path in paths:
        click.echo(path)


def _posterior_draws(task: Task, seed: int, bars: Any) -> Mixture:
    from bayes import sample

    draws, tune, chains = 1000, 1000, 4
    step = bars.stage("NUTS", chains * (draws + tune))
    posterior = sample(
        task.data, **task.model.specification, draws=draws, tune=tune, chains=chains, seed=seed, on_draw=step
    )
    for sentence in posterior.warnings:
        click.echo(f"WARNING: {sentence}", err=True)
    return posterior.mixture


def _steps_table(fit: Fit) -> str:
    """Tell what EM reached after each step, and how it started and ended."""
    rows = [f"{step:4d}  {value:18.6f}" for step, value in enumerate(fit.climb.log_likelihood)]
    reason = f": {fit.climb.reason}" if fit.climb.reason else ""
    return "\n".join(
        [
            f"start: {fit.starts[0].kind}",
            "step      log-likelihood",
            *rows,
            f"{fit.status} after {fit.steps} steps{reason}",
        ]
    )
