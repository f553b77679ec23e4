"""Lesson 7: as the data grow, estimate and posterior meet (Bernstein and von Mises)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import titles
from .curves import density_at, total_variation
from .lesson import Lesson
from .two_rates import DIFFERENCE, SHARE, Answers, answers, parameters_of, seed_of, separated

if TYPE_CHECKING:
    from ..running.progress import Progress

SIZES = tuple(25 * 2**i for i in range(9))
SEPARATION, SHARE_OF_TRUTH, LOWER_RATE_OF_TRUTH = 2.0, 0.4, 9.0
STARTS = 20
SHOWN = {"difference": DIFFERENCE, "share": SHARE}
STANDARDISED = np.linspace(-5, 5, 141)

TEXT = r"""
One data set of counts from two Poisson components, looked at more and more of it: the first few counts, twice as many,
and so on. The components overlap, so that few data leave the parameters open, and many data settle them.

The **Bernstein–von Mises theorem** says what happens: under regularity conditions the posterior comes ever nearer, in
total variation, to a normal about the MLE $\hat\theta_n$ whose covariance is the inverse of the information,

$$\mathrm{TV} \bigl( p(\theta \mid x_1, \dots, x_n) , \; N ( \hat\theta_n , \, I_n^{-1} ) \bigr) \to 0 ,
  \qquad I_n = - \nabla^2 \ell(\hat\theta_n) .$$

The picture is drawn on the axis on which this normal is always the same: $(\theta - \hat\theta_n)$ in standard errors.
Move $n$ and the posterior (solid) walks onto the normal (dashed). With few counts it ends abruptly: there the
difference of the rates is zero.

Three things meet. The *centre*: the prior's pull fades as $n^{-1}$, the standard deviation only as $n^{-1/2}$. The *width*:
the posterior's standard deviation becomes the standard error, and on logarithmic axes falls with slope $-\frac12$.
The *shape*: the skewness fades as $n^{-1/2}$, and with it the total variation distance.

From there on a confidence interval and a credible interval are the same two numbers. Below it they are not, and the
theorem does not say where that is: it depends on how far the components are apart.

Everything here was computed beforehand: MLE by EM, posterior by quadrature under the conjugate prior, which the
sizes share but for its scale, taken from the data each time.
"""
QUESTION = r"""
The prior never goes away: it multiplies the likelihood whatever $n$ is. Why does it not matter in the end, and
can you think of a prior with which the two would *never* meet?
"""
ANSWER = r"""
The log-likelihood is a sum of $n$ terms and the log-prior is one term. Within the few standard errors about
$\hat\theta_n$ that count, a smooth prior is flat to the first order, since that neighbourhood shrinks as $n^{-1/2}$:
it moves the posterior by about $I_n^{-1} \nabla \log p(\theta)$, which is of order $n^{-1}$.

A prior that gives the truth's neighbourhood *no* probability is never overruled: a prior on shares below 0.3 here. Nor do
they meet where the theorem's conditions fail: with three components fitted to data from two, or with both rates equal, the
information is singular at the truth, and there is no normal to meet, however many data there are.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Compute MLE and posterior of ever more of one data set."""
    step = progress.stage("Every size", len(SIZES))
    rng_data, rng_starts = rng.spawn(2)
    truth = separated(SEPARATION, SHARE_OF_TRUTH, LOWER_RATE_OF_TRUTH)
    counts = truth.sample(SIZES[-1], rng_data)[0][:, 0]
    found = [answers(counts[:n], rng_starts, STARTS) for n in SIZES if step() is None]
    true_parameters = parameters_of(truth)
    return Lesson(
        name="meeting",
        title=titles["meeting"],
        summary="Add data and watch the posterior walk onto the normal curve about the MLE, as the theorem says.",
        view="meeting",
        scene={
            "sizes": SIZES,
            "seed": seed_of(rng),
            "axis": [STANDARDISED[0], STANDARDISED[-1]],
            "rates": truth.components.location().round(2).tolist(),
            "truth": {name: round(float(true_parameters[axis]), 4) for name, axis in SHOWN.items()},
            "parameters": {name: [_at_size(one, axis) for one in found] for name, axis in SHOWN.items()},
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        derivations=("em.poisson",),
    )


def _at_size(found: Answers, axis: int) -> dict[str, Any]:
    """Return estimate, error, posterior mean and sd; ``density`` is that of the standardised parameter.

    Where the MLE has no standard error, the posterior's own mean and sd standardise it instead.
    """
    posterior, errors = found.posterior, found.standard_errors
    estimate = float(found.estimate[axis])
    error = None if errors is None else float(errors[axis])
    centre, scale = (posterior.mean(axis), posterior.deviation(axis)) if error is None else (estimate, error)
    return {
        "mle": estimate,
        "error": error,
        "mean": posterior.mean(axis),
        "sd": posterior.deviation(axis),
        "shift": found.shift(axis),
        "distance": None if error is None else total_variation(posterior, axis, estimate, error),
        "density": (scale * density_at(posterior, axis, centre + scale * STANDARDISED)).round(5).tolist(),
    }
