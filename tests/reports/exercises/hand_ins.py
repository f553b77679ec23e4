"""What people hand in: functions with one mistake each and what has to be said of it, and right ones in many styles."""

from __future__ import annotations

from typing import NamedTuple


class HandIn(NamedTuple):
    """The code of one blank of an exercise, and words that the reason has to hold; a right one has none."""

    exercise: str
    blank: str
    code: str
    words: str = ""


WRONG = (
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    p = np.stack([stats.multivariate_normal(m, c).pdf(x) for m, c in zip(means, covariances)], axis=1)
    return p / p.sum(axis=1, keepdims=True)
""",
        "forgets the weights",
    ),
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    p = np.stack([w * stats.multivariate_normal(m, c).pdf(x) for w, m, c in zip(weights, means, covariances)], axis=1)
    return p / p.sum(axis=0)
""",
        "normalises the responsibilities over the observations",
    ),
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    p = np.stack([w * stats.multivariate_normal(m, c).pdf(x) for w, m, c in zip(weights, means, covariances)], axis=1)
    return np.eye(len(weights))[p.argmax(axis=1)]
""",
        "wholly to one component",
    ),
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    return np.stack([w * stats.multivariate_normal(m, c).pdf(x) for w, m, c in zip(weights, means, covariances)], axis=1)
""",
        "not divided by their sum",
    ),
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    p = np.stack([w * stats.multivariate_normal(m, c).pdf(x) for w, m, c in zip(weights, means, covariances)])
    return p / p.sum(axis=0)
""",
        "transposed",
    ),
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    g = np.zeros((len(x), len(weights)))
    for i in range(len(x)):
        for j in range(len(weights)):
            r = x[i] - means[j]
            g[i, j] = weights[j] * np.exp(-0.5 * r @ np.linalg.inv(covariances[j]) @ r)
    return g / g.sum(axis=1)[:, None]
""",
        "determinant",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    means = responsibilities.T @ x / n[:, None]
    covs = []
    for j in range(len(n)):
        c = x - means[j]
        covs.append((responsibilities[:, j, None] * c).T @ c / (n[j] - 1))
    return n / len(x), means, covs
""",
        "one less than the number",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    means = responsibilities.T @ x / len(x)
    covs = []
    for j in range(len(n)):
        c = x - means[j]
        covs.append((responsibilities[:, j, None] * c).T @ c / n[j])
    return n / len(x), means, covs
""",
        "The means are divided by the number of all observations",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    means = responsibilities.T @ x / n[:, None]
    covs = [np.diag(responsibilities[:, j] @ (x - means[j]) ** 2 / n[j]) for j in range(len(n))]
    return n / len(x), means, covs
""",
        "keeps only the variances",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    means = responsibilities.T @ x / n[:, None]
    covs = [np.cov(x.T, aweights=responsibilities[:, j], ddof=0) + 0.1 * np.eye(2) for j in range(len(n))]
    return n / len(x), means, covs
""",
        "adds a constant to every variance",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    means = responsibilities.T @ x / n[:, None]
    covs = [np.cov(x.T, aweights=responsibilities[:, j], ddof=0) for j in range(len(n))]
    return n, means, covs
""",
        "divide them by the number of observations",
    ),
    HandIn(
        "gaussian",
        "log_likelihood",
        """
def log_likelihood(x, weights, means, covariances):
    return sum(np.log(w) + stats.multivariate_normal(m, c).logpdf(x).sum() for w, m, c in zip(weights, means, covariances))
""",
        "",
    ),
    HandIn(
        "gaussian",
        "k_means_plus_plus",
        """
def k_means_plus_plus(x, k, rng):
    return x[rng.choice(len(x), size=k, replace=False)]
""",
        "uniformly",
    ),
    HandIn(
        "gaussian",
        "relabel",
        """
def relabel(means, reference):
    return [int(np.argmin(((means - r) ** 2).sum(axis=1))) for r in reference]
""",
        "each occurs once",
    ),
    HandIn(
        "one-dimension",
        "e_step",
        """
def e_step(x, weights, means, deviations):
    p = weights * stats.norm.pdf(x[:, None], means, deviations**2)
    return p / p.sum(axis=1, keepdims=True)
