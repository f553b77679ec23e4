"""Whole fits: from data to an optimum, each side with its default settings."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture

from em import climb, fit
from em.m_step import MStep
from models import Array, Data, Mixture, Model, Poisson

from .iterations import naive_poisson_loop
from .table import Row, faster, seconds

NAIVE_STEPS = 3
# Of more rows a hundred starts of scikit-learn's take hours.
MOST_ROWS_OF_A_HUNDRED = 5000


@dataclass(frozen=True)
class Overlapping:
    """How large a problem is, how many times faster than scikit-learn's default its best optimum should be found.

    Where that is out of reach, ``reason`` is what a profile of the fit says.
    """

    n: int
    d: int
    k: int
    bar: float
    reason: str

    def __str__(self) -> str:
        return f"({self.n:.0e}, {self.d}, {self.k}) overlapping".replace("e+0", "e")

    def draw(self) -> Array:
        """Unit clusters whose centres are as far apart in many dimensions as in the plane: 8 in the mean square."""
        rng = np.random.default_rng(self.n + self.d)
        centres = rng.normal(scale=4 * np.sqrt(2 / self.d), size=(self.k, self.d))
        return np.asarray(centres[rng.integers(0, self.k, self.n)] + rng.normal(size=(self.n, self.d)))


# Where the better half went on after ten steps, the best optimum was at stake in one data set of ten.
NO_FEWER = "which after ten steps do not know yet which of them leads to the best optimum"
PROBLEMS = [
    Overlapping(
        1_000_000, 2, 5, 3, "half of it is the climb on all rows, a third the steps of the starts on the subsample"
    ),
    Overlapping(
        100_000, 10, 10, 1, "two thirds of it are the first 30 steps of each start, compiled, on the subsample"
    ),
    Overlapping(5000, 2, 5, 0.5, f"half of it are the first 30 steps of each start, compiled, {NO_FEWER}"),
    Overlapping(500, 1, 2, 0.5, "four fifths of it are Python, a millisecond for each start; the steps are the fifth"),
]
STARTS = 100
OF_A_HUNDRED = 50
# scikit-learn stops by the mean gain of a step: at this one it is within a nat of our optimum.
TIGHT = 1e-7


def whole_fits(repetitions: int, largest: int) -> Iterator[Row]:
    """Defaults against defaults; the note says how far below ours scikit-learn stopped."""
    for problem in PROBLEMS:
        if problem.n * problem.d * problem.k > largest:
            continue
        x = problem.draw()
        theirs = _scikit_learn(x, problem.k)
        of_theirs = seconds(lambda: _scikit_learn(x, problem.k), repetitions)  # noqa: B023
        for started, starts, bar in (("", STARTS, problem.bar), (" from one start", 1, None)):
            ours = fit(x, "gaussian", problem.k, starts=starts)
            short = ours.log_likelihood - theirs.score(x) * len(x)
            took = seconds(lambda: fit(x, "gaussian", problem.k, starts=starts), repetitions)  # noqa: B023
            yield faster(
                f"data to optimum{started}, {problem}",
                "scikit-learn",
                took,
                of_theirs,
                bar,
                f"ours: best of {starts}, {ours.status}; scikit-learn: one start, {short:.3g} nats short",
                problem.reason,
            )
        if problem.n <= MOST_ROWS_OF_A_HUNDRED:
            yield _of_a_hundred(x, problem, repetitions)


def _of_a_hundred(x: Array, problem: Overlapping, repetitions: int) -> Row:
    """As many starts of each, and a tolerance at which scikit-learn reaches our optimum."""
    ours = fit(x, "gaussian", problem.k, starts=STARTS)
    took = seconds(lambda: fit(x, "gaussian", problem.k, starts=STARTS), repetitions)
    began = time.perf_counter()
    theirs = _scikit_learn(x, problem.k, n_init=STARTS, tol=TIGHT, max_iter=100_000)
    of_theirs = time.perf_counter() - began
    short = ours.log_likelihood - theirs.score(x) * len(x)
    note = f"{STARTS} starts of each; scikit-learn, once, to {TIGHT:g} a row: {short:.3g} nats short"
    case = f"data to optimum, {problem}"
    return faster(case, "scikit-learn, 100 starts", took, of_theirs, OF_A_HUNDRED, note, problem.reason)


def _scikit_learn(x: Array, components: int, **settings: Any) -> GaussianMixture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return GaussianMixture(components, random_state=0, **settings).fit(x)


def accelerated_fits(repetitions: int, largest: int) -> Iterator[Row]:
    """Overlapping Poissons: quasi-Newton against EM's own steps, and a whole fit against the naive loop."""
    rng = np.random.default_rng(0)
    for rates in ((4, 7, 11), (8, 10, 13)):
        x = rng.poisson(np.array(rates)[rng.integers(0, 3, 100_000)]).astype(float)
        data = Data.of(x).compress()
        m_step = MStep(Model.of(data, "poisson", 3), data)
        mean, sd = float(data.mean[0]), float(np.sqrt(data.covariance[0, 0]))
        start = Mixture(np.full(3, 1 / 3), Poisson(np.array([mean - sd, mean, mean + sd])))
        fast = climb(data, start, m_step, 1e-8, 100_000, acceleration="quasi-newton")
        plain = climb(data, start, m_step, 1e-8, 30_000)
        short = fast.objective[-1] - plain.objective[-1]
        yield Row(
            f"E-steps to 1e-8 nats, Poisson{rates}",
            "plain EM",
            fast.e_steps,
            plain.e_steps,
            plain.e_steps / fast.e_steps,
            None,
            unit="E-steps",
            note=f"plain EM: {plain.status}, {short:.3g} nats below",
        )
        if rates == (4, 7, 11):
            naive = seconds(partial(naive_poisson_loop(x, start), NAIVE_STEPS), repetitions) / NAIVE_STEPS
            ours = seconds(partial(fit, data, "poisson", 3, start=start), repetitions)
            yield faster(
                "whole fit, Poisson(4, 7, 11), n = 1e5",
                "naive SciPy loop",
                ours,
                naive * plain.e_steps,
                1000,
                f"naive: {NAIVE_STEPS} steps timed, as many counted as plain EM takes",
            )
