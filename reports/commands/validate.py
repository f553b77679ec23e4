"""``emvsbayes validate``: a given estimate, judged."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..validating.codes import FAILURES
from . import options
from .errors import FAILED, BadInputError, input_errors
from .terminal import print_json, progress

if TYPE_CHECKING:
    from models import Data, Given

    from ..validating.judgement import Judgement


def _failures(_context: click.Context, _option: click.Parameter, given: str | None) -> tuple[str, ...]:
    """Return what --fail-on names."""
    from em.wrong_maps import Mistake

    known = (*FAILURES, *map(str, Mistake))
    asked = tuple(code.strip() for code in given.split(",")) if given is not None else ()
    unknown = [code for code in asked if code not in (*known, "any")]
    if unknown:
        raise BadInputError(f"--fail-on has no code {unknown[0]!r}: choose among {', '.join(known)}, or any.")
    return known if "any" in asked else asked


@click.command("validate", epilog=options.DATA_HELP)
@click.argument("data")
@click.option(
    "--estimate",
    "estimate_file",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="The estimate: JSON, TOML, .npz, or a table with a row for each component.",
)
@options.chosen_columns
@options.reading
@options.data_seed
@options.seed
@options.starts
@click.option("--no-posterior", is_flag=True, required=True, help="Judge by EM alone, without sampling.")
@click.option(
    "--fail-on",
    metavar="CODE,…",
    callback=_failures,
    help=f"End with exit status 3 on one of these: {', '.join(FAILURES)}, the code of a mistake, or any for all of them.",
)
@options.as_json
def command(
    data: str,
    estimate_file: Path,
    seed: int,
    starts: int,
    no_posterior: bool,
    fail_on: tuple[str, ...],
    as_json: bool,
    **chosen: Any,
) -> None:
    """Judge a given estimate from DATA: whether it is a maximum, and the highest one, and if not, why not.

    The estimate says itself of which model it is. An estimate that cannot be read ends with exit status 2.
    """
    with input_errors():
        from .task import observed_of

        observations, _ = observed_of(data, **chosen)
        given = _given(estimate_file, observations, as_json)
    judgement = _judged(given, observations, seed, starts)
    if as_json:
        from ..presenting.document import data_document, model_document
        from ..validating.document import given_document

        print_json(
            {
                "data": data_document(observations),
                "model": model_document(given.model),
                "given": given_document(judgement),
            }
        )
    else:
        click.echo(judgement.to_text())
    _fail_on(fail_on, judgement)


def _given(file: Path, data: Data, as_json: bool) -> Given:
    """Read the estimate; a program is answered in JSON also where it cannot be read."""
    from ..reading.estimates import read_estimate
    from ..validating.document import unreadable_document

    try:
        return read_estimate(file, data)
    except ValueError as error:
        if as_json:
            print_json({"given": unreadable_document(str(error))})
        raise


def _judged(given: Given, data: Data, seed: int, starts: int) -> Judgement:
    from em import starts_of

    from ..validating.judgement import judge

    with progress() as bars, input_errors():
        step = bars.stage("EM", starts_of(given.model, starts))
        return judge(given, data, starts, seed, lambda _: step())


def _fail_on(codes: tuple[str, ...], judgement: Judgement) -> None:
    """End with a status of its own when the judgement has one of the codes."""
    named = [code for code in judgement.failures if code in codes]
    if named:
        click.echo(f"The estimate is {', '.join(named)}, which --fail-on asked to fail on.", err=True)
        sys.exit(FAILED)
