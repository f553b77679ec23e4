"""What the estimators of all families have in common: the fit, and what is asked of it afterwards."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, DensityMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from models import Array, Data, Mixture, Model
from models.arguments import require_one_of
from models.upward import compare

from ..audit import Audit, audit
from ..fit import fit
from ..fitted import Fit
from ..loop import Status
from ..standard_errors import standard_errors
from .checking import require_integer, require_not_negative, require_truth, sample_weight_of, weights_of
from .run import Run, Steps, run
from .starts import INIT_PARAMS, responsibilities
from .talk import Talk

NOT_CONVERGED = (
    "Best performing initialization did not converge. Try different init parameters, or increase max_iter, tol, or check "
    "for degenerate data."
)
COLLAPSED = (
    "Fitting the mixture model failed because some components have ill-defined empirical covariance (for instance caused "
    "by singleton or collapsed samples). Try to decrease the number of components, increase reg_covar, or scale the input "
    "data."
)
FLOATS = [np.float64, np.float32]


class MixtureEstimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, DensityMixin, BaseEstimator):  # type: ignore[misc]
    """A mixture as a scikit-learn estimator: a density, a clustering, and memberships as the features of a transformer.

    A family says how its parameters become a mixture of this package, and back.
    """

    weights_: NDArray[np.floating[Any]]
    converged_: bool
    n_iter_: int
    lower_bound_: float
    lower_bounds_: list[float]
    log_likelihood_: float
    status_: Status

    def __init__(
        self,
        n_components: int,
        *,
        tol: float,
        max_iter: int,
        n_init: int,
        init_params: str,
        weights_init: ArrayLike | None,
        random_state: int | np.random.RandomState | None,
        warm_start: bool,
        verbose: int,
        verbose_interval: int,
    ) -> None:
        self.n_components = n_components
        self.tol = tol
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval

    def fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the mixture by EM, from ``n_init`` starts of which the best is kept.

        Parameters
        ----------
        X
            Observations of shape ``(n, d)``.
        y
            Ignored, as scikit-learn has it.
        sample_weight
            How often each observation was seen, or any other weight from zero on, shape ``(n,)``.

        Raises
        ------
        ValueError
            When a parameter or the data cannot be used, or a component has collapsed onto so few observations that its
            covariance is singular.
        """
        rows: NDArray[np.floating[Any]] = validate_data(self, X, dtype=FLOATS, ensure_min_samples=2)
        self._check_parameters(rows)
        data = self._observations(rows, sample_weight)
        if len(data.values) < self.n_components:
            raise ValueError(
                f"Expected n_samples >= n_components but got n_components = {self.n_components}, "
                f"n_samples = {len(data.values)}"
            )
        model = self._model(data.dimension)
        steps = self._steps(data, model)
        with _singular_refused():
            best = self._best_run(data, model, steps, sample_weight is not None)
            log_likelihood = float(steps(best.mixture, 1)[0][0])
        self._fitted_data, self._fitted_model = data, model
        self._set_mixture(best.mixture, rows.dtype)
        self.converged_, self.n_iter_ = best.converged, len(best.lower_bounds)
        self.lower_bound_, self.lower_bounds_ = best.lower_bound, list(best.lower_bounds)
        self.log_likelihood_ = log_likelihood
        self.status_ = self._status(best)
        if not best.converged and self.max_iter > 0:
            warnings.warn(NOT_CONVERGED, ConvergenceWarning, stacklevel=2)
        return self

    def fit_predict(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> NDArray[np.intp]:
        """Fit the mixture, and label each row with its most probable component, shape ``(n,)``."""
        return self.fit(X, y, sample_weight).predict(X)

    def predict(self, X: ArrayLike) -> NDArray[np.intp]:
        """The most probable component of each row, shape ``(n,)``."""
        rows = self._rows(X)
        return np.asarray(self._mixture().log_joint(rows).argmax(axis=1))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.floating[Any]]:
        """The probability of each component given the row, shape ``(n, k)``."""
        rows = self._rows(X)
        return self._mixture().responsibilities(rows).astype(rows.dtype)

    def transform(self, X: ArrayLike) -> NDArray[np.floating[Any]]:
        """The memberships as features: :meth:`predict_proba`, in the container that ``set_output`` asks for."""
        return self.predict_proba(X)

    def score_samples(self, X: ArrayLike) -> NDArray[np.floating[Any]]:
        """The log-density of each row in nats, shape ``(n,)``."""
        rows = self._rows(X)
        return self._mixture().log_density(rows).astype(rows.dtype)

    def score(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """The mean log-density of the rows, weighted by ``sample_weight``, in nats."""
        log_density = self.score_samples(X)
        if sample_weight is None:
            return float(np.mean(log_density))
        return float(np.average(log_density, weights=sample_weight_of(sample_weight, len(log_density))))

    def bic(self, X: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """The Bayesian information criterion of the rows, of which the lower is the better (Schwarz 1978)."""
        size = _size(X, sample_weight)
        return float(-2 * self.score(X, sample_weight=sample_weight) * size + self._n_parameters() * np.log(size))

    def aic(self, X: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Akaike's information criterion of the rows, of which the lower is the better (Akaike 1973)."""
        return -2 * self.score(X, sample_weight=sample_weight) * _size(X, sample_weight) + 2 * self._n_parameters()

    def sample(self, n_samples: int = 1) -> tuple[Array, NDArray[np.intp]]:
        """Draw rows, shape ``(n_samples, d)``, component by component, with their labels, shape ``(n_samples,)``."""
        check_is_fitted(self)
        if n_samples < 1:
            raise ValueError(f"Invalid value for 'n_samples': {n_samples} . The sampling requires at least one sample.")
        rng = check_random_state(self.random_state)
        numbers = rng.multinomial(n_samples, np.asarray(self.weights_, dtype=np.float64))
        drawn = [self._sample_of(component, int(number), rng) for component, number in enumerate(numbers)]
        return np.vstack(drawn), np.repeat(np.arange(len(numbers)), numbers)

    @property
    def maximum_(self) -> Fit:
        """The maximum of the likelihood to which EM leads from this estimate, from the data it was fitted to.

        It is EM's own: no ridge, and to within 1e-8 nats of its limit. Its components stand in ascending order.

        Raises
        ------
        ValueError
            When no mixture of this model has a maximum on these data; the message says why.
        """
        check_is_fitted(self)
        model = self._fitted_model
        return fit(self._fitted_data, **model.specification, start=self._mixture())

    @property
    def standard_errors_(self) -> dict[str, Array]:
        """The standard error of every parameter, in arrays as those of the estimate: ``weights``, and its family's.

        They are from the observed information (:func:`em.standard_errors`), at the maximum of the likelihood to which EM
        leads from the estimate: where a fit stops before it, or under a ridge, nothing has a standard error. One that is
        not determined is NaN; :meth:`audit` says why.
        """
        maximum = self.maximum_
        table = standard_errors(maximum).table["standard_error"]
        # The climb kept the order of the user's components, and the fit has them in ascending order.
        ascending = np.argsort(maximum.climb.mixture.components.location(), kind="stable")
        in_order = _by_place(table.to_dict(), maximum).relabel(np.argsort(ascending))
        return self._arrays(in_order)

    def audit(self, starts: int = 100, seed: int = 0) -> Audit:
        """What EM can say of this estimate: how near a maximum, how well determined, degenerate, or a lesser optimum.

        It is of the maximum to which EM leads from here, among the optima that so many other starts lead to.

        Parameters
        ----------
        starts
            How many other starts are tried.
        seed
            Where their random numbers come from.

        Raises
        ------
        ValueError
            As for :attr:`maximum_`.
        """
        maximum = self.maximum_
        searched = fit(self._fitted_data, **self._fitted_model.specification, starts=starts, seed=seed)
        return audit(replace(maximum, starts=(*maximum.starts, *searched.starts)))

    def compare(self, **options: Any) -> Any:
        """Compare EM with Bayesian inference on the same data and model, with this estimate shown beside EM's own.

        Parameters
        ----------
        options
            Those of :func:`reports.compare`, such as ``seed``, ``draws`` and ``prior``.

        Returns
        -------
        reports.Comparison
            Which has ``verdict``, and ``save("folder")``, which writes the report.
        """
        check_is_fitted(self)
        return compare(self._fitted_data, **self._fitted_model.specification, given=self._mixture(), **options)

    def _n_parameters(self) -> int:
        """The number of free parameters of the mixture, by the name that it has in scikit-learn."""
        return self._fitted_model.free_parameters

    @property
    def _n_features_out(self) -> int:
        return len(self.weights_)

    def _check_parameters(self, rows: NDArray[np.floating[Any]]) -> None:
        require_integer("n_components", self.n_components, 1)
        require_not_negative("tol", self.tol)
        require_integer("max_iter", self.max_iter, 0)
        require_integer("n_init", self.n_init, 1)
        require_one_of("init_params", self.init_params, INIT_PARAMS)
        require_truth("warm_start", self.warm_start)
        require_integer("verbose", int(self.verbose), 0)
        require_integer("verbose_interval", self.verbose_interval, 1)

    def _observations(self, rows: NDArray[np.floating[Any]], sample_weight: ArrayLike | None) -> Data:
        """The rows that count, in double precision."""
        columns = tuple(map(str, getattr(self, "feature_names_in_", ()))) or None
        if sample_weight is None:
            return Data.of(rows, columns=columns)
        return Data.of(rows, sample_weight_of(sample_weight, len(rows)), columns)

    def _rows(self, X: ArrayLike) -> Any:
        check_is_fitted(self)
        return validate_data(self, X, dtype=FLOATS, reset=False)

    def _best_run(self, data: Data, model: Model, steps: Steps, weighted: bool) -> Run:
        """The run that ended highest; with ``warm_start`` after a fit, the one from where that had ended."""
        talk = Talk(int(self.verbose), self.verbose_interval)
        going_on = self.warm_start and hasattr(self, "converged_")
        rng = check_random_state(self.random_state)
        best: Run | None = None
        for init in range(1 if going_on else self.n_init):
            talk.begin(init)
            start = self._mixture() if going_on else self._start(data, model, weighted, rng)
            before = self.lower_bound_ if going_on else -np.inf
            found = run(steps, start, data.size, self.tol, self.max_iter, before, talk.step)
            talk.end(found.lower_bound, found.converged)
            if best is None or found.lower_bound > best.lower_bound:
                best = found
        return cast(Run, best)

    def _start(self, data: Data, model: Model, weighted: bool, rng: np.random.RandomState) -> Mixture:
        """A mixture to begin with: what the user gave of it, and the rest from initial responsibilities."""
        given = self._given()
        weights = None if self.weights_init is None else weights_of(self.weights_init, self.n_components)
        if weights is not None and all(array is not None for array in given.values()):
            return self._completed(None, weights, given)
        sample_weight = data.weights if weighted else None
        coordinates = self._coordinates(data.values)
        shares = responsibilities(self.init_params, coordinates, sample_weight, self.n_components, rng)
        return self._completed(self._mixture_of(shares * data.weights[:, None], data, model), weights, given)

    def _status(self, best: Run) -> Status:
        if self._has_collapsed(best.mixture):
            return Status.COLLAPSED
        return Status.CONVERGED if best.converged else Status.OUT_OF_STEPS

    @abstractmethod
    def _model(self, dimension: int) -> Model:
        """The model in the words of this package."""

    @abstractmethod
    def _steps(self, data: Data, model: Model) -> Steps:
        """Plain steps of EM."""

    @abstractmethod
    def _coordinates(self, values: Array) -> Array:
        """The observations on a scale on which Euclidean distance means something."""

    @abstractmethod
    def _given(self) -> dict[str, Array | None]:
        """The initial parameters of the components that the user gave, by name, checked."""

    @abstractmethod
    def _mixture_of(self, shares: Array, data: Data, model: Model) -> Mixture:
        """The M-step of given shares of the rows, shape ``(n, k)``."""

    @abstractmethod
    def _completed(self, mixture: Mixture | None, weights: Array | None, given: dict[str, Array | None]) -> Mixture:
        """The mixture with what the user gave in its place; there is no mixture where all was given."""

    @abstractmethod
    def _has_collapsed(self, mixture: Mixture) -> bool:
        """Whether the mixture is no interior optimum of the likelihood: one of its components has collapsed."""

    @abstractmethod
    def _set_mixture(self, mixture: Mixture, dtype: np.dtype[Any]) -> None:
        """Set the attributes that hold the parameters, in the precision of the data."""

    @abstractmethod
    def _mixture(self) -> Mixture:
        """The mixture that the attributes hold, in double precision."""

    @abstractmethod
    def _arrays(self, mixture: Mixture) -> dict[str, Array]:
        """The arrays of a mixture in the shapes of the attributes, by their names."""

    @abstractmethod
    def _sample_of(self, component: int, number: int, rng: np.random.RandomState) -> Array:
        """So many rows of one component, shape ``(number, d)``."""


def _size(X: ArrayLike, sample_weight: ArrayLike | None) -> float:
    rows = np.shape(X)[0]
    return float(rows if sample_weight is None else sample_weight_of(sample_weight, rows).sum())


def _by_place(named: dict[Any, float], fitted: Fit) -> Mixture:
    """A mixture that has a number for each named parameter in its place, and NaN where there is none."""
    sizes = [array.size for array in fitted.mixture.arrays().values()]
    ends = np.cumsum(sizes)
    numbers = iter(
        np.arange(end - array.size, end, dtype=np.float64).reshape(array.shape)
        for end, array in zip(ends, fitted.mixture.arrays().values(), strict=True)
    )
    places = Mixture(next(numbers), fitted.mixture.components.map(lambda _: next(numbers)))
    values = np.full(ends[-1], np.nan)
    for name, place in fitted.model.scalars(places, fitted.observations.columns).items():
        values[int(place)] = named[name]
    filled = iter(np.split(values, ends[:-1]))
    weights = next(filled).reshape(places.weights.shape)
    return Mixture(weights, places.components.map(lambda array: next(filled).reshape(array.shape)))


@contextmanager
def _singular_refused() -> Iterator[None]:
    """Say in scikit-learn's words that a covariance has no Cholesky factor."""
    try:
        yield
    except np.linalg.LinAlgError:
        raise ValueError(COLLAPSED) from None
