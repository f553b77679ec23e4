"""What a user says of a truth outside the model: a ``[truth]`` table in the study's file, or the option ``--truth``.

    [truth]
    kind = "negative-binomial"
    shape = 4.0

The option says the same in one word, ``--truth negative-binomial:shape=4``; several numbers are separated by commas.

Counts may have exposures, whether or not anything departs: a number, which every row has, or in the file a list, from
which that of each row is drawn.

    [truth]
    exposure = [0.5, 1, 2, 8]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models import Mixture, Model
from models.given_numbers import EXPOSURE
from models.truths import Truth, departed

SAME_FAMILY = "mixture"


@dataclass(frozen=True)
class Departing:
    """The ``kind`` of a truth, the ``numbers`` that say how far it departs from the model, and the ``exposure`` of rows."""

    kind: str = SAME_FAMILY
    numbers: dict[str, Any] = field(default_factory=dict)
    exposure: Any = None

    @classmethod
    def of_table(cls, table: object) -> Departing:
        """Read the table.

        Raises
        ------
        ValueError
            When it is no table, or its kind no word.
        """
        if not isinstance(table, dict):
            raise ValueError(f"truth must be a table, as [truth] begins one, got {table!r}.")
        kind = table.get("kind", SAME_FAMILY)
        if not isinstance(kind, str):
            raise ValueError(f"kind of the truth must be a word in quotes, got {kind!r}.")
        return cls(
            kind, {name: value for name, value in table.items() if name not in ("kind", EXPOSURE)}, table.get(EXPOSURE)
        )

    @classmethod
    def of_option(cls, text: str) -> Departing:
        """Read the option.

        Raises
        ------
        ValueError
            When a part of it is no ``NAME=NUMBER``.
        """
        kind, _, rest = text.partition(":")
        numbers = {}
        for part in filter(None, rest.split(",")):
            name, _, number = part.partition("=")
            try:
                numbers[name.strip()] = float(number)
            except ValueError:
                raise ValueError(
                    f"--truth must be a kind and its numbers, such as negative-binomial:shape=4, got {text!r}."
                ) from None
        exposure = numbers.pop(EXPOSURE, None)
        return cls(kind.strip(), numbers, exposure)

    def truth(self, base: Mixture, model: Model) -> Mixture | Truth:
        """Return what data are drawn from: the base itself where it is of the model and nothing departs.

        Raises
        ------
        ValueError
            When the family has no such departure, or a number cannot be used.
        """
        truth = departed(base, self.kind, self.numbers)
        return base if self.kind == SAME_FAMILY and is_of(base, model) else truth


def is_of(mixture: Mixture, model: Model) -> bool:
    """Say whether a mixture has the model's number of components, its covariance structure and its mixing."""
    k = model.components
    if len(mixture.weights) != k or (model.mixing == "equal" and not np.allclose(mixture.weights, 1 / k)):
        return False
    return has_structure(mixture, model)


def has_structure(mixture: Mixture, model: Model) -> bool:
    """Say whether the components have the covariance structure that is fitted."""
    structured = mixture.components.structured(model.covariance).arrays()
    return all(np.allclose(array, structured[name]) for name, array in mixture.components.arrays().items())
