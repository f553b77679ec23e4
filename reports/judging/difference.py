"""In what EM and the posterior differ: where they put a block of parameters, and how sure they are of it.

Judged on figures that no choice of axes, units or labels changes (``comparing/departures.py``); the words name the user's
own parameters, the one of the block on which the two are farthest apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..comparing.departures import Departure
from ..comparing.large_sample import LARGEST_RATIO

if TYPE_CHECKING:
    from models import Model

    from ..comparing.side_by_side import SideBySide

# Half a standard deviation in each independent direction: a shift that a reader of the two tables would call the same
# value, and that the Monte Carlo error of the mean (sd / √ESS, at most 0.05 sd once the ESS exceeds 400) cannot produce.
LARGEST_SHIFT = 0.5
# However many directions a block has.
LARGEST_OF_ALL = 1.0
# Of the distance between two densities: as far as EM is are fewer than one posterior draw in twenty.
SMALLEST_SHARE_BEYOND = 0.05
# A figure within so many of its own Monte Carlo errors of its threshold decides nothing.
ERRORS, TINY = 3.0, 1e-9
# Parameters may stand in either form, of variances and of covariances.
_KINDS = {"variances": "covariances"}


def allowed(departure: Departure) -> float:
    """Return the largest shift of a block that counts as the same: half a standard deviation in each free direction.

    It is one at most, whatever the directions: who looks along the one in which all of it lies would see it.
    """
    return min(LARGEST_SHIFT * float(np.sqrt(departure.size)), LARGEST_OF_ALL)


def is_shifted(departure: Departure) -> bool:
    """Check whether EM and the posterior put a block at different places."""
    return departure.shift > allowed(departure)


def is_unlike(departure: Departure) -> bool:
    """Check whether the two are unlike in how sure they are of a block; without a standard error nobody can say."""
    return departure.widest > LARGEST_RATIO or departure.narrowest < 1 / LARGEST_RATIO


@dataclass(frozen=True)
class Difference:
    r"""How an EM estimate and a posterior differ, block by block.

    They do when a posterior mean lies more than $\frac12 \sqrt q$ standard deviations from the estimate in any direction of
    a block of q parameters, when a posterior is in some direction more than ``LARGEST_RATIO`` times as wide or as narrow
    as EM's standard error says, or when EM's density is farther from the posterior predictive than nineteen draws in twenty.
    A parameter on the edge of its range is held against the posterior mean by itself. An interval that is wide is no
    difference: that is a question of its own (``judging/precision.py``).

    The posterior mode is no part of it unless it is the estimate that is compared.
    """

    both: SideBySide

    @cached_property
    def shift(self) -> tuple[str, float]:
        """The parameter whose block is shifted most, of what is allowed, and how far in standard deviations."""
        edges, away = self._on_the_edge, self.both.parameters["shift"].abs()
        worst = self.worst
        if worst is None:
            return str(away.idxmax()), float(away.max())
        if not edges.empty and edges.max() / LARGEST_SHIFT > worst.shift / allowed(worst):
            return str(edges.idxmax()), float(edges.max())
        return self.worst_of(worst.block, away), worst.shift

    @property
    def worst(self) -> Departure | None:
        """The block that is shifted most, of what is allowed."""
        return max(self.both.departures, key=lambda d: d.shift / allowed(d), default=None)

    @cached_property
    def ratio(self) -> tuple[str, float]:
        """The parameter whose posterior is most unlike its standard error, and the ratio of sd to standard error."""
        ratios = {d.block: max(d.widest, d.narrowest, key=lambda r: abs(np.log(r))) for d in self.both.departures}
        known = {block: ratio for block, ratio in ratios.items() if np.isfinite(ratio) and ratio > 0}
        if not known:
            return self.both.large_sample.worst_ratio
        block = max(known, key=lambda name: abs(np.log(known[name])))
        away = pd.Series(np.abs(np.log(self.both.large_sample.table["sd_ratio"])))
        return self.worst_of(block, away), float(known[block])

    @property
    def shifted(self) -> bool:
        """Whether the two put some parameter, or the density, at different places."""
        return (
            any(is_shifted(d) for d in self.both.departures)
            or bool((self._on_the_edge > LARGEST_SHIFT).any())
            or self.density_is_apart
        )

    @property
    def unlike(self) -> bool:
        """Whether the two are unlike in how sure they are."""
        return any(is_unlike(d) for d in self.both.departures)

    @property
    def density_is_apart(self) -> bool:
        """Whether EM's density is farther from the posterior predictive than nearly every draw's."""
        return self._hellinger < SMALLEST_SHARE_BEYOND

    @property
    def parameter(self) -> str:
        """The parameter to speak of."""
        return self.shift[0] if self.shifted or not self.unlike else self.ratio[0]

    @property
    def outside(self) -> list[str]:
        """The parameters whose estimate lies outside the posterior's 95 % interval."""
        return [str(name) for name, inside in self.both.parameters["inside"].items() if not inside]

    @cached_property
    def margins(self) -> list[tuple[str, float]]:
        """How far each figure lies beyond its threshold, in its own Monte Carlo errors, by block: below zero, within it."""
        found = []
        for departure in self.both.departures:
            found.append((departure.block, (departure.shift - allowed(departure)) / max(departure.error, TINY)))
            for ratio in (departure.widest, departure.narrowest):
                if np.isfinite(ratio) and ratio > 0:
                    beyond = abs(np.log(ratio)) - np.log(LARGEST_RATIO)
                    found.append((departure.block, float(beyond / max(departure.ratio_error, TINY))))
        return found

    @property
    def is_near(self) -> bool:
        """Whether more draws might turn the answer: some figure is near its threshold, and none is clearly beyond it."""
        beyond = [margin for _, margin in self.margins]
        return any(abs(margin) < ERRORS for margin in beyond) and not any(margin >= ERRORS for margin in beyond)

    @property
    def nearest(self) -> tuple[str, float]:
        """The block whose figure is nearest to its threshold, and how many times as many draws would decide on it."""
        block, margin = min(self.margins, key=lambda each: abs(each[1]))
        return block, float((ERRORS / max(abs(margin), 0.1)) ** 2)

    def __bool__(self) -> bool:
        return self.shifted or self.unlike

    def worst_of(self, block: str, values: pd.Series) -> str:
        """Return the parameter of a block whose value is largest."""
        names = map(str, values.index)
        of_block = [name for name in names if block_of(name, self.both.model) == block] or list(values.index)
        chosen = values[of_block].astype(float).fillna(-np.inf)
        return str(chosen.idxmax())

    @cached_property
    def _on_the_edge(self) -> pd.Series:
        edges = list(self.both.standard_errors.on_the_edge)
        return self.both.parameters["shift"].abs()[edges]

    @cached_property
    def _hellinger(self) -> float:
        return next(d.share_beyond for d in self.both.distances if d.name == "Hellinger")


def is_near(both: SideBySide) -> bool:
    """Check whether more draws might turn the answer."""
    return Difference(both).is_near


def block_of(parameter: str, model: Model) -> str:
    """Return the block that a named parameter belongs to: ``means[1]`` of ``means[1,eruptions]``."""
    kind, _, rest = parameter.partition("[")
    component = rest.rstrip("]").split(",")[0]
    kind = _KINDS.get(kind, kind)
    # A tied covariance belongs to no component, whatever the columns are called.
    shared = kind == "weights" or (kind == "covariances" and model.covariance == "tied")
    return kind if shared else f"{kind}[{component}]"
