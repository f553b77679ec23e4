"""Run the benchmark: ``python -m tests.benchmarks.verdicts``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import click

from . import healthy, misfit, sick, textbook
from .recipe import Recipe
from .run import judge_all, read
from .table import confusion, draw, line

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (*sick.RECIPES, *misfit.RECIPES, *textbook.RECIPES, *healthy.RECIPES)
}


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default="out/benchmarks", show_default=True)
@click.option("--only", type=click.Choice(list(RECIPES)), multiple=True, help="Some of the recipes; all by default.")
@click.option("--replicates", type=int, help="Data sets of each recipe at most; unless given, what the recipe says.")
@click.option("--seed", default=0, show_default=True, help="The seed of the first data set of each recipe.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
def main(out: Path, only: tuple[str, ...], replicates: int | None, seed: int, workers: int) -> None:
    """Judge data sets of known health, and set what the verdict says beside what they were built to be.

    Every data set is a line of verdicts.csv as soon as it is judged; a run that was stopped goes on where it was.
    """
    out.mkdir(parents=True, exist_ok=True)
    # The processes are what runs side by side; threads of linear algebra in each would wait for one another.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    chosen = [RECIPES[name] for name in only or RECIPES]
    for name in _judged(chosen, seed, replicates, workers, out / "verdicts.csv"):
        click.echo(name, err=True)
    table = confusion(read(out / "verdicts.csv"), RECIPES.values())
    table.to_csv(out / "confusion.csv")
    draw(table, RECIPES.values(), out / "confusion.svg")
    for kind, row in table.iterrows():
        click.echo(line(str(kind), row))


def _judged(recipes: Iterable[Recipe], seed: int, replicates: int | None, workers: int, path: Path) -> Iterator[str]:
    """Judge each recipe's data sets in a process, and name the recipe when it is done."""
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        running = {}
        for recipe in recipes:
            seeds = range(seed, seed + min(recipe.replicates, replicates or recipe.replicates))
            running[pool.submit(judge_all, recipe, seeds, path)] = recipe.name
        for done in as_completed(running):
            done.result()
            yield running[done]


if __name__ == "__main__":
    main()
