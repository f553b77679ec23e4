r"""The Gaussian mixture in PyMC: normal–inverse-Wishart priors, and the label summed out.

One dimension is ``pm.NormalMixture`` with inverse-gamma variances. More dimensions are ``pm.Mixture`` over
``pm.MvNormal``. The inverse-Wishart prior of a covariance is built from independent variables (Bartlett 1933): when
$B$ is lower triangular with $B_{ii}^2 \sim \chi^2(\nu - d + i)$ and $B_{ij} \sim N(0, 1)$ below the diagonal, all
independent, then $B^T B \sim \mathrm{Wishart}(\nu, I)$, and with the Cholesky factor $\Psi = L_\Psi L_\Psi^T$

$$\Sigma = (L_\Psi B^{-1}) (L_\Psi B^{-1})^T \sim \mathrm{InvWishart}(\nu, \Psi) .$$

$L_\Psi B^{-1}$ is lower triangular, and so is the Cholesky factor of $\Sigma$ that PyMC wants.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from models import Array, Data, Gaussian, Model, NormalInverseWishart, Prior

from .fused import gaussian_log_density


class BayesianGaussian:
    """Gaussian components in PyMC."""

    def coordinates(self, data: Data) -> dict[str, list[Any]]:
        """The features, twice: covariances have two of them."""
        if data.dimension == 1:
            return {}
        below = [f"{data.columns[i]}, {data.columns[j]}" for i, j in _below(data.dimension)]
        return {"feature": list(data.columns), "other_feature": list(data.columns), "pair": below}

    def observed(self, data: Data) -> Array:
        """Shape ``(n,)`` in one dimension, else ``(n, d)``."""
        rows = np.repeat(data.values, data.weights.astype(np.intp), axis=0)
        return rows[:, 0] if data.dimension == 1 else rows

    def mixture(self, weights: Any, model: Model, prior: Prior, observed: Array, likelihood: str) -> None:
        """Add the priors of means and covariances, and ``x``."""
        hyperparameters = cast(NormalInverseWishart, prior.components)
        if model.dimension == 1:
            means, deviations = _one_dimensional(model, hyperparameters)
            whitening = (1 / deviations)[:, None, None]
        else:
            means, factors, whitening = _multivariate(model, hyperparameters)
        if likelihood == "fused":
            _fused(weights, means if model.dimension > 1 else means[:, None], whitening, observed)
        elif model.dimension == 1:
            pm.NormalMixture("x", w=weights, mu=means, sigma=deviations, observed=observed, dims="observation")
        else:
            _textbook(weights, model, means, factors, observed)

    def point(self, components: Gaussian, model: Model, prior: Prior) -> dict[str, Array]:
        """The means, and the variances or the factors B that make up the covariances."""
        hyperparameters = cast(NormalInverseWishart, prior.components)
        variances = np.diagonal(components.covariances, axis1=1, axis2=2)
        if model.dimension == 1:
            return {"means": components.means[:, 0], "variances": _once(variances[:, 0], model)}
        if model.covariance == "diagonal":
            return {"means": components.means, "variances": variances}
        if model.covariance == "spherical":
            return {"means": components.means, "variances": variances[:, 0]}
        factor = np.linalg.cholesky(hyperparameters.scale)
        bartlett = _once(np.linalg.solve(np.linalg.cholesky(components.covariances), factor), model)
        rows, columns = np.transpose(_below(model.dimension))
        return {
            "means": components.means,
            "bartlett_diagonal": np.square(np.diagonal(bartlett, axis1=-2, axis2=-1)),
            "bartlett_below": bartlett[..., rows, columns],
        }

    def components(self, draws: xr.Dataset) -> Gaussian:
        """The means and covariances of every draw."""
        means, covariances = draws["means"].to_numpy(), draws["covariances"].to_numpy()
        if means.ndim == 3:
            return Gaussian(means[..., None], covariances[..., None, None])
        return Gaussian(means, covariances)


def _one_dimensional(model: Model, prior: NormalInverseWishart) -> tuple[Any, Any]:
    """Means and standard deviations, both of shape ``(k,)``."""
    tied = model.covariance == "tied"
    variances = pm.InverseGamma(
        "variances",
        alpha=prior.degrees_of_freedom / 2,
        beta=float(prior.scale.squeeze()) / 2,
        dims=None if tied else "component",
    )
    each = pm.Deterministic("covariances", pt.broadcast_to(variances, (model.components,)), dims="component")
    means = pm.Normal("means", mu=prior.location[0], sigma=pt.sqrt(each / prior.strength), dims="component")
    return means, pt.sqrt(each)


def _multivariate(model: Model, prior: NormalInverseWishart) -> tuple[Any, Any, Any]:
    """Means ``(k, d)``, and Cholesky factors of the covariances and their inverses, both ``(k, d, d)``."""
    root = np.sqrt(prior.strength)
    if model.covariance in ("full", "tied"):
        factors, whitening = _inverse_wishart_factors(model, prior)
        means = pm.MvNormal("means", mu=prior.location, chol=factors / root, dims=("component", "feature"))
    else:
        deviations = _deviations(model, prior)
        means = pm.Normal("means", mu=prior.location, sigma=deviations / root, dims=("component", "feature"))
        factors, whitening = _diagonal(deviations), _diagonal(1 / deviations)
    covariances = factors @ pt.swapaxes(factors, 1, 2)
    pm.Deterministic("covariances", covariances, dims=("component", "feature", "other_feature"))
    return means, factors, whitening


def _textbook(weights: Any, model: Model, means: Any, factors: Any, observed: Array) -> None:
    """``pm.Mixture`` over multivariate normals."""
    dims = ("observation", "feature")
    if model.components == 1:
        pm.MvNormal("x", mu=means[0], chol=factors[0], observed=observed, dims=dims)
        return
    components = [pm.MvNormal.dist(mu=means[j], chol=factors[j]) for j in range(model.components)]
    pm.Mixture("x", w=weights, comp_dists=components, observed=observed, dims=dims)


def _fused(weights: Any, means: Any, whitening: Any, observed: Array) -> None:
    """The same mixture, evaluated by EM's own E-step."""
    one = observed.ndim == 1
    pm.CustomDist(
        "x",
        weights,
        means,
        whitening,
        logp=gaussian_log_density,
        random=_random_number if one else _random_vector,
        signature="(k),(k,d),(k,d,d)->()" if one else "(k),(k,d),(k,d,d)->(d)",
        dtype="float64",
        observed=observed,
        dims="observation" if one else ("observation", "feature"),
    )


