r"""What a prior of Gaussian components adds to the M-step and to the chart: the conjugate one, the weak one, or none.

**The conjugate prior**, $\mu_k \mid \Sigma_k \sim N(m, \Sigma_k / \kappa)$ with
$\Sigma_k \sim \mathrm{InvWishart}(\nu, \Psi)$, acts as $\kappa$ observations at $m$ and as a scatter $\Psi$ seen before. The
log-prior is

$$-\frac{\nu + d + 2}{2} \log |\Sigma_k| - \frac12 \mathrm{tr}(\Sigma_k^{-1} \Psi)
  - \frac{\kappa}{2} (\mu_k - m)^T \Sigma_k^{-1} (\mu_k - m) + \mathrm{const} ,$$

where $\nu + d + 1$ comes from the inverse Wishart and one more from the normal's $|\Sigma_k / \kappa|^{-1/2}$. Hence

$$\mu_k = \frac{\kappa m + \sum_i w_i \gamma_{ik} x_i}{\kappa + N_k} , \qquad
  T_k = \Psi + S_k + \kappa \, (\mu_k - m)(\mu_k - m)^T ,$$

with $S_k$ taken about this mean, and the covariance has the form of the maximum-likelihood step with $T_k$ for $S_k$ and a
larger count:

$$\begin{aligned}
  \text{full:} & \quad \Sigma_k = T_k / (N_k + \nu + d + 2) ; \\
  \text{diagonal:} & \quad \sigma_{kj}^2 = (T_k)_{jj} / (N_k + \nu + 3) ; \\
  \text{spherical:} & \quad \sigma_k^2 = \bigl( \psi + \mathrm{tr}(T_k - \Psi) \bigr) / (d \, N_k + \nu + d + 2) ; \\
  \text{tied:} & \quad \Sigma = \bigl( \Psi + \textstyle\sum_k (T_k - \Psi) \bigr) / (n + \nu + d + 1 + K) .
\end{aligned}$$

For *diagonal* and *spherical* each variance has an inverse-gamma$(\nu/2, \psi/2)$ prior, the inverse Wishart's
one-dimensional case; for *tied* one $\Sigma$ has one prior and $K$ normals. The mode is taken in $(\mu, \Sigma)$.

**The weak prior** (``models/priors/gaussian_weak.py``) has an unknown scale $B$ that the components share. For EM it is one
more thing that is not seen, beside the labels. Given $B$ and the labels the log-density of everything is

$$-\frac{N_k + 2d + 1}{2} \log |\Sigma_k| - \frac12 \mathrm{tr} \bigl( \Sigma_k^{-1} (S_k + B + R) \bigr)
  - \frac12 (\mu_k - m)^T V^{-1} (\mu_k - m) + \mathrm{const} ,$$

linear in $B$, so that the E-step needs its expectation alone, and given $\Sigma$ the scale is Wishart:
$\mathrm{E}[B \mid \Sigma] = (K + 1) d \, (A + \sum_k \Sigma_k^{-1})^{-1}$. The mode is taken with respect to the measure
$|\Sigma_k|^{-(d+1)/2} d\Sigma_k$, which adds $\frac{d+1}{2} \log |\Sigma_k|$. The means and the covariances are maximised in
turn (the ECM of Meng and Rubin 1993, whose objective never falls either): with the present precision $P_k = \Sigma_k^{-1}$

$$\mu_k = (N_k P_k + V^{-1})^{-1} \Bigl( P_k \sum_i w_i \gamma_{ik} x_i + V^{-1} m \Bigr) , \qquad
  \Psi = \mathrm{E}[B \mid \Sigma] + R ,$$

and then, with $S_k$ about this mean,

$$\begin{aligned}
  \text{full:} & \quad \Sigma_k = (S_k + \Psi) / (N_k + d) ; \\
  \text{diagonal:} & \quad \sigma_{kj}^2 = \bigl( (S_k)_{jj} + \psi_j \bigr) / (N_k + 1) ; \\
  \text{spherical:} & \quad \sigma_k^2 = \bigl( \mathrm{tr}(S_k) + \psi \bigr) / (d \, N_k + 1) ; \\
  \text{tied:} & \quad \Sigma = \bigl( \textstyle\sum_k S_k + \Psi \bigr) / (n + d) .
\end{aligned}$$

**The information.** What is lost because $B$ is not seen is, as for the labels, the covariance of the score (Louis 1982):
with $B \mid \Sigma \sim \mathrm{Wishart}(\nu, M)$, $\nu = (K + 1) d$, $M = (A + \sum_k P_k)^{-1}$ and, in the chart's
coordinates, $X_i = \partial P / \partial t_i$, it is $\mathrm{Cov}( \frac12 \mathrm{tr} B X_i , \frac12 \mathrm{tr} B X_j )
= \frac \nu 2 \mathrm{tr}(M X_i M X_j)$.
"""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np

