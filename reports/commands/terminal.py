"""What a command shows: progress on standard error, results on standard output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click


@contextmanager
def progress() -> Iterator[Any]:
    """Show a bar for each stage until the block ends."""
    from ..running.bars import progress_bars

    with progress_bars() as bars:
        yield bars


def print_json(whole: dict[str, Any]) -> None:
    """Print a document as JSON."""
    from ..files.documents import as_json, finite

    click.echo(as_json(finite(whole)), nl=False)
