r"""The Gaussian mixture in PyMC: normal–inverse-Wishart priors, and the label summed out.

One dimension is ``pm.NormalMixture`` with inverse-gamma variances. More dimensions are ``pm.Mixture`` over
``pm.MvNormal``, with the inverse Wishart built from independent variables as ``bayes/engine/bartlett.py`` explains. Both
can be had as the textbook writes them or fused; the variables and their joint distribution are the same.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from models import Array, Data, Gaussian, Model, NormalInverseWishart, Prior

from .engine import (
    Counted,
    Covariances,
    GaussianTotal,
    Whitening,
    gaussian_log_density,
    gaussian_parameters,
    of_labels,
    random_labels,
)

DIMS = ("component", "feature")
DIMS_OF_COVARIANCES = ("component", "feature", "other_feature")


class BayesianGaussian:
    """Gaussian components in PyMC."""

    hyperparameters: ClassVar[tuple[str, ...]] = ("location", "strength", "degrees_of_freedom", "scale")

    def coordinates(self, data: Data) -> dict[str, list[Any]]:
        """Name the features twice: covariances have two axes of them."""
        if data.dimension == 1:
            return {}
        below = [f"{data.columns[i]}, {data.columns[j]}" for i, j in _below(data.dimension)]
        return {"feature": list(data.columns), "other_feature": list(data.columns), "pair": below}

    def observed(self, data: Data) -> Array:
        """Repeat every row as often as it was seen: shape ``(n,)`` in one dimension, else ``(n, d)``."""
        rows = np.repeat(data.values, data.weights.astype(np.intp), axis=0)
        return rows[:, 0] if data.dimension == 1 else rows

    def counted(self, data: Data) -> Counted:
        """Take the distinct rows feature by feature, shape ``(d, rows)``; the operation has all terms: the offset is 0."""
        compressed = data.compress()
        return Counted(
            np.ascontiguousarray(compressed.values.T), np.ascontiguousarray(compressed.weights), np.array(0.0)
        )

    def mixture(self, weights: Any, model: Model, prior: Prior, observed: Array | Counted, likelihood: str) -> None:
        """Add the priors of means and covariances, and ``x``."""
        hyperparameters = cast(NormalInverseWishart, prior.components)
        if model.dimension == 1:
            _one_dimensional(weights, model, hyperparameters, observed, likelihood)
        elif model.covariance in ("diagonal", "spherical"):
            _independent_features(weights, model, hyperparameters, observed, likelihood)
        elif likelihood == "textbook":
            _correlated_features(weights, model, hyperparameters, observed)
        else:
            _correlated_features_fused(weights, model, hyperparameters, observed)

    def point(self, components: Gaussian, model: Model, prior: Prior) -> dict[str, Array]:
        """Return the means, and the variances or the factors B that make up the covariances."""
        hyperparameters = cast(NormalInverseWishart, prior.components)
        variances = np.diagonal(components.covariances, axis1=-2, axis2=-1)
        if model.dimension == 1:
            return {"means": components.means[..., 0], "variances": _once(variances[..., 0], model, axis=-1)}
        if model.covariance == "diagonal":
            return {"means": components.means, "variances": variances}
        if model.covariance == "spherical":
            return {"means": components.means, "variances": variances[..., 0]}
        factor = np.linalg.cholesky(hyperparameters.scale)
        bartlett = _once(np.linalg.solve(np.linalg.cholesky(components.covariances), factor), model, axis=-3)
        rows, columns = np.transpose(_below(model.dimension))
        return {
            "means": components.means,
            "bartlett_diagonal": np.square(np.diagonal(bartlett, axis1=-2, axis2=-1)),
            "bartlett_below": bartlett[..., rows, columns],
        }

    def components(self, draws: xr.Dataset) -> Gaussian:
        """Return the means and covariances of every draw."""
        means, covariances = draws["means"].to_numpy(), draws["covariances"].to_numpy()
        if means.ndim == 3:
            return Gaussian(means[..., None], covariances[..., None, None])
        return Gaussian(means, covariances)


def _one_dimensional(weights: Any, model: Model, prior: NormalInverseWishart, observed: Any, likelihood: str) -> None:
    tied = model.covariance == "tied"
    shape, scale = prior.degrees_of_freedom / 2, prior.scale.reshape(()) / 2
    variances = pm.InverseGamma("variances", alpha=shape, beta=scale, dims=None if tied else "component")
    each = pm.Deterministic("covariances", pt.broadcast_to(variances, (model.components,)), dims="component")
    means = pm.Normal("means", mu=prior.location[0], sigma=pt.sqrt(each / prior.strength), dims="component")
    deviations = pt.sqrt(each)
    if likelihood == "textbook":
        pm.NormalMixture("x", w=weights, mu=means, sigma=deviations, observed=observed, dims="observation")
    else:
        _fused(weights, means[:, None], (1 / deviations)[:, None, None], observed)


def _independent_features(
    weights: Any, model: Model, prior: NormalInverseWishart, observed: Any, likelihood: str
) -> None:
    diagonal = model.covariance == "diagonal"
    shape, dims = prior.degrees_of_freedom / 2, DIMS if diagonal else "component"
    variances = pm.InverseGamma("variances", alpha=shape, beta=prior.scale / 2, dims=dims)
    each = pt.broadcast_to(variances if diagonal else variances[:, None], (model.components, model.dimension))
    pm.Deterministic("covariances", _diagonal(each), dims=DIMS_OF_COVARIANCES)
    deviations = pt.sqrt(each)
    means = pm.Normal("means", mu=prior.location, sigma=deviations / pt.sqrt(prior.strength), dims=DIMS)
    if likelihood == "textbook":
        _textbook(weights, model, means, _diagonal(deviations), observed)
    else:
        _fused(weights, means, _diagonal(1 / deviations), observed)


def _correlated_features(weights: Any, model: Model, prior: NormalInverseWishart, observed: Any) -> None:
    k, d = model.components, model.dimension
    diagonal, below = _bartlett_variables(model, prior)
    rows, columns = np.transpose(_below(d))
    bartlett = (pt.sqrt(diagonal)[:, :, None] * np.eye(d))[:, rows, columns].set(below)
    inverse = pt.linalg.solve_triangular(bartlett, pt.eye(d), lower=True, b_ndim=2)
    factors = pt.broadcast_to(pt.as_tensor(np.linalg.cholesky(prior.scale)) @ inverse, (k, d, d))
    pm.Deterministic("covariances", factors @ pt.swapaxes(factors, 1, 2), dims=DIMS_OF_COVARIANCES)
    means = pm.MvNormal("means", mu=prior.location, chol=factors / pt.sqrt(prior.strength), dims=DIMS)
    _textbook(weights, model, means, factors, observed)


def _correlated_features_fused(weights: Any, model: Model, prior: NormalInverseWishart, observed: Any) -> None:
    k = model.components
    diagonal, below = _bartlett_variables(model, prior)
    own: Any = Whitening()(diagonal, below, _inverse_factor(prior.scale))
    whitening = np.ones((k, 1, 1)) * own[0] if model.covariance == "tied" else own
    pm.Deterministic("covariances", Covariances()(whitening), dims=DIMS_OF_COVARIANCES)
    means = pm.CustomDist(
        "means",
        prior.location,
        pt.sqrt(prior.strength) * whitening,
        logp=_whitened_log_density,
        random=_whitened_random,
        signature="(d),(d,d)->(d)",
        dtype="float64",
        dims=DIMS,
    )
    _fused(weights, means, whitening, observed)


def _bartlett_variables(model: Model, prior: NormalInverseWishart) -> tuple[Any, Any]:
    """Return the squared diagonal ``(k, d)`` and what is below it ``(k, pairs)``; k is one when the covariance is tied."""
    tied, d = model.covariance == "tied", model.dimension
    degrees = prior.degrees_of_freedom - d + np.arange(1, d + 1)
    lead = () if tied else ("component",)
    diagonal = pm.ChiSquared("bartlett_diagonal", nu=degrees, dims=(*lead, "feature"))
    below = pm.Normal("bartlett_below", mu=0, sigma=1, dims=(*lead, "pair"))
    return (diagonal[None], below[None]) if tied else (diagonal, below)


def _inverse_factor(scale: Any) -> Any:
    """Return L⁻¹ of Ψ = LLᵀ, which may be known or a PyTensor variable."""
    if isinstance(scale, np.ndarray):
        return np.linalg.inv(np.linalg.cholesky(scale))
    return pt.linalg.inv(pt.linalg.cholesky(scale))


def _textbook(weights: Any, model: Model, means: Any, factors: Any, observed: Array) -> None:
    """Add ``x`` as ``pm.Mixture`` over multivariate normals."""
    dims = ("observation", "feature")
    if model.components == 1:
        pm.MvNormal("x", mu=means[0], chol=factors[0], observed=observed, dims=dims)
        return
    components = [pm.MvNormal.dist(mu=means[j], chol=factors[j]) for j in range(model.components)]
    pm.Mixture("x", w=weights, comp_dists=components, observed=observed, dims=dims)


def _fused(weights: Any, means: Any, whitening: Any, observed: Any) -> None:
    """Add ``x`` as a mixture that is evaluated by EM's own E-step."""
    if isinstance(observed, Counted):
        parameters = gaussian_parameters(weights, means, whitening)
        pm.Potential("x", observed.log_likelihood(GaussianTotal(), *parameters))
        return
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
    weights: Array, means: Array, whitening: Array, rng: np.random.Generator, size: tuple[int, ...] | None
) -> Array:
    labels = random_labels(weights, rng, size)
    noise = rng.standard_normal((*labels.shape, means.shape[-1], 1))
    residuals = np.linalg.solve(of_labels(whitening, labels, axis=-3), noise)[..., 0]
    return np.asarray(of_labels(means, labels, axis=-2) + residuals)


