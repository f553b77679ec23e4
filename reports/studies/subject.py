"""What a study is about: a reference scenario, or a truth of one's own in a TOML file.

    name = "two-rates"
    family = "poisson"
    weights = [0.3, 0.7]
    rates = [3.0, 12.0]
    sizes = [50, 200, 1000]
    replications = 500

``covariance`` and ``mixing`` are the model's, as on the command line. The parameters of the components have the names that
the family gives them; in one dimension they are plain lists, otherwise nested ones, and ``columns`` names the features.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models import DEFAULT_SEED, Data, Mixture, Model, families, scenario, scenarios

from ..reading.sources import is_scenario

REFERENCE_SIZE = 1000
# What the file may say about the study itself, as the command line does.
SETTINGS = ("sizes", "replications", "seed", "draws", "tune", "chains", "starts", "bootstrap", "level", "prior")
_KNOWN = ("name", "title", "family", "covariance", "mixing", "weights", "columns", *SETTINGS)


@dataclass(frozen=True)
class Subject:
    """The truth, the model to fit, what else the file says about the study, and ``reference`` data drawn from the truth.

    A scenario has reference data of its own; otherwise they are simulated, and the same every time.
    """

    name: str
    title: str
    truth: Mixture
    model: Model
    columns: tuple[str, ...]
    settings: dict[str, Any]
    reference: Data


def subject(name: str) -> Subject:
    """Return the scenario of that name, or what the TOML file says.

    Raises
    ------
    ValueError
        When there is neither, or the file does not describe a mixture; the message names the entry.
    """
    if is_scenario(name):
        known = scenario(name)
        return Subject(name, name, known.truth.ascending(), known.model, known.data.columns, {}, known.data)
    if not Path(name).is_file():
        raise ValueError(f"there is no file {name!r}, and no scenario of that name ({', '.join(scenarios)}).")
    try:
        given = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{name!r} is not a TOML file: {error}.") from None
    return _read(given, Path(name).stem)


def _read(given: dict[str, Any], stem: str) -> Subject:
    family = given.get("family")
    if family not in families:
        raise ValueError(f"family must be one of {', '.join(map(repr, families))}, got {family!r}.")
    weights = _array("weights", given)
    if weights.ndim != 1 or (weights <= 0).any() or not np.isclose(weights.sum(), 1):
        raise ValueError(f"weights must be positive and sum to one, got {given['weights']!r}.")
    columns = tuple(map(str, given.get("columns", ["x"])))
    model = Model.of(
        _any_data(columns, len(weights)), family, len(weights), given.get("covariance"), given.get("mixing", "free")
    )
    if model.mixing == "equal" and not np.allclose(weights, 1 / len(weights)):
        raise ValueError(f"weights must be 1/{len(weights)} each, because mixing is 'equal'.")
    components = _components(model, columns, given)
    truth = Mixture(weights / weights.sum(), components).ascending()
    name = str(given.get("name", stem))
    settings = {setting: given[setting] for setting in SETTINGS if setting in given}
    values, _ = truth.sample(REFERENCE_SIZE, np.random.default_rng(DEFAULT_SEED))
    reference = Data.of(values, columns=columns, name=name)
    return Subject(name, str(given.get("title", name)), truth, model, columns, settings, reference)


def _components(model: Model, columns: tuple[str, ...], given: dict[str, Any]) -> Any:
    """Return the components, each of their arrays in the shape that the family gives it."""
    centres = np.ones((model.components, len(columns)))
    example = model.family_of_components.around(centres, _any_data(columns, model.components))
    shapes = {name: array.shape for name, array in example.arrays().items()}
    unknown = [name for name in given if name not in (*_KNOWN, *shapes)]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no entry of a study: choose among {', '.join((*_KNOWN, *shapes))}.")
    arrays = {name: _shaped(name, _array(name, given), shape) for name, shape in shapes.items()}
    components = type(example)(**arrays)
    if not all(
        np.allclose(array, components.structured(model.covariance).arrays()[name]) for name, array in arrays.items()
    ):
        raise ValueError(f"the components must have the covariance {model.covariance!r} that is fitted.")
    with np.errstate(all="ignore"):
        possible = _possible(components, centres)
    if not possible:
        raise ValueError(f"{', '.join(shapes)} must be parameters of a {model.family} distribution.")
    return components


def _possible(components: Any, places: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    try:
        return bool(np.isfinite(components.log_density(places)).all())
    except np.linalg.LinAlgError:
        return False


def _array(name: str, given: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        array = np.asarray(given[name], dtype=np.float64)
    except KeyError:
        raise ValueError(f"{name} is missing: the truth needs it.") from None
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers in a list, got {given[name]!r}.") from None
    if not array.size or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers, got {given[name]!r}.")
    return array


def _shaped(name: str, array: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    if array.shape not in (shape, tuple(length for length in shape if length != 1), shape[:1]) or array.size != np.prod(
        shape
    ):
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}.")
    return array.reshape(shape)


def _any_data(columns: tuple[str, ...], components: int) -> Data:
    """Return data that every model of these columns can be fitted to."""
    rows = np.vstack(
        [np.eye(len(columns)), 2 + np.arange((components + 1) * len(columns)).reshape(-1, len(columns)) ** 2]
    )
    return Data.of(rows, columns=columns)
