"""The verdict: do EM and Bayes agree, and if not, which of the known reasons it is, with figures and advice.

Two groups of checks. The first asks whether either side may be read at all, and is made of every comparison:
``em-not-converged``, ``local-optimum``, ``degenerate``, ``chains-disagree`` and ``labels-unresolved``. The second explains a
difference where there is one: ``weakly-identified``, ``prior-dominated`` and ``non-normal-posterior``. There is a difference
when an EM estimate lies outside the posterior's 95 % interval, or farther from the posterior mean than Monte Carlo error
and a reader's eye allow (``LARGEST_SHIFT``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayes import LARGEST_PARETO_K
from em import Status

from .large_sample import LARGEST_RATIO

if TYPE_CHECKING:
    from .comparison import Comparison

CODES = (
    "agree",
    "em-not-converged",
    "local-optimum",
    "degenerate",
    "chains-disagree",
    "labels-unresolved",
    "weakly-identified",
    "prior-dominated",
    "non-normal-posterior",
)
UNDECIDED = ("em-not-converged", "degenerate", "chains-disagree", "labels-unresolved")

# Half a posterior standard deviation: a shift that a reader of the two tables would call the same value, and that
# the Monte Carlo error of the mean (sd / √ESS, at most 0.05 sd once the ESS exceeds 400) cannot produce.
LARGEST_SHIFT = 0.5
# A distance of δ standard errors from the maximum costs ½ δ² nats: this is a tenth of one.
LARGEST_DISTANCE = 0.005
# A higher optimum counts when it is higher by more than both climbs' tolerance and rounding.
HIGHER = 1e-3
# A draw whose two closest labels differ by less than log 20 could bear either; a twentieth of such draws is the share at
# which a 95 % interval begins to hold the other component.
CLEAR_LABELS = float(np.log(20))
LARGEST_UNCLEAR = 0.05
# Where the missing labels take nine tenths of the information in some direction, the standard error there is more than
# three times what it would be with labels, and EM gains at most a tenth of what is left with each step.
WEAK_SHARE = 0.1
# Mean and median apart by a tenth of the standard deviation, twice the Monte Carlo error at an ESS of 400.
SKEWED = 0.1
# The posterior of a parameter that the data teach something about is less than half as wide as the prior.
NARROWED = 0.5


@dataclass(frozen=True)
class Reason:
    """Why the two cannot be compared or differ: a code, the figures that show it, what it means and what to do."""

    code: str
    evidence: dict[str, float | str]
    explanation: str
    advice: str


@dataclass(frozen=True)
class Verdict:
    """``status`` is ``"agree"``, ``"differ"`` or ``"undecided"``; one sentence; and the reasons, none when they agree."""

    status: str
    sentence: str
    reasons: tuple[Reason, ...]

    @property
    def agree(self) -> bool | None:
        """Whether the two agree; ``None`` when nothing can be said yet."""
        return {"agree": True, "differ": False}.get(self.status)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, or ``("agree",)``."""
        return tuple(reason.code for reason in self.reasons) or ("agree",)
