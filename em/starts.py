"""Where EM starts: the kinds of starting points, all reproducible from one generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from models import Array, Components, Data, Mixture, Model, Rows, aligned

from .m_step import MStep

QUANTILES = "quantiles"
K_MEANS = "k-means++"
K_MEANS_PARTITION = "k-means++ partition"
RANDOM_RESPONSIBILITIES = "random responsibilities"
RANDOM_PARAMETERS = "random parameters"
OWN = "own"
EQUAL_SHARE = 0.01


def k_means_plus_plus(data: Data, model: Model, m_step: MStep, rng: np.random.Generator) -> Mixture:
    """Centres far apart, each as wide as an even share of the data."""
    chosen = _far_apart(model.family_of_components.coordinates(data, model.covariance), data, model, rng)
    return _equal_weights(
        model, model.family_of_components.around(model.family_of_components.places(data)[chosen], data)
    )


def k_means_partition(data: Data, model: Model, m_step: MStep, rng: np.random.Generator) -> Mixture:
    """Centres far apart, and every observation given to the nearest one."""
    coordinates = model.family_of_components.coordinates(data, model.covariance)
    centres = coordinates[_far_apart(coordinates, data, model, rng)]
    nearest = np.argmin([np.square(coordinates - centre).sum(axis=1) for centre in centres], axis=0)
    return from_responsibilities(np.eye(model.components)[nearest], data, model, m_step)


def _far_apart(coordinates: Array, data: Data, model: Model, rng: np.random.Generator) -> list[int]:
    """Rows drawn in turn, each with a chance that grows with its squared distance (Arthur and Vassilvitskii 2007)."""
    chosen = [rng.choice(len(coordinates), p=data.weights / data.size)]
    squared = np.full(len(coordinates), np.inf)
    for _ in range(1, model.components):
        squared = np.minimum(squared, np.square(coordinates - coordinates[chosen[-1]]).sum(axis=1))
        chances = squared * data.weights if squared.any() else data.weights
        chosen.append(rng.choice(len(coordinates), p=chances / chances.sum()))
    return [int(row) for row in chosen]


def quantiles(data: Data, model: Model, m_step: MStep, rng: np.random.Generator) -> Mixture:
    """Equal shares of the data along one axis."""
    coordinates = model.family_of_components.coordinates(data, model.covariance)
    order = np.argsort(coordinates @ _axis(coordinates, data, model), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.cumsum(data.weights[order]) - data.weights[order] / 2
    share = np.minimum((rank / data.size * model.components).astype(int), model.components - 1)
    return from_responsibilities(np.eye(model.components)[share], data, model, m_step)


def _axis(coordinates: Array, data: Data, model: Model) -> Array:
    """The first principal axis; where covariances may be anything, the axis along which the tails are lightest.

    There the data are as wide in every direction, and no axis is the widest whatever the units. Two groups have lighter
    tails along the line between them than one has (Peña and Prieto 2001; Tyler and others 2009 on the matrix).
    """
    if model.covariance in ("full", "tied"):
        lengths = np.square(coordinates).sum(axis=1)
        fourth = (coordinates.T * (data.weights * lengths)) @ coordinates
        return np.asarray(np.linalg.eigh(fourth)[1][:, 0])
    covariance = np.cov(coordinates.T, aweights=data.weights, ddof=0).reshape(data.dimension, -1)
    return np.asarray(np.linalg.eigh(covariance)[1][:, -1])


def random_responsibilities(data: Data, model: Model, m_step: MStep, rng: np.random.Generator) -> Mixture:
    """Every observation shared out at random, uniformly over all ways to share it."""
    shares = rng.dirichlet(np.ones(model.components), size=len(data.values))
    return from_responsibilities(shares, data, model, m_step)


def random_parameters(data: Data, model: Model, m_step: MStep, rng: np.random.Generator) -> Mixture:
    """Random observations for centres and random weights."""
    rows = rng.choice(len(data.values), size=model.components, replace=len(data.values) < model.components)
    mixture = _equal_weights(
        model, model.family_of_components.around(model.family_of_components.places(data)[rows], data)
    )
    weights = rng.dirichlet(np.full(model.components, 2.0)) if model.weights_are_free else mixture.weights
    return Mixture(weights, mixture.components)


def from_responsibilities(responsibilities: Array, data: Data, model: Model, m_step: MStep) -> Mixture:
    """The M-step of given responsibilities, shape ``(rows, k)``, of which a hundredth is shared equally.

    So none begins empty, nor with a rate of zero or a flat covariance, from which EM would hardly move.
    """
    shares = (1 - EQUAL_SHARE) * responsibilities + EQUAL_SHARE / model.components
    centre = np.repeat(data.mean[None], model.components, axis=0)
    about_the_mean = model.family_of_components.around(centre, data)
    return m_step(about_the_mean.statistics(data.values, shares * data.weights[:, None], data.exposure))


def draw_starts(
    count: int, data: Data, model: Model, m_step: MStep, rng: np.random.Generator
) -> list[tuple[str, Mixture]]:
    """Draw so many starting points with the name of their kind, all kinds in turn and most of them k-means++.

    Where a start comes from an M-step it is the one under the conjugate prior: a share of a few observations alone would
    begin with a component that has already collapsed. Where labels are known each component gets the label it fits best.
    """
    data = _in_own_order(data, model)
    regular = MStep(model, data, model.prior(data, "conjugate"))
    kinds = [QUANTILES, *(_PATTERN * count)][:count]
    return [(kind, aligned(_MAKERS[kind](data, model, regular, rng), data)) for kind in kinds]


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
    data = _in_own_order(data, model)
    return aligned(_MAKERS[kind](data, model, MStep(model, data, model.prior(data, "conjugate")), rng), data)


def _in_own_order(data: Data, model: Model) -> Data:
    """The rows in an order that is the same whatever their units, so that the same random numbers choose the same ones."""
    coordinates = model.family_of_components.coordinates(data, model.covariance)
    order = np.lexsort(coordinates.T[::-1])
    return data.take(order)


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


def _equal_weights(model: Model, components: Components) -> Mixture:
    # From outside the model EM's first step would be a projection, which may go down.
    return Mixture(np.full(model.components, 1 / model.components), components.structured(model.covariance))


Maker = Callable[[Data, Model, MStep, np.random.Generator], Mixture]
_PATTERN = [K_MEANS, K_MEANS_PARTITION, RANDOM_PARAMETERS, K_MEANS, K_MEANS_PARTITION, RANDOM_RESPONSIBILITIES]
_MAKERS: dict[str, Maker] = {
    QUANTILES: quantiles,
    K_MEANS: k_means_plus_plus,
    K_MEANS_PARTITION: k_means_partition,
    RANDOM_RESPONSIBILITIES: random_responsibilities,
    RANDOM_PARAMETERS: random_parameters,
}
START_KINDS = tuple(_MAKERS)
