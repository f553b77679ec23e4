r"""How well an estimate predicts an observation that it has not seen: leave-one-out without refitting.

Without observation $i$ the estimate moves by $-I^{-1} \bar s_i$ to first order, with $I$ the observed information and
$\bar s_i = \nabla \log p(x_i \mid \hat\theta)$ the score (see ``em/information.py``). The log-density of the observation at
the estimate that has not seen it is therefore

$$\log p(x_i \mid \hat\theta_{-i}) \approx \log p(x_i \mid \hat\theta) - \bar s_i^T I^{-1} \bar s_i .$$

The sum over all observations is the log-likelihood less $\mathrm{tr}(I^{-1} \sum_i w_i \bar s_i \bar s_i^T)$, Takeuchi's
criterion (Stone 1977; Takeuchi 1976): AIC without the assumption that the model is true. An observation of a row that was
seen $w_i$ times is left out once and not $w_i$ times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models import Array, Shown

from .fitted import Fit
from .information import scored
from .standard_errors import information_of


@dataclass(frozen=True, repr=False)
class PredictiveScore(Shown):
    """The leave-one-out score of an estimate, in nats, higher being better.

    ``elpd`` is the sum over all observations. Of shape ``(rows,)``: ``pointwise``, the score of one observation of each
    distinct row, and its ``weights``.

    Examples
    --------
    >>> from em import fit, predictive_score
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = predictive_score(fit(x, "poisson", 2, starts=10))
    >>> round(found.elpd, 2), found.pointwise.shape, float(found.weights.sum())
    (-26.63, (8,), 10.0)
    """

    elpd: float
    pointwise: Array
    weights: Array

    def _said(self) -> Iterator[str]:
        yield f"Leave-one-out score of the estimate: {self.elpd:.2f} nats over {self.weights.sum():g} observations"


def predictive_score(fitted: Fit) -> PredictiveScore | None:
    """Score an estimate on each observation as if it had been found from all others; ``None`` at no regular maximum.

    Parameters
    ----------
    fitted
        An estimate.

    Returns
    -------
    PredictiveScore or None
        The score in nats, the higher the better.

    Examples
    --------
    >>> from em import fit, predictive_score
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> predictive_score(fit(x, family="poisson", components=2, starts=10))
    Leave-one-out score of the estimate: -26.63 nats over 10 observations
    """
    found = information_of(fitted)
    if found is None or not found.is_regular:
        return None
    data = fitted.data.compress()
    root = found.directions[:, found.movable] / np.sqrt(found.shares[found.movable])
    penalties = [np.square(root.T @ block.expected).sum(axis=0) for block in scored(found.chart, data)]
    pointwise = fitted.mixture.log_density(data.values, data.exposure, data.known) - np.concatenate(penalties)
    return PredictiveScore(float(data.weights @ pointwise), pointwise, data.weights)
