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

import numpy as np

from models import Array, Model, Prior


def m_step_weights(counts: Array, model: Model, prior: Prior | None) -> Array:
    """The weights that maximise Q (with a prior, Q plus its log-density) given N of each component."""
    if not model.weights_are_free:
        return np.full(model.components, 1 / model.components)
    pseudo_counts = counts + (prior.concentration - 1 if prior else 0)
    return np.asarray(pseudo_counts / pseudo_counts.sum())


def followed_by_empty(first: Array, rows: int) -> Array:
    """An array of so many rows, of which the first is given and the others are to be filled."""
    array = np.empty((rows, *first.shape))
    array[0] = first
    return array
