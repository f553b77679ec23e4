"""Whether a mixture of a family can be fitted to the data: asked of both before anything is computed."""

from __future__ import annotations

import numpy as np

from .components import Components
from .labels import require_labels_fit
from .memory import require_memory
from .rows import Rows

# Of every covariance there are about so many in memory at a time: estimates, statistics, factors, the prior's.
_COPIES = 12


def require_fittable(data: Rows, family: type[Components], components: int, covariance: str | None) -> None:
    """Make sure that so many components of a family, with that structure of covariance, can be fitted to the data.

    Raises
    ------
    ValueError
        Names what does not fit, and what to do about it.
    """
    _require_enough(data, components)
    if covariance is not None:
        require_memory("the number of columns", data.dimension, _COPIES * 8 * components, power=2)
    if data.is_exposed and not family.takes_exposure:
        raise ValueError(
            f"exposure {data.exposure_column!r} does not apply to family {family.name!r}, whose observations are measured "
            "and not counted: leave it out, or divide by it beforehand."
        )
    require_labels_fit(data, components)
    _require_differing(data, one_count=components == 1 and family.counts)
    family.check(data, components, covariance)


def _require_enough(data: Rows, components: int) -> None:
    if data.rows == 1 and data.size == 1 and data.dimension > 1:
        raise ValueError(
            f"the data are one row of {data.dimension} columns, which is one observation: transpose them if the columns "
            "are the observations."
        )
    if data.size < components <= data.rows:
        raise ValueError(
            f"the weights add up to {data.size:g}, which is less than components = {components}: rescale them so that "
            "they add up to the number of observations that they stand for."
        )
    if data.size < components:
        raise ValueError(
            f"components = {components} is more than the {data.size:g} observations: take fewer components."
        )


def _require_differing(data: Rows, one_count: bool) -> None:
    """Refuse observations that are all alike; of one component of counts the mean says everything, and they may be."""
    if np.array_equal(data.lowest, data.highest) and not data.is_exposed and not one_count:
        raise ValueError(
            f"the data are constant (every observation is {', '.join(f'{v:g}' for v in data.lowest)}): "
            "a mixture needs observations that differ."
        )
