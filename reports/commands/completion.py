"""What the shell completes: names that nobody wants to wait for, so that no library is imported for them."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

# Those of models.scenarios, which takes as long to import as a person takes to type the name.
SCENARIOS = (
    "poisson-three", "gaussian-five", "gaussian-two", "counts-many", "poisson-exposure", "old-faithful", "galaxies",
    "acidity", "iris", "horse-kicks", "times-deaths", "earthquakes",
)  # fmt: skip


def data(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete DATA: a scenario by its name, else a file."""
    return [CompletionItem(begun, type="file"), *_beginning(begun, SCENARIOS)]


def lesson(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of a lesson."""
    from ..lessons import titles

    return _beginning(begun, titles)


def exercise(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of an exercise."""
    from ..exercises import titles

    return _beginning(begun, titles)


def _beginning(begun: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(begun)]
