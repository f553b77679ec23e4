"""How much does the prior say? Whether the posterior, and the verdict, would be the same under another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..comparing.departures import Departure
from ..comparing.sensitivity import WIDER, Alternative
from .answer import Answer
from .codes import PRIOR_SENSITIVE
from .difference import is_shifted, is_unlike

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

SENSITIVE = "sensitive"
# A quarter of a standard deviation: half of what would be called a difference.
LARGEST_PULL = 0.25
# The threshold of Kallioinen and others (2024, section 3.3), which a shift of a third of a standard deviation just reaches.
LARGEST_SENSITIVITY = 0.05

_MEANS = "With another prior that is as reasonable the posterior would be another one."


def prior_answer(both: SideBySide) -> Answer:
    """Answer whether the posterior depends on its prior."""
    found = both.sensitivity
    if found is None:
        return Answer(SENSITIVE, "Without an estimate nobody can say how much the prior says.")
    (name, pull), table = found.largest_pull, found.table
    scaled = float(np.nan_to_num(table["prior"].max()))
    changed = [other.name for other in found.alternatives if other.name in WIDER and verdict_changes(both, other)]
    evidence: dict[str, float | str] = {
        "largest_pull": pull,
        "parameter": name,
        "pull_allowed": LARGEST_PULL,
        "largest_sensitivity": scaled,
        "sensitivity_allowed": LARGEST_SENSITIVITY,
    }
    if abs(pull) <= LARGEST_PULL and scaled < LARGEST_SENSITIVITY and not changed:
        return Answer("robust", _robust(pull, name), evidence=evidence)
    if changed:
        said = f"Under a prior {' or '.join(changed)} the answer to the first question would be another one."
    elif abs(pull) > LARGEST_PULL:
        said = f"The prior moves {name} by {abs(pull):.2f} posterior standard deviations."
    else:
        scaled_name = str(table["prior"].idxmax())
        said = (
            f"The posterior of {scaled_name} changes with the prior (power-scaling: {scaled:.2f}, .05 would be much)."
        )
    return Answer(
        SENSITIVE,
        said,
        (PRIOR_SENSITIVE,),
        (_MEANS,),
        ("State the prior with the result, and repeat it with another one (prior='conjugate') or with more data.",),
        evidence,
    )


def _robust(pull: float, name: str) -> str:
    moved = f"moves no parameter by more than {max(abs(pull), 0.01):.2f} posterior standard deviations ({name})"
    return f"The prior hardly matters: it {moved}."


def verdict_changes(both: SideBySide, other: Alternative) -> bool:
    """Check whether EM and the posterior would agree under another prior and do not, or the other way round.

    Weights that do not bear it change nothing.
    """
    return other.is_reliable and agrees(other.departures) != agrees(both.departures)


def agrees(departures: tuple[Departure, ...]) -> bool:
    """Check whether no block is shifted, and none unlike its standard error."""
    return not any(is_shifted(departure) or is_unlike(departure) for departure in departures)
