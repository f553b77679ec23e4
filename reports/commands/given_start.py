"""The start that ``--start`` gives EM, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..reading.dictionaries import about_file
from ..reading.estimates import read_estimate
from .arguments import as_options

if TYPE_CHECKING:
    from models import Mixture

    from .task import Task


def start_given(file: Path | None, task: Task) -> Mixture | None:
    """Return the mixture in the file, from which EM has to be able to start; what is to be said of it is said.

    Raises
    ------
    ValueError
        When the file cannot be read, or when it is no start for this model and these data.
    """
    if file is None:
        return None
    from em import check_start
    from models import Data

    in_memory = task.observations if isinstance(task.observations, Data) else None
    found = read_estimate(file, in_memory)
    with about_file(file):
        check_start(found.mixture, task.model, task.observations.compress())
    for note in found.remarks:
        click.echo(f"{file}: {as_options(note)}", err=True)
    return found.mixture
