"""When it is worth a look whether a run is near its limit, in compiled code."""

from __future__ import annotations

import numpy as np

from models.kernels.arithmetic import Array
from models.kernels.compiling import inlined

EPSILON = float(np.finfo(float).eps)


@inlined
def may_be_near(log_likelihood: Array, s: int, step: int, tolerance: float) -> bool:
    """Whether Aitken's extrapolation from the last two gains of run s leaves at most ``tolerance``, or rounding hides it.

    ``em.loop.distance_to_limit`` says whether it is so, from longer spans as well.
    """
    if tolerance < 0 or step < 2:
        return False
    later = log_likelihood[s, step] - log_likelihood[s, step - 1]
    earlier = log_likelihood[s, step - 1] - log_likelihood[s, step - 2]
    rounding = 8 * EPSILON * (1 + abs(log_likelihood[s, step]))
    return bool(later * later <= tolerance * earlier or abs(earlier - later) <= rounding)
