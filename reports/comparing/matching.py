"""An estimate with the posterior's labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from em import Fit
from models import Array, Data, permutation


def matched(estimate: Fit, reference: Array, data: Data) -> Fit:
    """Permute the estimate as a whole, so that its labels are the posterior's; what has them keeps its information.

    ``reference`` are the posterior's memberships of the rows of ``data``, shape ``(rows, k)``.
    """
    own = estimate.mixture
    order = permutation(own.responsibilities(data.values, data.exposure, data.known), reference, data)
    in_order = np.array_equal(order, np.arange(len(order)))
    return estimate if in_order else replace(estimate, mixture=own.relabel(order))
