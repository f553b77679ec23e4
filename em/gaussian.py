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

**Maximum a posteriori.** Under the normal–inverse-Wishart prior, $\mu_k \mid \Sigma_k \sim N(m, \Sigma_k / \kappa)$ and
$\Sigma_k \sim \mathrm{InvWishart}(\nu, \Psi)$, the log-prior is

$$-\frac{\nu + d + 2}{2} \log |\Sigma_k| - \frac12 \mathrm{tr}(\Sigma_k^{-1} \Psi)
  - \frac{\kappa}{2} (\mu_k - m)^T \Sigma_k^{-1} (\mu_k - m) + \mathrm{const} ,$$

where $\nu + d + 1$ comes from the inverse Wishart and one more from the normal's $|\Sigma_k / \kappa|^{-1/2}$. It acts as
$\kappa$ observations at $m$ and as a scatter $\Psi$ seen before:

$$\mu_k = \frac{\kappa m + \sum_i w_i \gamma_{ik} x_i}{\kappa + N_k} , \qquad
  T_k = \Psi + S_k + \kappa \, (\mu_k - m)(\mu_k - m)^T ,$$

with $S_k$ taken about this mean. The covariance has the form above with $T_k$ for $S_k$ and a larger count:

$$\begin{aligned}
  \text{full:} & \quad \Sigma_k = T_k / (N_k + \nu + d + 2) ; \\
  \text{diagonal:} & \quad \sigma_{kj}^2 = (T_k)_{jj} / (N_k + \nu + 3) ; \\
  \text{spherical:} & \quad \sigma_k^2 = \bigl( \psi + \mathrm{tr}(T_k - \Psi) \bigr) / (d \, N_k + \nu + d + 2) ; \\
  \text{tied:} & \quad \Sigma = \bigl( \Psi + \textstyle\sum_k (T_k - \Psi) \bigr) / (n + \nu + d + 1 + K) .
\end{aligned}$$

For *diagonal* and *spherical* each variance has an inverse-gamma$(\nu/2, \psi/2)$ prior, the inverse Wishart's
one-dimensional case; for *tied* one $\Sigma$ has one prior and $K$ normals. The mode is taken in $(\mu, \Sigma)$.

**The floor.** The likelihood is unbounded: a component on a single point, $\sigma \to 0$. The maximum is therefore
taken under the constraint that no eigenvalue of $\Sigma_k$, in coordinates in which the data have unit spread
(``models.Frame``), is below $\varepsilon = 10^{-12}$: whether a component has collapsed does not depend on the units.
Because $Q_k$ separates over the eigenvalues $s_j / N_k$ of the unconstrained solution and falls to both sides of each,
the exact constrained maximiser replaces each by $\max(s_j / N_k, \varepsilon)$, and the likelihood still never falls
(adding a ridge to the diagonal would not keep that promise). An eigenvalue at the floor means that the component has
*collapsed*.

**The chart** of a component is about a mean $\mu^0$ and a Cholesky factor $L^0$: its coordinates are the shift of the mean
in standard deviations, $\mu = \mu^0 + L^0 m$, and the entries of a lower triangular $T$ with
$\Sigma = L^0 T T^T L^{0T}$, those on the diagonal as logarithms. From the gradient above, and with
$d\Sigma = dL \, L^T + L \, dL^T$ in $\partial Q_k / \partial \Sigma = \frac12 \Sigma^{-1} (S - N \Sigma) \Sigma^{-1}$,

$$\frac{\partial Q_k}{\partial m} = L^{0T} \Sigma^{-1} \sum_i w_i \gamma_{ik} (x_i - \mu) , \qquad
  \frac{\partial Q_k}{\partial T} = \mathrm{lower} \bigl( T^{-T} ( L^{-1} S L^{-T} - N I ) \bigr) ,$$

with $S$ about the current mean and $L = L^0 T$; the logarithms on the diagonal bring a factor $T_{jj}$. The complete
data's information is $N$ for each $m_j$ and each entry below the diagonal, and $2N$ for each logarithm. Under the prior
$S$ and $N$ are the matrices and counts whose ratios are the covariances above.

