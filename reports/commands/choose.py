"""``emvsbayes choose``: how many components."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .again import command_again
from .errors import input_errors
from .numbers import Numbers, listed
from .replacing import say_what_is_replaced
from .rescue import saved
from .terminal import print_json, progress

COMPONENTS = Numbers("--components", 1, 100, "1:6 or 2,3,5")


@click.command("choose", epilog=options.DATA_HELP)
@options.data
@click.option(
    "--components",
    "numbers",
    type=COMPONENTS,
    default="1:6",
    show_default=True,
    help="The numbers of components to choose from: 1:6, or 2,3,5, or both.",
)
@options.structure
@options.known
@options.starts
@options.prior
@options.sampling
@options.max_minutes
@options.out(None, "The page's folder.  [default: out/NAME-choice]")
@options.as_json
def command(
    data: str,
    numbers: tuple[int, ...],
    out: Path | None,
    as_json: bool,
    seed: int,
    draws: int,
    tune: int,
    chains: int,
    starts: int,
    prior: str | None,
    max_minutes: float | None,
    **chosen: Any,
) -> None:
    """Choose how many components DATA have: AIC, BIC, ICL, leave-one-out score and evidence, side by side."""
    with input_errors():
        from models import require_labels_fit, require_whole_weights

        from ..choice.model_choice import choose
        from ..choice.write import DOCUMENT, check_choice_folder
        from .given_prior import prior_given
        from .task import task_of

        task = task_of(data, **chosen, components=max(numbers))
        require_whole_weights(task.data)
        require_labels_fit(task.data, min(numbers))
        given = prior_given(prior, task.model)
        folder = out or Path("out") / f"{task.data.name}-choice"
        check_choice_folder(folder)
        say_what_is_replaced(folder, DOCUMENT)
    settings: dict[str, Any] = {"seed": seed, "draws": draws, "tune": tune, "chains": chains, "starts": starts}
    settings |= {"prior": prior} if prior else {}
    settings |= {"max_minutes": max_minutes} if max_minutes is not None else {}
    with progress() as bars:
        found = choose(
            task.data,
            **{**task.model.specification, "components": numbers},
            **{**settings, "prior": given},
            title=task.title,
            command=command_again("choose", data, **chosen, components=listed(numbers), **settings),
            progress=bars,
        )
    page = saved(found.save, folder)
    if as_json:
        print_json(found.document())
    else:
        click.echo(repr(found))
    click.echo(f"The page is in {page}", err=as_json)
