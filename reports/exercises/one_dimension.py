r"""The exercise on normals on a line, with standard deviations."""

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

HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


def _log_density(x: Array, means: Array, deviations: Array) -> Array:
    return np.asarray(-0.5 * ((x[:, None] - means) / deviations) ** 2 - np.log(deviations) - HALF_LOG_2PI)


def _exponent(x: Array, means: Array, deviations: Array) -> Array:
    return np.asarray(((x[:, None] - means) / deviations) ** 2)


SLIPS = (
    (
        "It takes the standard deviation for the variance: the exponent has σ², and the density is divided by σ.",
        lambda x, means, deviations: _log_density(x, means, np.sqrt(deviations)),
    ),
    (
        "It takes the variance for the standard deviation: `scipy.stats.norm` wants σ, not σ².",
        lambda x, means, deviations: _log_density(x, means, deviations**2),
    ),
    (
        "Its exponent divides by σ where σ² belongs.",
        lambda x, means, deviations: -0.5 * (x[:, None] - means) ** 2 / deviations - np.log(deviations) - HALF_LOG_2PI,
    ),
    (
        "Its density is not divided by σ: a wide component claims too much.",
        lambda x, means, deviations: -0.5 * _exponent(x, means, deviations) - HALF_LOG_2PI,
    ),
    (
        "Its density is divided by σ² where σ belongs.",
        lambda x, means, deviations: -0.5 * _exponent(x, means, deviations) - 2 * np.log(deviations) - HALF_LOG_2PI,
    ),
    (
        "Its density is divided by √σ where σ belongs.",
        lambda x, means, deviations: -0.5 * _exponent(x, means, deviations) - 0.5 * np.log(deviations) - HALF_LOG_2PI,
    ),
    (
        "Its density forgets the ½ in the exponent.",
        lambda x, means, deviations: -_exponent(x, means, deviations) - np.log(deviations) - HALF_LOG_2PI,
    ),
    (
        "Its density forgets √(2π), which cancels in responsibilities but not in the log-likelihood.",
        lambda x, means, deviations: -0.5 * _exponent(x, means, deviations) - np.log(deviations),
    ),
    (
        "Its density is divided by 2π where √(2π) belongs.",
        lambda x, means, deviations: -0.5 * _exponent(x, means, deviations) - np.log(deviations) - 2 * HALF_LOG_2PI,
    ),
)


def _m_step_slips(x: Array, responsibilities: Array, answer: Answer) -> Iterator[Wrong]:
    counts, n = responsibilities.sum(axis=0), len(x)
    weights, means, k = counts / n, x @ responsibilities / counts, responsibilities.shape[1]

    def squares(about: Array, shares: Array = responsibilities) -> Array:
        return np.asarray((shares * (x[:, None] - about) ** 2).sum(axis=0))

    right = np.sqrt(squares(means) / counts)
    yield Wrong("", (weights, means, np.sqrt(squares(answer[1]) / counts)))
    yield Wrong(
        "The means are divided by the number of all observations: divide by each component's own sum of responsibilities.",
        (weights, x @ responsibilities / n, right),
    )
    yield Wrong("The means are not divided by the sum of responsibilities.", (weights, x @ responsibilities, right))
    hard = np.eye(k)[responsibilities.argmax(axis=1)]
    hard_means = x @ hard / hard.sum(axis=0)
    yield Wrong(named(Mistake.HARD_ASSIGNMENTS), (weights, hard_means, right))
    yield Wrong(
        "All means are the mean of the data: weight each observation by its responsibility.",
        (weights, np.full(k, x.mean()), right),
    )
    for reason, deviations in (
        (named(Mistake.HARD_ASSIGNMENTS), np.sqrt(squares(hard_means, hard) / hard.sum(axis=0))),
        ("The deviations are variances: take the square root.", squares(means) / counts),
        ("The deviations are not divided by the sum of responsibilities.", np.sqrt(squares(means))),
        (
            "The deviations divide the root of the sum, not the sum: divide first, then take the root.",
            np.sqrt(squares(means)) / counts,
        ),
        (
            "The deviations are taken about the mean of all data: take each about its component's own mean.",
            np.sqrt(squares(np.full(k, x.mean())) / counts),
        ),
        (
            "The deviations are the roots of means of x²: the square of the component's mean has to be subtracted.",
            np.sqrt(responsibilities.T @ x**2 / counts),
        ),
        (
            "The deviations are mean absolute differences: take the root of the mean square.",
            (responsibilities * np.abs(x[:, None] - means)).sum(axis=0) / counts,
        ),
        (
            "The deviations do not weight the observations by their responsibilities.",
            np.sqrt(squares(means, np.ones_like(responsibilities)) / n),
        ),
        (
            "The deviations weight the observations by the squares of their responsibilities.",
            np.sqrt(squares(means, responsibilities**2) / counts),
        ),
    ):
        yield Wrong(reason, (weights, means, deviations))
    ridge = np.mean(answer[2] ** 2 - right**2)
    yield Wrong(named(Mistake.RIDGE), (weights, means, np.sqrt(np.maximum(right**2 + ridge, 0))))


