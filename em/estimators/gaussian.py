"""``GaussianMixture`` as in scikit-learn."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models import Array, Data, Gaussian, Mixture, Model
from models.arguments import require_one_of

from ..stretch import Evaluation
from .checking import array_of_shape, require_not_negative
from .gaussian_covariances import (
    STRUCTURES,
    covariances_of_precisions,
    precisions,
    precisions_cholesky,
    read,
    written,
)
from .gaussian_ridge import RidgedMStep
from .mixture import MixtureEstimator
from .run import Steps, compiled_steps


class GaussianMixture(MixtureEstimator):
    """A mixture of Gaussians with the parameters, attributes and numbers of ``sklearn.mixture.GaussianMixture``.

    From equal starts it takes the same steps to the same estimate, in compiled code and in double precision, and keeps the
    order of the components. Beside that it takes ``sample_weight``, and has :attr:`standard_errors_`, :attr:`status_`,
    :attr:`log_likelihood_`, :meth:`audit` and :meth:`compare`; as a transformer it yields memberships.

    Parameters
    ----------
    n_components
        The number of components k.
    covariance_type
        ``"full"``, ``"tied"``, ``"diag"`` or ``"spherical"``.
    tol
        EM has converged when a step changes the mean log-likelihood by less, in nats for each observation. That says
        little of how far the maximum still is: n times as much may be left, and more where components overlap.
    reg_covar
        Added to each variance after every step, in the squared units of the data. It keeps collapsed components going,
        widens all others by as much, and with it the log-likelihood may fall; with 0 the steps are EM's own, and it never
        does. ``status_`` sees through it.
    max_iter
        The most steps from each start.
    n_init
        How many starts to try; the highest lower bound wins.
    init_params
        ``"kmeans"``, ``"k-means++"``, ``"random"`` or ``"random_from_data"``: where each start comes from, as far as
        it is not given by the next three.
    weights_init, means_init, precisions_init
        Weights, shape ``(k,)``, means, shape ``(k, d)``, and inverse covariances in the shape of ``covariances_`` to
        start from.
    random_state
        Where random numbers come from, for starts and for :meth:`sample`.
    warm_start
        Whether another fit goes on from where the last one ended, with a single run.
    verbose, verbose_interval
        With 1 each start and every so many steps are printed, with 2 times and changes as well.

    Attributes
    ----------
    weights_, means_
        Shapes ``(k,)`` and ``(k, d)``.
    covariances_, precisions_, precisions_cholesky_
        Shapes ``(k, d, d)``, ``(d, d)``, ``(k, d)`` or ``(k,)`` for *full*, *tied*, *diag* or *spherical*.
    converged_, n_iter_
        Whether the rule of ``tol`` ended the best run, and its number of steps.
    lower_bound_, lower_bounds_
        The mean log-likelihood before the last step and before each, in nats for each observation.
    log_likelihood_
        The total log-likelihood of the estimate itself, in nats.
    status_
        ``"converged"`` or ``"out of steps"`` as ``converged_`` has it, or ``"collapsed"`` where a component is empty, or
        has a covariance that would be singular without ``reg_covar``: then the estimate is no interior maximum.
    n_features_in_, feature_names_in_
        How many features there were, and their names where they had any.

    Notes
    -----
    The estimator keeps the data that it was fitted to, not a copy, for standard errors, audit and comparison.
    """

    means_: NDArray[np.floating[Any]]
    covariances_: NDArray[np.floating[Any]]
    precisions_: NDArray[np.floating[Any]]
    precisions_cholesky_: NDArray[np.floating[Any]]

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-3,
        reg_covar: float = 1e-6,
        max_iter: int = 100,
        n_init: int = 1,
        init_params: str = "kmeans",
        weights_init: ArrayLike | None = None,
        means_init: ArrayLike | None = None,
        precisions_init: ArrayLike | None = None,
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
    ) -> None:
        super().__init__(
            n_components,
            tol=tol,
            max_iter=max_iter,
            n_init=n_init,
            init_params=init_params,
            weights_init=weights_init,
            random_state=random_state,
            warm_start=warm_start,
            verbose=verbose,
            verbose_interval=verbose_interval,
        )
        self.covariance_type = covariance_type
        self.reg_covar = reg_covar
        self.means_init = means_init
        self.precisions_init = precisions_init

    def _check_parameters(self, rows: NDArray[np.floating[Any]]) -> None:
        super()._check_parameters(rows)
        require_one_of("covariance_type", self.covariance_type, STRUCTURES)
        require_not_negative("reg_covar", self.reg_covar)

    def _model(self, dimension: int) -> Model:
        return Model("gaussian", self.n_components, dimension, STRUCTURES[self.covariance_type])

    def _m_step(self, data: Data, model: Model) -> RidgedMStep:
        return RidgedMStep(model, data, ridge=float(self.reg_covar))

    def _steps(self, data: Data, model: Model) -> Steps:
        return compiled_steps(Evaluation(data.compress(), self._m_step(data, model)))

    def _coordinates(self, values: Array) -> Array:
        return values

    def _given(self) -> dict[str, Array | None]:
        shape = (self.n_components, self.n_features_in_)
        means, given = self.means_init, self.precisions_init
        return {
            "means": None if means is None else array_of_shape("means", means, shape),
            "covariances": None if given is None else covariances_of_precisions(given, self.covariance_type, *shape),
        }

    def _mixture_of(self, shares: Array, data: Data, model: Model) -> Mixture:
        m_step = self._m_step(data, model)
        centres = np.repeat(data.mean[None], model.components, axis=0)
        # About their own means: a component on a single row has no spread, and not one left over by rounding.
        for _ in range(2):
            about = Gaussian(centres, np.zeros((model.components, model.dimension, model.dimension)))
            mixture = m_step(about.statistics(data.values, shares))
            centres = cast(Gaussian, mixture.components).means
        if self.covariance_type == "tied" and not np.allclose(shares.sum(axis=1), data.weights):
            return self._start_of_all_rows(mixture, centres, shares, data)
        return mixture

    def _start_of_all_rows(self, mixture: Mixture, means: Array, shares: Array, data: Data) -> Mixture:
        """The mixture with scikit-learn's tied covariance of a few rows, into which it takes the squares of all rows."""
        squares = (data.values.T * data.weights) @ data.values - (means.T * shares.sum(axis=0)) @ means
        covariance = squares / shares.sum() + self.reg_covar * np.eye(data.dimension)
        return Mixture(mixture.weights, Gaussian(means, np.repeat(covariance[None], len(means), axis=0)))

    def _completed(self, mixture: Mixture | None, weights: Array | None, given: dict[str, Array | None]) -> Mixture:
        arrays = {} if mixture is None else mixture.arrays()
        arrays |= {name: array for name, array in given.items() if array is not None}
        return Mixture(
            arrays["weights"] if weights is None else weights, Gaussian(arrays["means"], arrays["covariances"])
        )

    def _has_collapsed(self, mixture: Mixture) -> bool:
        return self._m_step(self._fitted_data, self._fitted_model).has_collapsed(mixture)

    def _set_mixture(self, mixture: Mixture, dtype: np.dtype[Any]) -> None:
        components = cast(Gaussian, mixture.components)
        covariances = written(components.covariances, self.covariance_type)
        factors = precisions_cholesky(covariances, self.covariance_type)
        self.weights_, self.means_ = mixture.weights.astype(dtype), components.means.astype(dtype)
        self.covariances_, self.precisions_cholesky_ = covariances.astype(dtype), factors.astype(dtype)
        self.precisions_ = precisions(factors, self.covariance_type).astype(dtype)

    def _mixture(self) -> Mixture:
        means = np.asarray(self.means_, dtype=np.float64)
        weights = np.asarray(self.weights_, dtype=np.float64)
        covariances = read(self.covariances_, self.covariance_type, *means.shape)
        return Mixture(weights / weights.sum(), Gaussian(means, covariances))

    def _arrays(self, mixture: Mixture) -> dict[str, Array]:
        components = cast(Gaussian, mixture.components)
        above = np.triu(components.covariances)
        whole = np.where(np.tri(self.n_features_in_, k=-1, dtype=bool), np.swapaxes(above, -1, -2), above)
        # One covariance in all is named once, at whichever component.
        shared = np.fmax.reduce(whole)[None] if self.covariance_type == "tied" else whole
        covariances = written(shared, self.covariance_type)
        return {"weights": mixture.weights, "means": components.means, "covariances": covariances}

    def _sample_of(self, component: int, number: int, rng: np.random.RandomState) -> Array:
        if self.covariance_type in ("full", "tied"):
            covariance = self.covariances_ if self.covariance_type == "tied" else self.covariances_[component]
            return np.asarray(rng.multivariate_normal(self.means_[component], covariance, number))
        noise = rng.standard_normal(size=(number, self.means_.shape[1]))
        return np.asarray(self.means_[component] + noise * np.sqrt(self.covariances_[component]))
