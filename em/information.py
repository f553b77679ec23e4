r"""The observed information: how sharply the log-likelihood is curved at the estimate, in closed form.

Let $\theta$ be the coordinates of a chart, $s_{ik} = \nabla_\theta \bigl( \log \pi_k + \log p(x_i \mid \theta_k) \bigr)$ the
**score** of observation $i$ when its label is $k$, and $H_{ik}$ minus its matrix of second derivatives. The log-likelihood
of one observation is $\ell_i = \log \sum_k e^{a_{ik}}$ with $a_{ik} = \log \pi_k + \log p(x_i \mid \theta_k)$, and the
responsibilities are $\gamma_{ik} = e^{a_{ik} - \ell_i}$. Hence

$$\nabla \ell_i = \sum_k \gamma_{ik} \, s_{ik} =: \bar s_i ,
  \qquad \nabla \gamma_{ik} = \gamma_{ik} \, ( s_{ik} - \bar s_i ) ,$$

the first being Fisher's identity. Once more, by the product rule,

$$- \nabla^2 \ell_i = \sum_k \gamma_{ik} H_{ik} - \sum_k ( s_{ik} - \bar s_i ) \, \gamma_{ik} \, s_{ik}^T
  = \sum_k \gamma_{ik} H_{ik} - \Bigl( \sum_k \gamma_{ik} \, s_{ik} s_{ik}^T - \bar s_i \bar s_i^T \Bigr) .$$

The bracket is the covariance matrix of the score under the distribution of the unseen label. Summed over the
observations, each as often as it was seen, this is the principle of missing information (Orchard and Woodbury 1972;
Louis 1982, equation 3.2):

$$\underbrace{- \nabla^2 \ell}_{\text{observed}}
  = \underbrace{\sum_i w_i \sum_k \gamma_{ik} H_{ik}}_{\text{complete}}
  - \underbrace{\sum_i w_i \Bigl( \sum_k \gamma_{ik} \, s_{ik} s_{ik}^T - \bar s_i \bar s_i^T \Bigr)}_{\text{missing}} .$$

It holds at every $\theta$, not at a maximum alone. The same follows from Oakes (1999): the gradient at $\theta$ of
$Q(\theta \mid \theta')$, differentiated by $\theta$ at fixed responsibilities and then by $\theta'$ through them.

**The complete-data information** depends on the expected statistics alone; each family's chart has it. A prior is part of
the complete data: its own curvature belongs there, and the labels take nothing away from it. The estimate is the mode in
the parameters themselves, so that the prior's density is never multiplied by the volume of a coordinate.

**The missing information** takes one more pass over the data. A score with known label touches the coordinates of its own
component and the weights only, $q$ numbers; $\bar s_i$ has all $p$ of them. The cost is $O(n (k q^2 + p^2))$, by blocks of
the rows, so that no array grows with the data.

**Natural units.** In coordinates in which the complete data's information is the identity (the chart's scales) the observed
information is $I - R$. The eigenvalues of $R$ are the shares of the information that the missing labels take away. They
are also those of the Jacobian of EM's map (Dempster, Laird and Rubin 1977, theorem 4), and do not depend on the
coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models import Array, Data, Mixture, SparseData

from .ascent import FLAT
from .chart import Chart
from .e_step import e_step
from .m_step import MStep

# Scores are held for so many rows at a time that they stay in the cache.
MOST_NUMBERS = 2**18
# A distance of δ standard errors from a maximum costs ½ δ² nats: this is a tenth of one.
WORTH_NOTHING = 0.005


@dataclass(frozen=True)
class Information:
    """The information about a mixture in the coordinates of ``chart``, all matrices of shape ``(p, p)``.

    ``complete`` is that of data with labels (and of the prior), ``missing`` what is lost with the labels, ``gradient``,
    shape ``(p,)``, that of the objective in nats. ``observed`` is their difference.

    Examples
    --------
    >>> from em import fit, information_of
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = information_of(fit(x, "poisson", 2, starts=10))
    >>> found.shares.round(3).tolist(), found.is_regular
    ([0.825, 0.991, 1.0], True)
    """

    chart: Chart
    complete: Array
    missing: Array
    gradient: Array

    @property
    def observed(self) -> Array:
        """Minus the second derivatives of the objective."""
        return np.asarray(self.complete - self.missing)

    @cached_property
    def _spectrum(self) -> tuple[Array, Array]:
        scales = self.chart.scales
        values, vectors = np.linalg.eigh(self.observed / np.outer(scales, scales))
        return values, vectors

    @property
    def shares(self) -> Array:
        """The eigenvalues of the observed information in units of the complete data's, ascending, shape ``(p,)``."""
        return self._spectrum[0]

    @property
    def directions(self) -> Array:
        """The chart's coordinates along each eigenvector, by column; the complete data's information is one along it."""
        return np.asarray(self._spectrum[1] / self.chart.scales[:, None])

    @property
    def movable(self) -> NDArray[np.bool_]:
        """The directions in which the complete data know anything, shape ``(p,)``: on an edge nothing can move."""
        return np.asarray(np.einsum("ij,ij->j", self.directions, self.complete @ self.directions) > FLAT)

    @property
    def is_regular(self) -> bool:
        """Whether the data determine every direction in which anything can move."""
        return bool((self.shares[self.movable] > FLAT).all())

    @property
    def undetermined(self) -> Array:
        """The directions in which nothing is known, by column: shape ``(p, 0)`` at a regular maximum."""
        return np.asarray(self.directions[:, self.shares <= FLAT])

    @property
    def at_a_maximum(self) -> bool:
        """Whether the objective falls, or at least does not rise, in every direction.

        A component of hardly any observations may have a share below zero that is worth nothing: as far as a coordinate
        can go, a factor of e or a standard deviation, it gains less than a tenth of a standard error costs.
        """
        farthest = 1 / np.abs(self.directions).max(axis=0, initial=np.finfo(float).tiny)
        gains = -0.5 * self.shares * np.square(farthest)
        return bool(((self.shares > -FLAT) | (gains < WORTH_NOTHING)).all())

    @cached_property
    def inverse(self) -> Array:
        """The covariance matrix of the coordinates, shape ``(p, p)``, the undetermined directions left out."""
        determined = self.shares > FLAT
        directions = self.directions[:, determined]
        return np.asarray((directions / self.shares[determined]) @ directions.T)


