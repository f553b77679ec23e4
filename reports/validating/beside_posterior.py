"""A given estimate held against the posterior, by the figures that EM's own estimate is held against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from em import Fit
from models import number

from ..comparing.departures import Departure, departures
from ..judging.codes import Code
from ..judging.comparison import Comparison
from ..judging.difference import allowed, block_of, is_shifted

NOTHING_YET = (
    "The posterior says nothing of it yet: the chains have not settled, or nobody can say which component is which."
)
# With these the draws are no posterior that anything could be held against.
_NO_POSTERIOR = (Code.CHAINS_DISAGREE, Code.LABELS_UNRESOLVED)


@dataclass(frozen=True)
class BesidePosterior:
    """The given estimate of a comparison, beside its posterior; labels are the posterior's."""

    comparison: Comparison

    @property
    def status(self) -> str:
        """``"agree"``, ``"differ"``, or ``"undecided"`` where there is no posterior to hold it against."""
        if any(reason.code in _NO_POSTERIOR for reason in self.comparison.verdict.reasons):
            return "undecided"
        return "differ" if any(is_shifted(each) for each in self.departures) else "agree"

    @cached_property
    def departures(self) -> tuple[Departure, ...]:
        """How far the posterior is from the estimate, block by block."""
        return departures(self._estimate, self.comparison.posterior.mixture, self.comparison.effective_draws)

    @property
    def shift(self) -> float | None:
        """How far the block that is shifted most, of what is allowed, is from the posterior mean, in standard deviations."""
        return None if self._most is None else self._most.shift

    @property
    def parameter(self) -> str | None:
        """The parameter of that block that is farthest from its posterior mean."""
        if self._most is None:
            return None
        away, block = self._away.abs(), self._most.block
        names = [name for name in away.index if block_of(str(name), self.comparison.model) == block] or list(away.index)
        return str(away[names].fillna(-np.inf).idxmax())

    @property
    def outside(self) -> tuple[str, ...]:
        """The parameters that lie outside their 95 % posterior interval."""
        table = self.comparison.parameters
        beyond = (table["given"] < table["lower"]) | (table["given"] > table["upper"])
        return tuple(str(name) for name in table.index[beyond])

    @property
    def sentence(self) -> str:
        """What the posterior says of the estimate."""
        if self.status == "undecided":
            return NOTHING_YET
        name = self.parameter
        if name is None or self._most is None:
            return "The posterior says nothing of it: it lies on the edge of its range."
        if self.status == "agree":
            return (
                f"The posterior agrees with it: it lies {self.shift:.2f} standard deviations from the posterior mean at "
                f"most ({name}), where more than {allowed(self._most):.2g} would count."
            )
        row = self.comparison.parameters.loc[name].to_dict()
        given, mean, sd = (number(float(row[column]), float(row["sd"])) for column in ("given", "mean", "sd"))
        count, of = len(self.outside), len(self.comparison.parameters)
        lies = (
            f"{count} of its {of} parameters {'lies' if count == 1 else 'lie'} outside the 95 % posterior interval"
            if count
            else "all of it still lies inside the 95 % posterior intervals"
        )
        return (
            f"The posterior differs from it, most of all on {name}: {given} is given, the posterior mean is {mean} ± {sd}; "
            f"{lies}."
        )

    @cached_property
    def _most(self) -> Departure | None:
        return max(self.departures, key=lambda each: each.shift / allowed(each), default=None)

    @property
    def _away(self) -> pd.Series:
        table = self.comparison.parameters
        return (table["given"] - table["mean"]) / table["sd"]

    @property
    def _estimate(self) -> Fit:
        """EM's fit with the given estimate in the place of its own."""
        assert self.comparison.given is not None
        return replace(self.comparison.mle, mixture=self.comparison.given)