def _normal(weights: Array, means: Array, deviations: Array) -> Mixture:
    means, deviations = np.asarray(means, dtype=float), np.asarray(deviations, dtype=float)
    return Mixture(np.asarray(weights, dtype=float), Gaussian(means[:, None], np.square(deviations)[:, None, None]))


def _arrays(mixture: Mixture) -> Answer:
    components = cast(Gaussian, mixture.components)
    return components.means[:, 0], np.sqrt(components.covariances[:, 0, 0])


KIND = Kind(
    parameters=("means", "deviations"),
    model=lambda k: Model("gaussian", k, dimension=1, covariance="full"),
    mixture=_normal,
    arrays=_arrays,
    values=lambda rows: rows[:, 0],
    examples=(
        _normal(np.array([0.15, 0.25, 0.6]), np.array([-2.0, 0.5, 3.0]), np.array([0.7, 2.0, 1.4])),
        _normal(np.array([0.8, 0.2]), np.array([10.0, 14.0]), np.array([3.0, 0.6])),
    ),
    far=np.array([[4000.0], [-5000.0]]),
    slips=SLIPS,
    m_step_slips=_m_step_slips,
)

LOG_JOINT = "log_joint = np.log(weights) + stats.norm.logpdf(x[:, None], means, deviations)\n"

EXERCISE = Exercise(
    name="one-dimension",
    introduction=introduction(
        "The observations `x`, shape `(n,)`, come from a mixture of `k` normal distributions",
        "`weights`, `means` and `deviations` (standard deviations σ, not variances), each `(k,)`; "
        "`responsibilities` `(n, k)`. Everything is a maximum of the likelihood.",
    ),
    preparation=(
        "# 600 observations, and three components whose parameters are known here\n"
        "rng = np.random.default_rng(7)\n"
        "true_means, true_deviations = np.array([-3.0, 0.0, 4.0]), np.array([0.6, 1.0, 1.5])\n"
        "labels = rng.choice(3, size=600, p=[0.2, 0.5, 0.3])\n"
        "x = rng.normal(true_means[labels], true_deviations[labels])\n"
        "k = 3\nx.shape"
    ),
    derivation=derivation("a mixture of normals", "the means, then over the standard deviations"),
    derived=("em.e_step", "em.weights", "em.gaussian"),
    blanks=(
        *steps(
            KIND,
            each="observation",
            formula=r": $\ell = \sum_i \log \sum_k \pi_k \, \mathrm{N}(x_i \mid \mu_k, \sigma_k^2)$.",
            log_likelihood=LOG_JOINT + "return special.logsumexp(log_joint, axis=1).sum()",
            e_step=LOG_JOINT + "return special.softmax(log_joint, axis=1)",
            m_step=(
                "counts = responsibilities.sum(axis=0)\n"
                "means = x @ responsibilities / counts\n"
                "squares = (responsibilities * (x[:, None] - means) ** 2).sum(axis=0)\n"
                "return counts / len(x), means, np.sqrt(squares / counts)"
            ),
        ),
        k_means_plus_plus(lambda rows: rows[:, 0], np.array([[0.0], [1.0], [3.0], [7.0], [12.0], [20.0]])),
        relabel(
            "means",
            (
                (np.array([5.0, 1.0, 9.0, 3.0]), np.array([8.0, 0.5, 3.5, 5.5])),
                (np.array([0.0, 2.0, 10.0]), np.array([1.1, 9.0, 3.5])),
            ),
        ),
    ),
    closing=together(
        KIND,
        start=(
            "weights, means = np.full(k, 1 / k), k_means_plus_plus(x, k, rng)",
            "deviations = np.full(k, x.std() / k)",
        ),
        shown=(
            "order = relabel(means, true_means)",
            'print("means     ", means[order], "true", true_means)',
            'print("deviations", deviations[order], "true", true_deviations)',
        ),
    ),
)
