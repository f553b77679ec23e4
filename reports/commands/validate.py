"""``emvsbayes validate``: a given estimate, judged."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..validating.codes import FAILURES
from . import completion, options
from .again import command_again
from .errors import FAILED, BadInputError, input_errors
from .replacing import say_what_is_replaced
from .rescue import saved
from .terminal import print_json, progress
from .validate_posterior import judged_draws, names, posterior_files

if TYPE_CHECKING:
    from models import Data, Given

    from ..validating.draws import JudgedDraws
    from ..validating.judgement import Judgement
    from ..validating.validate import Validation


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
@click.argument("data", shell_complete=completion.data)
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
@options.rows
@options.covariance
@click.option(
    "--mixing", type=options.NameOf(options.mixing_names), help="Weights free or fixed at 1/k.  [default: as it shows]"
)
@options.data_seed
@options.seed
@options.starts
@click.option(
    "--no-posterior", is_flag=True, help="Judge by EM alone, without sampling, in seconds; no report is written."
)
@posterior_files
@names
@options.prior
@options.sampling
@options.max_draws
@options.max_minutes
@options.out(None, "The report's folder.  [default: out/NAME-validated]")
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
    no_posterior: bool,
    posterior_files: tuple[Path, ...],
    names: dict[str, str],
    fail_on: tuple[str, ...],
    as_json: bool,
    out: Path | None,
    covariance: str | None,
    mixing: str | None,
    seed: int,
    starts: int,
    draws: int,
    tune: int,
    chains: int,
    prior: str | None,
    max_draws: int | None,
    max_minutes: float | None,
    **chosen: Any,
) -> None:
    """Judge a given estimate from DATA: whether it is a maximum, and the highest one, and if not, why not.

    The estimate says itself of which model it is. Unless --no-posterior is given, it is held against the posterior as well,
    and the report of the comparison shows it. Draws of another program, --posterior, are judged beside it. An estimate that
    cannot be read ends with exit status 2.
    """
    with input_errors():
        from models import require_whole_weights

        from .task import observed_of

        observations, source = observed_of(data, **chosen)
        if posterior_files or not no_posterior:
            require_whole_weights(observations)
        given = _given(estimate_file, observations, as_json, covariance, mixing)
    draws_of_theirs = (
        judged_draws(observations, given.model, posterior_files, names, prior, given, no_posterior, seed)
        if posterior_files
        else None
    )
    if no_posterior:
        judgement = _judged(given, observations, seed, starts)
        _show(judgement, draws_of_theirs, as_json)
        _fail_on(fail_on, judgement)
        return
    settings: dict[str, Any] = {"seed": seed, "starts": starts, "draws": draws, "tune": tune, "chains": chains}
    settings |= {"prior": prior} if prior else {}
    settings |= {"max_draws": max_draws} if max_draws is not None else {}
    settings |= {"max_minutes": max_minutes} if max_minutes is not None else {}
    meant = {"covariance": covariance, "mixing": mixing}
    again = command_again("validate", data, estimate=str(estimate_file), **meant, **chosen, **settings)
    folder = out or Path("out") / f"{observations.name}-validated"
    with input_errors():
        from ..presenting.write import DOCUMENT, check_report_folder

        check_report_folder(folder)
        say_what_is_replaced(folder, DOCUMENT)
    validation = _validated(given, observations, settings | {"source": source, "command": again})
    page = saved(validation.save, folder)
    if as_json:
        print_json({**validation.document(), **_document_of(draws_of_theirs)})
    else:
        click.echo(repr(validation))
        _say(draws_of_theirs)
    click.echo(f"The report is in {page}", err=as_json)
    _fail_on(fail_on, validation.judgement)


def _given(file: Path, data: Data, as_json: bool, covariance: str | None, mixing: str | None) -> Given:
    """Read the estimate; a program is answered in JSON also where it cannot be read."""
    from ..reading.estimates import read_estimate
    from ..validating.document import unreadable_document
    from ..validating.meant import meant

    try:
        return meant(read_estimate(file, data), data, covariance, mixing)
    except ValueError as error:
        if as_json:
            print_json({"given": unreadable_document(str(error))})
        raise


def _judged(given: Given, data: Data, seed: int, starts: int) -> Judgement:
    from em import starts_of

    from ..validating.judgement import judge

    with progress() as bars, input_errors():
        step = bars.stage("EM", starts_of(given.model, starts))
        return judge(data, given, starts=starts, seed=seed, on_start=lambda _: step())


def _validated(given: Given, data: Data, settings: dict[str, Any]) -> Validation:
    from ..comparing.equivalence import EquivalenceError
    from ..validating.validate import validate

    try:
        with progress() as bars, input_errors():
            return validate(data, given, progress=bars, **settings)
    except EquivalenceError as error:
        raise click.ClickException(str(error)) from None


def _show(judgement: Judgement, draws: JudgedDraws | None, as_json: bool) -> None:
    if not as_json:
        click.echo(judgement.to_text())
        _say(draws)
        return
    from ..presenting.inputs import data_document, model_document
    from ..validating.document import given_document

    documents = {"data": data_document(judgement.data), "model": model_document(judgement.given.model)}
    print_json({**documents, "given": given_document(judgement), **_document_of(draws)})


def _say(draws: JudgedDraws | None) -> None:
    """Say what was found of the other program's draws, if there are any."""
    if draws is not None:
        click.echo(f"\nThe draws of --posterior:\n{draws!r}")


def _document_of(draws: JudgedDraws | None) -> dict[str, Any]:
    """Return what was found of the other program's draws, under a name of its own."""
    if draws is None:
        return {}
    from ..validating.draws_document import draws_document

    return {"draws": draws_document(draws)}


def _fail_on(codes: tuple[str, ...], judgement: Judgement) -> None:
    """End with a status of its own when the judgement has one of the codes."""
    named = [code for code in judgement.failures if code in codes]
    if named:
        click.echo(f"The estimate is {', '.join(named)}, which --fail-on asked to fail on.", err=True)
        sys.exit(FAILED)
