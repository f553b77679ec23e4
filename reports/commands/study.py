"""``emvsbayes study``: thousands of simulated data sets from a known truth, or a calibration of the sampler."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import completion, options
from .again import command_again
from .errors import input_errors
from .numbers import Numbers, WholeNumber, listed
from .terminal import progress

if TYPE_CHECKING:
    from models import Model

    from ..studies.subject import Subject

# What `study --on-my-data` hands on to the reading of the file.
ABOUT_DATA = (
    "family", "components", "columns", "column", "counts_column", "exposure_column", "weights_column", "covariance",
    "mixing",
    "decimal", "thousands", "header", "encoding", "missing", "exposure_file", "rows",
)  # fmt: skip


@click.command("study")
@click.argument("subject", shell_complete=completion.data)
@click.option(
    "--on-my-data",
    is_flag=True,
    help="SUBJECT is a data file: simulate from the estimate on it, or with --calibrate from its posterior.",
)
@options.family
@options.components
@options.file
@click.option("--replications", type=WholeNumber(min=1), help="Data sets of each size.  [default: 1000]")
@click.option(
    "--sizes",
    type=Numbers("--sizes", 1, 10**9, "50,200,1000"),
    help="Numbers of observations, separated by commas.  [default: 50,200,1000,5000; calibrating 50; or your data's]",
)
@click.option("--draws", type=WholeNumber(min=4), help="Draws of each chain.  [default: 500]")
@click.option("--tune", type=WholeNumber(min=1), help="Draws spent on tuning.  [default: 300]")
@click.option(
    "--judged",
    type=WholeNumber(min=0),
    help="Of so many data sets of each size ask for the whole verdict of a report.  [default: one in 50]",
)
@click.option("--bootstrap", type=WholeNumber(min=2), help="Bootstrap intervals, too, each from so many replicates.")
@click.option("--chains", type=WholeNumber(min=1), help="Independent chains.  [default: 2]")
@options.prior
@click.option("--seed", type=WholeNumber(min=0), help="Every random draw.  [default: 0]")
@click.option(
    "--truth",
    metavar="KIND[:NAME=NUMBER,…]",
    help="Data from outside the model: mixture, negative-binomial, zero-inflated, student-t, lognormal, contaminated or "
    "heaped, such as student-t:degrees=3.",
)
@options.workers
@click.option(
    "--limit",
    type=click.FloatRange(min=0.1),
    default=120.0,
    show_default=True,
    help="Seconds a replicate may take.",
)
@click.option(
    "--dask", metavar="ADDRESS", help="Compute on the Dask cluster with this scheduler, such as tcp://host:8786."
)
@click.option(
    "--calibrate",
    is_flag=True,
    help="Calibrate the sampler instead: truths from the prior, and their ranks among posterior draws.",
)
@options.out(None, "The study's folder.  [default: out/NAME-study, out/NAME-calibration]")
def command(
    subject: str,
    workers: int,
    limit: float,
    dask: str | None,
    calibrate: bool,
    on_my_data: bool,
    out: Path | None,
    sizes: tuple[int, ...] | None,
    truth: str | None,
    **asked: Any,
) -> None:
    """Simulate from a known truth again and again: bias, coverage, and where EM and the posterior come to agree.

    SUBJECT is a reference scenario (see `emvsbayes scenarios`) or a TOML file that states family, weights and the
    components' parameters, and may say how the data depart from that; --components says how many are fitted, where the
    truth has more or fewer. With --on-my-data it is a data file, and the options about data and model are those of
    `emvsbayes compare`. Every finished data set is kept at once: the same command goes on where it was stopped.
    """
    from ..studies.kinds import CALIBRATION, COVERAGE, OWN_FILES
    from ..studies.running.place import open_store, workplace

    kind = CALIBRATION if calibrate else COVERAGE
    about_data = {name: asked.pop(name) for name in ABOUT_DATA}
    chosen = {name: value for name, value in asked.items() if value is not None}
    with ExitStack() as stack:
        with input_errors():
            about = _subject(subject, truth, on_my_data, about_data, chosen.get("seed", 0))
            settings = _with_prior_read(chosen, about.model)
            design: Any = (kind.plan_on_own_data if on_my_data else kind.plan)(about, sizes, settings)
            folder = out or Path("out") / f"{design.name}-{kind.name}"
            place = stack.enter_context(workplace(dask, workers))
            store = stack.enter_context(open_store(folder, design, OWN_FILES))
        again = command_again(
            "study",
            subject,
            **chosen,
            sizes=None if sizes is None else listed(sizes),
            truth=truth,
            calibrate=calibrate or None,
            on_my_data=on_my_data or None,
            **about_data,
        )
        with progress() as bars:
            found: Any = kind.run(design, store, place, limit, bars)
        page = kind.write(found, folder, again)
    click.echo(found.to_text())
    for line in found.incident_lines:
        click.echo(line, err=True)
    click.echo(f"The {kind.name} is in {page}")


def _with_prior_read(chosen: dict[str, Any], model: Model) -> dict[str, Any]:
    """Return the settings with the parameters of the prior where a file of them is given."""
    from .given_prior import prior_given

    given = prior_given(chosen.get("prior"), model)
    return chosen if given is None or isinstance(given, str) else {**chosen, "prior": given.parameters()}


def _subject(subject: str, truth: str | None, on_my_data: bool, about_data: dict[str, Any], seed: int) -> Subject:
    """Return what the study is about: a scenario, a TOML file, or the estimate on a data file."""
    from ..studies.departing import Departing

    departing = None if truth is None else Departing.of_option(truth)
    if on_my_data:
        from ..studies.own_data import own_subject
        from .task import task_of

        task = task_of(subject, **about_data)
        about = own_subject(task.data, task.model, task.title, seed)
        return about if departing is None else about.departing(departing)
    given = [name for name, value in about_data.items() if value not in (None, ()) and name != "components"]
    if given:
        raise ValueError(f"--{given[0].replace('_', '-')} says how to read a data file: it needs --on-my-data.")
    from ..studies.subject import subject as subject_of

    return subject_of(subject, departing, about_data["components"])
