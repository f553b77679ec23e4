"""``emvsbayes diff``: two reports side by side."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .errors import DIFFERENT, input_errors


@click.command("diff")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
def command(first: Path, second: Path) -> None:
    """Compare the reports A and B: their data, models and settings, estimates, posteriors and verdicts.

    Each is the folder of a report, or its report.json. The exit status is 0 when they are the same apart from timings, 1
    when they differ, and 2 when one cannot be used.
    """
    from ..reproducing.report_diff import diff

    with input_errors():
        found = diff(first, second)
    click.echo(found.to_text())
    sys.exit(0 if found.same else DIFFERENT)