def _random_number(
    weights: Array, means: Array, whitening: Array, rng: np.random.Generator, size: tuple[int, ...] | None
) -> Array:
    return _random_vector(weights, means, whitening, rng, size)[..., 0]


def _whitened_log_density(value: Any, location: Any, whitening: Any) -> Any:
    """Return the log-density of a normal with inverse Cholesky factor ``whitening``: each axis but the last is a draw."""
    whitened = (whitening * (value - location)[..., None, :]).sum(axis=-1)
    log_determinant = pt.log(pt.diagonal(whitening, axis1=-2, axis2=-1)).sum(axis=-1)
    return log_determinant - 0.5 * pt.sqr(whitened).sum(axis=-1) - 0.5 * value.shape[-1] * np.log(2 * np.pi)


def _whitened_random(
    location: Array, whitening: Array, rng: np.random.Generator, size: tuple[int, ...] | None
) -> Array:
    lead = whitening.shape[:-2] if size is None else tuple(size)
    noise = rng.standard_normal((*lead, location.shape[-1], 1))
    return np.asarray(location + np.linalg.solve(whitening, noise)[..., 0])


def _diagonal(entries: Any) -> Any:
    """Return diagonal matrices, shape ``(k, d, d)``."""
    return entries[:, :, None] * np.eye(entries.type.shape[1])


def _once(array: Array, model: Model, axis: int) -> Array:
    return np.take(array, 0, axis=axis) if model.covariance == "tied" else array


def _below(dimension: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(dimension) for j in range(i)]
