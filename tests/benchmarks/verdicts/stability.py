"""Whether the three statuses depend on the seed: the same data sets, judged with many: ``… verdicts.stability``."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np

from . import healthy, misfit, sick, textbook
from .recipe import Recipe
from .run import compared

# Of each sort some: thirty data sets.
HEALTHY, SICK, TEXTBOOK = healthy.RECIPES[:17], sick.RECIPES[:3], textbook.RECIPES[1:3]
CHOSEN = {recipe.name: recipe for recipe in (*HEALTHY, *misfit.RECIPES, *SICK, *TEXTBOOK)}
type Statuses = tuple[str, str, str]


def statuses(recipe: Recipe, seed: int) -> Statuses:
    """Judge the first data set of a recipe with one seed for all that is random after it."""
    found = compared(recipe.make(np.random.default_rng(0)), np.random.default_rng([1, seed])).verdict
    return found.status, found.fit.status, found.precision.status


@click.command()
@click.option("--seeds", default=20, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default="out/benchmarks", show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes.")
def main(seeds: int, out: Path, workers: int) -> None:
    """Print for each data set how often its commonest statuses were found, and whether one seed contradicts another.

    Every seed is a line of stability.csv as soon as it is judged; a run that was stopped goes on where it was.
    """
    out.mkdir(parents=True, exist_ok=True)
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        running = [pool.submit(_judge_all, name, seeds, out / "stability.csv") for name in CHOSEN]
        for done in running:
            done.result()
    lines = list(said_of(read(out / "stability.csv"), seeds))
    click.echo("\n".join(lines))
    (out / "stability.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _judge_all(name: str, seeds: int, path: Path) -> None:
    """Judge with every seed that the file has no line for yet."""
    done = read(path).get(name, {})
    for seed in range(seeds):
        if seed not in done:
            found = ",".join([name.replace(",", ";"), str(seed), *statuses(CHOSEN[name], seed)])
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{found}\n")


def read(path: Path) -> dict[str, dict[int, Statuses]]:
    """Every line of the file: the statuses of each data set by seed; none when there is no file."""
    found: dict[str, dict[int, Statuses]] = {}
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            for name, seed, agreement, fit, precision in csv.reader(file):
                found.setdefault(name.replace(";", ","), {})[int(seed)] = (agreement, fit, precision)
    return found


def said_of(found: dict[str, dict[int, Statuses]], seeds: int) -> Iterator[str]:
    """A line for each data set, and one for all."""
    alike, whole, opposed = 0, 0, 0
    for name, by_seed in found.items():
        counted = Counter(status for seed, status in by_seed.items() if seed < seeds)
        (commonest, times), kinds = counted.most_common(1)[0], {status[0] for status in counted}
        alike, whole, opposed = alike + times, whole + counted.total(), opposed + ({"agree", "differ"} <= kinds)
        others = "; ".join(f"{times} {' '.join(status)}" for status, times in counted.most_common()[1:])
        yield f"{name:30} {times:3} of {counted.total()}  {' '.join(commonest)}{f'  ({others})' if others else ''}"
    yield f"{alike / whole:.1%} of {whole} alike; agree against differ in {opposed} data sets"


if __name__ == "__main__":
    main()
