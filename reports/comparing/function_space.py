r"""Agreement in function space: how far EM's mixture is from the posterior's as distributions, labels aside.

Let $p$ be EM's density and $q(x) = E[p(x \mid \theta)]$ the posterior predictive density, the average over draws. They
are compared by

$$\text{supremum} = \frac{\sup |p - q|}{\sup q}, \quad L_1 = \int |p - q|, \quad
  \text{Hellinger}^2 = \tfrac12 \int (\sqrt p - \sqrt q)^2, \quad \text{Kolmogorov} = \sup_x |F_p(x) - F_q(x)| ,$$

and by the responsibilities, as the average over observations of $\tfrac12 \sum_k |\gamma_{ik} - E[\gamma_{ik}]|$. None
of these numbers means much by itself: every finite sample leaves the density uncertain. **The yardstick is the
posterior's own spread**: the same distance from $q$ is taken of every posterior draw, and EM's place among them is told
as the share of draws that lie at least as far out. A share of a half is what a typical draw has; a share below
a twentieth says that EM's answer is farther from the posterior's centre than nineteen of twenty draws are.

The integrals are sums over nodes $x_s$ with weights $v_s$. In one dimension the nodes are all counts, or an even
grid. In several they are draws from $q$ itself, with $v_s = 1 / (S \, q(x_s))$: importance sampling, with a relative
error of about $1/\sqrt S$ that EM and all draws share. The distribution function is that of each feature by itself, and
the largest distance counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes import Posterior
from models import Array, Data, Mixture, Model
from models.exposed import density_among

from .density import thinned

DISTANCE_NAMES = {
    "supremum": "largest difference of the densities, as a share of the highest",
    "L1": "area between the densities (0 to 2)",
    "Hellinger": "Hellinger distance (0 to 1)",
    "Kolmogorov": "largest difference of the distribution functions (0 to 1)",
    "responsibilities": "average difference of the responsibilities (0 to 1)",
}
DRAWS = 200
NODES = 2000
# Responsibilities are compared on an even selection of so many rows at most: their average is off by 1 % of their spread.
MOST_ROWS = 10_000
# What lies beyond this many ranges of the data on either side is not looked at.
MARGIN = 0.5
# The distribution of counts up to a million is no different when every tenth or so is looked at.
MOST_COUNTS = 20_000


@dataclass(frozen=True)
class Distance:
    """One distance of EM's mixture from the posterior predictive, and the same of posterior draws, shape ``(draws,)``."""

    name: str
    em: float
    draws: Array

    @property
    def median(self) -> float:
        """How far a typical posterior draw is from the posterior predictive."""
        return float(np.median(self.draws))

    @property
    def share_beyond(self) -> float:
        """The share of posterior draws that are at least as far from the predictive as EM is."""
        return float(np.mean(self.draws >= self.em))


@dataclass(frozen=True)
class Nodes:
    """Where densities are compared: ``places`` of shape ``(s, d)`` and quadrature weights of shape ``(s,)``."""

    places: Array
    weights: Array


def distances(em: Mixture, posterior: Posterior, membership: Array, rng: np.random.Generator) -> list[Distance]:
    """Measure by supremum, L1, Hellinger, Kolmogorov and, with several components, responsibilities.

    ``membership`` holds the posterior probability of each component given the observation, for each row of the selection.
    """
    data, model = posterior.data, posterior.model
    draws = thinned(posterior.mixture, DRAWS)
    # In the frame, where the nodes are the same whatever the units, and so are these distances.
    frame = model.frame(data)
    framed = frame.of_mixture(draws).ascending()
    nodes = nodes_for(frame.of_data(data), model, framed, rng)
    found = [
        *density_distances(frame.of_mixture(em), framed, nodes, frame.of_data(data)),
        kolmogorov(em, draws, data, model),
    ]
    return [*found, responsibilities(em, draws, membership, selection_of(data))] if model.components > 1 else found


def selection_of(data: Data) -> Data:
    """Return an even selection of at most ten thousand rows, with weights that add up to as much as before."""
    return data.every(-(-data.rows // MOST_ROWS))


def nodes_for(data: Data, model: Model, draws: Mixture, rng: np.random.Generator) -> Nodes:
    """Return all counts (of very many every few), an even grid, or in several dimensions draws from the predictive."""
    if data.dimension == 1:
        return _line(data.values[:, 0], model.counts)
    each = -(-NODES // len(draws.weights))
    places = draws.sample(each, rng)[0].reshape(-1, data.dimension)
    predictive = np.exp(draws.log_density(places)).mean(axis=0)
    return Nodes(places, 1 / (len(places) * predictive))


def _line(values: Array, counts: bool) -> Nodes:
    low, high = values.min(), values.max()
    margin = MARGIN * (high - low)
    if counts:
        first, last = max(0, np.floor(low - margin)), np.ceil(high + margin)
        step = max(1.0, np.ceil((last - first) / MOST_COUNTS))
        places = np.arange(first, last + 1, step)
        return Nodes(places[:, None], np.full(len(places), step))
    places = np.linspace(low - margin, high + margin, NODES)
    return Nodes(places[:, None], np.full(NODES, places[1] - places[0]))


def density_distances(em: Mixture, draws: Mixture, nodes: Nodes, data: Data) -> list[Distance]:
    """Measure by supremum (as a share of the highest density), L1 and Hellinger."""
    densities = density_among(data, draws, nodes.places)
    centre = densities.mean(axis=0)
    both = np.concatenate([density_among(data, em, nodes.places)[None], densities])
    difference = np.abs(both - centre)
    of_roots = np.square(np.sqrt(both) - np.sqrt(centre))
    return [
        _distance("supremum", difference.max(axis=1) / centre.max()),
        _distance("L1", difference @ nodes.weights),
        _distance("Hellinger", np.sqrt(0.5 * of_roots @ nodes.weights)),
    ]


def kolmogorov(em: Mixture, draws: Mixture, data: Data, model: Model) -> Distance:
    """Return the largest difference of the distribution functions, over all features."""
    largest = np.zeros(1 + len(draws.weights))
    for feature in range(data.dimension):
        line = _line(data.values[:, feature], model.counts)
        own, theirs = (density_among(data, m.marginal(feature), line.places) for m in (em, draws))
        functions = np.cumsum(np.concatenate([own[None], theirs]) * line.weights, axis=1)
        largest = np.maximum(largest, np.abs(functions - functions[1:].mean(axis=0)).max(axis=1))
    return _distance("Kolmogorov", largest)


def responsibilities(em: Mixture, draws: Mixture, membership: Array, data: Data) -> Distance:
    """Return how differently the observations are shared out, on average over all of them."""
    mixtures = [em, *(draws[i] for i in range(len(draws.weights)))]

    def distance(mixture: Mixture) -> float:
        apart = 0.5 * np.abs(mixture.responsibilities(data.values, data.exposure, data.known) - membership).sum(axis=1)
        return float(data.weights @ apart / data.size)

    return _distance("responsibilities", np.array([distance(mixture) for mixture in mixtures]))


def _distance(name: str, values: Array) -> Distance:
    """Make a distance of values of which EM's is the first, and the others those of posterior draws."""
    return Distance(name, float(values[0]), values[1:])
