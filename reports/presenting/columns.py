"""Many columns of counts: all of their rates as a table of colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..comparing.side_by_side import SideBySide
from .names import number

# As long as a table of parameters may be before it is folded.
LONGEST_TABLE = 30
# A rate four times as high as the average, or a fourth of it, has the full colour.
FULL_COLOUR = np.log(4.0)


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
    return bool(comparison.apart)


def is_long(comparison: SideBySide) -> bool:
    """Return whether a table of all parameters is folded, since another shows their rates."""
    return has_columns(comparison) and len(comparison.parameters) > LONGEST_TABLE


def rates_by_column(comparison: SideBySide) -> list[tuple[str, list[Cell]]]:
    """Return the rates of every column, component by component, what tells the components apart best first."""
    table, columns = comparison.parameters, comparison.data.columns
    components = comparison.em.mixture.components
    names = np.reshape(list(components.scalars(None, columns)), (comparison.model.components, len(columns)))
    chosen = ("mean", "sd", comparison.em.estimate)
    means, sds, estimates = (table.loc[names.ravel(), each].to_numpy().reshape(names.shape) for each in chosen)
    weights = comparison.posterior.mixture.flatten().weights.mean(axis=0)
    with np.errstate(divide="ignore"):
        away = np.clip(np.log(means / (weights @ means)) / FULL_COLOUR, -1, 1)

    def cell(component: int, feature: int) -> Cell:
        at = component, feature
        return Cell(str(names[at]), float(means[at]), float(sds[at]), float(estimates[at]), round(100 * away[at]))

    return [(each.column, [cell(k, each.feature) for k in range(len(names))]) for each in comparison.apart]
