"""A prior as a file to edit: TOML with comments that say in words what each number is, and what all say of the data."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from models import Array, Data, Mixture, Model, Prior
from models.exposed import Exposures

from ..files.toml import as_toml
from .facts import model_in_words
from .names import shortened, significant, symbols_with_units

DRAWS = 10_000
TAIL = 0.025
MOST_FEATURES = 6
MOST_PARAMETERS = 12
CONCENTRATION = (
    "1 is uniform over all weights that sum to one. The larger, the more alike the weights; below 1, some are near 0."
)
# The lines are wrapped where they are written.
HEADING = """\
The {called} prior of {model} for {data}: {size:,.10g} observations of {columns}. {origin}

Every number may be changed. {takes}

What it expects before it has seen the data, 95 % of {draws:,} draws and their median; all components are alike:
{expected}"""
TAKES = (
    "`--prior FILE` then takes the file (compare, fit --estimate map, sample, choose, study), and `emvsbayes prior … "
    "--prior FILE --figure prior.svg` draws what it expects under the data."
)
NOT_OF_THE_DATA = "Its numbers are not the ones that these data suggest."


def prior_file(prior: Prior, data: Data) -> str:
    """Return a prior as TOML, with comments that hold it against these data."""
    told = {part: table for part, table in prior.parameters().items() if table is not None}
    comments = {f"components.{name}": meaning for name, meaning in prior.components.meanings.items()}
    return as_toml(told, {**comments, "weights.concentration": CONCENTRATION}, _heading(prior, data))


def _heading(prior: Prior, data: Data) -> str:
    rows = list(_expected(prior, data))
    width = max(len(name) for name, _ in rows)
    return HEADING.format(
        called=prior.called,
        model=model_in_words(prior.model),
        data=shortened(data.name),
        size=data.size,
        columns=", ".join(shortened(column) for column in data.columns[:MOST_FEATURES]),
        origin=prior.origin_in(data).replace("$", "") if prior.is_scaled_from(data) else NOT_OF_THE_DATA,
        takes=TAKES,
        draws=DRAWS,
        expected="\n".join(f"{name:<{width}}  {said}" for name, said in rows),
    )


def _expected(prior: Prior, data: Data) -> Iterator[tuple[str, str]]:
    """Yield what an observation of each feature, and each parameter of a component, is expected to be."""
    rng = np.random.default_rng(DRAWS)
    drawn = prior.sample(rng, (DRAWS,))
    exposures = Exposures.among(data)
    # Each mixture draws one row, which has an exposure of its own.
    exposure = None if exposures is None else exposures.draw(DRAWS, rng)[:, None]
    observed = drawn.sample(1, rng, exposure)[0][:, 0]
    for feature, column in enumerate(data.columns[:MOST_FEATURES]):
        seen = f"; the data: {significant(data.lowest[feature])} to {significant(data.highest[feature])}"
        yield f"an observation of {shortened(column)}", _range(observed[:, feature]) + seen
    names = symbols_with_units(prior.model, drawn, data)
    scalars = prior.model.scalars(drawn, data.columns)
    for name in _of_one_component(prior.model, drawn, data.columns)[:MOST_PARAMETERS]:
        yield names[name], _range(scalars[name])


def _of_one_component(model: Model, drawn: Mixture, columns: tuple[str, ...]) -> list[str]:
    """Return the names of the first component's parameters, and of those that all components share."""
    # A column may be called 2: where it stands is looked up with names that are no numbers.
    places = model.scalars(drawn, tuple(f"column {j}" for j in range(len(columns))))
    numbers = [re.match(r"\w+\[(\d+)[\],]", place) for place in places]
    names = model.scalars(drawn, columns)
    return [name for name, number in zip(names, numbers, strict=True) if number is None or number[1] == "1"]


def _range(draws: Array) -> str:
    low, middle, high = map(float, np.quantile(draws, (TAIL, 0.5, 1 - TAIL)))
    return f"{significant(low, 2)} to {significant(high, 2)}, median {significant(middle, 2)}"