from models import Array, ComponentPrior, Gaussian, GaussianStatistics, Model, NormalInverseWishart, SharedScale

from .kernels.gaussian_weak import Unseen


class PriorTerms(Protocol):
    """What a prior, or none, adds to the sums over the observations."""

    @property
    def count(self) -> float:
        """What the prior adds to the counts of a covariance; for *spherical* one of the d features' equal shares."""

    @property
    def constants(self) -> tuple[float, Array, Array]:
        """What is the same at each step, for the compiled ones: κ, m, shape ``(d,)``, and a scatter, shape ``(d, d)``."""

    @property
    def unseen(self) -> Unseen | None:
        """What the compiled steps need to know of a scale that is not seen, if there is one."""

    def means(self, given: GaussianStatistics, current: Gaussian | None) -> Array:
        """The maximising means, shape ``(k, d)``."""

    def moments(self, at: Array) -> tuple[float, Array, Array]:
        """Observations that the prior is worth: how many, and their first and second moments about ``at``, ``(k, d)``."""

    def scatter(self, current: Gaussian | None) -> Array:
        """What the prior adds to the scatter of a covariance, shape ``(d, d)``; for *spherical* its trace counts."""

    def pull(self, components: Gaussian) -> Array:
        """Σ times the gradient in the means of what is no observation, shape ``(k, d)``."""

    def information_of_means(self, factors: Array) -> Array:
        """LᵀHL with the curvature H in the means of what is no observation, shape ``(k, d, d)``."""

    def missing(self, factors: Array, changes: Array) -> Array:
        """What is not known of the entries of T, in all components, because a scale is not seen, shape ``(p, p)``.

        ``factors`` are those of the covariances, shape ``(blocks, d, d)``, and ``changes`` the derivatives of T in each of
        its entries, shape ``(entries, d, d)``.
        """


