"""The options that commands share. What they choose from is imported only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from . import completion
from .numbers import WholeNumber

DATA_HELP = """
DATA is the name of a reference scenario (see `emvsbayes scenarios`) or a file: CSV with or without a header and with any
delimiter, Parquet, .xlsx, or .npy; - is standard input. Columns of a file without a header are called x, or x1, x2, … when
there are several. Decimal signs, separators of thousands and a header are read off the whole file; where it leaves them
open, one sentence asks for --decimal, --thousands or --header.

Sparse counts are in a Matrix Market file (.mtx) with a row for each observation, whose columns are named in
STEM.features.tsv or features.tsv beside it, one a line; or in Parquet with the columns row, column and count, and a line for
each count above zero, rows and columns numbered from 1.
"""

type Decorator = Callable[[Any], Any]


class NameOf(click.Choice[str]):
    """One of the names that a module lists, which is imported only when they are shown or checked."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names = names
        self.case_sensitive = True

    @cached_property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names."""
        return tuple(self._names())


def _families() -> Iterable[str]:
    from models import families

    return families


def _structures() -> Iterable[str]:
    from models import families

    return dict.fromkeys(structure for family in families.values() for structure in family.covariance_structures)


def mixing_names() -> Iterable[str]:
    """The names of the ways in which weights are free or fixed."""
    from models import mixings

    return mixings


def _estimates() -> Iterable[str]:
    from em import ESTIMATES

    return ESTIMATES


def stacked(*options: Decorator) -> Decorator:
    """Return one decorator that adds all these options, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


family = click.option("--family", type=NameOf(_families), help="What the components are.")
data = stacked(click.argument("data", shell_complete=completion.data), family)
components = click.option("--components", type=WholeNumber(min=1), help="How many components.")
covariance = click.option("--covariance", type=NameOf(_structures), help="Gaussians only.  [default: full]")
# How a file is written, where it does not show itself; for every command that reads one.
reading = stacked(
    click.option("--decimal", type=click.Choice([".", ","]), help="The decimal sign in DATA.  [default: as it shows]"),
    click.option(
        "--thousands", metavar="SIGN", help="What groups thousands: . or , or ' or a space.  [default: as it shows]"
    ),
    click.option("--header/--no-header", default=None, help="Whether line 1 holds names.  [default: as it shows]"),
    click.option(
        "--encoding", help="That of a text file, such as latin-1.  [default: UTF-8, or by its byte order mark]"
    ),
    click.option(
        "--missing",
        type=click.Choice(["refuse", "drop"]),
        help="Refuse missing cells, or drop their rows and say how many.  [default: refuse]",
    ),
)
exposure_file = click.option(
    "--exposure-file",
    metavar="FILE",
    help="The exposures in a file of their own, one a row, where DATA has no column for it.",
)
chosen_columns = stacked(
    click.option("--columns", help="The features, separated by commas; all numeric columns unless given."),
    click.option("--column", multiple=True, help="One feature; may be repeated, and may contain commas."),
    click.option("--counts-column", help="The column that says how often each row was seen."),
    click.option("--weights-column", help="The column of observation weights, which may be fractions: for EM alone."),
    click.option("--exposure-column", help="The column that says how long, or how much, was watched for each count."),
    exposure_file,
)
rows = click.option(
    "--rows", type=WholeNumber(min=1), help="So many of the rows, drawn at random, always the same.  [default: all]"
)
known = click.option(
    "--known",
    metavar="COLUMN",
    help="The column of labels that are known: names, or numbers of components, and empty where nobody knows.",
)
file = stacked(
    chosen_columns,
    covariance,
    click.option("--mixing", type=NameOf(mixing_names), help="Weights free or fixed at 1/k.  [default: free]"),
    reading,
    rows,
)
seed = click.option("--seed", type=WholeNumber(min=0), default=0, show_default=True, help="Every random draw.")
data_seed = click.option("--data-seed", type=int, help="The seed that a scenario's data are simulated from.")
structure = stacked(
    file,
    data_seed,
    click.option("--seed", type=WholeNumber(min=0), default=0, show_default=True, help="Every other random draw."),
)
model = stacked(data, components, structure)
chunked = click.option(
    "--chunked/--in-memory",
    default=None,
    help="Read DATA (text, Parquet, a folder of Parquet files, .npy) part by part in each pass, for what is larger than "
    "memory. [default: chunked for a folder and above a gigabyte of numbers]",
)
starts = click.option("--starts", type=WholeNumber(min=1), default=100, show_default=True, help="EM's starting points.")
start = click.option(
    "--start",
    "start_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="EM's only start, so that its answer is the end of the run from there; the search stands beside it. An estimate in "
    "JSON, TOML, .npz, or a table with a row for each component.",
)
em = stacked(
    starts,
    start,
    click.option(
        "--estimate",
        type=NameOf(_estimates),
        default="mle",
        show_default=True,
        help="Maximum likelihood, or the mode under the prior.",
    ),
)
prior = click.option(
    "--prior",
    metavar="weak|conjugate|FILE",
    help="One unknown scale for all components, learned from the data; the conjugate prior; or the one that a TOML or JSON "
    "file states, such as `emvsbayes prior` prints.  [default: weak]",
)
sampling = stacked(
    click.option("--draws", type=WholeNumber(min=4), default=1000, show_default=True, help="Draws of each chain."),
    click.option("--tune", type=WholeNumber(min=1), default=1000, show_default=True, help="Draws spent on tuning."),
    click.option("--chains", type=WholeNumber(min=1), default=4, show_default=True, help="Independent chains."),
)
max_draws = click.option(
    "--max-draws",
    type=WholeNumber(min=4),
    help="Chains that have not settled go on, to this many draws of each.  [default: 16 times the draws]",
)
max_minutes = click.option(
    "--max-minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="How long the chains may be expected to take; what takes longer is refused before it begins.  [default: 3]",
)
workers = click.option(
    "--workers", type=WholeNumber(min=1), default=2, show_default=True, help="Processes that compute at a time."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def out(default: str | None, what: str) -> Decorator:
    """Return the option for the place of the results, with a default or with its description."""
    shown: dict[str, Any] = {} if default is None else {"default": Path(default), "show_default": True}
    return click.option("-o", "--out", type=click.Path(path_type=Path), help=what, **shown)
