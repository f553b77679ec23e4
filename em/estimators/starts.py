"""Where an estimator's EM begins: who has which row, by the names and the random numbers of scikit-learn."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus

from models import Array

INIT_PARAMS = ("kmeans", "k-means++", "random", "random_from_data")


def responsibilities(
    kind: str, coordinates: Array, sample_weight: Array | None, components: int, rng: np.random.RandomState
) -> Array:
    """Initial responsibilities, shape ``(n, k)``: of clusters, at random, or of k rows of which each has a component.

    The rows that no component has count in none of them.

    Parameters
    ----------
    kind
        One of ``INIT_PARAMS``.
    coordinates
        The observations, shape ``(n, d)``, on a scale on which Euclidean distance means something.
    sample_weight
        How much each counts, shape ``(n,)``, where they do not count alike.
    components
        The number of components k.
    rng
        Where the random numbers come from.
    """
    rows = len(coordinates)
    if kind == "random":
        shares = rng.uniform(size=(rows, components))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))
    if kind == "kmeans":
        clusters = KMeans(n_clusters=components, n_init=1, random_state=rng)
        return np.asarray(np.eye(components)[clusters.fit(coordinates, sample_weight=sample_weight).labels_])
    if kind == "k-means++":
        _, chosen = kmeans_plusplus(coordinates, components, sample_weight=sample_weight, random_state=rng)
    else:
        chances = None if sample_weight is None else sample_weight / sample_weight.sum()
        chosen = rng.choice(rows, size=components, replace=False, p=chances)
    shares = np.zeros((rows, components))
    shares[chosen, np.arange(components)] = 1
    return shares