class NoPrior:
    """Maximum likelihood."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def count(self) -> float:
        return 0.0

    @property
    def constants(self) -> tuple[float, Array, Array]:
        d = self.model.dimension
        return 0.0, np.zeros(d), np.zeros((d, d))

    @property
    def unseen(self) -> Unseen | None:
        return None

    def means(self, given: GaussianStatistics, current: Gaussian | None) -> Array:
        strength, first, _ = self.moments(given.centres)
        return np.asarray(given.centres + (given.first + first) / (given.counts[:, None] + strength))

    def moments(self, at: Array) -> tuple[float, Array, Array]:
        k, d = at.shape
        return 0.0, np.zeros((k, d)), np.zeros((k, d, d))

    def scatter(self, current: Gaussian | None) -> Array:
        return np.zeros((self.model.dimension, self.model.dimension))

    def pull(self, components: Gaussian) -> Array:
        return np.zeros_like(components.means)

    def information_of_means(self, factors: Array) -> Array:
        return np.zeros_like(factors)

    def missing(self, factors: Array, changes: Array) -> Array:
        size = len(factors) * len(changes)
        return np.zeros((size, size))


class ConjugatePrior(NoPrior):
    """Observations at a place, and a scatter seen before."""

    def __init__(self, model: Model, prior: NormalInverseWishart) -> None:
        super().__init__(model)
        self.prior = prior

    @property
    def count(self) -> float:
        degrees, d = self.prior.degrees_of_freedom, self.model.dimension
        return {
            "full": degrees + d + 2,
            "tied": degrees + d + 1 + self.model.components,
            "diagonal": degrees + 3,
            "spherical": (degrees + d + 2) / d,
        }[self.model.covariance or "full"]

    @property
    def constants(self) -> tuple[float, Array, Array]:
        return self.prior.strength, self.prior.location, self.scatter(None)

    def moments(self, at: Array) -> tuple[float, Array, Array]:
        strength, distances = self.prior.strength, self.prior.location - at
        return strength, strength * distances, strength * distances[:, :, None] * distances[:, None, :]

    def scatter(self, current: Gaussian | None) -> Array:
        return _as_matrix(self.prior.scale, self.model)


class WeakPrior(NoPrior):
    """A normal distribution of the means, and the expectation of the scale that the covariances share."""

    def __init__(self, model: Model, prior: SharedScale) -> None:
        super().__init__(model)
        self.prior = prior

    @property
    def count(self) -> float:
        d = self.model.dimension
        counts = {"full": float(d), "tied": float(d), "diagonal": 1.0, "spherical": 1 / d}
        return counts[self.model.covariance or "full"]

    @property
    def constants(self) -> tuple[float, Array, Array]:
        return 0.0, self.prior.location, _as_matrix(self.prior.resolution, self.model)

    @property
    def unseen(self) -> Unseen:
        d, covariance = self.model.dimension, self.model.covariance or "full"
        blocks = 1 if covariance == "tied" else self.model.components
        order = d if covariance in ("full", "tied") else 1
        spread = self.prior.spread if np.ndim(self.prior.spread) == 2 else self.prior.spread * np.eye(d)
        # Of *spherical* components the trace counts, of which each feature has an even share.
        degrees = (blocks + 1) * order / (d if covariance == "spherical" else 1)
        return Unseen(degrees, order * np.linalg.inv(spread), self._certainty, blocks)

    def means(self, given: GaussianStatistics, current: Gaussian | None) -> Array:
        precisions = np.linalg.inv(_present(current).covariances)
        own = given.counts[:, None, None] * precisions + self._certainty
        towards = (precisions @ given.first[:, :, None])[:, :, 0] + (
            self.prior.location - given.centres
        ) @ self._certainty
        return np.asarray(given.centres + np.linalg.solve(own, towards[:, :, None])[:, :, 0])

    def scatter(self, current: Gaussian | None) -> Array:
        return _as_matrix(self.prior.expected_scale(_present(current).covariances), self.model)

    def pull(self, components: Gaussian) -> Array:
        towards = (self.prior.location - components.means) @ self._certainty
        return np.asarray((components.covariances @ towards[:, :, None])[:, :, 0])

    def information_of_means(self, factors: Array) -> Array:
        return np.asarray(np.swapaxes(factors, 1, 2) @ self._certainty @ factors)

    def missing(self, factors: Array, changes: Array) -> Array:
        inverse = np.linalg.inv(factors)
        precisions = np.swapaxes(inverse, 1, 2) @ inverse
        # ∂P/∂t = −L⁻ᵀ (dTᵀ + dT) L⁻¹, of shape (blocks, entries, d, d).
        symmetric = changes + np.swapaxes(changes, 1, 2)
        moved = -np.swapaxes(inverse, 1, 2)[:, None] @ symmetric @ inverse[:, None]
        if self.model.covariance in ("full", "tied"):
            spread = self.model.dimension * np.linalg.inv(self.prior.spread)
            given = np.linalg.inv(spread + precisions.sum(axis=0))
            degrees = (len(factors) + 1) * self.model.dimension
            products = (given @ moved).reshape(-1, *given.shape)
            return np.asarray(0.5 * degrees * np.einsum("iab,jba->ij", products, products))
        # Variances share a scale feature by feature; those of *spherical* components are one number each.
        features = 1 if self.model.covariance == "spherical" else self.model.dimension
        variances = np.diagonal(precisions, axis1=1, axis2=2)[:, :features]
        given = 1 / (1 / np.reshape(self.prior.spread, features) + variances.sum(axis=0))
        products = np.diagonal(moved, axis1=2, axis2=3)[:, :, :features] * given
        products = products.reshape(-1, features)
        return np.asarray(0.5 * (len(factors) + 1) * products @ products.T)

    @cached_property
    def _certainty(self) -> Array:
        """The precision V⁻¹ of the means' prior, shape ``(d, d)``."""
        reach = self.prior.reach
        return np.linalg.inv(reach if np.ndim(reach) == 2 else reach * np.eye(self.model.dimension))


def prior_terms(model: Model, prior: ComponentPrior | None) -> PriorTerms:
    """Return what a prior adds to the statistics of Gaussian components, or what stands for none."""
    if isinstance(prior, NormalInverseWishart):
        return ConjugatePrior(model, prior)
    return WeakPrior(model, prior) if isinstance(prior, SharedScale) else NoPrior(model)


def _as_matrix(scale: Array, model: Model) -> Array:
    """What has the prior's shape as a matrix; for *spherical* its trace is the number."""
    d = model.dimension
    factors = {"diagonal": np.eye(d), "spherical": np.eye(d) / d}
    return np.asarray(scale * factors.get(model.covariance or "full", 1.0))


def _present(current: Gaussian | None) -> Gaussian:
    if current is None:
        raise ValueError("current must be there under the weak prior, whose shared scale depends on it.")
    return current
