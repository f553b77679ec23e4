"""``emvsbayes compare``: both fits, the verdict and the report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..judging.codes import ALL_CODES
from . import options
from .again import command_again
from .arguments import as_options
from .errors import FAILED, BadInputError, input_errors
from .replacing import say_what_is_replaced
from .rescue import saved
from .terminal import print_json, progress

if TYPE_CHECKING:
    from ..judging.comparison import Comparison
    from .task import Task


def _codes(_context: click.Context, _option: click.Parameter, given: str | None) -> tuple[str, ...]:
    """Return the reasons that --fail-on names."""
    asked = tuple(code.strip() for code in given.split(",")) if given is not None else ()
    unknown = [code for code in asked if code not in (*ALL_CODES, "any")]
    if unknown:
        raise BadInputError(f"--fail-on has no code {unknown[0]!r}: choose among {', '.join(ALL_CODES)}, or any.")
    return ALL_CODES if "any" in asked else asked


@click.command("compare", epilog=options.DATA_HELP)
@options.model
@options.known
@options.em
@options.prior
@options.sampling
@options.max_draws
@options.max_minutes
@options.out(None, "The report's folder.  [default: out/NAME]")
@click.option("--figures", type=click.Choice(["svg", "png"]), help="Write every figure as a file of its own, too.")
@click.option(
    "--fail-on",
    metavar="CODE,…",
    callback=_codes,
    help="End with exit status 3 when the verdict has one of these codes (any for all of them): "
    f"{', '.join(ALL_CODES)}.",
)
@click.option(
    "--exact",
    is_flag=True,
    help="Grade both sides against the exact posterior, or say that it is out of reach. "
    "Gaussians get the conjugate prior for it.",
)
@options.as_json
def command(
    out: Path | None,
    figures: str | None,
    fail_on: tuple[str, ...],
    exact: bool,
    prior: str | None,
    as_json: bool,
    data: str,
    seed: int,
    draws: int,
    tune: int,
    chains: int,
    starts: int,
    start_file: Path | None,
    estimate: str,
    max_draws: int | None,
    max_minutes: float | None,
    **chosen: Any,
) -> None:
    """Fit DATA both ways, compare, and write the report."""
    with input_errors():
        from models import as_text, require_whole_weights

        from ..presenting.write import DOCUMENT, check_report_folder
        from .given_prior import prior_given
        from .given_start import start_given
        from .task import task_of

        task = task_of(data, **chosen)
        require_whole_weights(task.data)
        given, start = prior_given(prior, task.model), start_given(start_file, task)
        folder = out or Path("out") / task.data.name
        check_report_folder(folder, figures)
        say_what_is_replaced(folder, DOCUMENT)
    settings: dict[str, Any] = {
        "seed": seed, "draws": draws, "tune": tune, "chains": chains, "starts": starts, "estimate": estimate,
    }  # fmt: skip
    settings |= {"exact": True} if exact else {}
    settings |= {"prior": prior} if prior else {}
    settings |= {"max_draws": max_draws} if max_draws is not None else {}
    settings |= {"max_minutes": max_minutes} if max_minutes is not None else {}
    again = command_again("compare", data, **chosen, **settings, start=start_file)
    comparison = compared(task, {**settings, "prior": given, "start": start}, again)
    page = saved(lambda place: comparison.save(place, figures), folder)
    if as_json:
        print_json(comparison.document())
    else:
        click.echo(as_text(comparison.in_words(as_options)))
    click.echo(f"The report is in {page}", err=as_json)
    _fail_on(fail_on, comparison.verdict.codes)


def compared(task: Task, settings: dict[str, Any], again: str) -> Comparison:
    """Compare with a progress bar; ``again`` is the command that makes the report again."""
    from ..comparing.equivalence import EquivalenceError
    from ..comparing.exact import NoExactPosteriorError
    from ..judging.comparison import compare

    try:
        with progress() as bars:
            return compare(
                task.data,
                **task.model.specification,
                **settings,
                truth=task.truth,
                source=task.source,
                title=task.title,
                command=again,
                progress=bars,
            )
    except EquivalenceError as error:
        raise click.ClickException(str(error)) from None
    except NoExactPosteriorError as error:
        raise BadInputError(f"--{error}") from None


def _fail_on(codes: tuple[str, ...], found: tuple[str, ...]) -> None:
    """End with a status of its own when the verdict has one of the codes."""
    named = [code for code in found if code in codes]
    if named:
        click.echo(f"The verdict has {', '.join(named)}, which --fail-on asked to fail on.", err=True)
        sys.exit(FAILED)