""",
        "variance for the standard deviation",
    ),
    HandIn(
        "one-dimension",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    means = (responsibilities * x[:, None]).sum(axis=0) / n
    return n / len(x), means, (responsibilities * (x[:, None] - means) ** 2).sum(axis=0) / n
""",
        "take the square root",
    ),
    HandIn(
        "one-dimension",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    means = (responsibilities * x[:, None]).sum(axis=0) / n
    return np.full(len(n), 1 / len(n)), means, np.sqrt((responsibilities * (x[:, None] - means) ** 2).sum(axis=0) / n)
""",
        "never updates its weights",
    ),
    HandIn(
        "one-dimension",
        "log_likelihood",
        """
def log_likelihood(x, weights, means, deviations):
    return np.log(weights * stats.norm.pdf(x[:, None], means, deviations)).sum()
""",
        "inside the logarithm",
    ),
    HandIn(
        "one-dimension",
        "log_likelihood",
        """
def log_likelihood(x, weights, means, deviations):
    return np.log((weights * stats.norm.pdf(x[:, None], means, deviations)).sum(axis=1)).mean()
""",
        "do not divide by n",
    ),
    HandIn(
        "one-dimension",
        "has_converged",
        """
def has_converged(log_likelihoods, tolerance):
    return len(log_likelihoods) > 1 and log_likelihoods[-1] - log_likelihoods[-2] > tolerance
""",
        "wrong way round",
    ),
    HandIn(
        "one-dimension",
        "has_converged",
        """
def has_converged(log_likelihoods, tolerance):
    return abs(log_likelihoods[-1] - log_likelihoods[-2]) < tolerance
""",
        "single value",
    ),
    HandIn(
        "one-dimension",
        "has_converged",
        """
def has_converged(log_likelihoods, tolerance):
    if len(log_likelihoods) < 2:
        return False
    return abs((log_likelihoods[-1] - log_likelihoods[-2]) / log_likelihoods[-2]) < tolerance
""",
        "relative",
    ),
    HandIn(
        "poisson",
        "e_step",
        """
def e_step(x, weights, rates):
    p = weights * rates ** x[:, None]
    return p / p.sum(axis=1, keepdims=True)
""",
        "forgets e^(−λ)",
    ),
    HandIn(
        "poisson",
        "log_likelihood",
        """
def log_likelihood(x, weights, rates):
    return np.log((weights * rates ** x[:, None] * np.exp(-rates)).sum(axis=1)).sum()
""",
        "leaves out log x!",
    ),
    HandIn(
        "poisson",
        "m_step",
        """
def m_step(x, responsibilities):
    return responsibilities.mean(axis=0), x @ responsibilities / len(x)
""",
        "divided by the number of all observations",
    ),
    HandIn(
        "poisson",
        "k_means_plus_plus",
        """
def k_means_plus_plus(x, k, rng):
    c = [rng.choice(x)]
    while len(c) < k:
        d = np.abs(x[:, None] - np.array(c)).min(axis=1)
        c.append(rng.choice(x, p=d / d.sum()))
    return np.array(c)
""",
        "square it",
    ),
    HandIn(
        "poisson",
        "k_means_plus_plus",
        """
def k_means_plus_plus(x, k, rng):
    c = [rng.choice(x)]
    while len(c) < k:
        c.append(x[((x[:, None] - np.array(c)) ** 2).min(axis=1).argmax()])
    return np.array(c)
""",
        "farthest away",
    ),
    HandIn(
        "poisson",
        "relabel",
        """
def relabel(rates, reference):
    return np.argsort(rates)
""",
        "sorts the rates",
    ),
    HandIn(
        "poisson",
        "e_step",
        """
def e_step(x, weights, rates):
    return weights * stats.poisson.pmf(x, rates)
""",
        "raises ValueError",
    ),
    HandIn(
        "posterior",
        "relabel",
        """
def relabel(weights, rates):
    return np.sort(weights, axis=2), np.sort(rates, axis=2)
""",
        "sorts the weights by themselves",
    ),
    HandIn(
        "posterior",
        "shift",
        """
def shift(estimate, rates):
    flat = rates.reshape(-1, rates.shape[-1])
    return (flat.mean(0) - estimate) / (flat.std(0) / np.sqrt(len(flat)))
""",
        "Monte Carlo error",
    ),
    HandIn(
        "posterior",
        "switched",
        """
def switched(rates):
    return np.argsort(rates, axis=2).tolist() != np.argsort(rates[0, 0]).tolist()
""",
        "shape",
    ),
    HandIn(
        "posterior",
        "switched",
        """
def switched(rates):
    order = np.argsort(rates.mean(axis=1), axis=1)
    return np.repeat((order != order[0]).any(axis=1)[:, None], rates.shape[1], axis=1)
""",
        "look at each draw",
    ),
)

RIGHT = (
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    g = np.zeros((len(x), len(weights)))
    for i in range(len(x)):
        for j in range(len(weights)):
            g[i, j] = weights[j] * stats.multivariate_normal.pdf(x[i], means[j], covariances[j])
        g[i] /= g[i].sum()
    return g
""",
    ),
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    d = x.shape[1]
    out = []
    for w, m, c in zip(weights, means, covariances):
        L = np.linalg.cholesky(c)
        y = np.linalg.solve(L, (x - m).T)
        out.append(np.log(w) - 0.5 * (y**2).sum(0) - np.log(np.diag(L)).sum() - d / 2 * np.log(2 * np.pi))
    a = np.array(out).T
    a -= a.max(axis=1, keepdims=True)
    e = np.exp(a)
    return e / e.sum(axis=1, keepdims=True)
