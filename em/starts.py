"""Where EM starts: the kinds of starting points, all reproducible from one generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from models import Array, Components, Data, Mixture, Model, Rows, aligned

from .m_step import MStep

QUANTILES = "quantiles"
K_MEANS = "k-means++"
K_MEANS_PARTITION = "k-means++ partition"
RANDOM_RESPONSIBILITIES = "random responsibilities"
RANDOM_PARAMETERS = "random parameters"
OWN = "own"
EQUAL_SHARE = 0.01


@dataclass(frozen=True)
class Ground:
    """Where starts are drawn: the rows in an order of their own, the model, and the M-step under the conjugate prior.

    Where a start comes from an M-step it is that one: a share of a few observations alone would begin with a component that
    has already collapsed.
    """

    data: Data
    model: Model

    @classmethod
    def of(cls, data: Data, model: Model) -> Ground:
        """The rows in an order that is the same whatever their units, so that the same random numbers choose the same."""
        coordinates = model.family_of_components.coordinates(data, model.covariance)
        return cls(data.take(np.lexsort(coordinates.T[::-1])), model)

    @cached_property
    def coordinates(self) -> Array:
        """The rows where distances mean something, feature by feature, shape ``(d, rows)``."""
        rows = self.model.family_of_components.coordinates(self.data, self.model.covariance)
        return np.ascontiguousarray(rows.T)

    @cached_property
    def places(self) -> Array:
        """Where a component could be centred for each row, shape ``(rows, d)``."""
        return self.model.family_of_components.places(self.data)

    @cached_property
    def m_step(self) -> MStep:
        """The M-step under the conjugate prior."""
        return MStep(self.model, self.data, self.model.prior(self.data, "conjugate"))

    @cached_property
    def about_the_mean(self) -> Components:
        """Components that are all centred at the mean of the data, about which sums keep their digits."""
        centre = np.repeat(self.data.mean[None], self.model.components, axis=0)
        return self.model.family_of_components.around(centre, self.data)

    def around(self, rows: Sequence[int] | NDArray[np.intp]) -> Mixture:
        """Components centred at these rows, each as wide as an even share of the data, with equal weights."""
        components = self.model.family_of_components.around(self.places[rows], self.data)
        # From outside the model EM's first step would be a projection, which may go down.
        return Mixture(
            np.full(self.model.components, 1 / self.model.components), components.structured(self.model.covariance)
        )

    def squared_distances(self, row: int) -> Array:
        """How far every row is from one of them, squared, shape ``(rows,)``."""
        return np.asarray(np.square(self.coordinates - self.coordinates[:, row, None]).sum(axis=0))


def k_means_plus_plus(ground: Ground, rng: np.random.Generator) -> Mixture:
    """Centres far apart, each as wide as an even share of the data."""
    return ground.around(_far_apart(ground, rng))


def k_means_partition(ground: Ground, rng: np.random.Generator) -> Mixture:
    """Centres far apart, and every observation given to the nearest one."""
    nearest = np.argmin([ground.squared_distances(row) for row in _far_apart(ground, rng)], axis=0)
    return from_responsibilities(np.eye(ground.model.components)[nearest], ground)


def _far_apart(ground: Ground, rng: np.random.Generator) -> list[int]:
    """Rows drawn in turn, each with a chance that grows with its squared distance (Arthur and Vassilvitskii 2007)."""
    weights = ground.data.weights
    chosen = [_drawn(weights, rng)]
    squared = np.full(len(weights), np.inf)
    for _ in range(1, ground.model.components):
        squared = np.minimum(squared, ground.squared_distances(chosen[-1]))
        chosen.append(_drawn(squared * weights if squared.any() else weights, rng))
    return chosen


def _drawn(chances: Array, rng: np.random.Generator) -> int:
    """A row with such chances; ``rng.choice`` draws the same, and looks at every chance several times before."""
    cumulative = chances.cumsum()
    cumulative /= cumulative[-1]
    return int(cumulative.searchsorted(rng.random(), side="right"))


def quantiles(ground: Ground, rng: np.random.Generator) -> Mixture:
    """Equal shares of the data along one axis."""
    data, k = ground.data, ground.model.components
    order = np.argsort(_axis(ground) @ ground.coordinates, kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.cumsum(data.weights[order]) - data.weights[order] / 2
    share = np.minimum((rank / data.size * k).astype(int), k - 1)
    return from_responsibilities(np.eye(k)[share], ground)


def _axis(ground: Ground) -> Array:
    """The first principal axis; where covariances may be anything, the axis along which the tails are lightest.

    There the data are as wide in every direction, and no axis is the widest whatever the units. Two groups have lighter
    tails along the line between them than one has (Peña and Prieto 2001; Tyler and others 2009 on the matrix).
    """
    coordinates, data = ground.coordinates, ground.data
    if ground.model.covariance in ("full", "tied"):
        fourth = (coordinates * (data.weights * np.square(coordinates).sum(axis=0))) @ coordinates.T
        return np.asarray(np.linalg.eigh(fourth)[1][:, 0])
    covariance = np.cov(coordinates, aweights=data.weights, ddof=0).reshape(data.dimension, -1)
    return np.asarray(np.linalg.eigh(covariance)[1][:, -1])


def random_responsibilities(ground: Ground, rng: np.random.Generator) -> Mixture:
    """Every observation shared out at random, uniformly over all ways to share it."""
    shares = rng.dirichlet(np.ones(ground.model.components), size=len(ground.data.values))
    return from_responsibilities(shares, ground)


def random_parameters(ground: Ground, rng: np.random.Generator) -> Mixture:
    """Random observations for centres and random weights."""
    k, rows = ground.model.components, len(ground.data.values)
    mixture = ground.around(rng.choice(rows, size=k, replace=rows < k))
    weights = rng.dirichlet(np.full(k, 2.0)) if ground.model.weights_are_free else mixture.weights
    return Mixture(weights, mixture.components)


def from_responsibilities(responsibilities: Array, ground: Ground) -> Mixture:
    """The M-step of given responsibilities, shape ``(rows, k)``, of which a hundredth is shared equally.

    So none begins empty, nor with a rate of zero or a flat covariance, from which EM would hardly move.
    """
    data = ground.data
    shares = (1 - EQUAL_SHARE) * responsibilities + EQUAL_SHARE / ground.model.components
    return ground.m_step(ground.about_the_mean.statistics(data.values, shares * data.weights[:, None], data.exposure))


def draw_starts(count: int, data: Data, model: Model, rng: np.random.Generator) -> list[tuple[str, Mixture]]:
    """Draw so many starting points with the name of their kind, all kinds in turn and most of them k-means++.

    Where labels are known each component gets the label it fits best.
    """
    ground = Ground.of(data, model)
    kinds = [QUANTILES, *(_PATTERN * count)][:count]
    return [(kind, aligned(_MAKERS[kind](ground, rng), ground.data)) for kind in kinds]


def draw_start(kind: str, data: Data, model: Model, rng: np.random.Generator) -> Mixture:
    """One starting point of one of the ``START_KINDS``, under the conjugate prior where it comes from an M-step.

    Parameters
    ----------
    kind
        One of ``em.START_KINDS``.
    data
        The rows.
    model
        The model that is to be fitted.
    rng
        Where every random draw comes from.

    Returns
    -------
    Mixture
        A mixture of the model, from which EM can start.

    Raises
    ------
    ValueError
        When there is no such kind.

    Examples
    --------
    >>> import numpy as np
    >>> from em import START_KINDS, draw_start
    >>> from models import Data, Model
    >>> START_KINDS
    ('quantiles', 'k-means++', 'k-means++ partition', 'random responsibilities', 'random parameters')
    >>> data = Data.of([0, 1, 1, 2, 8, 9, 9, 10])
    >>> draw_start("k-means++", data, Model("poisson", 2), np.random.default_rng(0)).weights.shape
    (2,)
    """
    if kind not in _MAKERS:
        raise ValueError(f"kind must be one of {', '.join(map(repr, START_KINDS))}, got {kind!r}.")
    ground = Ground.of(data, model)
    return aligned(_MAKERS[kind](ground, rng), ground.data)


def starts_of(model: Model, starts: int) -> int:
    """How many of so many starts a model needs: one component has a single hill, of which any start finds the top.

    Parameters
    ----------
    model
        The model.
    starts
        How many starts are asked for.

    Returns
    -------
    int
        How many are tried.

    Examples
    --------
    >>> from em import starts_of
    >>> from models import Model
    >>> starts_of(Model("poisson", 1), 100), starts_of(Model("poisson", 3), 100)
    (1, 100)
    """
    return starts if model.components > 1 else 1


def bytes_of_start(model: Model) -> float:
    """Return what is kept of a start, in bytes: its mixture, and how the climb from it ended."""
    return 4000 + 16 * model.components * (1 + model.dimension + model.dimension**2)


def check_start(start: Mixture, model: Model, data: Rows) -> None:
    """Make sure that EM can start from a mixture.

    Parameters
    ----------
    start
        The mixture.
    model
        The model that is to be fitted.
    data
        The rows.

    Raises
    ------
    ValueError
        When it is no mixture of the model, or gives an observation no density.

    Examples
    --------
    >>> import numpy as np
    >>> from em import check_start
    >>> from models import Data, Mixture, Model, Poisson
    >>> check_start(Mixture(np.array([0.5, 0.5]), Poisson(np.array([1.0, 9.0]))), Model("poisson", 2), Data.of([0, 9]))
    """
    if not isinstance(start.components, model.family_of_components):
        raise ValueError(f"start must be a mixture of family {model.family!r}.")
    k = model.components
    if start.weights.shape != (k,):
        raise ValueError(
            f"start must have {k} components, as the model has, got weights of shape {start.weights.shape}."
        )
    example = Mixture(np.full(k, 1 / k), model.family_of_components.around(np.repeat(data.mean[None], k, axis=0), data))
    for name, array in example.arrays().items():
        given = np.shape(start.arrays()[name])
        if given != array.shape:
            raise ValueError(f"start must have {name} of shape {array.shape}, got {given}.")
    if (start.weights < 0).any() or not np.isclose(start.weights.sum(), 1):
        raise ValueError("start must have weights that are not negative and sum to one.")
    if model.mixing == "equal" and not np.allclose(start.weights, 1 / k):
        raise ValueError(f"start must have weights of 1/{k}, because mixing is 'equal'.")
    restricted = start.components.structured(model.covariance).arrays()
    for name, array in start.components.arrays().items():
        if not np.allclose(array, restricted[name], rtol=1e-9, atol=0):
            raise ValueError(f"start must have {name} of the structure {model.covariance!r}.")
    try:
        possible = bool(np.isfinite(data.total(partial(_log_likelihood, start))))
    except np.linalg.LinAlgError:
        possible = False
    if not possible:
        raise ValueError("start must give every observation a density above zero, with positive rates or variances.")


def _log_likelihood(mixture: Mixture, data: Data) -> float:
    return float(mixture.log_likelihood(data.values, data.weights, data.exposure, data.known))


Maker = Callable[[Ground, np.random.Generator], Mixture]
_PATTERN = [K_MEANS, K_MEANS_PARTITION, RANDOM_PARAMETERS, K_MEANS, K_MEANS_PARTITION, RANDOM_RESPONSIBILITIES]
_MAKERS: dict[str, Maker] = {
    QUANTILES: quantiles,
    K_MEANS: k_means_plus_plus,
    K_MEANS_PARTITION: k_means_partition,
    RANDOM_RESPONSIBILITIES: random_responsibilities,
    RANDOM_PARAMETERS: random_parameters,
}
START_KINDS = tuple(_MAKERS)
