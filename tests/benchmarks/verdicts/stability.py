"""Whether the three statuses depend on the seed: the same data sets, judged with many: ``… verdicts.stability``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
import numpy as np

from . import healthy, misfit, sick, textbook
from .recipe import Recipe
from .run import compared

# Of each sort some: thirty data sets.
CHOSEN = (*healthy.RECIPES, *misfit.RECIPES, *sick.RECIPES[:3], *textbook.RECIPES[1:3])


def statuses(recipe: Recipe, seed: int) -> tuple[str, str, str]:
    """Judge the first data set of a recipe with one seed for all that is random after it."""
    found = compared(recipe.make(np.random.default_rng(0)), np.random.default_rng([1, seed])).verdict
    return found.status, found.fit.status, found.precision.status


@click.command()
@click.option("--seeds", default=20, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default="out/benchmarks", show_default=True)
def main(seeds: int, out: Path) -> None:
    """Print for each data set how often its commonest statuses were found, and whether one seed contradicts another."""
    out.mkdir(parents=True, exist_ok=True)
    alike, whole, opposed = 0, 0, 0
    lines = []
    for recipe in CHOSEN:
        found = Counter(statuses(recipe, seed) for seed in range(seeds))
        (commonest, times), kinds = found.most_common(1)[0], {status[0] for status in found}
        alike, whole, opposed = alike + times, whole + seeds, opposed + ({"agree", "differ"} <= kinds)
        lines.append(
            f"{recipe.name:30} {times:3} of {seeds}  {' '.join(commonest)}  {dict(found) if len(found) > 1 else ''}"
        )
        click.echo(lines[-1])
    lines.append(f"{alike / whole:.1%} of {whole} alike; agree against differ in {opposed} data sets")
    click.echo(lines[-1])
    (out / "stability.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
