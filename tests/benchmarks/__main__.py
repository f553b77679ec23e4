"""Run the benchmarks: ``python -m tests.benchmarks``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from .columns import columns
from .commands import commands, first_commands, many_rows
from .cores import cores
from .exposure import exposure
from .fits import accelerated_fits, whole_fits
from .iterations import counts, iterations
from .larger import larger
from .machine import machine
from .priors import priors
from .sampling import gradients, posteriors, sizes
from .scores import scores
from .table import HEAD, Row, line, write

BENCHMARKS: dict[str, Callable[[int, int], Iterator[Row]]] = {
    "iterations": iterations,
    "machine": machine,
    "counts": counts,
    "columns": columns,
    "exposure": exposure,
    "fits": whole_fits,
    "acceleration": accelerated_fits,
    "gradients": gradients,
    "posteriors": posteriors,
    "sizes": sizes,
    "priors": priors,
    "scores": scores,
    "commands": commands,
    "first": first_commands,
    "rows": many_rows,
    "cores": cores,
    "larger": larger,
}


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default="out/benchmarks", show_default=True)
@click.option(
    "--only", type=click.Choice(list(BENCHMARKS)), multiple=True, help="Some of the benchmarks; all by default."
)
@click.option("--repetitions", default=3, show_default=True, help="How often each is timed; the median counts.")
@click.option("--largest", default=10**9, show_default=True, help="Leave out problems with more numbers than this.")
def main(out: Path, only: tuple[str, ...], repetitions: int, largest: int) -> None:
    """Time the suite against its peers in one run, and write the table as CSV and as a picture."""
    rows: list[Row] = []
    click.echo(HEAD)
    for name in only or BENCHMARKS:
        for row in BENCHMARKS[name](repetitions, largest):
            rows.append(row)
            click.echo(line(row))
            write(rows, out)
    click.echo(f"The table is in {out}/benchmarks.csv, its picture in {out}/benchmarks.svg", err=True)


if __name__ == "__main__":
    main()
