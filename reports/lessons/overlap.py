"""Lesson 6: when the components overlap, estimate and posterior part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models import Array, Mixture

from ..judging.difference import LARGEST_SHIFT
from . import titles
from .curves import marginal, range_of, total_variation
from .lesson import Lesson
from .pictures import three_poissons
from .two_rates import DIFFERENCE, SHARE, Answers, answers, mixture_at, parameters_of, seed_of, separated

if TYPE_CHECKING:
    from ..running.progress import Progress

SIZES = (30, 100, 300, 1000)
SEPARATIONS = (1.0, 1.5, 2.0, 3.0, 4.0)
LOWER_RATE_OF_TRUTH, SHARE_OF_TRUTH = 9.0, 0.4
STARTS = 20
BAND_DRAWS = 300
SHOWN = {"difference": DIFFERENCE, "share": SHARE}

TEXT = r"""
Two Poisson components, $n$ counts. The MLE is one point; the posterior is a distribution. With the components four
standard deviations apart the two say the same: the posterior is a bell about the MLE, as wide as the standard error. Bring
the components together, or take away data, and they part.

**Why they part.** Where two components overlap, the data fix *what they do together*, the mean and the variance of the
mixture, and hardly what each does alone. Along a ridge of the likelihood a larger difference goes with a more uneven
share, and the data cannot tell. EM reports the highest point of the ridge, however little higher it is, and that point
jumps about from sample to sample: often one component takes a few extreme counts, or both become the same. The posterior
reports the *whole* ridge, and its mean lies in the middle of it.

The number to watch is the **shift**: how far the MLE lies from the posterior mean, in posterior standard deviations.
Above one half the suite says that the two differ. That is not a failure of either. It is *weak identification*, and the
normal curve about the MLE (dashed, from the observed information), if there is one at all, is too narrow or in the wrong
place.

Everything here was computed beforehand. The lower rate and its share are the same throughout; separations are in standard
deviations on the scale $2\sqrt{x}$, on which a Poisson count has about one. The posterior is under the suite's own
prior, by quadrature over all three parameters; its components are named by the order of their rates.
"""
QUESTION = r"""
Set the separation to one standard deviation and $n$ to 300, and compare the band about the histogram with the two
posteriors on its right. How can the density be known so well and the parameters so badly?
"""
ANSWER = r"""
Because many parameters give nearly the same density. What the data speak about is the density: it is
*identified*, whatever the components do. The parameters are read off from its fine details, such as how much heavier one
tail is than that of a single Poisson, and a few counts do not show them. This is why the suite compares densities and
predictions first and parameters second. If only predictions are wanted, the overlap does no harm at all; if somebody must
have the share, then the honest answer is the wide posterior.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Compute MLE, MAP and posterior over a grid of sizes and separations; the samples of one separation are nested."""
    step = progress.stage("Every size and separation", len(SIZES) * len(SEPARATIONS))
    rows = []
    for separation, rng_row in zip(SEPARATIONS, rng.spawn(len(SEPARATIONS)), strict=True):
        truth = separated(separation, SHARE_OF_TRUTH, LOWER_RATE_OF_TRUTH)
        counts = truth.sample(max(SIZES), rng_row)[0][:, 0]
        found = [answers(counts[:n], rng_row, STARTS) for n in SIZES if step() is None]
        rows.append(_row(truth, found, rng_row))
    return Lesson(
        name="overlap",
        title=titles["overlap"],
        summary="Bring two components together, or take data away: the posterior leaves the maximum of the likelihood.",
        view="overlap",
        scene={
            "sizes": SIZES,
            "separations": SEPARATIONS,
            "rows": rows,
            "seed": seed_of(rng),
            "starts": STARTS,
            "differs": LARGEST_SHIFT,
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        pictured="Without overlap",
        pictures=three_poissons(),
        derivations=("em.poisson",),
    )


def _row(truth: Mixture, found: list[Answers], rng: np.random.Generator) -> dict[str, Any]:
    """Draw all sizes at one separation, on the same axes."""
    parameters = parameters_of(truth)
    ranges = {name: range_of([one.posterior for one in found], axis) for name, axis in SHOWN.items()}
    places = np.arange(max(one.data.values.max() for one in found) + 1)
    return {
        "truth": {name: round(float(parameters[axis]), 4) for name, axis in SHOWN.items()},
        "rates": truth.components.location().round(2).tolist(),
        "ranges": ranges,
        "cells": [_cell(one, places, ranges, rng) for one in found],
    }


def _cell(found: Answers, places: Array, ranges: dict[str, list[float]], rng: np.random.Generator) -> dict[str, Any]:
    histogram = np.zeros(len(places))
    histogram[found.data.values[:, 0].astype(int)] = found.data.weights / found.data.size
    draws = np.exp(mixture_at(found.posterior.draw(BAND_DRAWS, rng)).log_density(places[:, None]))
    lower, upper = np.quantile(draws, [0.025, 0.975], axis=0)
    return {
        "histogram": histogram.round(4).tolist(),
        "mle": np.exp(found.mle.mixture.log_density(places[:, None])).round(5).tolist(),
        "lower": lower.round(5).tolist(),
        "upper": upper.round(5).tolist(),
        "status": str(found.mle.status),
        **{name: _parameter(found, axis, ranges[name]) for name, axis in SHOWN.items()},
    }


def _parameter(found: Answers, axis: int, shown: list[float]) -> dict[str, Any]:
    """Say what both find about one parameter; ``distance`` is in total variation from the normal about the MLE."""
    errors = found.standard_errors
    error = None if errors is None else float(errors[axis])
    estimate = float(found.estimate[axis])
    return {
        "mle": estimate,
        "map": float(parameters_of(found.map.mixture)[axis]),
        "mean": found.posterior.mean(axis),
        "sd": found.posterior.deviation(axis),
        "error": error,
        "shift": found.shift(axis),
        "distance": None if error is None else total_variation(found.posterior, axis, estimate, error),
        "density": marginal(found.posterior, axis, shown),
    }