def information(data: Data | SparseData, mixture: Mixture, m_step: MStep) -> Information:
    """The observed information at a mixture without leading axes (Louis 1982).

    Parameters
    ----------
    data
        The rows.
    mixture
        An estimate.
    m_step
        The M-step of the model, with its prior if it has one.

    Returns
    -------
    Information
        The observed information, that of the complete data, and what the labels take away.

    Raises
    ------
    numpy.linalg.LinAlgError
        When a covariance is singular, where the log-likelihood has no derivatives.

    Examples
    --------
    >>> from em import fit, information
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, "poisson", 2, starts=10)
    >>> information(fitted.data, fitted.mixture, fitted.m_step).at_a_maximum
    True
    """
    statistics = e_step(data, mixture).statistics
    chart = m_step.chart(mixture, statistics)
    gradient = chart.gradient(np.zeros(len(chart.scales)), statistics)
    return Information(chart, chart.information(), missing_information(chart, data), gradient)


def missing_information(chart: Chart, data: Data | SparseData) -> Array:
    """Σ w (Σ γ s sᵀ − s̄ s̄ᵀ), shape ``(p, p)``: the covariance of the scores given the data, labels unknown."""
    missing = np.zeros((len(chart.scales), len(chart.scales)))
    for block in scored(chart, data):
        for scores, shares, place in zip(block.scores, block.responsibilities, chart.places, strict=True):
            missing[np.ix_(place, place)] += (scores * (block.weights * shares)) @ scores.T
        missing -= (block.expected * block.weights) @ block.expected.T
    return (missing + missing.T) / 2


@dataclass(frozen=True)
class Scored:
    """A block of rows, their number last in every shape.

    ``scores`` with the label known, shape ``(k, q, rows)``; ``responsibilities``, shape ``(k, rows)``; ``weights``; and
    ``expected``, s̄ or the gradient of each row's log-likelihood, shape ``(p, rows)``.
    """

    scores: Array
    responsibilities: Array
    weights: Array
    expected: Array


def scored(chart: Chart, data: Data | SparseData) -> Iterator[Scored]:
    """The scores of all rows at the mixture that the chart is about, block by block."""
    places, size = chart.places, len(chart.scales)
    rows = max(1, MOST_NUMBERS // (places.size + size))
    for start in range(0, data.rows, rows):
        block = data.take(slice(start, start + rows))
        scores = chart.scores(block.values, block.exposure)
        responsibilities = chart.mixture.responsibilities(block.values, block.exposure, block.known).T
        expected = np.zeros((size, block.rows))
        for of_component, shares, place in zip(scores, responsibilities, places, strict=True):
            expected[place] += shares * of_component
        yield Scored(scores, responsibilities, block.weights, expected)
