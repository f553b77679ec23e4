"""What to fit: the data, the model and the truth that the arguments of a command name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from models import DEFAULT_SEED, Data, Mixture, Model, Rows, in_memory, scenario, scenarios, simulations
from models.given_rows import taken_by
from models.suggestion import suggestion

from ..reading.chunks import LARGE, numbers_in, read_in_chunks
from ..reading.options import Reading
from ..reading.sources import FileSource, ScenarioSource, Source, is_scenario
from ..reading.tables import STANDARD_INPUT, read_rows, require_no_known_column
from .again import flags
from .arguments import as_options


@dataclass(frozen=True)
class Task:
    """What to fit: observations, in memory or not, the model, and for simulated data the truth."""

    observations: Rows
    model: Model
    truth: Mixture | None
    title: str
    source: Source

    @cached_property
    def data(self) -> Data:
        """The observations, for whatever needs all of them in memory; a ``ValueError`` where they are not."""
        return in_memory(self.observations)


def task_of(
    data: str,
    family: str | None = None,
    components: int | None = None,
    columns: str | None = None,
    column: tuple[str, ...] = (),
    counts_column: str | None = None,
    exposure_column: str | None = None,
    weights_column: str | None = None,
    covariance: str | None = None,
    mixing: str | None = None,
    data_seed: int | None = None,
    known: str | None = None,
    chunked: bool | None = False,
    on_part: Callable[[int, int], None] | None = None,
    **written: Any,
) -> Task:
    """Read the data, and check that the model fits them.

    Raises
    ------
    ValueError
        When the arguments do not fit each other, or the data cannot be used.
    """
    if is_scenario(data):
        _require_no_file_options(
            data, columns, column, counts_column, exposure_column, weights_column, known, **written
        )
        return _of_scenario(
            _scenario_source(data, data_seed),
            family,
            components,
            covariance,
            mixing,
        )
    beside = (counts_column, exposure_column, weights_column, known)
    read, source = _of_file(data, columns, column, *beside, data_seed, chunked, on_part, **written)
    if family is None or components is None:
        raise ValueError("a file needs to be told its model: give --family gaussian or poisson, and --components.")
    model = Model.of(read, family, components, covariance, mixing or "free")
    return Task(taken_by(model.family_of_components, read), model, None, read.name, source)


def observed_of(
    data: str,
    columns: str | None = None,
    column: tuple[str, ...] = (),
    counts_column: str | None = None,
    exposure_column: str | None = None,
    weights_column: str | None = None,
    data_seed: int | None = None,
    **written: Any,
) -> tuple[Data, Source]:
    """Read the data alone, and say where they come from.

    Raises
    ------
    ValueError
        When the arguments do not fit each other, or the data cannot be used.
    """
    if is_scenario(data):
        _require_no_file_options(data, columns, column, counts_column, exposure_column, weights_column, None, **written)
        source = _scenario_source(data, data_seed)
        return source.read(), source
    beside = (counts_column, exposure_column, weights_column, None)
    read, of_file = _of_file(data, columns, column, *beside, data_seed, **written)
    return in_memory(read), of_file


def _require_no_file_options(
    data: str,
    columns: str | None,
    column: tuple[str, ...],
    counts_column: str | None,
    exposure_column: str | None,
    weights_column: str | None,
    known: str | None,
    **written: Any,
) -> None:
    if columns or column or counts_column or exposure_column or weights_column:
        raise ValueError(
            "--columns, --counts-column, --exposure-column and --weights-column choose from a file, and "
            f"{data!r} is a scenario: leave them out."
        )
    if known:
        raise ValueError(f"--known names a column of a file, and {data!r} is a scenario: leave it out.")
    said = flags(**written)
    if said:
        raise ValueError(f"{said[0]} says how to read a file, and {data!r} is a scenario: leave it out.")


def _of_file(
    data: str,
    columns: str | None,
    column: tuple[str, ...],
    counts_column: str | None,
    exposure_column: str | None,
    weights_column: str | None,
    known: str | None,
    data_seed: int | None,
    chunked: bool | None = False,
    on_part: Callable[[int, int], None] | None = None,
    **written: Any,
) -> tuple[Rows, FileSource]:
    if data_seed is not None:
        raise ValueError(f"--data-seed applies to scenarios, and {data!r} is none: leave it out.")
    features = [*column, *(columns.split(",") if columns else [])] or None
    path = _existing(data)
    reading = Reading.of(**written)
    beside = (counts_column, exposure_column, weights_column, known)
    read = _read(path, features, *beside, reading, chunked, on_part)
    for note in read.notes:
        click.echo(f"{read.name}: {as_options(note)}", err=True)
    return read, FileSource.of(data, counts_column, reading, exposure_column, weights_column, known)


def _read(
    path: Path,
    features: list[str] | None,
    counts_column: str | None,
    exposure_column: str | None,
    weights_column: str | None,
    known: str | None,
    reading: Reading,
    chunked: bool | None,
    on_part: Callable[[int, int], None] | None,
) -> Rows:
    if chunked is None:
        chunked = path.is_dir() or (reading.rows is None and numbers_in(path, features) > LARGE)
    if chunked:
        require_no_known_column(known, "data that are read part by part")
        return read_in_chunks(
            path,
            features,
            counts_column,
            exposure_column,
            weights_column=weights_column,
            on_part=on_part,
            **reading.said,
        )
    return read_rows(reading, path, features, counts_column, exposure_column, weights_column, known)


def _scenario_source(name: str, data_seed: int | None) -> ScenarioSource:
    if name in simulations:
        return ScenarioSource(name, DEFAULT_SEED if data_seed is None else data_seed)
    if data_seed is not None:
        raise ValueError(f"--data-seed applies to data that are simulated, and {name!r} is real: leave it out.")
    return ScenarioSource(name)


def _of_scenario(
    source: ScenarioSource, family: str | None, components: int | None, covariance: str | None, mixing: str | None
) -> Task:
    known = scenario(source.scenario, source.seed)
    own = known.model
    structure = covariance or (own.covariance if family in (None, own.family) else None)
    model = Model.of(known.data, family or own.family, components or own.components, structure, mixing or own.mixing)
    return Task(known.data, model, source.truth(model), known.title, source)


def _nearby(path: Path) -> list[str]:
    """What somebody may have meant: the scenarios, and the files of that kind that lie where this one was looked for."""
    beside = path.parent.glob(f"*{path.suffix}") if path.suffix else ()
    return [*scenarios, *(str(each) for each in beside)]


def _existing(data: str) -> Path:
    path = Path(data)
    if data != STANDARD_INPUT and not path.exists():
        raise ValueError(f"there is no file {data!r}, and no scenario of that name{suggestion(data, _nearby(path))}")
    return path
