"""What stands in the folder that a command writes to: our own earlier files give way, which is said while they are there."""

from __future__ import annotations

from pathlib import Path

import click


def say_what_is_replaced(folder: Path, *marks: str) -> None:
    """Say on standard error that earlier files of ours will be replaced, while they can still be saved.

    ``marks`` are the JSON documents that such files have beside them.
    """
    from ..files.folders import is_own_report

    if any(is_own_report(folder, mark) for mark in marks):
        click.echo(
            f"{folder} holds earlier results of emvsbayes, which the new ones replace when they are done; "
            "other files there stay.",
            err=True,
        )
