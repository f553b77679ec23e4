"""Run the benchmark: ``python -m tests.benchmarks.verdicts``."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import click

from . import healthy, sick
from .recipe import Recipe
from .run import judge_all

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (*healthy.RECIPES, *sick.RECIPES)}


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default="out/benchmarks", show_default=True)
@click.option("--only", type=click.Choice(list(RECIPES)), multiple=True, help="Some of the recipes; all by default.")
@click.option("--replicates", type=int, help="Data sets of each recipe, unless as many as the recipe says.")
@click.option("--seed", default=0, show_default=True, help="The seed of the first data set of each recipe.")
@click.option("--workers", default=2, show_default=True)
def main(out: Path, only: tuple[str, ...], replicates: int | None, seed: int, workers: int) -> None:
    """Judge data sets of known health, and set what the verdict says beside what they were built to be.

    Every data set is a line of verdicts.csv as soon as it is judged; a run that was stopped goes on where it was.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / "verdicts.csv"
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        running = {}
        for recipe in (RECIPES[name] for name in only or RECIPES):
            seeds = range(seed, seed + (replicates or recipe.replicates))
            running[pool.submit(judge_all, recipe, seeds, path)] = recipe.name
        for done in as_completed(running):
            done.result()
            click.echo(running[done], err=True)


if __name__ == "__main__":
    main()
