"""Whether the chains have settled: what no labels can change in every case, the parameters where labels are clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayes import LARGEST_R_HAT

from .shares import LARGEST_UNCLEAR, unclear_labels

if TYPE_CHECKING:
    import pandas as pd

    from ..comparing.side_by_side import SideBySide


def largest_r_hat(both: SideBySide) -> float:
    """Return the largest R-hat of all quantities that have to be settled."""
    return max(map(r_hat_of, _tables(both)))


def smallest_size(both: SideBySide) -> float:
    """Return the smallest effective sample size of all quantities that have to be settled."""
    return min(map(_size_of, _tables(both)))


def mixed(both: SideBySide) -> bool:
    """Check whether all chains look over the same places."""
    return largest_r_hat(both) <= LARGEST_R_HAT


def r_hat_of(table: pd.DataFrame) -> float:
    """Return the largest R-hat of a table; a quantity that never moves has none, and is not settled."""
    return float(table["r_hat"].fillna(np.inf).max())


def _size_of(table: pd.DataFrame) -> float:
    return float(np.nan_to_num(table[["ess_bulk", "ess_tail"]].to_numpy(), nan=0.0).min())


def _tables(both: SideBySide) -> list[pd.DataFrame]:
    posterior = both.posterior
    clear = unclear_labels(posterior.mixture, both.data) <= LARGEST_UNCLEAR
    return [posterior.label_invariant, *([posterior.summary] if clear else [])]
