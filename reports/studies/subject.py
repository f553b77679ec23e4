"""What a study is about: a reference scenario, or a truth of one's own in a TOML file.

    name = "two-rates"
    family = "poisson"
    weights = [0.3, 0.7]
    rates = [3.0, 12.0]
    sizes = [50, 200, 1000]
    replications = 500

``covariance`` and ``mixing`` are the model's, as on the command line. The parameters of the components have the names that
the family gives them; in one dimension they are plain lists, otherwise nested ones, and ``columns`` names the features.

**A truth outside the model.** ``components`` says how many are fitted, where the truth has more or fewer. A table
``[truth]`` says how the data depart from the family (``departing``); the truth's parameters may stand in it as well.

**Exposures.** ``exposure`` in ``[truth]`` is that of every row of counts, or a list from which each row's is drawn anew in
every data set; the rates are then per unit of it. A scenario or data with exposures are simulated with theirs, each as
likely as it is often there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models import DEFAULT_SEED, Data, Mixture, Model, Simulation, families, require_whole, scenarios, simulation
from models.arguments import require_one_of
from models.exposed import Exposures
from models.truths import Truth

from ..reading.sources import is_scenario
from .departing import Departing, has_structure
from .entries import any_data, array_names, components_of, weights_of
from .simulated import simulated

REFERENCE_SIZE = 1000
# What the file may say about the study itself, as the command line does.
SETTINGS = (
    "sizes", "replications", "seed", "draws", "tune", "chains", "starts", "bootstrap", "level", "prior", "judged",
)  # fmt: skip
_KNOWN = ("name", "title", "family", "components", "covariance", "mixing", "weights", "columns", "truth", *SETTINGS)


@dataclass(frozen=True)
class Subject:
    """The truth, the model to fit, what else the file says about the study, and ``reference`` data drawn from the truth.

    The truth is a mixture of the model, or lies outside it. A scenario has reference data of its own; otherwise they are
    simulated, and the same every time. ``exposures`` are those of the simulated rows, ``None`` where all are one.
    """

    name: str
    title: str
    truth: Mixture | Truth
    model: Model
    columns: tuple[str, ...]
    settings: dict[str, Any]
    reference: Data
    exposures: Exposures | None = None

    def __post_init__(self) -> None:
        """Refuse exposures of what is no count."""
        if self.exposures is not None and not self.model.family_of_components.takes_exposure:
            raise ValueError(
                f"exposure does not apply to family {self.model.family!r}, whose observations are measured and not "
                "counted: leave it out."
            )

    def departing(self, departing: Departing, components: int | None = None) -> Subject:
        """Return the subject whose truth departs from this one's in that way, fitted with so many components.

        Raises
        ------
        ValueError
            When the truth cannot depart so.
        """
        base = self.truth.base if isinstance(self.truth, Truth) else self.truth
        model = replace(self.model, components=components or self.model.components)
        truth = departing.truth(base, model)
        exposures = self.exposures if departing.exposure is None else Exposures.of(departing.exposure)
        about = replace(self, truth=truth, model=model, exposures=exposures)
        if truth is base:
            return about
        return replace(about, name=f"{self.name}-{departing.kind}", title=f"{self.title}, {departing.kind}")


def subject(name: str, departing: Departing | None = None, components: int | None = None) -> Subject:
    """Return the scenario of that name, or what the TOML file says.

    ``departing`` says how the truth departs from the model, and ``components`` how many are fitted, in place of the file.

    Raises
    ------
    ValueError
        When there is neither, or the file does not describe a mixture; the message names the entry.
    """
    if is_scenario(name):
        known = _simulated(name)
        truth, exposures = known.truth.ascending(), Exposures.among(known.data)
        about = Subject(name, name, truth, known.model, known.data.columns, {}, known.data, exposures)
        if departing is None and components is None:
            return about
        return _with_reference(about.departing(departing or Departing(), components))
    if not Path(name).is_file():
        raise ValueError(f"there is no file {name!r}, and no scenario of that name ({', '.join(scenarios)}).")
    try:
        given = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{name!r} is not a TOML file: {error}.") from None
    return stated_subject(given, Path(name).stem, departing, components)


def _simulated(name: str) -> Simulation:
    try:
        return simulation(name)
    except ValueError as error:
        raise ValueError(f"{str(error)[:-1]}; or study the estimate on it with --on-my-data.") from None


def stated_subject(
    given: Mapping[str, Any], stem: str, asked: Departing | None = None, components: int | None = None
) -> Subject:
    """Return what the entries of a study's file say; ``stem`` is its name where they do not.

    Raises
    ------
    ValueError
        When they do not describe a mixture; the message names the entry.
    """
    family: Any = given.get("family")
    require_one_of("family", family, families)
    columns = tuple(map(str, given.get("columns", ["x"])))
    of_mixture = ("weights", *array_names(families[family], columns))
    unknown = [name for name in given if name not in (*_KNOWN, *of_mixture)]
    if unknown:
        allowed = ", ".join((*_KNOWN, *of_mixture[1:]))
        raise ValueError(f"{unknown[0]!r} is no entry of a study: choose among {allowed}.")
    entries, said = _split(given, of_mixture)
    departing = asked or said
    weights = weights_of(entries)
    fitted = given.get("components", len(weights)) if components is None else components
    require_whole("components", fitted, 1)
    specification = (given.get("covariance"), given.get("mixing", "free"))
    model = Model.of(any_data(columns, max(fitted, len(weights))), family, fitted, *specification)
    of_components = components_of(replace(model, components=len(weights)), columns, entries)
    base = Mixture(weights / weights.sum(), of_components).ascending()
    if departing is None:
        _require_of_model(base, model)
    name = str(given.get("name", stem))
    settings = {setting: given[setting] for setting in SETTINGS if setting in given}
    departing = departing or Departing()
    exposures = None if departing.exposure is None else Exposures.of(departing.exposure)
    title, truth, none = str(given.get("title", name)), departing.truth(base, model), any_data(columns, 1)
    return _with_reference(Subject(name, title, truth, model, columns, settings, none, exposures))


def _split(given: Mapping[str, Any], of_mixture: tuple[str, ...]) -> tuple[Mapping[str, Any], Departing | None]:
    """Return the entries that describe a mixture, wherever they stand, and how the truth departs from it, if it is said."""
    table = given.get("truth")
    if table is None:
        return given, None
    said = Departing.of_table(table)
    within = {name: value for name, value in said.numbers.items() if name in of_mixture}
    twice = [name for name in within if name in given]
    if twice:
        raise ValueError(f"{twice[0]} stands in the file twice: in [truth] and above it.")
    numbers = {name: value for name, value in said.numbers.items() if name not in within}
    return {**given, **within}, replace(said, numbers=numbers)


def _require_of_model(base: Mixture, model: Model) -> None:
    """Raise a ``ValueError`` unless covariance and mixing are the model's, which a truth outside it would have said."""
    if model.mixing == "equal" and not np.allclose(base.weights, 1 / len(base.weights)):
        raise ValueError(f"weights must be 1/{len(base.weights)} each, because mixing is 'equal'.")
    if not has_structure(base, model):
        raise ValueError(f"the components must have the covariance {model.covariance!r} that is fitted.")


def _with_reference(about: Subject) -> Subject:
    rng = np.random.default_rng(DEFAULT_SEED)
    data = simulated(about.truth, REFERENCE_SIZE, rng, about.columns, about.name, about.exposures)
    return replace(about, reference=data)
