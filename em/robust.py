"""Intervals about an estimate that hold when the model does not: those of the sandwich, on the scales of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .fitted import Fit
from .sandwich import sandwich
from .standard_errors import intervals, scales_of

if TYPE_CHECKING:
    import pandas as pd


def robust_intervals(fitted: Fit, level: float = 0.95) -> pd.DataFrame:
    """Standard errors by the sandwich, and intervals with them (Huber 1967; White 1982).

    They are about the parameter whose mixture is nearest to the truth in the sense of Kullback and Leibler. A row for each
    parameter has standard_error, and the lower and upper end of the interval, symmetric on the parameter's scale as by
    :func:`standard_errors`; NaN where there is no regular maximum, and on the edge of a range.

    Parameters
    ----------
    fitted
        An estimate.
    level
        The coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        A row for each parameter.

    Raises
    ------
    ValueError
        When the level is not between zero and one.

    Examples
    --------
    >>> from em import fit, robust_intervals
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> robust_intervals(fit(x, family="poisson", components=2, starts=10)).round(2)
                standard_error  lower  upper
    parameter
    weights[1]            0.16   0.21   0.77
    weights[2]            0.16   0.23   0.79
    rates[1]              0.46   0.70   2.66
    rates[2]              0.67   8.22  10.85
    """
    import pandas as pd

    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level!r}.")
    estimates, found = np.array(list(fitted.parameters.values())), sandwich(fitted)
    errors = np.full(len(estimates), np.nan) if found is None else found.standard_errors
    errors = np.where(errors > 0, errors, np.nan)
    lower, upper = intervals(estimates, errors, scales_of(fitted), level)
    columns = {"standard_error": errors, "lower": lower, "upper": upper}
    return pd.DataFrame(columns, index=pd.Index(list(fitted.parameters), name="parameter"))
