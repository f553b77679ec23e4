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
from ..judging.difference import LARGEST_SHIFT, block_of, is_shifted

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
        """Of the block that is shifted most for its size: in posterior standard deviations for each direction."""
        return self._most[1]

    @property
    def parameter(self) -> str | None:
        """The parameter of that block that is farthest from its posterior mean."""
        block = self._most[0]
        away = self._away.abs()
        names = [name for name in away.index if block_of(str(name), self.comparison.model) == block] or list(away.index)
        return None if block is None else str(away[names].fillna(-np.inf).idxmax())

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
        if name is None:
            return "The posterior says nothing of it: it lies on the edge of its range."
        if self.status == "agree":
            return (
                f"The posterior agrees with it: in no direction does it lie farther than {self.shift:.2f} posterior "
                f"standard deviations from the posterior mean ({name}), where {LARGEST_SHIFT} would count."
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
    def _most(self) -> tuple[str | None, float | None]:
        shifts = {each.block: each.shift / float(np.sqrt(each.size)) for each in self.departures}
        block = max(shifts, key=shifts.__getitem__, default=None)
        return block, None if block is None else shifts[block]

    @property
    def _away(self) -> pd.Series:
        table = self.comparison.parameters
        return (table["given"] - table["mean"]) / table["sd"]

    @property
    def _estimate(self) -> Fit:
        """EM's fit with the given estimate in the place of its own."""
        assert self.comparison.given is not None
        return replace(self.comparison.mle, mixture=self.comparison.given)
