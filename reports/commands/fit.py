"""``emvsbayes fit``: EM alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .errors import input_errors
from .terminal import print_json, progress


@click.command("fit", epilog=options.DATA_HELP)
@options.model
@options.known
@options.chunked
@options.em
@options.prior
@click.option("--audit", is_flag=True, help="Add standard errors, and what EM itself can say about its answer.")
@options.as_json
@click.option("--verbose", is_flag=True, help="With --json, every start, in place of a line for each optimum.")
def command(
    data: str,
    seed: int,
    starts: int,
    start_file: Path | None,
    estimate: str,
    prior: str | None,
    audit: bool,
    as_json: bool,
    verbose: bool,
    chunked: bool | None,
    **chosen: Any,
) -> None:
    """Fit DATA by EM alone and print the estimate."""
    with progress() as bars:
        with input_errors():
            if prior and estimate != "map":
                raise ValueError("--prior has no part in maximum likelihood: give --estimate map, or leave it out.")
            from models import Data, SparseData, in_memory

            from .given_prior import prior_given
            from .given_start import start_given
            from .task import task_of

            task = task_of(data, **chosen, chunked=chunked, on_part=bars.passes("reading"))
            given, start = prior_given(prior, task.model), start_given(start_file, task)
            if audit and not isinstance(task.observations, SparseData):
                in_memory(task.observations.compress())
        from em import audit as audit_of
        from em import beside, fit, rounding, starts_of

        step = bars.stage("EM", starts_of(task.model, starts))
        meant: dict[str, Any] = {**task.model.specification, "estimate": estimate, "prior": given}
        found = fit(task.observations, **meant, starts=starts, seed=seed, on_start=lambda _: step())
        if start is not None:
            found = beside(fit(task.observations, **meant, start=start), found)
    audited = audit_of(found) if audit else None
    if as_json:
        from ..presenting.fit_document import fit_document, fit_in_short
        from ..presenting.inputs import data_document

        added = {} if audited is None else {"audit": audited.to_dict()}
        estimate_document = fit_document(found) if verbose else fit_in_short(found)
        print_json({"data": data_document(found.observations), **estimate_document, **added})
    else:
        # The audit says it itself; rows that are never all in memory are not looked at one by one.
        silent = audit or not isinstance(found.observations, Data)
        rounded = () if silent else rounding(found)
        click.echo("\n".join([*(f"WARNING: {each.sentence}" for each in rounded), repr(audited or found)]))
