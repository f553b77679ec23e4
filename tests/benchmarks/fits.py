"""Whole fits: from data to an optimum, each side with its default settings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial

import numpy as np
from sklearn.mixture import GaussianMixture

from em import climb, fit
from em.m_step import MStep
from models import Data, Mixture, Model, Poisson, scenario

from .iterations import naive_poisson_loop
from .table import Row, faster, seconds

NAIVE_STEPS = 3


def whole_fits(repetitions: int, largest: int) -> Iterator[Row]:
    """Defaults against defaults; the note says how far below ours scikit-learn stopped."""
    rng = np.random.default_rng(1)
    centres = rng.normal(scale=4, size=(5, 2))
    sizes = [n for n in (100_000, 1_000_000) if n * 10 <= largest]
    data = {"gaussian-five (5e3, 2, 5)": scenario("gaussian-five").data.values}
    for n in sizes:
        data[f"overlapping clusters ({n:.0e}, 2, 5)".replace("e+0", "e")] = centres[rng.integers(0, 5, n)] + rng.normal(
            size=(n, 2)
        )
    for name, x in data.items():
        theirs = _scikit_learn(x)
        of_theirs = seconds(lambda x=x: _scikit_learn(x), repetitions)  # type: ignore[misc]
        for started, starts in (("", 100), (" from one start", 1)):
            ours = fit(x, "gaussian", 5, starts=starts)
            short = ours.log_likelihood - theirs.score(x) * len(x)
            yield faster(
                f"data to optimum{started}, {name}",
                "scikit-learn",
                seconds(lambda x=x, starts=starts: fit(x, "gaussian", 5, starts=starts), repetitions),  # type: ignore[misc]
                of_theirs,
                1,
                f"ours: best of {starts}, {ours.status}; scikit-learn: one start, {short:.3g} nats short",
                f"{sum(start.steps for start in ours.starts)} steps of all starts; another row has one start of each",
            )


def _scikit_learn(x: np.ndarray) -> GaussianMixture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return GaussianMixture(5, random_state=0).fit(x)


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