That is so at a maximum of $Q$. Anywhere else, write $y = L^{0\,-1} (x - \mu^0)$, $a = \sum_i w_i \gamma_{ik} y_i$ and
$S = \sum_i w_i \gamma_{ik} y_i y_i^T$, so that $-Q_k = N \log |T| + \frac12 \sum_i w_i \gamma_{ik} |T^{-1}(y_i - m)|^2$.
From $\partial T^{-1} / \partial T_{ab} = -T^{-1} e_a e_b^T T^{-1}$, at $m = 0$ and $T = I$,

$$\begin{aligned}
  -\frac{\partial^2 Q_k}{\partial m_c \, \partial T_{ab}} &= [b = c] \, a_a + [a = c] \, a_b , \\
  -\frac{\partial^2 Q_k}{\partial T_{ab} \, \partial T_{cd}} &=
    [a = d] \, S_{bc} + [a = c] \, S_{bd} + [b = c] \, S_{ad} - N \, [a = d] \, [b = c] ,
\end{aligned}$$

and a logarithm, with $T_{aa} = e^t$, adds the first derivative, $N - S_{aa}$, to its own entry. For *tied* the entries
of the one $T$ sum over the components; for *spherical* the one logarithm sums over the diagonal. One observation's
**score** under component $k$ is $y$ for the mean and $y_a y_b - [a = b]$ for the entry $T_{ab}$. The **tangents**
are $d\mu = L^0 \, dm$ and $d\Sigma = L^0 (dT + dT^T) L^{0T}$.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from models import Array, Data, Gaussian, GaussianStatistics, Model, NormalInverseWishart, Prior, Rows, Statistics
from models.kernel import DIAGONAL, FULL, SPHERICAL, TIED, GaussianUpdate, gaussian_steps

