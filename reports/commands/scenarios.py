"""``emvsbayes scenarios``: the reference problems."""

from __future__ import annotations

import click


@click.command("scenarios")
def command() -> None:
    """List the reference scenarios: how many observations of how many features, the model, and what it teaches."""
    from models import scenario, scenarios

    rows = [("name", "n", "d", "k", "family", "what it teaches")]
    for each in map(scenario, scenarios):
        data, model = each.data, each.model
        sizes = (f"{data.size:.10g}", str(data.dimension), str(model.components))
        rows.append((each.name, *sizes, model.family, each.lesson))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers, family, lesson in rows:
        counts = "  ".join(f"{text:>{width}}" for text, width in zip(numbers, widths[1:4], strict=True))
        click.echo(f"{name:<{widths[0]}}  {counts}  {family:<{widths[4]}}  {lesson}")
