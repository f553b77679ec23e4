"""What a saved report was computed from, so that it can be computed again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from models import Data, Mixture, Model, Prior

from ..judging.comparison import Comparison, compare
from ..reading.sources import FileSource, ScenarioSource, Source, source_of
from ..reading.tables import read_data
from ..running.progress import Progress
from .saved import SavedReport, printable


@dataclass(frozen=True)
class Recipe:
    """Data, model, prior, truth and settings of a saved report: all that its numbers follow from."""

    saved: SavedReport
    source: Source | None
    data: Data
    model: Model
    prior: Prior
    truth: Mixture | None
    start: Mixture | None = None

    @property
    def has_own_prior(self) -> bool:
        """Whether somebody chose another prior than the one that is scaled from the data."""
        return not self.prior.is_scaled_from(self.data)

    def compute(self, progress: Progress | None = None) -> Comparison:
        """Compare again; title, command and seconds, which are not computed, stay those of the report."""
        document, model = self.saved.document, self.model
        found = compare(
            self.data,
            **model.specification,
            prior=self.prior,
            seed=document["provenance"]["seed"],
            **_settings(document["provenance"]["settings"]),
            truth=self.truth,
            start=self.start,
            title=document["title"],
            command=document["provenance"]["command"],
            max_minutes=np.inf,
            exact=document["exact"] is not None,
            source=self.source,
            progress=progress,
        )
        found.seconds.clear()
        found.seconds.update(document["provenance"]["seconds"])
        return found


def _settings(said: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a report; before chains went on by themselves they ended after the draws asked for."""
    return {"max_draws": said["draws"], **said}


def recipe_of(saved: SavedReport, data: ArrayLike | Data | Path | None = None, **written: Any) -> Recipe:
    """Read the data that a report names, or those that are given for them, and make sure that they are the same.

    ``written`` says how the file is to be read, as in ``read_data``, where it is not as the report says.

    Raises
    ------
    ValueError
        When the data cannot be read or are others, or when data and model do not fit each other.
    """
    document = saved.document
    if "given" in document:
        raise ValueError(
            "this report judges a given estimate, which stands in a file of its own: make it again by the command that its "
            "last section names."
        )
    source = source_of(document["data"]["source"])
    read = _data(saved, source, data, {name: value for name, value in written.items() if value is not None})
    if read.sha256 != document["data"]["sha256"]:
        raise ValueError(
            f"the data are not those of the report: their SHA-256 is {read.sha256[:12]}…, "
            f"the report's {printable(document['data']['sha256'][:12])}…."
        )
    said = document["model"]
    model = Model.of(read, said["family"], said["components"], said["covariance"], said["mixing"])
    stated = Prior.of(said["prior"], model)
    usual = model.prior(read, stated.called)
    prior = usual if stated.is_like(usual) else stated
    start = _mixture("start", document["start"], read, model) if "start" in document else None
    return Recipe(saved, source, read, model, prior, _truth(document, source, read, model), start)


def _data(
    saved: SavedReport, source: Source | None, given: ArrayLike | Data | Path | None, written: dict[str, Any]
) -> Data:
    """Return the data under the name and the columns' names that the report has for them."""
    said = saved.document["data"]
    columns = tuple(said["columns"])
    if given is None or isinstance(given, (str, Path)):
        found = _read(saved, source, None if given is None else Path(given), written)
    else:
        found = given if isinstance(given, Data) else Data.of(given)
    if found.dimension != len(columns):
        raise ValueError(f"the data have {found.dimension} columns, those of the report {len(columns)}.")
    return replace(found, columns=columns, name=said["name"], notes=tuple(said.get("notes", ())))


def _read(saved: SavedReport, source: Source | None, instead: Path | None, written: dict[str, Any]) -> Data:
    columns = tuple(saved.document["data"]["columns"])
    if isinstance(source, FileSource):
        return source.read(columns, instead or _found(saved, source), **written)
    if instead is not None:
        return read_data(instead, columns, **written)
    if isinstance(source, ScenarioSource):
        return source.read()
    raise ValueError(
        "the report does not say where its data can be read, since a Python program brought them along: "
        "give the file that holds them with --data."
    )


def _found(saved: SavedReport, source: FileSource) -> Path:
    """Return the file where the report says, or beside the report."""
    if source.is_standard_input:
        raise ValueError("the report's data came through standard input: give the file that holds them with --data.")
    named = Path(source.file)
    for path in (named, saved.path.parent / named.name):
        if path.is_file():
            return path
    raise ValueError(f"the report's data {printable(source.file)!r} are not here: say with --data where the file is.")


def _truth(document: dict[str, Any], source: Source | None, data: Data, model: Model) -> Mixture | None:
    """Return the truth: a scenario knows its own; otherwise the report's word is taken for it."""
    if isinstance(source, ScenarioSource):
        return source.truth(model)
    said = document["truth"]
    return None if said is None else _mixture("truth", said, data, model)


def _mixture(what: str, said: dict[str, Any], data: Data, model: Model) -> Mixture:
    k, family = model.components, model.family_of_components
    example = Mixture(np.full(k, 1 / k), family.around(np.repeat(data.mean[None], k, axis=0), data)).arrays()
    try:
        arrays = {name: np.array(said[name], dtype=float).reshape(array.shape) for name, array in example.items()}
    except (KeyError, ValueError):
        raise ValueError(f"the report's {what} is no mixture of the report's model.") from None
    found = Mixture(arrays.pop("weights"), family(**arrays))
    try:
        possible = bool(np.isfinite(found.log_likelihood(data.values, data.weights, data.exposure, data.known)))
    except np.linalg.LinAlgError:
        possible = False
    if not possible:
        raise ValueError(f"the report's {what} is no mixture that could have given its data.")
    return found
