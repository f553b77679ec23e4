r"""Many columns of counts: which of them tell the components apart, and all of their rates as a table of colours.

How much a column tells of the label is measured by the mean Kullback–Leibler divergence of the components' Poissons from
the one at their average rate $\bar\lambda_j = \sum_k \pi_k \lambda_{kj}$, at the mean exposure $\bar e$,

$$\bar e \sum_k \pi_k \, \lambda_{kj} \log \frac{\lambda_{kj}}{\bar\lambda_j} ,$$

in nats for each row: zero where all components have one rate, and at least the mutual information of count and label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Array, Mixture, PoissonProduct

from ..comparing.side_by_side import SideBySide
from .names import number

# As long as a table of parameters may be before it is folded.
LONGEST_TABLE = 30
TAIL = 0.025
# A rate four times as high as the average, or a fourth of it, has the full colour.
FULL_COLOUR = np.log(4.0)


@dataclass(frozen=True)
class Apart:
    """How many nats a column tells of the label: by EM, and the posterior's mean and the ends of its 95 % interval."""

    column: str
    em: float
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Cell:
    """A rate: its posterior ``mean`` and ``sd``, EM's, and a colour from −100, far below its column's average, to 100."""

    name: str
    mean: float
    sd: float
    em: float
    colour: int

    @property
    def words(self) -> str:
        """All of it in words, for a tooltip."""
        values = f"posterior {number(self.mean, self.sd)} ± {number(self.sd, self.sd)}, EM {number(self.em, self.sd)}"
        return f"{self.name}: {values}"


def has_columns(comparison: SideBySide) -> bool:
    """Return whether the components are known by a table of rates."""
    return isinstance(comparison.em.mixture.components, PoissonProduct) and comparison.model.dimension > 1


def columns_apart(comparison: SideBySide) -> list[Apart]:
    """Return every column, what tells the components apart best first."""
    data = comparison.data
    exposure = data.total_exposure / data.size
    em = exposure * _told(comparison.em.mixture)
    draws = exposure * _told(comparison.posterior.mixture.flatten())
    lower, upper = np.quantile(draws, [TAIL, 1 - TAIL], axis=0)
    found = [Apart(*each) for each in zip(data.columns, em, draws.mean(axis=0), lower, upper, strict=True)]
    return sorted(found, key=lambda each: -each.mean)


def rates_by_column(comparison: SideBySide) -> list[tuple[str, list[Cell]]]:
    """Return the rates of every column, component by component, in the order of :func:`columns_apart`."""
    table, columns = comparison.parameters, comparison.data.columns
    components = comparison.em.mixture.components
    names = np.reshape(list(components.scalars(None, columns)), (comparison.model.components, len(columns)))
    chosen = ("mean", "sd", comparison.em.estimate)
    means, sds, estimates = (table.loc[names.ravel(), each].to_numpy().reshape(names.shape) for each in chosen)
    weights = comparison.posterior.mixture.flatten().weights.mean(axis=0)
    with np.errstate(divide="ignore"):
        away = np.clip(np.log(means / (weights @ means)) / FULL_COLOUR, -1, 1)
    place = {column: j for j, column in enumerate(columns)}
    return [
        (
            each.column,
            [
                Cell(
                    str(names[k, j]),
                    float(means[k, j]),
                    float(sds[k, j]),
                    float(estimates[k, j]),
                    round(100 * away[k, j]),
                )
                for k in range(len(names))
            ],
        )
        for each in columns_apart(comparison)
        for j in [place[each.column]]
    ]


def _told(mixture: Mixture) -> Array:
    """Nats for each row at an exposure of one, shape ``(..., d)``."""
    rates, weights = mixture.components.arrays()["rates"], mixture.weights[..., None]
    average = (weights * rates).sum(axis=-2, keepdims=True)
    return np.asarray((weights * (special.xlogy(rates, rates) - special.xlogy(rates, average))).sum(axis=-2))
