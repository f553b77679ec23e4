r"""The mixture nearest to a truth that is no such mixture: what the estimates of ever larger samples tend to.

The average log-likelihood of many observations of a truth $g$ tends to $\mathrm E_g \log f_\theta(x)$. Its maximum is
where the Kullback–Leibler divergence $\mathrm E_g \log g(x) - \mathrm E_g \log f_\theta(x)$ is least: at the **pseudo-true**
parameter (Huber 1967; White 1982, theorem 2.2). An expectation under a truth is a sum over its weighted points, and a
weighted sum of log-densities is what EM maximises. So EM runs on the points in the place of data, and nothing is drawn at
random.

As of data, the highest optimum with every component inside counts. There may be others: a large sample then leads to this
one, and a small one may lead to any whose height per observation is not far below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import Data, Mixture, Model
from models.exposed import Exposures
from models.truths import Truth

from .fit import fit
from .fitted import Fit
from .loop import Status
from .optimum import same_height

STARTS, SEED = 60, 0


@dataclass(frozen=True)
class Nearest:
    """The ``mixture`` of a model that is nearest to a truth.

    ``divergence`` is the Kullback–Leibler divergence of the truth from it, in nats per observation, ``None`` where the
    truth has no density. ``runner_up`` is how far below the next optimum lies, in nats per observation, ``None`` where there
    is no other.

    Examples
    --------
    >>> import numpy as np
    >>> from em import nearest
    >>> from models import Mixture, Model, Poisson
    >>> from models.truths import departed
    >>> truth = departed(Mixture(np.array([1.0]), Poisson(np.array([4.0]))), "negative-binomial", {"shape": 8.0})
    >>> found = nearest(truth, Model("poisson", 1))
    >>> round(found.divergence, 3), found.runner_up is None
    (0.046, True)
    """

    mixture: Mixture
    divergence: float | None
    runner_up: float | None


def nearest(
    truth: Truth, model: Model, columns: tuple[str, ...] | None = None, exposures: Exposures | None = None
) -> Nearest:
    """Find the mixture of the model that is nearest to a truth, by EM on the truth's weighted points.

    Parameters
    ----------
    truth
        A distribution outside the model, of ``models.truths``.
    model
        The model.
    columns
        Names of the features.
    exposures
        The exposures that counts are made with: it is then the nearest on average over them.

    Returns
    -------
    Nearest
        The mixture, and the Kullback–Leibler divergence of the truth from it.

    Raises
    ------
    ValueError
        When EM finds no interior maximum, so that no mixture of the model is the nearest.

    Examples
    --------
    >>> import numpy as np
    >>> from em import nearest
    >>> from models import Mixture, Model, Poisson
    >>> from models.truths import departed
    >>> base = Mixture(np.array([1.0]), Poisson(np.array([4.0])))
    >>> truth = departed(base, "negative-binomial", {"shape": 8.0})
    >>> found = nearest(truth, Model("poisson", 1))
    >>> found.mixture.components.rates.round(3), round(found.divergence, 3)
    (array([4.]), 0.046)
    """
    points = truth.points(columns, exposures)
    tried = [fit(points, **model.specification, starts=STARTS, seed=SEED)]
    if len(truth.base.weights) == model.components:
        tried.append(fit(points, **model.specification, start=_of_model(truth.base, model)))
    inside = [found for found in tried if found.status is Status.CONVERGED]
    if not inside:
        raise ValueError(
            f"EM finds no maximum on the truth itself ({tried[0].climb.reason or tried[0].status}), so that no mixture of "
            "the model is nearest to it: take fewer components or another covariance."
        )
    best = max(inside, key=lambda found: found.log_likelihood)
    return Nearest(best.mixture.ascending(), _divergence(truth, points, best), _runner_up(tried, best))


def _of_model(base: Mixture, model: Model) -> Mixture:
    k = model.components
    weights = base.weights if model.weights_are_free else np.full(k, 1 / k)
    return Mixture(weights, base.components.structured(model.covariance))


def _divergence(truth: Truth, points: Data, best: Fit) -> float | None:
    log_density = truth.log_density(points.values, points.exposure)
    if log_density is None:
        return None
    # Rounding of a sum of a few nats, where the truth is of the model.
    return max(0.0, float(points.weights @ log_density - best.log_likelihood) / points.size)


def _runner_up(tried: list[Fit], best: Fit) -> float | None:
    ends = [start for found in tried for start in found.starts if start.status is Status.CONVERGED]
    below = [best.log_likelihood - end.log_likelihood for end in ends]
    lower = [gap for gap in below if gap > same_height(best.log_likelihood)]
    return min(lower) / best.data.size if lower else None