from .weights import followed_by_empty

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

    def __call__(self, statistics: Statistics) -> Gaussian:
        """The maximising components, given statistics of which no N is zero (with a prior it may be)."""
        given = cast(GaussianStatistics, statistics)
        means, scatter = self._means_and_scatter(given)
        scatter, counts = self.scatter_and_counts(given.counts, scatter)
        shape = (self.model.components, *scatter.shape[1:])
        return Gaussian(means, self._lift(np.broadcast_to(scatter / counts[:, None, None], shape)))

    def steps(
        self, data: Data, weights: Array, components: Gaussian, least_count: float, pseudo_count: float
    ) -> tuple[Array, Gaussian, GaussianStatistics]:
        """Plain EM in compiled code: log-likelihoods, components with a leading axis, the statistics of the last.

        The first row of ``weights``, shape ``(steps, k)``, is given and the others are filled.
        """
        x, seen = data.chunk(0, len(data.values))
        means = followed_by_empty(components.means, len(weights))
        covariances = followed_by_empty(components.covariances, len(weights))
        update = self._update._replace(least_count=least_count, pseudo_count=pseudo_count)
        log_likelihood, counts, first, second = gaussian_steps(x, seen, weights, means, covariances, update)
        visited = len(log_likelihood)
        statistics = GaussianStatistics(counts, first, second, means[visited - 1])
        return log_likelihood, Gaussian(means[:visited], covariances[:visited]), statistics

    def chart(self, components: Gaussian, statistics: Statistics) -> GaussianChart:
        """Coordinates about these components, whose expected statistics are given."""
        return GaussianChart(self, components, cast(GaussianStatistics, statistics))

    def collapse(self, components: Gaussian) -> str | None:
        """Say which component has an eigenvalue at the floor, if one has."""
        narrowest = np.linalg.eigvalsh(self._whitened(components.covariances)).min(axis=-1)
        values = np.linalg.eigvalsh(components.covariances / self._scales)
        singular = values.min(axis=-1) <= 2 * CONDITION * values.max(axis=-1)
        collapsed = np.flatnonzero((narrowest <= 2 * FLOOR) | singular)
        return f"the covariance of component {collapsed[0] + 1} is singular" if collapsed.size else None

    def positive(self, components: Gaussian) -> Gaussian:
        """The variances are positive."""
        variances = np.broadcast_to(np.eye(self.model.dimension), components.covariances.shape)
        return Gaussian(np.zeros_like(components.means), variances)

    def deviation_ratio(self, components: Gaussian) -> float:
        """The root of the smallest eigenvalue of any Σⱼ⁻¹Σₕ (Hathaway 1985)."""
        whitening = np.linalg.inv(np.linalg.cholesky(components.covariances))[:, None]
        relative = whitening @ components.covariances @ np.swapaxes(whitening, -1, -2)
        return float(np.sqrt(np.linalg.eigvalsh(relative).min().clip(0)))

    def edge_value(self, components: Gaussian, component: int) -> float:
        """No parameter of a Gaussian may be zero and regular."""
        return float("inf")

    def held(self, components: Gaussian, component: int, value: float) -> None:
        """There is no such parameter."""

    def shrunk(self, components: Gaussian, component: int, centre: Array, factor: float) -> Gaussian | None:
        """With the mean on the way to the centre; not where all share one covariance, or the only component is."""
        if self.model.covariance == "tied" or self.model.components == 1:
            return None
        means, covariances = components.means.copy(), components.covariances.copy()
        means[component] = centre + factor * (means[component] - centre)
        covariances[component] *= factor**2
        return Gaussian(means, covariances)

    @cached_property
    def hyperparameters(self) -> NormalInverseWishart | None:
        return cast(NormalInverseWishart, self.prior.components) if self.prior else None

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
        """The same covariances in coordinates in which the data have unit spread."""
        half = np.linalg.solve(self._factor, covariances)
        return np.linalg.solve(self._factor, np.swapaxes(half, -1, -2))

    def _means_and_scatter(self, given: GaussianStatistics) -> tuple[Array, Array]:
        """The maximising means and, about them, S (with a prior, S plus the term in κ)."""
        prior, counts = self.hyperparameters, given.counts[:, None]
        strength = prior.strength if prior else 0.0
        location = prior.location if prior else np.zeros(self.model.dimension)
        shift = (given.first + strength * (location - given.centres)) / (counts + strength)
        means = given.centres + shift
        cross = _outer(given.first, shift)
        scatter = given.second - cross - np.swapaxes(cross, 1, 2) + counts[:, :, None] * _outer(shift, shift)
        return means, scatter + strength * _outer(means - location, means - location)

    def scatter_and_counts(self, counts: Array, scatter: Array) -> tuple[Array, Array]:
        """The matrices and counts whose ratios are the covariances: for *tied* one in all, else one per component."""
        of_prior, pseudo_count = self._prior_scatter, self._prior_count
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
        prior, d = self.hyperparameters, self.model.dimension
        return GaussianUpdate(
            structure=STRUCTURES[self.model.covariance or "full"],
            scales=self._scales,
            spread=self._spread,
            floor=2 * FLOOR,
            condition=2 * CONDITION,
            least_count=0.0,
            equal_weights=not self.model.weights_are_free,
            pseudo_count=0.0,
            location=np.array(prior.location, dtype=float) if prior else np.zeros(d),
            strength=prior.strength if prior else 0.0,
            scatter=np.ascontiguousarray(self._prior_scatter),
            observed=float(self._prior_count),
        )

    @cached_property
    def _prior_scatter(self) -> Array:
        """What the prior adds to the scatter, shape ``(d, d)``; for *spherical* its trace is ψ."""
        prior, d = self.hyperparameters, self.model.dimension
        if prior is None:
            return np.zeros((d, d))
        factors = {"diagonal": np.eye(d), "spherical": np.eye(d) / d}
        return np.asarray(prior.scale * factors.get(self.model.covariance or "full", 1.0))

    @cached_property
    def _prior_count(self) -> float:
        """What the prior adds to the counts; for *spherical* one of the d features' equal shares."""
        prior, d = self.hyperparameters, self.model.dimension
        if prior is None:
            return 0.0
        degrees = prior.degrees_of_freedom
        return {
            "full": degrees + d + 2,
            "tied": degrees + d + 1 + self.model.components,
            "diagonal": degrees + 3,
            "spherical": (degrees + d + 2) / d,
        }[self.model.covariance or "full"]

    def _lift(self, covariances: Array) -> Array:
        """The exact maximiser under the floor: eigenvalues below it are raised to it."""
        symmetric = (covariances + np.swapaxes(covariances, 1, 2)) / 2
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


