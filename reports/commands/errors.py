"""How a command ends: its exit statuses, and one sentence for what the user can put right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from .arguments import as_options

DIFFERENT = 1
BAD_INPUT = 2
FAILED = 3


class BadInputError(click.ClickException):
    """Something the user can put right."""

    exit_code = BAD_INPUT


@contextmanager
def input_errors() -> Iterator[None]:
    """Turn the ``ValueError`` of bad input into one sentence and exit status 2."""
    try:
        yield
    except ValueError as error:
        raise BadInputError(as_options(str(error))) from None
