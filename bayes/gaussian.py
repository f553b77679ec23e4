r"""The Gaussian mixture in PyMC: the weak or the conjugate prior, and the label summed out.

One dimension is ``pm.NormalMixture``, under the conjugate prior with inverse-gamma variances. More dimensions are
``pm.Mixture`` over ``pm.MvNormal``, with the inverse Wishart built from independent variables as
``bayes/engine/bartlett.py`` explains; ``bayes/gaussian_weak.py`` has the weak prior. Both can be had as the textbook writes
them or fused; the variables and their joint distribution are the same.
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from models import Array, Data, Gaussian, Model, NormalInverseWishart, Prior, SharedScale

from . import gaussian_weak
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

type GaussianPrior = NormalInverseWishart | SharedScale

DIMS = ("component", "feature")
DIMS_OF_COVARIANCES = ("component", "feature", "other_feature")


class BayesianGaussian:
    """Gaussian components in PyMC."""

    def coordinates(self, data: Data) -> dict[str, list[Any]]:
        """Name the features twice: covariances have two axes of them."""
        if data.dimension == 1:
            return {}
        below = [f"{data.columns[i]}, {data.columns[j]}" for i, j in _below(data.dimension)]
        names = list(data.columns)
        return {"feature": names, "other_feature": names, "pair": below, "entry": [*names, *below]}

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

    def mixture(
        self,
        weights: Any,
        model: Model,
        prior: Prior,
        observed: Array | Counted,
        likelihood: str,
        exposure: Array | None = None,
    ) -> None:
        """Add the priors of means and covariances, and ``x``."""
        of_components = cast(GaussianPrior, prior.components)
        if model.dimension == 1:
            _one_dimensional(weights, model, of_components, observed, likelihood)
        elif model.covariance in ("diagonal", "spherical"):
            _independent_features(weights, model, of_components, observed, likelihood)
        elif likelihood == "textbook":
            _correlated_features(weights, model, of_components, observed)
        else:
            _correlated_features_fused(weights, model, of_components, observed)

    def of_one(self, name: str, component: int, observed: Array, exposure: Array | None) -> None:
        """Add observations of one component: normal ones."""
        built = pm.modelcontext(None)
        mean, covariance = built["means"][component], built["covariances"][component]
        if observed.ndim == 1:
            pm.Normal(name, mu=mean, sigma=pt.sqrt(covariance), observed=observed)
        else:
            pm.MvNormal(name, mu=mean, cov=covariance, observed=observed)

    def point(self, components: Gaussian, model: Model, prior: Prior) -> dict[str, Array]:
        """Return the means, and the variances or the factors B that make up the covariances."""
        of_components = cast(GaussianPrior, prior.components)
        variances = np.diagonal(components.covariances, axis1=-2, axis2=-1)
        if model.dimension == 1:
            return {"means": components.means[..., 0], "variances": _once(variances[..., 0], model, axis=-1)}
        if model.covariance == "diagonal":
            return {"means": components.means, "variances": variances}
        if model.covariance == "spherical":
            return {"means": components.means, "variances": variances[..., 0]}
        own = _once(components.covariances, model, axis=-3)
        if isinstance(of_components, SharedScale):
            return {"means": components.means, "factor": gaussian_weak.coordinates(own)}
        factor = np.linalg.solve(np.linalg.cholesky(own), np.linalg.cholesky(of_components.scale))
        rows, columns = np.transpose(_below(model.dimension))
        return {
            "means": components.means,
            "bartlett_diagonal": np.square(np.diagonal(factor, axis1=-2, axis2=-1)),
            "bartlett_below": factor[..., rows, columns],
        }

    def components(self, draws: xr.Dataset) -> Gaussian:
        """Return the means and covariances of every draw."""
        means, covariances = draws["means"].to_numpy(), draws["covariances"].to_numpy()
        if means.ndim == 3:
            return Gaussian(means[..., None], covariances[..., None, None])
        return Gaussian(means, covariances)


def _one_dimensional(weights: Any, model: Model, prior: GaussianPrior, observed: Any, likelihood: str) -> None:
    tied = model.covariance == "tied"
    dims = None if tied else "component"
    if isinstance(prior, SharedScale):
        variances = gaussian_weak.variances(prior, model, dims)
    else:
        shape, scale = prior.degrees_of_freedom / 2, prior.scale.reshape(()) / 2
        variances = pm.InverseGamma("variances", alpha=shape, beta=scale, dims=dims)
    each = pm.Deterministic("covariances", pt.broadcast_to(variances, (model.components,)), dims="component")
    of_means = prior.reach.reshape(()) if isinstance(prior, SharedScale) else each / prior.strength
    means = pm.Normal("means", mu=prior.location[0], sigma=pt.sqrt(of_means), dims="component")
    deviations = pt.sqrt(each)
    if likelihood == "textbook":
        if len(observed):
            pm.NormalMixture("x", w=weights, mu=means, sigma=deviations, observed=observed, dims="observation")
    else:
        _fused(weights, means[:, None], (1 / deviations)[:, None, None], observed)


def _independent_features(weights: Any, model: Model, prior: GaussianPrior, observed: Any, likelihood: str) -> None:
    diagonal = model.covariance == "diagonal"
    dims = DIMS if diagonal else "component"
    if isinstance(prior, SharedScale):
        variances = gaussian_weak.variances(prior, model, dims)
    else:
        variances = pm.InverseGamma("variances", alpha=prior.degrees_of_freedom / 2, beta=prior.scale / 2, dims=dims)
    each = pt.broadcast_to(variances if diagonal else variances[:, None], (model.components, model.dimension))
    pm.Deterministic("covariances", _diagonal(each), dims=DIMS_OF_COVARIANCES)
    deviations = pt.sqrt(each)
    of_means = pt.sqrt(prior.reach) if isinstance(prior, SharedScale) else deviations / pt.sqrt(prior.strength)
    means = pm.Normal("means", mu=prior.location, sigma=of_means, dims=DIMS)
    if likelihood == "textbook":
        _textbook(weights, model, means, _diagonal(deviations), observed)
    else:
        _fused(weights, means, _diagonal(1 / deviations), observed)


def _correlated_features(weights: Any, model: Model, prior: GaussianPrior, observed: Any) -> None:
    k, d = model.components, model.dimension
    if isinstance(prior, SharedScale):
        of_scale = partial(gaussian_weak.textbook_of_scale, prior)
        parts = gaussian_weak.factors(prior, model, lambda diagonal, below: of_scale(_factor(diagonal, below, d)))
        factor = _factor(*parts, d)
    else:
        factor = _factor(*_bartlett_variables(model, prior), d)
    inverse = pt.linalg.solve_triangular(factor, pt.eye(d), lower=True, b_ndim=2)
    if isinstance(prior, SharedScale):
        factors = pt.broadcast_to(inverse, (k, d, d))
        of_means = np.linalg.cholesky(prior.reach)
    else:
        factors = pt.broadcast_to(pt.as_tensor(np.linalg.cholesky(prior.scale)) @ inverse, (k, d, d))
        of_means = factors / pt.sqrt(prior.strength)
    pm.Deterministic("covariances", factors @ pt.swapaxes(factors, 1, 2), dims=DIMS_OF_COVARIANCES)
    means = pm.MvNormal("means", mu=prior.location, chol=of_means, dims=DIMS)
    _textbook(weights, model, means, factors, observed)


def _correlated_features_fused(weights: Any, model: Model, prior: GaussianPrior, observed: Any) -> None:
    k, d = model.components, model.dimension
    own: Any
    if isinstance(prior, SharedScale):
        of_scale = partial(gaussian_weak.fused_of_scale, prior)
        parts = gaussian_weak.factors(prior, model, lambda *parts: of_scale(Whitening()(*parts, np.eye(d))))
        own = Whitening()(*parts, np.eye(d))
    else:
        own = Whitening()(*_bartlett_variables(model, prior), _inverse_factor(prior.scale))
    whitening = np.ones((k, 1, 1)) * own[0] if model.covariance == "tied" else own
    if isinstance(prior, SharedScale):
        of_means = np.ones((k, 1, 1)) * _inverse_factor(prior.reach)
    else:
        of_means = pt.sqrt(prior.strength) * whitening
    pm.Deterministic("covariances", Covariances()(whitening), dims=DIMS_OF_COVARIANCES)
    means = pm.CustomDist(
        "means",
        prior.location,
        of_means,
        logp=_whitened_log_density,
        random=_whitened_random,
        signature="(d),(d,d)->(d)",
        dtype="float64",
        dims=DIMS,
    )
    _fused(weights, means, whitening, observed)


def _factor(diagonal: Any, below: Any, d: int) -> Any:
    """Return the lower triangular B from the squares of its diagonal ``(k, d)`` and what is below it ``(k, pairs)``."""
    rows, columns = np.transpose(_below(d))
    return (pt.sqrt(diagonal)[:, :, None] * np.eye(d))[:, rows, columns].set(below)


def _bartlett_variables(model: Model, prior: NormalInverseWishart) -> tuple[Any, Any]:
    """Add the squared diagonal ``(k, d)`` and what is below it ``(k, pairs)``; k is one when the covariance is tied."""
    tied, d = model.covariance == "tied", model.dimension
    lead = () if tied else ("component",)
    degrees = prior.degrees_of_freedom - d + np.arange(1, d + 1)
    diagonal = pm.ChiSquared("bartlett_diagonal", nu=degrees, dims=(*lead, "feature"))
    below = pm.Normal("bartlett_below", mu=0, sigma=1, dims=(*lead, "pair"))
    return (diagonal[None], below[None]) if tied else (diagonal, below)


def _inverse_factor(scale: Any) -> Any:
    """Return L⁻¹ of Ψ = LLᵀ, which may be known or a PyTensor variable."""
    if isinstance(scale, np.ndarray):
        return np.linalg.inv(np.linalg.cholesky(scale))
    return pt.linalg.inv(pt.linalg.cholesky(scale))


def _textbook(weights: Any, model: Model, means: Any, factors: Any, observed: Array) -> None:
    """Add ``x`` as ``pm.Mixture`` over multivariate normals, unless all rows have known labels."""
    if not len(observed):
        return
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
    if not len(observed):
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
