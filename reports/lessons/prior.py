"""Lesson 10: what the prior does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import titles
from .lesson import Lesson, line_mixture, parameters

if TYPE_CHECKING:
    from ..running.progress import Progress

TRUTH = line_mixture([0.3, 0.7], [-1.5, 1.5], [1.0, 1.0])
SIZES = (5, 10, 20, 40, 80, 160, 320)
WORTH = 60  # observations that the strongest prior counts for

TEXT = r"""
Two bell curves are known, and one number is not: the share $\pi$ of the first. That leaves a posterior of one
parameter, which your browser computes while you drag the prior.

The prior says two things: where the share ought to be, $m$, and how many observations that belief is worth, $s$. It is
$\mathrm{Beta}(1 + s m, \; 1 + s (1 - m))$, and its mode is $m$. With $s = 0$ it is flat.

**EM stays.** The maximum of the likelihood, $\hat\pi = \frac1n \sum_i \gamma_{i1}$, has no prior in it. Drag as far as you
like: the triangle stands still.

**MAP moves.** EM with a prior has the same E-step; its M-step counts the belief as $s$ observations more, of which a
share $m$ belongs to the first component,

$$\pi = \frac{\sum_i \gamma_{i1} + s m}{n + s} .$$

**The posterior moves and narrows.** Every belief, right or wrong, makes it more certain: the prior counts as data. A
strong prior at the wrong place gives a confident wrong answer, and nothing in the posterior alone says so. What says so is
the likelihood beside it: where the two hardly overlap, prior and data contradict each other.

**Data win in the end.** Against $n$ observations a prior that is worth $s$ has about $s / (n I + s)$ of the say, where
$I \le 1$ is what is left of an observation when its label is missing.
"""
QUESTION = r"""
Set the prior to nothing, $s = 0$. MAP and EM now coincide, to the last digit. Why does the posterior *mean* still lie
somewhere else when there are few data, and on which side?
"""
ANSWER = r"""
Because a flat prior is not "no prior" for a mean. MAP and MLE are the top of the same curve, but the mean is its balance
point, and with few data the curve is wide, cut off at zero and one, and leans. It is pulled towards the middle, where the
flat prior has its own mean. Nor is flatness a property of the belief: what is flat in $\pi$ is not flat in
$\log \pi / (1 - \pi)$, and the mode moves when the parameter is written in another way, while the posterior probability of
an interval does not. So the suite says of every MAP in which parameters its mode is taken, and asks in each report how far
the answer moves under other priors.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Draw the data; the page computes what is to be seen of them."""
    step = progress.stage("Data", 1)
    x, _ = TRUTH.sample(max(SIZES), rng)
    step()
    return Lesson(
        name="prior",
        title=titles["prior"],
        summary="Drag a prior about: EM stays where it is, MAP and posterior move, and more data pull them back.",
        view="prior",
        scene={"data": x[:, 0].round(4).tolist(), "truth": parameters(TRUTH), "sizes": SIZES, "worth": WORTH},
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        derivations=("em.weights",),
    )
