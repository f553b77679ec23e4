r"""The M-step of the weights, the same for every family.

With $N_k = \sum_i w_i \gamma_{ik}$ and $n = \sum_i w_i = \sum_k N_k$, the weights occur in $Q$ only as
$\sum_k N_k \log \pi_k$, to be maximised subject to $\sum_k \pi_k = 1$. The Lagrange function is

$$L(\pi, \eta) = \sum_{k=1}^K N_k \log \pi_k + \eta \, \Bigl( 1 - \sum_{k=1}^K \pi_k \Bigr) ,
  \qquad \frac{\partial L}{\partial \pi_k} = \frac{N_k}{\pi_k} - \eta = 0
  \quad \Rightarrow \quad \pi_k = \frac{N_k}{\eta} .$$

The constraint fixes the multiplier: $1 = \sum_k \pi_k = n / \eta$, so $\eta = n$ and

$$\pi_k = \frac{N_k}{n} .$$

Because $\sum_k N_k \log \pi_k$ is concave this is the maximum.

**Maximum a posteriori.** A Dirichlet prior with concentration $\alpha \ge 1$ adds $(\alpha - 1) \sum_k \log \pi_k$, as
if every component had been seen $\alpha - 1$ times more:

$$\pi_k = \frac{N_k + \alpha - 1}{n + K (\alpha - 1)} .$$

The mode is taken in the weights themselves. When the mixing is *equal*, $\pi_k = 1/K$ is part of the model and there is
nothing to maximise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models import Array, Model, Prior


class Update(NamedTuple):
    """What runs in compiled code have to know whatever the family.

    They go on while each component has more than ``least_count`` observations, and are not known to be within
    ``tolerance`` nats of their limit, which a negative one never says. ``pseudo_count`` is α − 1 of the weights.
    """

    least_count: float
    pseudo_count: float
    tolerance: float


def m_step_weights(counts: Array, model: Model, prior: Prior | None) -> Array:
    """The weights that maximise Q (with a prior, Q plus its log-density) given N of each component."""
    if not model.weights_are_free:
        return np.full(model.components, 1 / model.components)
    pseudo_counts = counts + (prior.concentration - 1 if prior else 0)
    return np.asarray(pseudo_counts / pseudo_counts.sum())


def followed_by_empty(first: Array, steps: int) -> Array:
    """An array with an axis of so many steps behind that of the starts; the first is given, the others are to be filled."""
    array = np.empty((len(first), steps, *first.shape[1:]))
    array[:, 0] = first
    return array
