"""``emvsbayes scenarios``: the reference problems."""

from __future__ import annotations

import click


@click.command("scenarios")
def command() -> None:
    """List the reference scenarios."""
    from models import scenarios

    width = max(map(len, scenarios))
    for name, title in scenarios.items():
        click.echo(f"{name:<{width}}  {title}")
