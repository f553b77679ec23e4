"""Whether the chains have settled: what no labels can change in every case, the parameters where labels are clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayes import LARGEST_R_HAT, r_hat_of, size_of, tables_to_settle

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide


def largest_r_hat(both: SideBySide) -> float:
    """Return the largest R-hat of all quantities that have to be settled."""
    return max(map(r_hat_of, tables_to_settle(both.posterior)))


def smallest_size(both: SideBySide) -> float:
    """Return the smallest effective sample size of all quantities that have to be settled."""
    return min(map(size_of, tables_to_settle(both.posterior)))


def mixed(both: SideBySide) -> bool:
    """Check whether all chains look over the same places."""
    return largest_r_hat(both) <= LARGEST_R_HAT
