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
    """Named ``data``, the ``model`` to fit, and the ``lesson``: what fitting it teaches, in a sentence.

    ``title`` is what a report on it is called.

    Examples
    --------
    >>> from models import scenario
    >>> five = scenario("gaussian-five")
    >>> five.data.size, five.model.components, five.model.covariance
    (5000.0, 5, 'full')
    """

    name: str
    title: str
    lesson: str
    data: Data
    model: Model


@dataclass(frozen=True)
class Simulation(Scenario):
    """A scenario whose data were drawn from a ``truth`` that is kept, row by row with the ``labels`` of the components.

    ``truth`` has no leading axes; ``labels``, shape ``(rows,)``, count from zero.

    Examples
    --------
    >>> import numpy as np
    >>> from models import simulation
    >>> three = simulation("poisson-three")
    >>> three.truth.weights.tolist(), np.bincount(three.labels).tolist()
    ([0.3, 0.4, 0.3], [143, 214, 143])
    """

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

    Examples
    --------
    >>> from models import scenario
    >>> found = scenario("horse-kicks").literature[0]
    >>> found.numbers["rates[1]"], found.unit("rates[1]")
    ('0.61', 0.01)
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

    Examples
    --------
    >>> from models import classics
    >>> galaxies = classics["galaxies"]()
    >>> [(each.model.components, each.numbers["log_likelihood"]) for each in galaxies.literature]
    [(3, '-203.1792')]
    """

    source: str
    licence: str
    finding: str
    literature: tuple[Published, ...]

    def published(self, model: Model) -> tuple[Published, ...]:
        """The literature's answers to this model."""
        return tuple(each for each in self.literature if each.model == model)