def _random_vector(
    weights: Array, means: Array, whitening: Array, rng: np.random.Generator, size: tuple[int, ...]
) -> Array:
    labels = rng.choice(len(weights), size=size, p=weights)
    noise = rng.standard_normal((*size, means.shape[1], 1))
    return np.asarray(means[labels] + np.linalg.solve(whitening[labels], noise)[..., 0])


def _random_number(
    weights: Array, means: Array, whitening: Array, rng: np.random.Generator, size: tuple[int, ...]
) -> Array:
    return _random_vector(weights, means, whitening, rng, size)[..., 0]


def _inverse_wishart_factors(model: Model, prior: NormalInverseWishart) -> tuple[Any, Any]:
    """The Cholesky factor of each covariance and its inverse, both of shape ``(k, d, d)``."""
    k, d = model.components, model.dimension
    tied = model.covariance == "tied"
    lead = () if tied else ("component",)
    diagonal = pm.ChiSquared(
        "bartlett_diagonal", nu=prior.degrees_of_freedom - d + np.arange(1, d + 1), dims=(*lead, "feature")
    )
    below = pm.Normal("bartlett_below", mu=0, sigma=1, dims=(*lead, "pair"))
    bartlett = pt.sqrt(diagonal)[..., None] * np.eye(d)
    rows, columns = np.transpose(_below(d))
    bartlett = bartlett[..., rows, columns].set(below)
    scale = np.linalg.cholesky(prior.scale)
    factors = pt.as_tensor(scale) @ pt.linalg.solve_triangular(bartlett, pt.eye(d), lower=True, b_ndim=2)
    whitening = bartlett @ np.linalg.inv(scale)
    if not tied:
        return factors, whitening
    return pt.broadcast_to(factors, (k, d, d)), pt.broadcast_to(whitening, (k, d, d))


def _deviations(model: Model, prior: NormalInverseWishart) -> Any:
    """The standard deviation of each component and feature, shape ``(k, d)``."""
    diagonal = model.covariance == "diagonal"
    variances = pm.InverseGamma(
        "variances",
        alpha=prior.degrees_of_freedom / 2,
        beta=prior.scale / 2,
        dims=("component", "feature") if diagonal else "component",
    )
    each = variances if diagonal else variances[:, None]
    return pt.sqrt(pt.broadcast_to(each, (model.components, model.dimension)))


def _diagonal(entries: Any) -> Any:
    """Diagonal matrices, shape ``(k, d, d)``."""
    return entries[:, :, None] * np.eye(entries.type.shape[1])


def _once(array: Array, model: Model) -> Array:
    return array[0] if model.covariance == "tied" else array


def _below(dimension: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(dimension) for j in range(i)]