""",
    ),
    HandIn(
        "gaussian",
        "e_step",
        """
def e_step(x, weights, means, covariances):
    p = np.array([w * stats.multivariate_normal(m, c).pdf(x) for w, m, c in zip(weights, means, covariances)]).T + 1e-300
    return (p / p.sum(1)[:, None]).tolist()
""",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    n, k = responsibilities.shape
    w, m, c = [], [], []
    for j in range(k):
        r = responsibilities[:, j]
        mu = sum(r[i] * x[i] for i in range(n)) / sum(r)
        s = sum(r[i] * np.outer(x[i] - mu, x[i] - mu) for i in range(n)) / sum(r)
        w.append(sum(r) / n); m.append(mu); c.append(s)
    return w, m, c
""",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    nk = responsibilities.sum(0)
    mu = np.einsum('nk,nd->kd', responsibilities, x) / nk[:, None]
    second = np.einsum('nk,ni,nj->kij', responsibilities, x, x) / nk[:, None, None]
    return {'weights': nk / nk.sum(), 'means': mu, 'covariances': second - mu[:, :, None] * mu[:, None, :]}
""",
    ),
    HandIn(
        "gaussian",
        "m_step",
        """
def m_step(x, responsibilities):
    mu = np.array([np.average(x, axis=0, weights=r) for r in responsibilities.T])
    s = np.array([np.cov(x, rowvar=False, aweights=r, ddof=0) + 1e-6 * np.eye(x.shape[1]) for r in responsibilities.T])
    return responsibilities.mean(0), mu, s
""",
    ),
    HandIn(
        "gaussian",
        "log_likelihood",
        """
def log_likelihood(x, weights, means, covariances):
    total = 0.0
    for row in x:
        total += np.log(sum(w * stats.multivariate_normal.pdf(row, m, c) for w, m, c in zip(weights, means, covariances)))
    return total
""",
    ),
    HandIn(
        "gaussian",
        "k_means_plus_plus",
        """
def k_means_plus_plus(x, k, rng):
    idx = [int(rng.integers(0, x.shape[0]))]
    for _ in range(k - 1):
        d2 = np.array([min(np.linalg.norm(p - x[i]) ** 2 for i in idx) for p in x])
        u = rng.random() * d2.sum()
        idx.append(int(np.searchsorted(np.cumsum(d2), u, side='right')))
    return x[idx]
""",
    ),
    HandIn(
        "gaussian",
        "relabel",
        """
def relabel(means, reference):
    from itertools import permutations
    return list(min(permutations(range(len(means))), key=lambda p: np.sum((means[list(p)] - reference) ** 2)))
""",
    ),
    HandIn(
        "one-dimension",
        "e_step",
        """
def e_step(x, weights, means, deviations):
    d = np.exp(-((x[:, None] - means) ** 2) / (2 * deviations**2)) / (deviations * np.sqrt(2 * np.pi))
    top = d * weights
    return top / top.sum(axis=1).reshape(-1, 1)
""",
    ),
    HandIn(
        "one-dimension",
        "e_step",
        """
def e_step(x, weights, means, deviations):
    d = np.exp(-((x[:, None] - means) ** 2) / (2 * deviations**2)) / deviations * weights
    return d / d.sum(axis=1, keepdims=True)
