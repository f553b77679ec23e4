"""Lesson 5: label switching, and how to undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from bayes import Posterior, posterior_mixture
from models import Data, Gaussian, Mixture

from . import titles
from .lesson import Lesson, draws, line_mixture, parameters
from .posterior import sampled

if TYPE_CHECKING:
    from ..running.progress import Progress

TRUTH = line_mixture([0.5, 0.5], [0.0, 2.5], [1.0, 1.0])
OBSERVATIONS = 40
SHOWN = 400

TEXT = r"""
A mixture does not know which of its components is the first. Swap them, weights and all, and every density, every
prediction, the likelihood itself stay what they were. With $K$ components the posterior therefore has $K!$ copies of
each of its hills, one for each way to number the components.

Below is what that does. The model has two components of one width and of weight one half, so that the mean is all that
tells them apart. These are consecutive draws of one chain of NUTS, in the order in which they were drawn; nobody has
permuted anything. The components overlap, with 40 observations, so that the sampler now and then crosses from one
numbering to the other: in the trace the two means change places.

**Before relabelling** each of the two histograms is a blur of both components, and the two posterior means are drawn
together, towards a number that is the mean of neither. The longer the chain, the more alike they become.

**Turn the switch.** Each draw now gets the numbering under which its responsibilities agree best with the average of
all (Stephens 2000). The same draws fall into two clear bands, and their means mean something.

**The density below does not change** in either position, to the last digit. It never depended on the numbering, and
so is the safest thing to compare with EM, which has one numbering only.
"""
QUESTION = r"""
Between components that are far apart a chain never crosses, and each trace looks perfect. Has label switching gone away,
then?
"""
ANSWER = r"""
No: it has become harder to see. Each chain stays in the numbering that its start led it to, and another chain may sit
in another. One chain alone looks perfect; all chains pooled have meaningless means, and their R-hat is enormous
although every chain is right. Relabelling all chains together puts this right too. What does *not* put it right is to
order the means by a constraint such as $\mu_1 < \mu_2$: where components overlap, the order cuts through the middle
of the posterior, and pushes the two means apart.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Show the chain that switched most, as drawn, and which of its draws relabelling turns round."""
    rng_data, rng_posterior = rng.spawn(2)
    x, _ = TRUTH.sample(OBSERVATIONS, rng_data)
    data = Data.of(x)
    posterior = sampled(data, rng_posterior, progress, covariance="tied", mixing="equal")
    turned = was_turned(posterior)
    switches = np.diff(turned.astype(int), axis=1) != 0
    chain = int(switches[:, : SHOWN - 1].sum(axis=1).argmax())
    return Lesson(
        name="switching",
        title=titles["switching"],
        summary="A chain swaps the names of its components before your eyes, and a switch that puts them right.",
        view="switching",
        scene={
            "data": data.values[:, 0].tolist(),
            "truth": parameters(TRUTH),
            "draws": draws(as_drawn(posterior)[chain, :SHOWN]),
            "turned": turned[chain, :SHOWN].astype(int).tolist(),
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
    )


def was_turned(posterior: Posterior) -> NDArray[np.bool_]:
    """Return whether relabelling swapped the two components, for each draw, shape ``(chain, draw)``."""
    relabelled = cast(Gaussian, posterior.mixture.components).means[..., 0, 0]
    drawn = cast(Gaussian, as_drawn(posterior).components).means[..., 0, 0]
    return np.asarray(relabelled != drawn)


def as_drawn(posterior: Posterior) -> Mixture:
    """Return the draws with the numbering that the sampler gave them."""
    return posterior_mixture(posterior.tree["posterior"].to_dataset(), posterior.model)
