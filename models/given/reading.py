"""One way in which the numbers of an estimate can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..components import Components
from ..data import Data
from ..mixture import Mixture


@dataclass(frozen=True)
class Reading:
    """Components of d features with their structure of covariance.

    ``how`` says what was taken for what, where there is a choice, and ``remedy`` what its owner can do about it;
    ``is_expected`` of several readings is the one that the form itself suggests. ``others`` are the same numbers under other
    names than ``widths``, the owner's, such as standard deviations that were given as variances, each with the sentence's
    words for it. ``misfit`` says how far a step of EM would change the widths of a mixture, in their logarithms.
    """

    components: Components
    covariance: str | None
    dimension: int = 1
    how: str = ""
    remedy: str = ""
    is_expected: bool = False
    widths: str = ""
    others: tuple[tuple[str, Components], ...] = ()
    misfit: Callable[[Mixture, Data], float] | None = None
    notes: tuple[str, ...] = ()
