"""Lesson 1: what EM does, and why it climbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from em import fit
from models import Data

from . import titles
from .lesson import Lesson, line_mixture, parameters
from .pictures import two_gaussians
from .posterior import sampled, summary

if TYPE_CHECKING:
    from ..running.progress import Progress

TRUTH = line_mixture([0.4, 0.6], [-1.5, 2.5], [1.0, 1.3])
START = line_mixture([0.5, 0.5], [0.0, 1.0], [2.0, 2.0])
OBSERVATIONS = 60
NEAR_ENOUGH = 1e-3  # nats: what a curve on the page can show

TEXT = r"""
Every point below came from one of two bell curves, and nobody saw from which. Were the labels known, the two curves
would be two averages and two standard deviations. Were the curves known, the labels could be guessed. EM does both in
turn.

**The E-step** asks of each point how likely each component is to have made it. These *responsibilities* are
$\gamma_{ik} \propto \pi_k \, p(x_i \mid \theta_k)$, and here they are the colour of the point: green or violet where
it is clear, and a mixture of the two where it is not.

**The M-step** takes weighted averages, each point counted by its responsibility. That is all.

**Why it climbs.** The responsibilities make a lower bound of the log-likelihood (dashed) that touches it at the
current parameters. The M-step goes to the top of the bound; the log-likelihood there is at least as high. Vary one
parameter below the densities and step: the bound touches, EM goes where it is highest, a new bound touches there. The other
parameters move at the same step, hence the curves move too.

Beside it (below it on a phone), on the same axes, is the other answer to the same question: the posterior. It has no
steps that climb. Each of its draws is one mixture that the data allow, and together they say how far EM's single
answer can be trusted.
"""
QUESTION = r"""
The log-likelihood rises steeply at first and then crawls. Look at the bound near the end: why are the last steps so
short, although the log-likelihood still rises to one side?
"""
ANSWER = r"""
Near the top the bound is *narrower* than the log-likelihood: it behaves as if the labels were known, which would fix
the parameters better than the data do. EM goes to the top of a bound that is too narrow, and so covers only a share
of what is left at every step. The share that it leaves is the share of information that the missing labels take away
(Dempster, Laird and Rubin 1977, section 3). The more the components overlap the slower EM gets; the same lack of
information makes the posterior wide.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Compute EM's path from a start in the middle of the data, and the posterior of the same data."""
    rng_data, rng_posterior, rng_summary = rng.spawn(3)
    x, _ = TRUTH.sample(OBSERVATIONS, rng_data)
    data = Data.of(x)
    found = fit(data, "gaussian", 2, start=START, acceleration="none", keep_path=True, tolerance=NEAR_ENOUGH)
    path = found.climb.path
    return Lesson(
        name="climbing",
        title=titles["climbing"],
        summary="Step through EM and watch the lower bound touch the likelihood; the posterior grows beside it.",
        view="player",
        scene={
            "data": data.values[:, 0].tolist(),
            "truth": parameters(TRUTH),
            "path": [parameters(mixture) for mixture in path],
            "posterior": summary(sampled(data, rng_posterior, progress), found.mixture, rng_summary),
            "printed": min(4, len(path) - 1),
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        derivations=("em.e_step", "em.weights", "em.gaussian"),
        pictured="The same as a row of stills",
        pictures=two_gaussians(),
    )
