"""What every family of components can do; one file per family implements it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from .arrays import Array

if TYPE_CHECKING:
    from .data import Data
    from .frame import Frame
    from .rows import Rows

# In place of log 0 where something has to stand: far below every real logarithm.
LEAST_LOG = -1e200


class Statistics(ABC):
    """Expected sufficient statistics of k components; those of two data sets add up.

    ``counts``, shape ``(k,)``, is the expected number of observations N of each component.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson, Statistics
    >>> mixture = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 9.0])))
    >>> def counted(x) -> Statistics:
    ...     return mixture.expectation(Data.of(x)).statistics
    >>> (counted([0, 4]) + counted([5, 10, 11])).counts.round(2).tolist()
    [2.1, 2.9]
    """

    counts: Array

    @abstractmethod
    def __add__(self, other: Self) -> Self: ...


class ComponentPrior(ABC):
    """The prior of k components, which no order of them changes.

    ``called`` is its name among the family's priors, ``title`` that of its kind of distribution, ``meanings`` says what
    each of its :meth:`parameters` is; with ``is_conjugate`` it has no numbers that are unknown themselves.

    Examples
    --------
    >>> from models import ComponentPrior, Data, Model
    >>> def numbers(prior: ComponentPrior) -> dict:
    ...     return prior.parameters()
    >>> model, data = Model("poisson", 2), Data.of([0, 1, 9, 10])
    >>> numbers(model.prior(data, "weak").components), numbers(model.prior(data, "conjugate").components)
    ({'name': 'shared rate', 'mean': 5.0}, {'name': 'Gamma', 'shape': 1.0, 'rate': 0.2})
    """

    called: ClassVar[str]
    title: ClassVar[str]
    meanings: ClassVar[dict[str, str]]
    is_conjugate: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def scaled(cls, data: Rows, components: int, covariance: str | None) -> Self:
        """The prior of so many components whose numbers come from the data."""

    @classmethod
    @abstractmethod
    def of(cls, parameters: dict[str, Any], components: int, dimension: int, covariance: str | None) -> Self:
        """The prior with these :meth:`parameters`.

        Parameters
        ----------
        parameters
            The name of the prior's kind and its own parameters, as :meth:`parameters` gives them.
        components, dimension
            How many components and features there are.
        covariance
            The structure of the covariances, ``None`` where the family has none.

        Returns
        -------
        ComponentPrior
            A prior of the class that was asked.

        Raises
        ------
        ValueError
            When there is no such prior.

        Examples
        --------
        >>> from models import Data, Model
        >>> prior = Model("poisson", 2).prior(Data.of([0, 1, 9, 10])).components
        >>> type(prior).of({**prior.parameters(), "mean": 7.0}, components=2, dimension=1, covariance=None)
        SharedRate(mean=7.0)
        """

    @abstractmethod
    def log_density(self, components: Any) -> Array:
        """The log-density at the components' own parameters, shape ``(...)``: the leading axes."""

    def log_measure(self, components: Any) -> Array:
        """The logarithm of the measure in which the mode is taken, shape ``(...)``: zero in the parameters themselves."""
        return np.zeros(np.shape(components.location())[:-1])

    @abstractmethod
    def sample(self, components: int, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> Components:
        """Draw so many components, with the leading axes ``draws``."""

    def affine(self, before: Array, matrix: Array, after: Array) -> Self:
        """The prior of the components of ``matrix (x − before) + after``; counts cannot be moved."""
        return self

    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """The prior's own parameters, as plain numbers and lists."""

    @abstractmethod
    def widened(self, factor: float) -> dict[str, Any]:
        """The :meth:`parameters` of a prior of the same kind that is so many times as wide, in the observations' units."""

    @abstractmethod
    def statement(self) -> str:
        """The prior in one sentence, whatever it was made from, with mathematics between dollar signs."""

    @abstractmethod
    def origin(self) -> str:
        """How ``scaled`` makes such a prior from the data, in words."""


class Components(ABC):
    """k distributions of one family: a frozen dataclass of arrays of shape ``(..., k, *event)``.

    The leading axes are draws: an estimate has none, a posterior has ``(chain, draw)``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Components, Gaussian, Poisson
    >>> def centres(components: Components) -> list[float]:
    ...     return components.location().tolist()
    >>> centres(Poisson(np.array([2.0, 9.0]))), centres(Gaussian(np.array([[0.0], [4.0]]), np.ones((2, 1, 1))))
    ([2.0, 9.0], [0.0, 4.0])
    """

    name: ClassVar[str]
    covariance_structures: ClassVar[tuple[str, ...]] = ()
    counts: ClassVar[bool] = False
    takes_exposure: ClassVar[bool] = False
    columns_apart: ClassVar[bool] = False
    takes_sparse: ClassVar[bool] = False

    @abstractmethod
    def log_density(self, x: Array, exposure: Array | None = None) -> Array:
        """The log-density of each observation under each component, shape ``(..., n, k)``, in nats.

        Here as elsewhere ``exposure``, shape ``(n,)``, is that of each observation, and one where there is none.
        """

    @abstractmethod
    def sample(self, labels: NDArray[np.intp], rng: np.random.Generator, exposure: Array | None = None) -> Array:
        """One observation for each label of shape ``(..., n)``, whose leading axes are the components': ``(..., n, d)``."""

    @abstractmethod
    def statistics(self, x: Array, responsibilities: Array, exposure: Array | None = None) -> Statistics:
        """The sufficient statistics of ``x`` weighted by responsibilities of shape ``(n, k)``."""

    @abstractmethod
    def expectation(self, data: Data, weights: Array) -> tuple[float, Statistics]:
        """The log-likelihood in nats of a mixture with these weights, shape ``(k,)``, and its expected statistics."""

    def averages(self, data: Data, weights: Array) -> tuple[Array, Array, Array]:
        r"""What these draws, with weights of shape ``(draws, k)``, say of each row on average.

        E[γ], shape ``(rows, k)``; log E[p(x)] and the standard deviation of log p(x) over the draws, both of shape
        ``(rows,)``, in nats. A row under which no component has a density belongs to that which is least far from it.
        This is the textbook form; a family may have a faster one.
        """
        with np.errstate(divide="ignore"):
            log_weights = np.log(weights)
        shares, heights = 0.0, np.empty((len(weights), data.rows))
        for draw, of_draw in enumerate(log_weights):
            components = self.map(lambda array, draw=draw: array[draw])  # type: ignore[misc]
            joint = np.maximum(of_draw + components.log_density(data.values, data.exposure), LEAST_LOG)
            heights[draw] = special.logsumexp(joint, axis=1)
            shares = shares + np.exp(joint - heights[draw][:, None])
        spread = heights.std(axis=0, ddof=1) if len(heights) > 1 else np.zeros(data.rows)
        return np.asarray(shares / len(heights)), special.logsumexp(heights, axis=0) - np.log(len(heights)), spread

    @classmethod
    def require_possible(cls, data: Rows) -> None:
        """Raise a ``ValueError`` when a row cannot have come from any mixture of this family; here any number can."""
        return

    @abstractmethod
    def location(self) -> Array:
        """The number that components are ordered by, shape ``(..., k)``."""

    @abstractmethod
    def marginal(self, feature: int) -> Self:
        """The components of one feature alone."""

    def affine(self, before: Array, matrix: Array, after: Array) -> Self:
        """What ``matrix (x − before) + after`` follows when x follows these components; counts cannot be moved."""
        return self

    @abstractmethod
    def size_of_terms(self, x: Array, exposure: Array | None = None) -> Array:
        """What the terms that add up to each log-density come to without their signs, shape ``(n, k)``, in nats.

        Times a few units of rounding it bounds the error of the log-density; without leading axes only.
        """

    @abstractmethod
    def scalars(self, covariance: str | None, columns: tuple[str, ...]) -> dict[str, Array]:
        """Every free parameter by its name, such as ``means[1]``, each of shape ``(...)``."""

    @classmethod
    @abstractmethod
    def check(cls, data: Rows, components: int, covariance: str | None) -> None:
        """Raise a ``ValueError`` when no mixture of this family can be fitted to the data."""

    @classmethod
    @abstractmethod
    def free_parameters(cls, components: int, dimension: int, covariance: str | None) -> int:
        """The number of free parameters of the components, the weights left out."""

    @classmethod
    @abstractmethod
    def around(cls, points: Array, data: Rows, widths: Array | float = 1.0) -> Self:
        """Components centred at ``points`` of shape ``(k, d)``, some of its :meth:`places`, as wide as an even share of it.

        Where a family has a width of its own it is multiplied by ``widths``, shape ``(k,)``.
        """

    @abstractmethod
    def departures(self, reference: Self, covariance: str | None) -> dict[str, Array]:
        """How far the parameters are from those of ``reference``, on scales that no unit, origin or axes change.

        Each block, such as ``means[1]``, has shape ``(..., q)``: zero at the reference, whose lengths are the same in all
        coordinates of the observations.
        """

    @abstractmethod
    def departures_along(self, reference: Self, covariance: str | None) -> dict[str, Array]:
        """The derivatives of :meth:`departures` at the reference, these components being the derivatives of its own."""

    def off_the_edge(self, data: Rows) -> Self:
        """These components, of which none forbids what it has not seen because it was fitted to some of the rows alone."""
        return self

    def structured(self, covariance: str | None) -> Self:
        """The nearest components with that structure of covariance; a family without covariances has just one."""
        return self

    @classmethod
    @abstractmethod
    def frame(cls, data: Data, covariance: str | None) -> Frame:
        """Coordinates of the observations that are the same whatever their units and origin."""

    @classmethod
    def places(cls, data: Data) -> Array:
        """Where a component could be centred for each observation to be in its middle, shape ``(rows, d)``."""
        return data.values

    @classmethod
    @abstractmethod
    def coordinates(cls, data: Data, covariance: str | None) -> Array:
        """The observations, shape ``(rows, d)``, on a scale on which Euclidean distance means something."""

    def arrays(self) -> dict[str, Array]:
        """The parameters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def map(self, change: Callable[[Array], Array]) -> Self:
        """Return components of the same family with every parameter array changed alike."""
        return type(self)(**{name: change(array) for name, array in self.arrays().items()})

    def take(self, order: NDArray[np.intp]) -> Self:
        """Reorder the components: ``order``, shape ``(..., k)``, names for each new place the old component."""

        def reorder(array: Array) -> Array:
            event_axes = (1,) * (array.ndim - order.ndim)
            return np.take_along_axis(array, order.reshape(order.shape + event_axes), axis=order.ndim - 1)

        return self.map(reorder)
