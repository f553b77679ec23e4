r"""The states of a Gaussian mixture: every partition of the observations.

Given the allocation, the normal–inverse-Wishart prior of ``models/gaussian.py``, $\mu_k \mid \Sigma_k \sim N(m,
\Sigma_k / \kappa)$ and $\Sigma_k \sim \mathrm{InvWishart}(\nu, \Psi)$, goes over into one of the same form (Murphy
2007, section 9): with $N_k$ observations of mean $\bar x_k$ and scatter $S_k$ about it,

$$\kappa_k = \kappa + N_k , \qquad m_k = \frac{\kappa m + N_k \bar x_k}{\kappa_k} , \qquad
  T_k = S_k + \frac{\kappa N_k}{\kappa_k} (\bar x_k - m)(\bar x_k - m)^T ,$$

and the covariance has, by its structure,

$$\begin{aligned}
  \text{full:} & \quad \Sigma_k \sim \mathrm{InvWishart}(\nu + N_k, \, \Psi + T_k) ; \\
  \text{tied:} & \quad \Sigma \sim \mathrm{InvWishart}(\nu + n, \, \Psi + \textstyle\sum_k T_k) ; \\
  \text{diagonal:} & \quad \sigma_{kj}^2 \sim \mathrm{InvGamma} \bigl( (\nu + N_k)/2, \, (\psi_j + (T_k)_{jj})/2 \bigr) ; \\
  \text{spherical:} & \quad \sigma_k^2 \sim
    \mathrm{InvGamma} \bigl( (\nu + d N_k)/2, \, (\psi + \mathrm{tr} \, T_k)/2 \bigr) .
\end{aligned}$$

Let $c(\nu, \Psi)$ be the logarithm of $\int |\Sigma|^{-(\nu + d + 1)/2} e^{-\mathrm{tr}(\Sigma^{-1} \Psi)/2} d\Sigma$
without its powers of two: $\log \Gamma_d(\nu/2) - \frac \nu 2 \log |\Psi|$ for a matrix, and $\log \Gamma(\nu/2) -
\frac \nu 2 \log \psi$ for each variance. The powers of two and of $2\pi$ that are left combine to

$$\log p(x \mid z) = -\frac{nd}{2} \log \pi + \frac d2 \sum_k \log \frac{\kappa}{\kappa_k}
  + \sum \bigl( c(\text{posterior}) - c(\text{prior}) \bigr) ,$$

where the last sum is over the covariances that differ: $K$ of them, or one when they are tied. The density of a new
observation $y$ in component $k$ is the same ratio again, of the posterior with one observation more, for which
$T = \frac{\kappa_k}{\kappa_k + 1} (y - m_k)(y - m_k)^T$. (It is a Student t.)

**One component.** Every feature's variance is inverse gamma, $\sigma_f^2 \sim \mathrm{InvGamma}(\delta/2, s/2)$, where
$\delta = \nu_n - d + 1$ and $s = (\Psi_n)_{ff}$ for a matrix, else $\delta$ and $s$ are as above; hence $(\mu_f - m_f)
\sqrt{\kappa_n \delta / s} \sim t_\delta$. A covariance is $\Sigma_{fg} = \Sigma_{gg} B$ with $B = \Sigma_{fg} /
\Sigma_{gg}$ *independent* of $\Sigma_{gg}$ (partition the inverse Wishart, Gupta and Nagar 2000, theorem 3.3.9): $B$ is
normal about $\Psi_{fg}/\Psi_{gg}$ with variance $\Sigma_{f \cdot g}/\Psi_{gg}$, and $\Sigma_{f \cdot g} \sim
\mathrm{InvGamma}((\delta + 1)/2, \Psi_{f \cdot g}/2)$ with $\Psi_{f \cdot g} = \Psi_{ff} - \Psi_{fg}^2/\Psi_{gg}$, so
that $B$ is a Student t with $\delta + 1$ degrees of freedom. Its distribution function is averaged over $\Sigma_{gg}$
by quadrature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from models import Array, Data, Gaussian, Model, NormalInverseWishart, Prior

from .marginal import Marginal
from .partitions import partitions
from .states import States, log_allocation, probable

NODES = 200


@dataclass(frozen=True)
class NormalInverseWishartGivenStates:
    """In each state every component is normal–inverse-Wishart.

    ``strengths`` κ and ``degrees`` ν have shape ``(S, k)``, ``means`` ``(S, k, d)``, and ``scales``
    for *full* and *tied* (the same for all components) ``(S, k, d, d)``, for *diagonal* ``(S, k, d)``, for *spherical*
    ``(S, k)``.
    """

    structure: str
    strengths: Array
    means: Array
    degrees: Array
    scales: Array

    def log_predictive(self, y: Array, exposure: float = 1.0) -> Array:
        """Evaluate Student's t as the ratio of two normalising constants."""
        d = y.shape[1]
        residuals = y[:, None, :] - self.means[:, None]
        strengths = self.strengths[:, None, :]
        pulled = residuals * np.sqrt(strengths / (strengths + 1))[..., None]
        scales = self.scales[:, None] + reduced(pulled[..., :, None] * pulled[..., None, :], self.structure)
        degrees = self.degrees[:, None, :]
        more = d if self.structure == "spherical" else 1
        ratio = normaliser(degrees + more, scales, self.structure, d)
        ratio -= normaliser(degrees, self.scales[:, None], self.structure, d)
        return np.asarray(ratio - 0.5 * d * np.log(np.pi) + 0.5 * d * np.log(strengths / (strengths + 1)))

    def sample(self, states: NDArray[np.intp], rng: np.random.Generator) -> Gaussian:
        means, d = self.means[states], self.means.shape[2]
        factors = self._sample_factors(states, rng) / np.ones((means.shape[1], 1, 1))
        noise = rng.standard_normal((*means.shape, 1))
        spread = (factors @ noise)[..., 0] / np.sqrt(self.strengths[states])[..., None]
        return Gaussian(means + spread, factors @ np.swapaxes(factors, -1, -2) + np.zeros((d, d)))

    def _sample_factors(self, states: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """Draw square roots of covariances by Bartlett's decomposition, as ``bayes/engine/bartlett.py`` explains."""
        d, degrees, scales = self.means.shape[2], self.degrees[states], self.scales[states]
        if self.structure == "tied":
            degrees, scales = degrees[:, :1], scales[:, :1]
        if self.structure == "spherical":
            return np.asarray(np.sqrt(scales / rng.chisquare(degrees))[..., None, None] * np.eye(d))
        if self.structure == "diagonal":
            return np.asarray(np.sqrt(scales / rng.chisquare(degrees[..., None], scales.shape))[..., None] * np.eye(d))
        bartlett = np.tril(rng.standard_normal(scales.shape), -1)
        squares = rng.chisquare(degrees[..., None] - d + np.arange(1, d + 1))
        bartlett += np.sqrt(squares)[..., None] * np.eye(d)
        return np.asarray(np.linalg.cholesky(scales) @ np.linalg.inv(bartlett))

    def ranks(self) -> Array:
        self._require_one()
        return np.ones((len(self.degrees), 1, 1))

    def with_one_more(self, y: Array, component: int, exposure: float = 1.0) -> NormalInverseWishartGivenStates:
        # A single component has one rank, whatever else is known of it.
        self._require_one()
        return self

    def marginals(self, probabilities: Array, columns: tuple[str, ...]) -> dict[str, Marginal]:
        self._require_one()
        names = Gaussian(self.means[0], np.zeros((1, len(columns), len(columns)))).scalars(self.structure, columns)
        pairs = [(f, g) for f in range(len(columns)) for g in range(f, len(columns))]
        if self.structure == "spherical":
            pairs = pairs[:1]
        if self.structure == "diagonal":
            pairs = [(f, g) for f, g in pairs if f == g]
        found = [self._mean(f) for f in range(len(columns))]
        found += [self._variance(f) if f == g else self._covariance(f, g) for f, g in pairs]
        return dict(zip(names, found, strict=True))

    def _require_one(self) -> None:
        if self.means.shape[1] > 1:
            raise ValueError(
                f"components = {self.means.shape[1]}: the parameters of this family have an exact distribution by "
                "name for one component only; evidence, predictive density and independent draws are there for more."
            )

    def _feature(self, f: int) -> tuple[float, float]:
        """Return δ and s of the only component's inverse gamma(δ/2, s/2) variance."""
        degrees, scale = float(self.degrees[0, 0]), self.scales[0, 0]
        if self.structure in ("full", "tied"):
            return degrees - self.means.shape[2] + 1, float(scale[f, f])
        return degrees, float(scale[f] if self.structure == "diagonal" else scale)

    def _mean(self, f: int) -> Marginal:
        degrees, scale = self._feature(f)
        return closed(stats.t(degrees, self.means[0, 0, f], np.sqrt(scale / (degrees * self.strengths[0, 0]))))

    def _variance(self, f: int) -> Marginal:
        degrees, scale = self._feature(f)
        return closed(stats.invgamma(degrees / 2, scale=scale / 2))

    def _covariance(self, f: int, g: int) -> Marginal:
        psi = self.scales[0, 0]
        degrees, scale = self._feature(g)
        partial = psi[f, f] - psi[f, g] ** 2 / scale
        slope = stats.t(degrees + 1, psi[f, g] / scale, np.sqrt(partial / (scale * (degrees + 1))))
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        variances = stats.invgamma(degrees / 2, scale=scale / 2).ppf((nodes + 1) / 2)
        variance = stats.invgamma(degrees / 2, scale=scale / 2)
        second = variance.moment(2) * (slope.var() + slope.mean() ** 2) if degrees > 4 else np.inf
        return Marginal.of(
            (variance.mean() * slope.mean(), second),
            lambda t: weights @ (slope.pdf(t / variances) / variances) / 2,
            lambda t: weights @ slope.cdf(t / variances) / 2,
        )


def closed(distribution: Any) -> Marginal:
    """Return a distribution of SciPy's."""
    return Marginal(
        float(distribution.mean()),
        float(distribution.std()),
        lambda t: float(distribution.pdf(t)),
        lambda t: float(distribution.cdf(t)),
    )


def states(data: Data, model: Model, prior: Prior) -> States:
    """Return every partition of the observations.

    Raises
    ------
    ValueError
        When there are too many.
    """
    given = cast(NormalInverseWishart, prior.components)
    labels, log_names = partitions(int(data.size), model.components)
    x = np.repeat(data.values, data.weights.astype(np.intp), axis=0)
    sizes, components = _given(x, labels, model, given)
    log_weights = log_names + log_allocation(sizes, model, prior) + _log_marginal(x, components, given)
    evidence, kept, probabilities = probable(log_weights)
    kept_components = NormalInverseWishartGivenStates(
        given.structure,
        *(array[kept] for array in (components.strengths, components.means, components.degrees, components.scales)),
    )
    return States(evidence, probabilities, sizes[kept], kept_components)


def _given(
    x: Array, labels: NDArray[np.int8], model: Model, prior: NormalInverseWishart
) -> tuple[Array, NormalInverseWishartGivenStates]:
    """Return the sizes of the components and their posterior given each partition."""
    n, d = x.shape
    centre = x.mean(axis=0)
    residuals = x - centre
    squares = (residuals[:, :, None] * residuals[:, None, :]).reshape(n, d * d)
    members = [(labels == j).astype(np.float64) for j in range(model.components)]
    sizes = np.stack([member.sum(axis=1) for member in members], axis=1)
    first = np.stack([member @ residuals for member in members], axis=1) / np.maximum(sizes, 1)[..., None]
    second = np.stack([member @ squares for member in members], axis=1).reshape(*sizes.shape, d, d)
    shifts = first + np.where(sizes[..., None] > 0, centre - prior.location, 0)
    strengths = prior.strength + sizes
    added = second - sizes[..., None, None] * first[..., :, None] * first[..., None, :]
    added += (prior.strength * sizes / strengths)[..., None, None] * shifts[..., :, None] * shifts[..., None, :]
    means = prior.location + sizes[..., None] * shifts / strengths[..., None]
    degrees = prior.degrees_of_freedom + sizes * (d if prior.structure == "spherical" else 1)
    if prior.structure == "tied":
        added = np.broadcast_to(added.sum(axis=1, keepdims=True), added.shape)
        degrees = np.full_like(degrees, prior.degrees_of_freedom + n)
    scales = prior.scale + reduced(added, prior.structure)
    return sizes, NormalInverseWishartGivenStates(prior.structure, strengths, means, degrees, scales)


def _log_marginal(x: Array, given: NormalInverseWishartGivenStates, prior: NormalInverseWishart) -> Array:
    n, d = x.shape
    change = normaliser(given.degrees, given.scales, prior.structure, d)
    change -= normaliser(np.asarray(prior.degrees_of_freedom), prior.scale, prior.structure, d)
    of_covariances = change[:, 0] if prior.structure == "tied" else change.sum(axis=1)
    of_means = 0.5 * d * np.log(prior.strength / given.strengths).sum(axis=1)
    return np.asarray(of_covariances + of_means - 0.5 * n * d * np.log(np.pi))


def normaliser(degrees: Array, scales: Array, structure: str, d: int) -> Array:
    """Return the logarithm c(ν, Ψ) of the derivation."""
    if structure in ("full", "tied"):
        return np.asarray(special.multigammaln(degrees / 2, d) - degrees / 2 * np.linalg.slogdet(scales)[1])
    if structure == "diagonal":
        return np.asarray(d * special.gammaln(degrees / 2) - degrees / 2 * np.log(scales).sum(axis=-1))
    return np.asarray(special.gammaln(degrees / 2) - degrees / 2 * np.log(scales))


def reduced(scatter: Array, structure: str) -> Array:
    """Return what of a scatter matrix, shape ``(..., d, d)``, a structure of covariance depends on."""
    if structure == "diagonal":
        return np.diagonal(scatter, axis1=-2, axis2=-1)
    return np.trace(scatter, axis1=-2, axis2=-1) if structure == "spherical" else scatter
