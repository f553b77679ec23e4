"""EM for one feature or counts as somebody would write it, with one mistake: a program of its own, which shares no code.

Only NumPy and SciPy, arrays by hand. Each mistake is a change of one line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

Array = Any
STEPS = 3_000


def buggy_normal(
    x: Array, weights: Array, means: Array, sds: Array, bug: str, seen: Array | None = None
) -> tuple[Array, ...]:
    """Iterate until nothing moves; weights, means and variances (as the program believes)."""
    k, seen = len(means), np.ones(len(x)) if seen is None else seen

    def step(pi: Array, mu: Array, v: Array) -> tuple[Array, ...]:
        if not (v > 1e-6).all():
            raise ArithmeticError("a component is on one point")
        scale: Array = {"variance as deviation": v, "deviation as variance": v**0.25}.get(bug, np.sqrt(v))
        gamma = _responsibilities(stats.norm.pdf(x[:, None], mu, scale), pi, np.abs(x[:, None] - mu), seen, bug)
        n = gamma.sum(axis=0)
        if not (n > 1e-6).all():
            raise ArithmeticError("a component is empty")
        new_pi = np.full(k, 1 / k) if bug == "weights not updated" else n / n.sum()
        new_mu = (gamma * x[:, None]).sum(axis=0) / n
        squares = (gamma * (x[:, None] - new_mu) ** 2).sum(axis=0)
        new_v = squares / n
        if bug == "one less":
            new_v = squares / (n - 1)
        elif bug == "cov.wt":
            shares = gamma / n
            new_v = squares / n / (1 - (shares**2).sum(axis=0))
        elif bug == "ridge":
            new_v = squares / n + 0.05
        elif bug == "divided by all":
            new_v = squares / n.sum()
        elif bug == "deviation stored":
            new_v = np.sqrt(squares / n)
        elif bug == "pooled":
            new_v = np.full(k, squares.sum() / n.sum())
        return new_pi, new_mu, new_v

    return _until_nothing_moves(step, (weights, means, np.array(sds) ** 2), 1e-12)


def buggy_plane(x: Array, weights: Array, means: Array, covariances: Array, bug: str) -> tuple[Array, ...]:
    """Iterate until nothing moves, for several features; weights, means and covariances."""
    k, seen = len(means), np.ones(len(x))

    def step(pi: Array, mu: Array, sigma: Array) -> tuple[Array, ...]:
        density = np.stack([stats.multivariate_normal(mu[j], sigma[j]).pdf(x) for j in range(k)], axis=1)
        gamma = _responsibilities(density, pi, np.linalg.norm(x[:, None] - mu, axis=2), seen, bug)
        n = gamma.sum(axis=0)
        new_pi, new_mu = n / len(x), (gamma.T @ x) / n[:, None]
        scatter = np.stack([(gamma[:, j, None] * (x - new_mu[j])).T @ (x - new_mu[j]) for j in range(k)])
        new_sigma = scatter / (n - (bug == "one less"))[:, None, None]
        if bug == "diagonal kept":
            new_sigma = new_sigma * np.eye(x.shape[1])
        elif bug == "pooled":
            new_sigma = np.stack([scatter.sum(axis=0) / len(x)] * k)
        return new_pi, new_mu, new_sigma

    return _until_nothing_moves(step, (weights, means, covariances), 1e-10)


def buggy_poisson(x: Array, weights: Array, rates: Array, bug: str, seen: Array | None = None) -> tuple[Array, ...]:
    """Iterate until nothing moves; weights and rates."""
    k, seen = len(rates), np.ones(len(x)) if seen is None else seen

    def step(pi: Array, lam: Array) -> tuple[Array, ...]:
        gamma = _responsibilities(stats.poisson.pmf(x[:, None], lam), pi, np.abs(x[:, None] - lam), seen, bug)
        n = gamma.sum(axis=0)
        new_pi = np.full(k, 1 / k) if bug == "weights not updated" else n / n.sum()
        return new_pi, (gamma * x[:, None]).sum(axis=0) / (n.sum() if bug == "divided by all" else n)

    return _until_nothing_moves(step, (weights, rates), 1e-12)


def _until_nothing_moves(
    step: Callable[..., tuple[Array, ...]], start: tuple[Array, ...], least: float
) -> tuple[Array, ...]:
    parameters = tuple(map(np.array, start))
    for _ in range(STEPS):
        before, parameters = parameters, step(*parameters)
        if max(np.abs(new - old).max() for new, old in zip(parameters, before, strict=True)) < least:
            break
    return parameters


def _responsibilities(density: Array, pi: Array, distances: Array, seen: Array, bug: str) -> Array:
    """Each row's share in each component, times how often it was seen."""
    if bug != "weights forgotten":
        density = density * pi
    if bug == "wrong axis":
        gamma = density / (density * seen[:, None]).sum(axis=0)
    elif bug == "hard":
        gamma = np.eye(len(pi))[density.argmax(axis=1)]
    elif bug == "k-means":
        gamma = np.eye(len(pi))[distances.argmin(axis=1)]
    else:
        gamma = density / density.sum(axis=1, keepdims=True)
    return gamma * (1.0 if bug == "unweighted counts" else seen[:, None])
