"""Lesson 3: an E-step that forgets the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from em import MStep, fit
from models import Data, Mixture, Model

from . import titles
from .lesson import Lesson, line_mixture, parameters

if TYPE_CHECKING:
    from ..running.progress import Progress

TRUTH = line_mixture([0.15, 0.85], [-1.8, 1.5], [0.6, 1.0])
START = line_mixture([0.5, 0.5], [-3.0, 3.0], [1.0, 1.0])
OBSERVATIONS = 200
STEPS = 40

TEXT = r"""
The responsibility of a component is Bayes' theorem, prior times likelihood:

$$\gamma_{ik} = \frac{\pi_k \, p(x_i \mid \theta_k)}{\sum_j \pi_j \, p(x_i \mid \theta_j)} .$$

A program that one of this suite's sources printed has $p(x_i \mid \theta_k)$ in its place: it forgets the prior
weights $\pi_k$. Its example had two components of equal weight, and there nothing shows, since the weights cancel.
Below, one component makes about one observation in seven. Both programs get the same data and the same start; only
the E-step differs.

**The bound no longer touches.** On the right, the dashed curve belongs to responsibilities that are not those of the
current parameters. It stays below the log-likelihood even at the current point, and the gap is what they are wrong
by: $\sum_i \mathrm{KL}(\gamma'_i \, \| \, \gamma_i)$. To raise this bound is to promise nothing about the curve above
it.

**So the log-likelihood may fall**, and here it does. That is the cheapest test of any EM: print the log-likelihood at
every step, and when it falls by more than rounding, there is a bug.

**And it ends elsewhere.** Every component gets an equal say, so that the smaller one is given observations of the
larger one, moves towards it and widens. What it converges to is the fit of another model, one with equal weights; the
weights that it prints are an afterthought. The table has what that costs.
"""
QUESTION = r"""
Suppose that the log-likelihood, computed as it should be, rises at every step in a run of the wrong program. Is the
answer right then?
"""
ANSWER = r"""
No. A log-likelihood that falls proves a bug; one that rises proves nothing, for the wrong program may happen to move
uphill towards its own wrong end. The sharper test is at the end: there the gradient of the log-likelihood must be
zero, and one step of a correct EM must not move. A wrong E-step stops where *its* equations hold, and the gradient,
of the weights most of all, is far from zero. That is why every report of this suite holds EM's answer against the
gradient of PyMC, which shares no code with EM.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Run both programs from the same start on the same data."""
    x, _ = TRUTH.sample(OBSERVATIONS, rng)
    data = Data.of(x)
    found = fit(data, "gaussian", 2, start=START, acceleration="none", keep_path=True, max_steps=STEPS, tolerance=1e-12)
    return Lesson(
        name="forgotten-weights",
        title=titles["forgotten-weights"],
        summary="Two EMs side by side, one with a classic bug: its bound does not touch, and its likelihood falls.",
        view="forgotten",
        scene={
            "data": data.values[:, 0].tolist(),
            "truth": parameters(TRUTH),
            "right": [parameters(mixture) for mixture in found.climb.path],
            # Sums over all responsibilities at once, whose last digit depends on where the arrays lie.
            "wrong": [parameters(mixture, 9) for mixture in path_without_weights(data, START, STEPS)],
            "printed": 3,
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        derivations=("em.e_step",),
    )


def path_without_weights(data: Data, start: Mixture, steps: int) -> list[Mixture]:
    """Return where EM goes when its E-step leaves out the weights: THE BUG, on purpose."""
    m_step = MStep(Model.of(data, "gaussian", len(start.weights)), data)
    path = [start]
    for _ in range(steps):
        components = path[-1].components
        densities = np.exp(components.log_density(data.values))
        wrong_responsibilities = densities / densities.sum(axis=1, keepdims=True)
        path.append(m_step(components.statistics(data.values, wrong_responsibilities)))
    return path
