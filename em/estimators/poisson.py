"""``PoissonMixture``: the mixture of Poissons that scikit-learn does not have, in its manner."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import Tags

from models import Array, Data, Mixture, Model, Poisson, PoissonProduct

from ..stretch import Evaluation
from .checking import array_of_shape
from .m_step import LEAST_COUNT, UnendingMStep
from .mixture import MixtureEstimator
from .run import Steps, compiled_steps


class PoissonMixture(MixtureEstimator):
    """A mixture of Poissons in the manner of ``sklearn.mixture.GaussianMixture``; columns are independent in a component.

    Counts are whole numbers from zero on. Other numbers from zero on are taken as by scikit-learn's ``PoissonRegressor``,
    with Γ(x + 1) in place of x!: estimates are then those of a quasi-likelihood, the log-density is none, and there are
    neither standard errors nor an audit.

    Parameters
    ----------
    n_components
        The number of components k.
    tol
        EM has converged when a step changes the mean log-likelihood by less, in nats for each observation. That says
        little of how far the maximum still is: n times as much may be left, and more where components overlap.
    max_iter
        The most steps from each start.
    n_init
        How many starts to try; the highest lower bound wins.
    init_params
        ``"kmeans"``, ``"k-means++"``, ``"random"`` or ``"random_from_data"``: where each start comes from, as far as
        it is not given by the next two. Distances are those of √(x + ⅜), whose spread is alike whatever the rate
        (Anscombe 1948).
    weights_init, rates_init
        Weights, shape ``(k,)``, and rates, shape ``(k, d)``, to start from.
    random_state
        Where random numbers come from, for starts and for :meth:`sample`.
    warm_start
        Whether another fit goes on from where the last one ended, with a single run.
    verbose, verbose_interval
        With 1 each start and every so many steps are printed, with 2 times and changes as well.

    Attributes
    ----------
    weights_, rates_
        Shapes ``(k,)`` and ``(k, d)``.
    converged_, n_iter_
        Whether the rule of ``tol`` ended the best run, and its number of steps.
    lower_bound_, lower_bounds_
        The mean log-likelihood before the last step and before each, in nats for each observation.
    log_likelihood_
        The total log-likelihood of the estimate itself, in nats.
    status_
        ``"converged"`` or ``"out of steps"`` as ``converged_`` has it, or ``"collapsed"`` where a component is empty.
    n_features_in_, feature_names_in_
        How many columns there were, and their names where they had any.

    Notes
    -----
    The estimator keeps the data that it was fitted to, not a copy, for standard errors, audit and comparison.
    """

    rates_: NDArray[np.floating[Any]]

    def __init__(
        self,
        n_components: int = 1,
        *,
        tol: float = 1e-3,
        max_iter: int = 100,
        n_init: int = 1,
        init_params: str = "kmeans",
        weights_init: ArrayLike | None = None,
        rates_init: ArrayLike | None = None,
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
        self.rates_init = rates_init

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    def _check_parameters(self, rows: NDArray[np.floating[Any]]) -> None:
        super()._check_parameters(rows)
        if (rows < 0).any():
            raise ValueError("Negative values in data passed to PoissonMixture: X must hold counts from 0 on.")

    def _model(self, dimension: int) -> Model:
        return Model("poisson" if dimension == 1 else "poisson-product", self.n_components, dimension)

    def _n_parameters(self) -> int:
        return self.rates_.size + len(self.weights_) - 1

    def _steps(self, data: Data, model: Model) -> Steps:
        return compiled_steps(Evaluation(data.compress(), UnendingMStep(model, data)))

    def _coordinates(self, values: Array) -> Array:
        return np.sqrt(values + 3 / 8)

    def _given(self) -> dict[str, Array | None]:
        shape = (self.n_components, self.n_features_in_)
        if self.rates_init is None:
            return {"rates": None}
        rates = array_of_shape("rates", self.rates_init, shape)
        if (rates < 0).any():
            raise ValueError("The parameter 'rates' should not be negative")
        return {"rates": rates}

    def _mixture_of(self, shares: Array, data: Data, model: Model) -> Mixture:
        counts = shares.sum(axis=0) + LEAST_COUNT
        # A rate of zero forbids every positive count, so that no E-step could ever leave it.
        least = 0.1 * np.maximum(data.mean, 1 / data.size) / model.components
        return _mixture(counts / counts.sum(), np.maximum(shares.T @ data.values / counts[:, None], least))

    def _completed(self, mixture: Mixture | None, weights: Array | None, given: dict[str, Array | None]) -> Mixture:
        arrays = {} if mixture is None else self._arrays(mixture)
        arrays |= {name: array for name, array in given.items() if array is not None}
        return _mixture(arrays["weights"] if weights is None else weights, arrays["rates"])

    def _has_collapsed(self, mixture: Mixture) -> bool:
        return UnendingMStep(self._fitted_model, self._fitted_data).has_empty(mixture)

    def _set_mixture(self, mixture: Mixture, dtype: np.dtype[Any]) -> None:
        arrays = self._arrays(mixture)
        self.weights_, self.rates_ = arrays["weights"].astype(dtype), arrays["rates"].astype(dtype)

    def _mixture(self) -> Mixture:
        weights = np.asarray(self.weights_, dtype=np.float64)
        return _mixture(weights / weights.sum(), np.asarray(self.rates_, dtype=np.float64))

    def _arrays(self, mixture: Mixture) -> dict[str, Array]:
        rates = cast(Poisson | PoissonProduct, mixture.components).rates
        return {"weights": mixture.weights, "rates": rates.reshape(len(mixture.weights), -1)}

    def _sample_of(self, component: int, number: int, rng: np.random.RandomState) -> Array:
        rates = self.rates_[component]
        return rng.poisson(rates, size=(number, len(rates))).astype(np.float64)


def _mixture(weights: Array, rates: Array) -> Mixture:
    """The mixture with rates of shape ``(k, d)``: of one column as this package has it."""
    return Mixture(weights, PoissonProduct(rates) if rates.shape[1] > 1 else Poisson(rates[:, 0]))
