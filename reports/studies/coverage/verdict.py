"""Whether EM and Bayes agree on one replicate, by those checks of a report's verdict that cost next to nothing here.

The thresholds are the report's own. Left out is what needs EM's audit: whether EM climbs higher from posterior draws
(``local-optimum``), whether the estimate hangs on a few observations (``degenerate`` is here a collapse of every start, or
no standard error), and the reasons for a difference. So is what needs draws of the prior, whether the data narrowed it, and
the effective sample size of 400, which a study's short chains do not aim at; their R-hat has the study's own limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from em import Status
from models import Data, Mixture

from ...comparing.large_sample import LARGEST_RATIO
from ...judging.codes import Code
from ...judging.difference import LARGEST_SHIFT
from ...judging.shares import LARGEST_UNCLEAR, unclear_labels

if TYPE_CHECKING:
    import pandas as pd

AGREE, ELSEWHERE, UNLIKE = str(Code.AGREE), "differ in place", "differ in width"
NOT_CONVERGED, DEGENERATE = f"no answer: {Code.EM_NOT_CONVERGED}", f"no answer: {Code.DEGENERATE}"
UNSETTLED, UNRESOLVED = f"no answer: {Code.CHAINS_DISAGREE}", f"no answer: {Code.LABELS_UNRESOLVED}"
NOTHING = "no answer: no data set"
VERDICTS = (AGREE, ELSEWHERE, UNLIKE, NOT_CONVERGED, DEGENERATE, UNSETTLED, UNRESOLVED, NOTHING)
# As many as tell a share of 0.05 from twice that.
LABEL_DRAWS = 200


def verdict(table: pd.DataFrame, status: Status, settled: bool, draws: Mixture, data: Data) -> str:
    """Return the first of the verdicts that applies.

    Parameters
    ----------
    table
        A row for each parameter with ``mle``, ``mle_error``, ``mean``, ``sd``, ``lower``, ``upper`` and ``sd_ratio``.
    status
        How EM ended.
    settled
        Whether the chains agree, and none of their transitions diverged.
    draws, data
        The relabelled posterior, and the observations that tell labels apart.
    """
    if status is Status.OUT_OF_STEPS:
        return NOT_CONVERGED
    if status is Status.COLLAPSED or not np.isfinite(table["mle_error"]).all():
        return DEGENERATE
    if not settled:
        return UNSETTLED
    if unclear_labels(draws, data, LABEL_DRAWS) > LARGEST_UNCLEAR:
        return UNRESOLVED
    outside = (table["mle"] < table["lower"]) | (table["mle"] > table["upper"])
    shift, ratio = ((table["mle"] - table["mean"]) / table["sd"]).abs(), table["sd_ratio"]
    if outside.any() or shift.max() > LARGEST_SHIFT:
        return ELSEWHERE
    return UNLIKE if (np.abs(np.log(ratio)) > np.log(LARGEST_RATIO)).any() else AGREE
