r"""What was found of a given estimate: what it is, and by how much it is anything else than the maximum.

**At a top.** An estimate that is $\delta$ standard errors off lies $\tfrac12 \delta^2$ nats below its top, or more. Within
.005 nats no parameter is off by more than a tenth of its standard error: that is a maximum for any purpose. So is one that
lies farther below, where rounding explains it (``rounded.py``).

**A mistake** takes precedence: what is a fixed point of a wrong map and none of the right one is no maximum, however near.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from em.ascent import rounding_of
from em.information import WORTH_NOTHING
from em.wrong_maps import Explanation, Mistake
from models import Data, Given

from .best_found import BestFound, is_above, suspicions_of
from .codes import MISTAKE, Claim, Status
from .own_hill import OwnHill
from .rounded import is_explained_by_rounding

# Programs that end when the mean log-likelihood of an observation gains no more than this are in wide use.
LARGEST_GAIN = 1e-3


@dataclass(frozen=True)
class Findings:
    """What was found of a given estimate, and what it is therefore.

    Parameters
    ----------
    given
        The estimate as it was read.
    data
        The observations.
    hill
        The hill that it lies on.
    found
        The best that a search over starts found.
    explanation
        Which step of EM, right or wrong, leaves the estimate where it is.
    mode_under
        The name of the prior under which it is a mode, or ``None``.
    claimed
        What the log-likelihood that its program states was found to be, ``None`` where none is stated.
    """

    given: Given
    data: Data
    hill: OwnHill
    found: BestFound
    explanation: Explanation
    mode_under: str | None
    claimed: Claim | None

    @cached_property
    def status(self) -> Status:
        """What the estimate is."""
        if self.hill.on_the_edge:
            return Status.BOUNDARY
        if not self.hill.has_a_top:
            return Status.SPURIOUS
        if not self.at_a_top:
            return Status.NOT_A_MAXIMUM
        if self.own_suspicions:
            return Status.SPURIOUS
        return Status.LOWER_HILL if self.is_on_a_lower_hill else Status.MAXIMUM

    @property
    def at_a_top(self) -> bool:
        """Whether the estimate is a maximum, as far as its digits can tell and for any purpose."""
        if self.mistake is not None:
            return False
        return self.hill.below <= WORTH_NOTHING or (self.is_rounded and self.mode_under is None)

    @cached_property
    def is_rounded(self) -> bool:
        """Whether rounding to its digits explains how far the estimate is from the top."""
        return self.hill.has_a_top and is_explained_by_rounding(self.hill, self.given.digits)

    @property
    def is_on_a_lower_hill(self) -> bool:
        """Whether a higher top than that of its own hill is known."""
        return not self.hill.has_a_top or is_above(self.found.best, self.hill.top)

    @property
    def own_suspicions(self) -> tuple[str, ...]:
        """Why the top of its own hill may be spurious, a sentence each."""
        return suspicions_of(self.hill.audit)

    @property
    def is_a_saddle(self) -> bool:
        """Whether EM stands still at the estimate although the log-likelihood rises nearby."""
        return self.hill.gain <= rounding_of(self.hill.log_likelihood) and not self.at_a_top

    @property
    def stopped_early(self) -> bool:
        """Whether a program that looks at the gain of a step may take the estimate for the end."""
        return not self.is_a_saddle and self.hill.gain <= LARGEST_GAIN * self.data.size

    @property
    def mistake(self) -> Mistake | None:
        """The mistake in a program that explains the estimate."""
        return None if self.mode_under else self.explanation.mistake

    @property
    def log_likelihood(self) -> float:
        """The estimate's log-likelihood, in nats."""
        return self.hill.log_likelihood

    @property
    def below_own_top(self) -> float:
        """How far the estimate lies below the top of its own hill, in nats; infinite where there is none."""
        return self.hill.below

    @property
    def below_best(self) -> float:
        """How far the top of its own hill lies below the best that was found, in nats."""
        return (
            max(0.0, self.found.best.log_likelihood - self.hill.top.log_likelihood) if self.is_on_a_lower_hill else 0.0
        )

    @property
    def standard_errors_off(self) -> float | None:
        """How many of its standard errors the parameter that is farthest from the top is off."""
        return self.hill.standard_errors_off

    @property
    def best_is_spurious(self) -> bool:
        """Whether the best that was found hangs on a few observations."""
        return bool(self.found.suspicions)

    @property
    def failures(self) -> tuple[str, ...]:
        """What a script may want to fail on: the status unless it is a maximum, and a mistake."""
        status = () if self.status is Status.MAXIMUM else (str(self.status),)
        return (*status, *((MISTAKE, str(self.mistake)) if self.mistake else ()))
