r"""The E-step: from the data and a mixture to the log-likelihood and the expected sufficient statistics.

Let $x_1, \dots, x_n$ be the observations, $w_i$ how often observation $i$ was seen (one, unless told otherwise), and
$z_i \in \{1, \dots, K\}$ the label that nobody saw. With weights $\pi_k$ and component densities $p(x \mid \theta_k)$
the **complete-data log-likelihood** is

$$\ell_c(\pi, \theta) = \sum_{i=1}^n w_i \sum_{k=1}^K [z_i = k] \, \bigl( \log \pi_k + \log p(x_i \mid \theta_k) \bigr) .$$

The E-step takes the expectation of this *logarithm* (not the logarithm of an expectation) over the labels, given the data
and the parameters $(\pi', \theta')$ of the step before. Only the indicators $[z_i = k]$ are random, and the expectation
of an indicator is its probability, by Bayes' theorem

$$\gamma_{ik} = \Pr(z_i = k \mid x_i)
  = \frac{\pi'_k \, p(x_i \mid \theta'_k)}{\sum_{j=1}^K \pi'_j \, p(x_i \mid \theta'_j)} ,$$

the **responsibility** of component $k$ for observation $i$. The prior weights $\pi'_k$ belong in it: without them every
component would claim an equal share. The expected complete-data log-likelihood is therefore

$$Q(\pi, \theta) = \sum_{i=1}^n w_i \sum_{k=1}^K \gamma_{ik} \, \bigl( \log \pi_k + \log p(x_i \mid \theta_k) \bigr) ,$$

and the M-step *maximises* it. The weights and each component occur in terms of their own, so that each is maximised by
itself.

**Why the likelihood climbs.** For any responsibilities, Jensen's inequality gives the lower bound

$$\ell(\pi, \theta) = \sum_{i=1}^n w_i \log \sum_{k=1}^K \pi_k \, p(x_i \mid \theta_k)
  \ge Q(\pi, \theta) - \sum_{i=1}^n w_i \sum_{k=1}^K \gamma_{ik} \log \gamma_{ik} ,$$

with equality at $(\pi', \theta')$. Raising the bound from a point where it touches the log-likelihood raises the
log-likelihood at least as much (Dempster, Laird and Rubin 1977, theorem 1).

**Known labels.** Where somebody knows the label of observation $i$, say $z_i = j$, its indicators are not random:
$\gamma_{ij} = 1$, all other $\gamma_{ik}$ are zero, and stay so. Its share of the log-likelihood is $\log \pi_j + \log
p(x_i \mid \theta_j)$ in place of the logarithm of the sum. It is as if for this one observation all weights but $\pi_j$
were zero, so that everything else here holds as it stands, and the M-step is the same function of the sums.

**In numbers.** Densities of $10^{-400}$ are ordinary and do not fit a double, hence all is done with logarithms: with
$a_{ik} = \log \pi_k + \log p(x_i \mid \theta_k)$ and $m_i = \max_k a_{ik}$,

$$\log \sum_{k=1}^K e^{a_{ik}} = m_i + \log \sum_{k=1}^K e^{a_{ik} - m_i} ,
  \qquad \gamma_{ik} = e^{a_{ik} - \log \sum_j e^{a_{ij}}} .$$
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models import Array, Data, Expectation, Mixture, Rows


def e_step(data: Rows, mixture: Mixture) -> Expectation:
    """The log-likelihood of the mixture and the statistics expected under its responsibilities, in one fused pass.

    Parameters
    ----------
    data
        The rows, in memory or in parts.
    mixture
        The current parameters, without leading axes.

    Returns
    -------
    Expectation
        The log-likelihood in nats, and the expected sufficient statistics.

    Examples
    --------
    >>> import numpy as np
    >>> from em import e_step
    >>> from models import Data, Mixture, Poisson
    >>> mixture = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 9.0])))
    >>> found = e_step(Data.of([0, 1, 9, 10]), mixture)
    >>> found.statistics.counts.round(3)
    array([1.997, 2.003])
    """
    return data.total(mixture.expectation)


def log_likelihoods(data: Rows, mixtures: Sequence[Mixture]) -> Array:
    """The log-likelihood of each of several mixtures, in one pass over the rows, which may have to be read for each."""

    def of_rows(rows: Data) -> Array:
        return np.array([mixture.expectation(rows).log_likelihood for mixture in mixtures])

    return data.total(of_rows)
