"""One iteration of EM on many columns of counts: the same data, start and number of steps as the peers have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from scipy import special

from em import MStep, climb
from models import Array, Data, Mixture, Model, PoissonProduct

from .iterations import NEVER
from .table import Row, faster, per_step

N, D, K = 100_000, 50, 10
STEPS = 2
# What one iteration has to be at least; the second is nothing but products of BLAS, exponentials and their sums.
THAN_ARRAY, THAN_PRODUCTS = 10, 1
PRODUCTS = "NumPy's products run on all cores, and ours on as many"


def columns(repetitions: int, largest: int) -> Iterator[Row]:
    """Products of Poissons: (1e5, 50, 10) against the formula as it stands, and against products of matrices."""
    if largest < N * D * K:
        return
    rng = np.random.default_rng(5)
    truth = rng.gamma(1.0, 3.0, size=(K, D))
    x = rng.poisson(truth[rng.integers(0, K, N)]).astype(np.float64)
    start = Mixture(np.full(K, 1 / K), PoissonProduct(truth * np.exp(rng.normal(scale=0.3, size=truth.shape))))
    data = Data.of(x)
    m_step = MStep(Model.of(data, "poisson", K), data)

    def run(steps: int) -> float:
        return float(climb(data, start, m_step, NEVER, steps).log_likelihood[-1])

    run(1)
    ours, reached = per_step(run, 1, 1 + 10 * STEPS, repetitions), run(STEPS)
    factorials = special.gammaln(x + 1)
    peers: list[tuple[str, Callable[[Array], Array], float]] = [
        ("SciPy's xlogy over n × k × d", lambda rates: over_an_array(x, rates), THAN_ARRAY),
        ("NumPy's products", lambda rates: by_products(x, rates, factorials.sum(axis=1)), THAN_PRODUCTS),
    ]
    for peer, log_density, wanted in peers:
        theirs = per_step(partial(climbed, x, start, log_density), 1, 1 + STEPS, repetitions)
        other = climbed(x, start, log_density, STEPS)
        note = f"{1e9 * ours / (N * K * D):.2f} ns an entry and component"
        if abs(other - reached) > 1e-9 * abs(reached):
            note += f"; log-likelihoods differ: {reached:.6f}, {other:.6f}"
        yield faster(f"EM iteration, poisson-product (1e5, {D}, {K})", peer, ours, theirs, wanted, note, PRODUCTS)


def climbed(x: Array, start: Mixture, log_density: Callable[[Array], Array], steps: int) -> float:
    """The log-likelihood after so many steps of EM as a student writes it."""
    weights, rates = start.weights, start.components.arrays()["rates"]
    for step in range(steps + 1):
        log_joint = np.log(weights) + log_density(rates)
        total = special.logsumexp(log_joint, axis=1)
        if step == steps:
            break
        shares = np.exp(log_joint - total[:, None])
        counts = shares.sum(axis=0)
        weights, rates = counts / len(x), (shares.T @ x) / counts[:, None]
    return float(total.sum())


def over_an_array(x: Array, rates: Array) -> Array:
    """log p(x | k) by the formula, over an array of all rows, components and columns."""
    each = special.xlogy(x[:, None, :], rates) - rates - special.gammaln(x + 1)[:, None, :]
    return np.asarray(each.sum(axis=2))


def by_products(x: Array, rates: Array, factorials: Array) -> Array:
    """log p(x | k) as a product of matrices, the factorials known."""
    return np.asarray(x @ np.log(rates).T - rates.sum(axis=1) - factorials[:, None])
