"""EM for one feature or counts as somebody would write it, with one mistake: a program of its own, which shares no code.

Only NumPy and SciPy, arrays by hand. Each mistake is a change of one line.
"""

from __future__ import annotations

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
    pi, mu, v = np.array(weights), np.array(means), np.array(sds) ** 2
    for _ in range(STEPS):
        if not (v > 1e-6).all():
            raise ArithmeticError("a component is on one point")
        scale = {"variance as deviation": v, "deviation as variance": v**0.25}.get(bug, np.sqrt(v))
        density = stats.norm.pdf(x[:, None], mu, scale)
        if bug != "weights forgotten":
            density = density * pi
        if bug == "wrong axis":
            gamma = density / (density * seen[:, None]).sum(axis=0)
        elif bug == "hard":
            gamma = np.eye(k)[density.argmax(axis=1)]
        elif bug == "k-means":
            gamma = np.eye(k)[np.abs(x[:, None] - mu).argmin(axis=1)]
        else:
            gamma = density / density.sum(axis=1, keepdims=True)
        gamma = gamma * (1.0 if bug == "unweighted counts" else seen[:, None])
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
        moved = max(np.abs(new_pi - pi).max(), np.abs(new_mu - mu).max(), np.abs(new_v - v).max())
        pi, mu, v = new_pi, new_mu, new_v
        if moved < 1e-12:
            break
    return pi, mu, v


def buggy_plane(x: Array, weights: Array, means: Array, covariances: Array, bug: str) -> tuple[Array, ...]:
    """The same for several features; weights, means and covariances."""
    k = len(means)
    pi, mu, sigma = np.array(weights), np.array(means), np.array(covariances)
    for _ in range(STEPS):
        density = np.stack([stats.multivariate_normal(mu[j], sigma[j]).pdf(x) for j in range(k)], axis=1)
        if bug == "k-means":
            gamma = np.eye(k)[np.linalg.norm(x[:, None] - mu, axis=2).argmin(axis=1)]
        else:
            joint = density if bug == "weights forgotten" else density * pi
            gamma = joint / joint.sum(axis=1, keepdims=True)
        n = gamma.sum(axis=0)
        new_pi, new_mu = n / len(x), (gamma.T @ x) / n[:, None]
        scatter = np.stack([(gamma[:, j, None] * (x - new_mu[j])).T @ (x - new_mu[j]) for j in range(k)])
        new_sigma = scatter / (n - (bug == "one less"))[:, None, None]
        if bug == "diagonal kept":
            new_sigma = new_sigma * np.eye(x.shape[1])
        elif bug == "pooled":
            new_sigma = np.stack([scatter.sum(axis=0) / len(x)] * k)
        moved = max(np.abs(new_pi - pi).max(), np.abs(new_mu - mu).max(), np.abs(new_sigma - sigma).max())
        pi, mu, sigma = new_pi, new_mu, new_sigma
        if moved < 1e-10:
            break
    return pi, mu, sigma


def buggy_poisson(x: Array, weights: Array, rates: Array, bug: str, seen: Array | None = None) -> tuple[Array, ...]:
    """Iterate until nothing moves; weights and rates."""
    k, seen = len(rates), np.ones(len(x)) if seen is None else seen
    pi, lam = np.array(weights), np.array(rates)
    for _ in range(STEPS):
        density = np.asarray(stats.poisson.pmf(x[:, None], lam))
        if bug != "weights forgotten":
            density = density * pi
        if bug == "wrong axis":
            gamma = density / (density * seen[:, None]).sum(axis=0)
        elif bug == "hard":
            gamma = np.eye(k)[density.argmax(axis=1)]
        elif bug == "k-means":
            gamma = np.eye(k)[np.abs(x[:, None] - lam).argmin(axis=1)]
        else:
            gamma = density / density.sum(axis=1, keepdims=True)
        gamma = gamma * (1.0 if bug == "unweighted counts" else seen[:, None])
        n = gamma.sum(axis=0)
        new_pi = np.full(k, 1 / k) if bug == "weights not updated" else n / n.sum()
        new_lam = (gamma * x[:, None]).sum(axis=0) / (n.sum() if bug == "divided by all" else n)
        moved = max(np.abs(new_pi - pi).max(), np.abs(new_lam - lam).max())
        pi, lam = new_pi, new_lam
        if moved < 1e-12:
            break
    return pi, lam
