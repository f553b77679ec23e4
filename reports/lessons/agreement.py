"""Lesson 9: agreement is not truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from models import Array, Mixture, Poisson
from models.truths.poisson import NegativeBinomial

from ..judging.difference import LARGEST_SHIFT
from . import titles
from .lesson import Lesson
from .two_rates import answers, mixture_at

if TYPE_CHECKING:
    from ..running.progress import Progress

MEAN, SHAPE = 6.0, 2.0
SIZES = (30, 100, 300, 1000, 3000)
STARTS = 20
REPLICATES = 100
PARAMETERS = ("lower rate", "difference of the rates", "weight of the lower rate")
CHECKS: dict[str, Callable[[Array], float]] = {
    "variance": lambda x: float(x.var()),
    "zeros": lambda x: float((x == 0).mean()),
    "largest": lambda x: float(x.max()),
}

TEXT = r"""
Counts that somebody fits with one Poisson distribution, or with a mixture of two. EM and the posterior agree, for every
number of observations below, and the more there are the better. Neither is a mistake of a program. And the model is wrong:
the counts come from no mixture of one or two Poissons, but from rates that vary from one observation to the next
(a negative binomial, whose variance is four times its mean).

**Why agreement says nothing of it.** Both methods look at the data through the same likelihood. If that is wrong, both
ask the same wrong question, and get the same answer. As $n$ grows both go to the same point, the member of the model that is
nearest to the truth in Kullback–Leibler divergence (White 1982), and there the posterior becomes narrow around it: certain
of the best wrong answer.

**What says something is to ask the model for data.** Draw parameters from the posterior, make as many counts as there are,
and look whether they resemble the real ones (Rubin 1984). Each dot below is one figure of one such replicate; the line is
the same figure of the data. When the line lies beyond all dots, the model does not make data like these.

**Choose the figure well.** The variance of a Poisson is its mean, so that one Poisson is found out by its variance at once,
even with thirty counts; its mean would never give it away, since that is what was fitted. A mixture of two repairs much of
the variance, and is found out by its zeros and its largest count, once there are some hundred.
"""
QUESTION = r"""
Take two components and few counts: nothing is found. Is the model right, then, until more data come in?
"""
ANSWER = r"""
It is as wrong as before, and thirty counts cannot show it. "No misfit found" means that the data would look like this if the
model were right; they may also look like this when it is not. That is why the suite answers three questions apart: *do EM
and the posterior agree*, *does the model fit*, and *how much do the data say*. With few data the last of these says it: the
posterior is wide, and many models would do.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Fit one and two Poissons to negative binomial counts of every size, the smaller ones among the larger."""
    rng_data, *rng_sizes = rng.spawn(1 + len(SIZES))
    rates = Poisson(np.array([MEAN]))
    counts = NegativeBinomial(SHAPE).sample(rates, np.zeros(max(SIZES), dtype=np.intp), rng_data)[:, 0]
    step = progress.stage("Every size", len(SIZES))
    cells: list[list[dict[str, Any]]] = [[], []]
    for n, rng_size in zip(SIZES, rng_sizes, strict=True):
        cells[0].append(_cell(counts[:n], *one_rate(counts[:n], rng_size), rng_size))
        cells[1].append(_cell(counts[:n], *two_rates(counts[:n], rng_size), rng_size))
        step()
    return Lesson(
        name="agreement",
        title=titles["agreement"],
        summary="EM and the posterior agree ever better on a model that is wrong, until a check asks the right question.",
        view="agreement",
        scene={"sizes": SIZES, "cells": cells, "differs": LARGEST_SHIFT, "mean": MEAN, "shape": SHAPE},
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
    )


Agreement = list[dict[str, Any]]


def one_rate(counts: Array, rng: np.random.Generator) -> tuple[Mixture, Mixture, Agreement]:
    """Return estimate, draws of the posterior, and how they agree, for a single Poisson: all in closed form."""
    mean, n = float(counts.mean()), len(counts)
    shape, rate = 1 + n * mean, 1 / mean + n  # Gamma(1, 1 / mean of the data) is the prior
    drawn = Mixture(np.ones((REPLICATES, 1)), Poisson(rng.gamma(shape, 1 / rate, size=(REPLICATES, 1))))
    agreed = [_agreed("rate", mean, shape / rate, np.sqrt(shape) / rate)]
    return Mixture(np.ones(1), Poisson(np.array([mean]))), drawn, agreed


def two_rates(counts: Array, rng: np.random.Generator) -> tuple[Mixture, Mixture, Agreement]:
    """Return the same for a mixture of two, whose posterior is a quadrature."""
    found = answers(counts, rng, STARTS)
    exact = found.posterior
    agreed = [
        _agreed(name, float(found.estimate[axis]), exact.mean(axis), exact.deviation(axis))
        for axis, name in enumerate(PARAMETERS)
    ]
    return found.mle.mixture, mixture_at(exact.draw(REPLICATES, rng)), agreed


def _agreed(name: str, mle: float, mean: float, deviation: float) -> dict[str, Any]:
    return {"name": name, "mle": mle, "mean": mean, "sd": float(deviation), "shift": float((mle - mean) / deviation)}


def _cell(counts: Array, mle: Mixture, drawn: Mixture, agreed: Agreement, rng: np.random.Generator) -> dict[str, Any]:
    places = np.arange(counts.max() + 3)
    densities = np.exp(drawn.log_density(places[:, None]))
    lower, upper = np.quantile(densities, [0.025, 0.975], axis=0)
    replicates = [drawn[i].sample(len(counts), rng)[0][:, 0] for i in range(REPLICATES)]
    return {
        "histogram": (np.bincount(counts.astype(int), minlength=len(places)) / len(counts)).round(4).tolist(),
        "mle": np.exp(mle.log_density(places[:, None])).round(5).tolist(),
        "lower": lower.round(5).tolist(),
        "upper": upper.round(5).tolist(),
        "agreed": agreed,
        "checks": {
            name: {
                "observed": round(figure(counts), 4),
                "replicates": [round(figure(each), 4) for each in replicates],
            }
            for name, figure in CHECKS.items()
        },
    }
