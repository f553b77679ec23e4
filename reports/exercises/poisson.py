r"""The exercise on counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
from scipy import special

from em import Mistake
from models import Mixture, Model, Poisson

from .asking import Answer, Array, Wrong
from .common_blanks import k_means_plus_plus, relabel
from .em_blanks import named
from .em_exercise import derivation, introduction, steps, together
from .exercise import Exercise
from .kind import Kind


def _log_density(x: Array, rates: Array) -> Array:
    return np.asarray(x[:, None] * np.log(rates) - rates - special.gammaln(x[:, None] + 1))


SLIPS = (
    (
        "Its density forgets e^(−λ), which differs between the components and does not cancel.",
        lambda x, rates: _log_density(x, rates) + rates,
    ),
    (
        "Its log-likelihood leaves out log x!: a constant, without which the total is not the log-likelihood.",
        lambda x, rates: _log_density(x, rates) + special.gammaln(x[:, None] + 1),
    ),
    (
        "Its density has (x − 1)! where x! belongs: log x! is gammaln(x + 1).",
        lambda x, rates: (
            _log_density(x, rates) + special.gammaln(x[:, None] + 1) - special.gammaln(np.maximum(x[:, None], 1))
        ),
    ),
    (
        "Its density has λ^x the wrong way round, as x^λ.",
        lambda x, rates: rates * np.log(np.maximum(x[:, None], 1e-300)) - rates - special.gammaln(x[:, None] + 1),
    ),
    (
        "Its density has e^(+λ) where e^(−λ) belongs.",
        lambda x, rates: _log_density(x, rates) + 2 * rates,
    ),
    (
        "It takes each rate for its inverse, as a mean waiting time.",
        lambda x, rates: _log_density(x, 1 / rates),
    ),
)


def _m_step_slips(x: Array, responsibilities: Array, answer: Answer) -> Iterator[Wrong]:
    counts, n, k = responsibilities.sum(axis=0), len(x), responsibilities.shape[1]
    weights, rates = counts / n, x @ responsibilities / counts
    hard = np.eye(k)[responsibilities.argmax(axis=1)]
    for reason, wrong in (
        (
            "The rates are divided by the number of all observations: divide by each component's own sum of "
            "responsibilities.",
            x @ responsibilities / n,
        ),
        ("The rates are not divided by the sum of responsibilities.", x @ responsibilities),
        (named(Mistake.HARD_ASSIGNMENTS), x @ hard / hard.sum(axis=0)),
        ("The rates are inverted: a rate is the mean count, not one over it.", 1 / rates),
        ("All rates are the mean of the data: weight each count by its responsibility.", np.full(k, x.mean())),
        (
            "The rates weight the counts by the squares of their responsibilities.",
            x @ responsibilities**2 / (responsibilities**2).sum(axis=0),
        ),
        ("The rates are variances of the counts and not means.", responsibilities.T @ x**2 / counts - rates**2),
        (
            "The rates are divided by the largest responsibility and not by their sum.",
            x @ responsibilities / responsibilities.max(axis=0),
        ),
    ):
        yield Wrong(reason, (weights, wrong))


def _poisson(weights: Array, rates: Array) -> Mixture:
    return Mixture(np.asarray(weights, dtype=float), Poisson(np.asarray(rates, dtype=float)))


KIND = Kind(
    parameters=("rates",),
    model=lambda k: Model("poisson", k),
    mixture=_poisson,
    arrays=lambda mixture: (cast(Poisson, mixture.components).rates,),
    values=lambda rows: rows[:, 0],
    examples=(
        _poisson(np.array([0.15, 0.25, 0.6]), np.array([2.5, 6.0, 11.0])),
        _poisson(np.array([0.8, 0.2]), np.array([1.5, 4.0])),
    ),
    far=np.array([[100_000.0], [50_000.0]]),
    slips=SLIPS,
    m_step_slips=_m_step_slips,
)

LOG_JOINT = "log_joint = np.log(weights) + stats.poisson.logpmf(x[:, None], rates)\n"

EXERCISE = Exercise(
    name="poisson",
    introduction=introduction(
        "The counts `x`, shape `(n,)`, come from a mixture of `k` Poisson distributions",
        "`weights` and `rates`, each `(k,)`; `responsibilities` `(n, k)`.",
    ),
    preparation=(
        'from models import scenario\n\nproblem = scenario("poisson-three")\nx = problem.data.values[:, 0]\nk = 3\nx.shape'
    ),
    derivation=derivation("a mixture of Poissons", "the rates"),
    derived=("em.e_step", "em.weights", "em.poisson"),
    blanks=(
        *steps(
            KIND,
            each="count",
            formula=r", with the factorials: $\ell = \sum_i \log \sum_k \pi_k \, \lambda_k^{x_i} e^{-\lambda_k} / x_i!$.",
            log_likelihood=LOG_JOINT + "return special.logsumexp(log_joint, axis=1).sum()",
            e_step=LOG_JOINT + "return special.softmax(log_joint, axis=1)",
            m_step="counts = responsibilities.sum(axis=0)\nreturn counts / len(x), x @ responsibilities / counts",
        ),
        k_means_plus_plus(lambda rows: rows[:, 0], np.array([[0.0], [1.0], [3.0], [7.0], [12.0], [20.0]])),
        relabel(
            "rates",
            (
                (np.array([5.0, 1.0, 9.0, 3.0]), np.array([8.0, 0.5, 3.5, 5.5])),
                (np.array([0.1, 2.0, 10.0]), np.array([1.1, 9.0, 3.5])),
            ),
        ),
    ),
    closing=together(
        KIND,
        start=("weights, rates = np.full(k, 1 / k), k_means_plus_plus(x, k, rng) + 0.5",),
        shown=(
            "order = relabel(rates, problem.truth.components.rates)",
            'print("rates", rates[order], "true", problem.truth.components.rates)',
        ),
    ),
)