def _outer(left: Array, right: Array) -> Array:
    return np.asarray(left[:, :, None] * right[:, None, :])


@dataclass(frozen=True)
class GaussianChart:
    """Shifts of the means in standard deviations, then the free entries of T for each covariance."""

    m_step: GaussianMStep
    reference: Gaussian
    expected: GaussianStatistics

    @cached_property
    def scales(self) -> Array:
        """√N of each mean and each entry below the diagonal, √(2N) of each logarithm on it."""
        strength = self.m_step.hyperparameters.strength if self.m_step.hyperparameters else 0.0
        of_means = np.repeat(np.sqrt(self.expected.counts + strength), self.m_step.model.dimension)
        _, counts = self.m_step.scatter_and_counts(self.expected.counts, self.expected.second)
        logarithms = self.m_step.model.dimension if self._spherical else 1
        information = np.where(self._rows == self._columns, 2 * logarithms, 1)[: self._entries]
        return np.concatenate([of_means, np.sqrt(counts[:, None] * information).ravel()])

    def components(self, coordinates: Array) -> Gaussian:
        """The components at these coordinates."""
        shifts, triangles = self._unpack(coordinates)
        means = self.reference.means + (self._factors @ shifts[:, :, None])[:, :, 0]
        factors = self._factors @ triangles
        return Gaussian(means, factors @ np.swapaxes(factors, 1, 2))

    def gradient(self, coordinates: Array, statistics: GaussianStatistics) -> Array:
        """The gradient of the objective in the shifts and the free entries."""
        _, triangles = self._unpack(coordinates)
        first, scatter, counts = self._whitened(statistics, np.linalg.inv(self._factors @ triangles))
        blocks = len(counts)
        inverse = np.swapaxes(np.linalg.inv(triangles), 1, 2)
        of_means = (inverse @ first[:, :, None])[:, :, 0]
        excess = scatter - counts[:, None, None] * np.eye(self.m_step.model.dimension)
        of_entries = (inverse[:blocks] @ excess)[:, self._rows, self._columns]
        of_entries = of_entries * np.where(
            self._rows == self._columns, triangles[:blocks, self._rows, self._columns], 1.0
        )
        if self._spherical:
            of_entries = of_entries.sum(axis=1, keepdims=True)
        return np.concatenate([of_means.ravel(), of_entries.ravel()])

    def information(self) -> Array:
        """The second derivatives above, which at a maximum of Q are the squared scales on the diagonal."""
        d = self.m_step.model.dimension
        first, scatter, counts = self._whitened(self.expected, np.linalg.inv(self._factors))
        strength = self.m_step.hyperparameters.strength if self.m_step.hyperparameters else 0.0
        whole = np.diag(np.repeat(self.expected.counts + strength, d)).astype(float)
        whole = linalg.block_diag(whole, *self._information_of_entries(scatter, counts))
        units = np.eye(d)
        crossed = (
            units[:, self._columns] * first[:, None, self._rows] + units[:, self._rows] * first[:, None, self._columns]
        )
        if self._spherical:
            crossed = crossed.sum(axis=2, keepdims=True)
        means, entries = self.places[:, :d], self.places[:, d:]
        whole[means[:, :, None], entries[:, None, :]] = crossed
        whole[entries[:, :, None], means[:, None, :]] = np.swapaxes(crossed, 1, 2)
        return np.asarray(whole)

    def _information_of_entries(self, scatter: Array, counts: Array) -> Array:
        """The block of each T, shape ``(blocks, entries, entries)``."""
        a, b = self._rows[:, None], self._columns[:, None]
        c, d = a.T, b.T
        counts = counts[:, None, None]
        found = (a == d) * scatter[:, b, c] + (a == c) * scatter[:, b, d] + (b == c) * scatter[:, a, d]
        found = found - counts * ((a == d) & (b == c))
        on_diagonal = (a == b) & (a == c) & (b == d)
        found = found + on_diagonal * (counts - scatter[:, a, b])
        return np.asarray(found.sum(axis=(1, 2), keepdims=True) if self._spherical else found)

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """The means of each component, then the entries of its T, which *tied* components share."""
        k, d = self.reference.means.shape
        blocks = np.zeros(k, dtype=np.intp) if self.m_step.model.covariance == "tied" else np.arange(k)
        means = np.arange(k * d).reshape(k, d)
        return np.concatenate([means, k * d + blocks[:, None] * self._entries + np.arange(self._entries)], axis=1)

    def scores(self, x: Array) -> Array:
        """y, then the free entries of yyᵀ − I, shape ``(k, q, n)``."""
        whitened = np.linalg.inv(self._factors) @ (x.T - self.reference.means[:, :, None])
        of_entries = whitened[:, self._rows] * whitened[:, self._columns] - (self._rows == self._columns)[:, None]
        if self._spherical:
            of_entries = of_entries.sum(axis=1, keepdims=True)
        return np.concatenate([whitened, of_entries], axis=1)

    def tangents(self) -> Gaussian:
        """The derivatives of means and covariances in each coordinate."""
        k, d = self.reference.means.shape
        size = len(self.scales)
        means, covariances = np.zeros((size, k, d)), np.zeros((size, k, d, d))
        changes = np.zeros((len(self._rows), d, d))
        changes[np.arange(len(changes)), self._rows, self._columns] = 1
        if self._spherical:
            changes = changes.sum(axis=0, keepdims=True)
        for j, factor in enumerate(self._factors):
            means[self.places[j, :d], j] = factor.T
            covariances[self.places[j, d:], j] = factor @ (changes + np.swapaxes(changes, 1, 2)) @ factor.T
        return Gaussian(means, covariances)

    def _whitened(self, statistics: GaussianStatistics, whitening: Array) -> tuple[Array, Array, Array]:
        """First and second moments about the current means, and the counts of the second; the prior among them."""
        prior = self.m_step.hyperparameters
        first, scatter = statistics.first, statistics.second
        if prior is not None:
            distances = prior.location - statistics.centres
            first = first + prior.strength * distances
            scatter = scatter + prior.strength * _outer(distances, distances)
        scatter, counts = self.m_step.scatter_and_counts(statistics.counts, scatter)
        scatter = whitening[: len(counts)] @ scatter @ np.swapaxes(whitening[: len(counts)], 1, 2)
        return (whitening @ first[:, :, None])[:, :, 0], scatter, counts

    @property
    def _spherical(self) -> bool:
        return self.m_step.model.covariance == "spherical"

    @cached_property
    def _factors(self) -> Array:
        return np.linalg.cholesky(self.reference.covariances)

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        return self._free_entries[0]

    @cached_property
    def _columns(self) -> NDArray[np.intp]:
        return self._free_entries[1]

    @cached_property
    def _free_entries(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        d = self.m_step.model.dimension
        rows, columns = np.tril_indices(d) if self.m_step.model.covariance in ("full", "tied") else np.diag_indices(d)
        return rows, columns

    @property
    def _entries(self) -> int:
        """How many coordinates one T has."""
        return 1 if self._spherical else len(self._rows)

    def _unpack(self, coordinates: Array) -> tuple[Array, Array]:
        """The shifts, shape ``(k, d)``, and T of each component, shape ``(k, d, d)``."""
        k, d = self.reference.means.shape
        shifts, entries = coordinates[: k * d].reshape(k, d), coordinates[k * d :].reshape(-1, self._entries)
        triangles = np.zeros((len(entries), d, d))
        triangles[:, self._rows, self._columns] = np.where(self._rows == self._columns, np.exp(entries), entries)
        return shifts, np.broadcast_to(triangles, (k, d, d))
