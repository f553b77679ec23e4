"""What a scenario is: data with a model to fit, simulated from a known truth, or real and fitted by others before us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ..data import Data
from ..mixture import Mixture
from ..model import Model


@dataclass(frozen=True)
class Scenario:
    """Named ``data``, the ``model`` to fit, and the ``lesson``: what fitting it teaches, in a sentence."""

    name: str
    title: str
    lesson: str
    data: Data
    model: Model


@dataclass(frozen=True)
class Simulation(Scenario):
    """A scenario whose data were drawn from a ``truth`` that is kept, row by row with the ``labels`` of the components."""

    truth: Mixture
    labels: NDArray[np.intp]


@dataclass(frozen=True)
class Published:
    """An answer of the literature to a model.

    Parameters
    ----------
    model
        The model that was fitted.
    citation
        Where the numbers are printed.
    numbers
        Each number as it is printed, so that its digits say how exact it is: ``"log_likelihood"`` in nats, and parameters
        by the names that a fit gives them, the components in ascending order of their (first) mean or rate.
    """

    model: Model
    citation: str
    numbers: Mapping[str, str]

    def unit(self, name: str) -> float:
        """One unit of the last digit that is printed of a number: rounded or cut off there, it is no farther away."""
        return float(10.0 ** int(Decimal(self.numbers[name]).as_tuple().exponent))


@dataclass(frozen=True)
class Classic(Scenario):
    """A scenario of real data, of which nobody knows the truth.

    ``source`` says who took the data and where they are printed, ``licence`` on what terms they are here, and ``finding``
    what the literature makes of them; ``literature`` holds its numbers.
    """

    source: str
    licence: str
    finding: str
    literature: tuple[Published, ...]

    def published(self, model: Model) -> tuple[Published, ...]:
        """The literature's answers to this model."""
        return tuple(each for each in self.literature if each.model == model)
