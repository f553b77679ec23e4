r"""The exercise on Gaussians in several dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from em import Mistake
from models import Gaussian, Mixture, Model

from .asking import Answer, Array, Wrong
from .common_blanks import k_means_plus_plus, relabel
from .em_blanks import named
from .em_exercise import derivation, introduction, steps, together
from .exercise import Exercise
from .kind import Kind


def _parts(x: Array, means: Array, covariances: Array) -> tuple[Array, Array, Array, int]:
    """Return centred rows ``(n, k, d)``, squared Mahalanobis distances and log-determinants, and d."""
    centred = x[:, None] - means
    squared = np.einsum("nki,kij,nkj->nk", centred, np.linalg.inv(covariances), centred)
    return centred, squared, np.linalg.slogdet(covariances)[1], x.shape[1]


def _without_determinant(x: Array, means: Array, covariances: Array) -> Array:
    _, squared, _, d = _parts(x, means, covariances)
    return np.asarray(-0.5 * (squared + d * np.log(2 * np.pi)))


def _without_root(x: Array, means: Array, covariances: Array) -> Array:
    _, squared, log_determinants, d = _parts(x, means, covariances)
    return np.asarray(-0.5 * (squared + 2 * log_determinants + d * np.log(2 * np.pi)))


def _without_half(x: Array, means: Array, covariances: Array) -> Array:
    _, squared, log_determinants, d = _parts(x, means, covariances)
    return np.asarray(-squared - 0.5 * (log_determinants + d * np.log(2 * np.pi)))


def _without_constant(x: Array, means: Array, covariances: Array) -> Array:
    _, squared, log_determinants, _ = _parts(x, means, covariances)
    return np.asarray(-0.5 * (squared + log_determinants))


def _constant_of_a_line(x: Array, means: Array, covariances: Array) -> Array:
    return np.asarray(_without_constant(x, means, covariances) - 0.5 * np.log(2 * np.pi))


def _not_inverted(x: Array, means: Array, covariances: Array) -> Array:
    centred, _, log_determinants, d = _parts(x, means, covariances)
    squared = np.einsum("nki,kij,nkj->nk", centred, covariances, centred)
    return np.asarray(-0.5 * (squared + log_determinants + d * np.log(2 * np.pi)))


def _diagonal_only(x: Array, means: Array, covariances: Array) -> Array:
    return Gaussian(means, covariances * np.eye(x.shape[1])).log_density(x)


def _constant_turned(x: Array, means: Array, covariances: Array) -> Array:
    _, squared, log_determinants, d = _parts(x, means, covariances)
    return np.asarray(-0.5 * (squared - log_determinants + d * np.log(2 * np.pi)))


SLIPS = (
    ("Its density forgets the determinant: divide by √|Σ|, or a wide component claims too much.", _without_determinant),
    ("Its density divides by |Σ|: divide by its square root.", _without_root),
    ("Its density has the determinant with the wrong sign: divide by √|Σ|.", _constant_turned),
    ("Its density forgets the ½ in the exponent.", _without_half),
    (
        "Its density forgets (2π)^(d/2), which cancels in responsibilities but not in the log-likelihood.",
        _without_constant,
    ),
    ("Its density has (2π)^(1/2), as on a line; in d dimensions it is (2π)^(d/2).", _constant_of_a_line),
    ("Its density has the covariance in the exponent where its inverse belongs.", _not_inverted),
    ("It uses only the variances of each covariance matrix, as if the features were independent.", _diagonal_only),
)


def _m_step_slips(x: Array, responsibilities: Array, answer: Answer) -> Iterator[Wrong]:
    counts, n = responsibilities.sum(axis=0), len(x)
    weights, means = counts / n, responsibilities.T @ x / counts[:, None]
    k, d = means.shape

    def scatter(about: Array, shares: Array = responsibilities) -> Array:
        centred = x[:, None] - about
        return np.asarray(np.einsum("nk,nki,nkj->kij", shares, centred, centred))

    right = scatter(means) / counts[:, None, None]
    yield Wrong("", (weights, means, scatter(answer[1]) / counts[:, None, None]))
    yield Wrong(
        "The means are divided by the number of all observations: divide by each component's own sum of responsibilities.",
        (weights, responsibilities.T @ x / n, right),
    )
    yield Wrong("The means are not divided by the sum of responsibilities.", (weights, responsibilities.T @ x, right))
    hard = np.eye(k)[responsibilities.argmax(axis=1)]
    yield Wrong(named(Mistake.HARD_ASSIGNMENTS), (weights, hard.T @ x / hard.sum(axis=0)[:, None], right))
    yield Wrong("All means are the mean of the data: weight each observation by its responsibility.", (
        weights, np.repeat(x.mean(axis=0)[None], k, axis=0), right,
    ))  # fmt: skip
    hard_scatter = scatter(hard.T @ x / hard.sum(axis=0)[:, None], hard) / hard.sum(axis=0)[:, None, None]
    for reason, covariances in (
        (named(Mistake.HARD_ASSIGNMENTS), hard_scatter),
        ("The covariances are not divided by the sum of responsibilities.", scatter(means)),
        (
            "The covariances are taken about the mean of all data: take each about its component's own mean.",
            scatter(np.repeat(x.mean(axis=0)[None], k, axis=0)) / counts[:, None, None],
        ),
        (
            "The covariances are means of x xᵀ: the product of the component's mean with itself has to be subtracted.",
            np.einsum("nk,ni,nj->kij", responsibilities, x, x) / counts[:, None, None],
        ),
        (
            "The covariances do not weight the observations by their responsibilities.",
            scatter(means, np.ones_like(responsibilities)) / n,
        ),
        (
            "The covariances weight the observations by the squares of their responsibilities.",
            scatter(means, responsibilities**2) / counts[:, None, None],
        ),
        ("The covariances are inverted: they are precisions.", np.linalg.inv(right)),
    ):
        yield Wrong(reason, (weights, means, covariances))
    ridge = np.mean([np.trace(a - b) / d for a, b in zip(answer[2], right, strict=True)])
    yield Wrong(named(Mistake.RIDGE), (weights, means, right + ridge * np.eye(d)))


def _gaussian(weights: Array, means: Array, covariances: Array) -> Mixture:
    return Mixture(np.asarray(weights, dtype=float), Gaussian(np.asarray(means), np.asarray(covariances)))


KIND = Kind(
    parameters=("means", "covariances"),
    model=lambda k: Model("gaussian", k, dimension=2, covariance="full"),
    mixture=_gaussian,
    arrays=lambda mixture: (
        cast(Gaussian, mixture.components).means,
        cast(Gaussian, mixture.components).covariances,
    ),
    values=lambda rows: rows,
    examples=(
        _gaussian(
            np.array([0.15, 0.25, 0.6]),
            np.array([[0.0, 0.0], [2.0, 1.0], [-1.0, 3.0]]),
            np.array([[[1.0, 0.6], [0.6, 2.0]], [[0.5, -0.2], [-0.2, 0.7]], [[2.5, 0.9], [0.9, 1.5]]]),
        ),
        _gaussian(
            np.array([0.8, 0.2]),
            np.array([[1.0, -1.0], [2.5, 0.5]]),
            np.array([[[1.5, -0.7], [-0.7, 0.8]], [[0.6, 0.3], [0.3, 1.9]]]),
        ),
    ),
    far=np.array([[4000.0, -4000.0], [3000.0, 5000.0]]),
    slips=SLIPS,
    m_step_slips=_m_step_slips,
)

LOG_JOINT = (
    "log_joint = [\n"
    "    np.log(weights[j]) + stats.multivariate_normal(means[j], covariances[j]).logpdf(x)\n"
    "    for j in range(len(weights))\n"
    "]\n"
)

EXERCISE = Exercise(
    name="gaussian",
    introduction=introduction(
        "The observations `x`, shape `(n, d)`, come from a mixture of `k` Gaussians",
        "`weights` `(k,)`, `means` `(k, d)`, `covariances` `(k, d, d)`, `responsibilities` `(n, k)`. "
        "Covariances are full, each component has its own, and everything is a maximum of the likelihood.",
    ),
    preparation=(
        'from models import scenario\n\nproblem = scenario("gaussian-five")\nx = problem.data.values\nk = 5\nx.shape'
    ),
    derivation=derivation("a mixture of Gaussians", "the means, then over the covariances"),
    derived=("em.e_step", "em.weights", "em.gaussian"),
    blanks=(
        *steps(
            KIND,
            each="observation",
            formula=r": $\ell = \sum_i \log \sum_k \pi_k \, \mathrm{N}(x_i \mid \mu_k, \Sigma_k)$.",
            log_likelihood=LOG_JOINT + "return special.logsumexp(log_joint, axis=0).sum()",
            e_step=LOG_JOINT + "return special.softmax(np.transpose(log_joint), axis=1)",
            m_step=(
                "counts = responsibilities.sum(axis=0)\n"
                "means = responsibilities.T @ x / counts[:, None]\n"
                "centred = x[:, None] - means\n"
                'scatter = np.einsum("nk,nki,nkj->kij", responsibilities, centred, centred)\n'
                "return counts / len(x), means, scatter / counts[:, None, None]"
            ),
        ),
        k_means_plus_plus(
            lambda rows: rows, np.array([[0.0, 0.0], [1.0, 0.5], [0.5, 2.0], [3.0, 1.0], [2.5, 3.5], [5.0, 0.5]])
        ),
        relabel(
            "means",
            (
                (
                    np.array([[0.0, 5.0], [1.0, 0.0], [4.0, 4.0], [6.0, 1.0]]),
                    np.array([[3.5, 4.2], [0.5, 4.5], [5.5, 1.2], [1.2, 0.3]]),
                ),
                (np.array([[0.0, 0.0], [2.0, 0.0], [9.0, 1.0]]), np.array([[1.1, 0.0], [9.2, 0.7], [3.4, 0.0]])),
            ),
        ),
    ),
    closing=together(
        KIND,
        start=(
            "weights, means = np.full(k, 1 / k), k_means_plus_plus(x, k, rng)",
            "covariances = np.array([np.cov(x.T) / k] * k)",
        ),
        shown=(
            "order = relabel(means, problem.truth.components.means)",
            'print("means\\n", means[order], "\\ntrue means\\n", problem.truth.components.means)',
        ),
    ),
)
