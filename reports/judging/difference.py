"""In what EM and the posterior differ: where they put a parameter, how sure they are of it, and what the data added."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from ..comparing.large_sample import LARGEST_RATIO

if TYPE_CHECKING:
    import pandas as pd

    from ..comparing.side_by_side import SideBySide

# Half a posterior standard deviation: a shift that a reader of the two tables would call the same value, and that
# the Monte Carlo error of the mean (sd / √ESS, at most 0.05 sd once the ESS exceeds 400) cannot produce.
LARGEST_SHIFT = 0.5
# The posterior of a parameter that the data teach something about is less than half as wide as the prior.
NARROWED = 0.5
# Of a bell curve so much lies in a central interval half as long as its 95 %.
COVERED = float(special.erf(0.5 * special.ndtri(0.975) / np.sqrt(2)))


@dataclass(frozen=True)
class Difference:
    r"""How an EM estimate and a posterior differ, parameter by parameter.

    They do when an estimate lies outside the posterior's 95 % interval or more than ``LARGEST_SHIFT`` posterior standard
    deviations from its mean, when a posterior is more than ``LARGEST_RATIO`` times as wide or as narrow as EM's standard
    error says, or when a posterior is hardly narrower than the prior and where it was, so that its answer is the prior's.

    The posterior mode is no part of it unless it is the estimate that is compared. Under a normal–inverse-Wishart
    posterior the mode of a variance lies $(2d + 3) / \sqrt{2 N_k}$ standard deviations below its mean, to first order and
    whatever the prior: more than a half in the plane for components of up to a hundred observations.
    """

    both: SideBySide

    @cached_property
    def outside(self) -> list[str]:
        """The parameters whose estimate lies outside the posterior's 95 % interval."""
        return [str(name) for name, inside in self.both.parameters["inside"].items() if not inside]

    @cached_property
    def shift(self) -> tuple[str, float]:
        """The parameter whose estimate is farthest from its posterior mean, and how far in posterior sds."""
        return _largest(self.both.parameters["shift"].abs())

    @cached_property
    def ratio(self) -> tuple[str, float]:
        """The parameter whose posterior is most unlike its standard error, and the ratio of sd to standard error."""
        return self.both.large_sample.worst_ratio

    @cached_property
    def width(self) -> tuple[str, float]:
        """The parameter whose posterior is widest in units of its prior, and the ratio of the two 95 % intervals."""
        return _largest(self._widths)

    @cached_property
    def _widths(self) -> pd.Series:
        table = self.both.parameters
        return (table["upper"] - table["lower"]) / self.both.prior_widths

    @property
    def shifted(self) -> bool:
        """Whether the two put some parameter at different places."""
        return bool(self.outside) or self.shift[1] > LARGEST_SHIFT

    @property
    def unlike(self) -> bool:
        """Whether the two are unlike in how sure they are; without a standard error nobody can say."""
        return self.ratio[1] > LARGEST_RATIO or self.ratio[1] < 1 / LARGEST_RATIO

    @cached_property
    def untaught(self) -> dict[str, float]:
        """The parameters whose prior the data hardly narrowed, with the width of the posterior in units of the prior's.

        A posterior as long as its prior has learnt much when it lies elsewhere, or holds little of the prior: for what is
        positive, such as a variance, it is the ratio that counts. So its interval has to hold most of the prior, too.
        """
        widths = self._widths[(self._widths > NARROWED) & (self.both.prior_inside > COVERED)]
        return {str(name): float(width) for name, width in widths.items()}

    @property
    def parameter(self) -> str:
        """The parameter to speak of."""
        return (
            self.shift[0]
            if self.shifted
            else self.ratio[0]
            if self.unlike
            else max(self.untaught, key=self.untaught.__getitem__, default=self.width[0])
        )

    def __bool__(self) -> bool:
        return self.shifted or self.unlike or bool(self.untaught)


def _largest(values: pd.Series) -> tuple[str, float]:
    return str(values.idxmax()), float(values.max())
