r"""The M-step of Gaussian components, for each structure of covariance.

The log-density is
$\log p(x \mid \mu, \Sigma) = -\tfrac d2 \log 2\pi - \tfrac12 \log |\Sigma| - \tfrac12 (x-\mu)^T \Sigma^{-1} (x-\mu)$.
With $N_k = \sum_i w_i \gamma_{ik}$, component $k$ occurs in $Q$ as

$$Q_k(\mu_k, \Sigma_k) = -\frac{N_k}{2} \log |\Sigma_k|
  - \frac12 \sum_{i=1}^n w_i \gamma_{ik} \, (x_i - \mu_k)^T \Sigma_k^{-1} (x_i - \mu_k) + \mathrm{const} .$$

**The mean.** The gradient (with $\Sigma_k^{-1}$, not $\Sigma_k$) vanishes whatever the covariance where

$$\nabla_{\mu_k} Q_k = \Sigma_k^{-1} \sum_{i=1}^n w_i \gamma_{ik} \, (x_i - \mu_k) = 0
  \quad \Rightarrow \quad \mu_k = \frac{1}{N_k} \sum_{i=1}^n w_i \gamma_{ik} \, x_i .$$

**The covariance.** Put $S_k = \sum_i w_i \gamma_{ik} (x_i - \mu_k)(x_i - \mu_k)^T$ at this mean. A scalar is its own
trace, so that $Q_k = -\tfrac{N_k}2 \log |\Sigma_k| - \tfrac12 \mathrm{tr}(\Sigma_k^{-1} S_k)$. In the precision
$P = \Sigma_k^{-1}$, with $\nabla_P \log |P| = P^{-1}$ and $\nabla_P \mathrm{tr}(P S) = S$ for symmetric matrices,

$$\nabla_P Q_k = \frac{N_k}{2} P^{-1} - \frac12 S_k = 0 \quad \Rightarrow \quad \Sigma_k = \frac{S_k}{N_k}
  \qquad \text{(full)} .$$

$\log |P|$ is concave and the trace linear, hence this is the maximum. The other structures restrict $\Sigma_k$, and the
same derivative is taken in what is left free:

$$\begin{aligned}
  \text{diagonal:} & \quad \sigma_{kj}^2 = (S_k)_{jj} / N_k ; \\
  \text{spherical:} & \quad \sigma_k^2 = \mathrm{tr}(S_k) / (d \, N_k) ; \\
  \text{tied:} & \quad \Sigma = \textstyle\sum_k S_k / n .
\end{aligned}$$

**Maximum a posteriori.** ``em/gaussian_prior.py`` derives what a prior adds to the sums and counts above.

**The floor.** The likelihood is unbounded: a component on a single point, $\sigma \to 0$. The maximum is therefore
taken under the constraint that no eigenvalue of $\Sigma_k$, in coordinates in which the data have unit spread
(``models.Frame``), is below $\varepsilon = 10^{-12}$: whether a component has collapsed does not depend on the units.
Because $Q_k$ separates over the eigenvalues $s_j / N_k$ of the unconstrained solution and falls to both sides of each,
the exact constrained maximiser replaces each by $\max(s_j / N_k, \varepsilon)$, and the likelihood still never falls
(adding a ridge to the diagonal would not keep that promise). An eigenvalue at the floor means that the component has
*collapsed*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from models import Array, Data, Gaussian, GaussianStatistics, Model, Prior, Rows, Statistics

from .gaussian_chart import GaussianChart, outer
from .gaussian_prior import PriorTerms, prior_terms
from .kernels.gaussian import DIAGONAL, FULL, SPHERICAL, TIED, GaussianUpdate, gaussian_steps
from .weights import Update, followed_by_empty

FLOOR = 1e-12
STRUCTURES = {"full": FULL, "diagonal": DIAGONAL, "spherical": SPHERICAL, "tied": TIED}
# No matrix whose smallest eigenvalue, on the scale of its features, is less than this share of its largest has a Cholesky
# factor in doubles.
CONDITION = 1e-14


@dataclass(frozen=True)
class GaussianMStep:
    """Maximises Q over means and covariances; with a prior, Q plus its log-density."""

    model: Model
    data: Rows
    prior: Prior | None = None

    def __call__(self, statistics: Statistics, current: Gaussian | None = None) -> Gaussian:
        """The maximising components, given statistics of which no N is zero (with a prior it may be)."""
        given = cast(GaussianStatistics, statistics)
        means = self.terms.means(given, current)
        shift, cross = means - given.centres, outer(given.first, means - given.centres)
        scatter = given.second - cross - np.swapaxes(cross, 1, 2) + given.counts[:, None, None] * outer(shift, shift)
        scatter, counts = self.scatter_and_counts(given.counts, scatter + self.terms.moments(means)[2], current)
        shape = (self.model.components, *scatter.shape[1:])
        return Gaussian(means, self._lift(np.broadcast_to(scatter / counts[:, None, None], shape)))

    def runs(
        self, data: Data, weights: Array, components: Gaussian, update: Update
    ) -> list[tuple[Array, Gaussian, GaussianStatistics]]:
        """Plain EM in compiled code: of each start the log-likelihoods, components with a leading axis, the last statistics.

        The first row of ``weights`` of each start, shape ``(starts, steps, k)``, is given and the others are filled.
        """
        x, seen, _ = data.chunk(0, len(data.values))
        means = followed_by_empty(components.means, weights.shape[1])
        covariances = followed_by_empty(components.covariances, weights.shape[1])
        given = self._update._replace(least_count=update.least_count, pseudo_count=update.pseudo_count)
        found = gaussian_steps(x, seen, weights, means, covariances, given, self.terms.unseen, update.tolerance)
        return [
            (
                log_likelihood[:visited],
                Gaussian(means[s, :visited], covariances[s, :visited]),
                GaussianStatistics(counts, first, second, means[s, visited - 1]),
            )
            for s, (visited, log_likelihood, counts, first, second) in enumerate(zip(*found, strict=True))
        ]

    def chart(self, components: Gaussian, statistics: Statistics) -> GaussianChart:
        """Coordinates about these components, whose expected statistics are given."""
        return GaussianChart(self, components, cast(GaussianStatistics, statistics))

    def collapse(self, components: Gaussian) -> str | None:
        """Say which component has an eigenvalue at the floor, if one has."""
        if self._is_regular(components.covariances):
            return None
        narrowest = np.linalg.eigvalsh(self._whitened(components.covariances)).min(axis=-1)
        values = np.linalg.eigvalsh(components.covariances / self._scales)
        singular = values.min(axis=-1) <= 2 * CONDITION * values.max(axis=-1)
        collapsed = np.flatnonzero((narrowest <= 2 * FLOOR) | singular)
        return f"the covariance of component {collapsed[0] + 1} is singular" if collapsed.size else None

    def positive(self, components: Gaussian) -> Gaussian:
        """Ones for the variances, which are positive, and zeros elsewhere."""
        variances = np.broadcast_to(np.eye(self.model.dimension), components.covariances.shape)
        return Gaussian(np.zeros_like(components.means), variances)

    def deviation_ratio(self, components: Gaussian) -> float:
        """The root of the smallest eigenvalue of any Σⱼ⁻¹Σₕ (Hathaway 1985)."""
        whitening = np.linalg.inv(np.linalg.cholesky(components.covariances))[:, None]
        relative = whitening @ components.covariances @ np.swapaxes(whitening, -1, -2)
        return float(np.sqrt(np.linalg.eigvalsh(relative).min().clip(0)))

    def edge_values(self, components: Gaussian) -> Array:
        """No parameter of a Gaussian may be zero and regular."""
        return np.empty((len(components.means), 0))

    def held(self, components: Gaussian, component: int, place: int, value: float) -> Gaussian:
        """Refuse, since a Gaussian has no such parameter to hold."""
        raise IndexError(place)

    def shrunk(self, components: Gaussian, component: int, centre: Array, factor: float) -> Gaussian | None:
        """The components, one drawn to the centre; ``None`` where all share a covariance, or there is only one."""
        if self.model.covariance == "tied" or self.model.components == 1:
            return None
        means, covariances = components.means.copy(), components.covariances.copy()
        means[component] = centre + factor * (means[component] - centre)
        covariances[component] *= factor**2
        return Gaussian(means, covariances)

    def _is_regular(self, covariances: Array) -> bool:
        """Whether a Cholesky factor shows that no eigenvalue is at a floor; twice the floors are for its rounding.

        It takes a tenth of the time of the eigenvalues, which decide where there is none.
        """
        scaled = covariances / self._scales
        least = 2 * CONDITION * scaled.trace(axis1=-2, axis2=-1)
        try:
            np.linalg.cholesky(scaled - 2 * FLOOR * self._spread - least[:, None, None] * np.eye(scaled.shape[-1]))
        except np.linalg.LinAlgError:
            return False
        return True

    @cached_property
    def terms(self) -> PriorTerms:
        """What the prior adds, if there is one."""
        return prior_terms(self.model, self.prior.components if self.prior else None)

    @cached_property
    def _scales(self) -> Array:
        """The units of the entries of a covariance: of each feature its own, of *spherical* ones one for all."""
        variances = np.diag(self.data.covariance)
        if self.model.covariance == "spherical":
            variances = np.full(len(variances), variances.mean())
        return np.outer(np.sqrt(variances), np.sqrt(variances))

    @cached_property
    def _spread(self) -> Array:
        """The data's covariance in these units, as far as the structure knows it."""
        whole = self.model.covariance in ("full", "tied")
        return np.asarray(self.data.covariance / self._scales if whole else np.eye(self.model.dimension))

    @cached_property
    def _factor(self) -> Array:
        """The lower triangular L with LLᵀ that spread in the units of the data."""
        return np.asarray(np.linalg.cholesky(self._spread) * np.sqrt(np.diag(self._scales))[:, None])

    def _whitened(self, covariances: Array) -> Array:
        """Covariances in coordinates in which the data have unit spread."""
        half = np.linalg.solve(self._factor, covariances)
        return np.linalg.solve(self._factor, np.swapaxes(half, -1, -2))

    def scatter_and_counts(self, counts: Array, scatter: Array, current: Gaussian | None) -> tuple[Array, Array]:
        """The matrices and counts whose ratios are the covariances: for *tied* one in all, else one per component."""
        of_prior, pseudo_count = self.terms.scatter(current), self.terms.count
        if self.model.covariance == "tied":
            return scatter.sum(axis=0, keepdims=True) + of_prior, counts.sum(keepdims=True) + pseudo_count
        scatter = scatter + of_prior
        if self.model.covariance == "diagonal":
            scatter = scatter * np.eye(self.model.dimension)
        if self.model.covariance == "spherical":
            mean_squares = np.trace(scatter, axis1=1, axis2=2) / self.model.dimension
            scatter = mean_squares[:, None, None] * np.eye(self.model.dimension)
        return scatter, counts + pseudo_count

    @cached_property
    def _update(self) -> GaussianUpdate:
        strength, location, scatter = self.terms.constants
        return GaussianUpdate(
            structure=STRUCTURES[self.model.covariance or "full"],
            scales=self._scales,
            spread=self._spread,
            floor=2 * FLOOR,
            condition=2 * CONDITION,
            least_count=0.0,
            equal_weights=not self.model.weights_are_free,
            pseudo_count=0.0,
            location=np.array(location, dtype=float),
            strength=strength,
            scatter=np.array(scatter, dtype=float),
            observed=float(self.terms.count),
            ridge=0.0,
        )

    def _lift(self, covariances: Array) -> Array:
        """The exact maximiser under the floor: eigenvalues below it are raised to it."""
        symmetric = (covariances + np.swapaxes(covariances, 1, 2)) / 2
        if self._is_regular(symmetric):
            return np.asarray(symmetric)
        values, vectors = np.linalg.eigh(self._whitened(symmetric))
        if (values < FLOOR).any():
            directions = self._factor @ vectors
            symmetric = (directions * np.maximum(values, FLOOR)[:, None, :]) @ np.swapaxes(directions, 1, 2)
        values, vectors = np.linalg.eigh(symmetric / self._scales)
        least = CONDITION * values.max(axis=-1, keepdims=True)
        if (values > least).all():
            return np.asarray(symmetric)
        lifted = (vectors * np.maximum(values, least)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
        return np.asarray(lifted * self._scales)
