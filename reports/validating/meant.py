"""Which model an estimate was meant to be of, where its numbers would also be those of a simpler one."""

from __future__ import annotations

from dataclasses import replace

from models import Data, Given, Model


def meant(given: Given, data: Data, covariance: str | None = None, mixing: str | None = None) -> Given:
    """The estimate as one of the model that somebody says it is of.

    Raises
    ------
    ValueError
        When its numbers are none of that model.
    """
    own = given.model
    if covariance is None and mixing is None:
        return given
    model = Model.of(data, own.family, own.components, covariance or own.covariance, mixing or own.mixing)
    found = replace(given, model=model)
    _require_structure(found)
    return found


def _require_structure(given: Given) -> None:
    mixture, model = given.mixture, given.model
    restricted = mixture.components.structured(model.covariance).arrays()
    for name, array in mixture.components.arrays().items():
        if abs(array - restricted[name]).max() > 1e-9 * abs(array).max():
            raise ValueError(
                f"covariance={model.covariance!r} is not what the estimate has: its {name} are of another structure."
            )
    if model.mixing == "equal" and mixture.weights.max() - mixture.weights.min() > 1e-6:
        raise ValueError("mixing='equal' is not what the estimate has: its weights differ.")