""",
    ),
    HandIn(
        "one-dimension",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0)
    mu = responsibilities.T @ x / n
    return n / n.sum(), mu, np.sqrt(responsibilities.T @ x**2 / n - mu**2)
""",
    ),
    HandIn(
        "one-dimension",
        "m_step",
        """
def m_step(x, responsibilities):
    n = responsibilities.sum(axis=0, keepdims=True)
    mu = (x[None] @ responsibilities) / n
    sd = ((responsibilities * (x[:, None] - mu) ** 2).sum(axis=0, keepdims=True) / n) ** 0.5
    return n / len(x), mu, sd
""",
    ),
    HandIn(
        "one-dimension",
        "has_converged",
        """
def has_converged(log_likelihoods, tolerance):
    if len(log_likelihoods) == 1:
        return False
    *_, before, now = log_likelihoods
    return np.abs(now - before) <= tolerance
""",
    ),
    HandIn(
        "one-dimension",
        "has_converged",
        """
def has_converged(log_likelihoods, tolerance):
    try:
        return log_likelihoods[-1] < log_likelihoods[-2] + tolerance
    except IndexError:
        return False
""",
    ),
    HandIn(
        "one-dimension",
        "log_likelihood",
        """
def log_likelihood(x, weights, means, deviations):
    from math import log
    return sum(log(sum(w * stats.norm.pdf(v, m, s) for w, m, s in zip(weights, means, deviations))) for v in x)
""",
    ),
    HandIn(
        "one-dimension",
        "relabel",
        """
def relabel(means, reference):
    order = np.empty(len(means), dtype=int)
    order[np.argsort(reference)] = np.argsort(means)
    return order
""",
    ),
    HandIn(
        "poisson",
        "e_step",
        """
def e_step(x, weights, rates):
    g = np.array([[w * stats.poisson.pmf(v, r) for w, r in zip(weights, rates)] for v in x])
    return g / g.sum(axis=1, keepdims=True)
""",
    ),
    HandIn(
        "poisson",
        "e_step",
        """
def e_step(x, weights, rates):
    a = x[:, None] * np.log(rates) - rates + np.log(weights)
    return np.exp(a - special.logsumexp(a, axis=1, keepdims=True))
""",
    ),
    HandIn(
        "poisson",
        "log_likelihood",
        """
def log_likelihood(x, weights, rates):
    p = rates ** x[:, None] * np.exp(-rates) / special.factorial(x[:, None])
    return np.log(p @ weights).sum()
""",
    ),
    HandIn(
        "poisson",
        "m_step",
        """
def m_step(x, responsibilities):
    return responsibilities.mean(axis=0), [np.average(x, weights=r) for r in responsibilities.T]
""",
    ),
    HandIn(
        "poisson",
        "k_means_plus_plus",
        """
def k_means_plus_plus(x, k, rng):
    centres = rng.choice(x, 1)
    for _ in range(1, k):
        d = np.abs(x[:, None] - centres[None]).min(axis=1) ** 2
        centres = np.append(centres, rng.choice(x, p=d / np.sum(d)))
    return centres
""",
    ),
    HandIn(
        "poisson",
        "relabel",
        """
def relabel(rates, reference):
    cost = np.abs(reference[:, None] - rates[None, :]) ** 2
    from scipy.optimize import linear_sum_assignment
    return linear_sum_assignment(cost)[1]
""",
    ),
    HandIn(
        "posterior",
        "switched",
        """
def switched(rates):
    first = tuple(np.argsort(rates[0, 0]))
    return [[tuple(np.argsort(draw)) != first for draw in chain] for chain in rates]
""",
    ),
    HandIn(
        "posterior",
        "relabel",
        """
def relabel(weights, rates):
    weights, rates = weights.copy(), rates.copy()
    for c in range(rates.shape[0]):
        for d in range(rates.shape[1]):
            o = rates[c, d].argsort()
            weights[c, d], rates[c, d] = weights[c, d, o], rates[c, d, o]
    return weights, rates
""",
    ),
    HandIn(
        "posterior",
        "shift",
        """
def shift(estimate, rates):
    flat = rates.reshape(-1, rates.shape[-1])
    return (flat.mean(0) - estimate) / flat.std(0, ddof=1)
""",
    ),
)
