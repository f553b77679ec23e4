"""Lesson 2: where EM ends depends on where it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from em import Fit, fit
from models import Array, Data

from . import titles
from .lesson import Lesson, line_mixture, parameters
from .pictures import five_gaussians

if TYPE_CHECKING:
    from ..running.progress import Progress

TRUTH = line_mixture([0.45, 0.2, 0.35], [-4.0, 0.0, 4.5], [0.8, 0.8, 0.8])
OBSERVATIONS = 60
DEVIATION = 1.5
CELLS = 21
STEPS = 150
# Nats. EM is slow past the saddle between two hills, and must not be taken to have ended there.
NEAR_ENOUGH, SAME_OPTIMUM = 1e-8, 1e-2

TEXT = r"""
The points below lie in **three** heaps, and EM has to make do with **two** components. Two bell curves can do that in
more than one good way: one for the left heap and a wide one for the other two, or the other way round. Each is the
top of a hill of its own in the log-likelihood, and EM only ever goes uphill.

So where it ends was settled before the first step. Drag the ring in the map, or give it the focus and use the arrow
keys: it says at which two means EM starts. EM then runs at once, here in the page, and its path is drawn on. The
shading says to which hill each start leads; it was computed beforehand, with the suite's own EM, at the middle of
each cell.

Three things to see. The border between the hills' *basins of attraction* is no line through the middle of anything: a
start that looks nearer to one answer may end in the other. The map is its own mirror image in the diagonal, since
swapping the two components changes nothing. And **on** the diagonal the two components start alike, every
responsibility is one half, and they stay alike for ever: EM ends on a saddle, with one bell curve drawn twice.
"""
QUESTION = r"""
A colleague runs EM once, from one start, and reports that it converged. What do you know, and what would you ask for?
"""
ANSWER = r"""
You know that the gradient is about zero there: it may be the best maximum, a lesser one, or a saddle. Convergence
says nothing about which. Ask for many starts, of several kinds, and for *all* their ends: how many reached the best
value found, and how far below it the others stopped. That is what `emvsbayes fit` does with 100 starts, and what
every report lists. Even then the best that was found need not be the best there is. The posterior does not climb and
has no start to choose, but its sampler does: a chain can sit on one hill for as long as anybody looks, which is why
several chains are compared.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Make data with three heaps, and run EM to its end from every cell of a map of starts."""
    x, _ = TRUTH.sample(OBSERVATIONS, rng)
    data = Data.of(x)
    limits = (float(np.floor(x.min())), float(np.ceil(x.max())))
    width = (limits[1] - limits[0]) / CELLS
    means = np.linspace(limits[0] + width / 2, limits[1] - width / 2, CELLS)
    ends = _ends(data, means, progress)
    optima = _distinct(list(ends.values()))
    return Lesson(
        name="starting",
        title=titles["starting"],
        summary="Drag the start about a map of the basins of attraction, and see on which hill EM ends.",
        view="starting",
        scene={
            "data": data.values[:, 0].tolist(),
            "limits": limits,
            "deviation": DEVIATION,
            "steps": STEPS,
            "same": SAME_OPTIMUM,
            "optima": [_optimum(found) for found in optima],
            "cells": [[_which(ends[min(i, j), max(i, j)], optima) for i in range(CELLS)] for j in range(CELLS)],
            "start": [float(means[12]), float(means[17])],
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        pictured="A start that seems to have failed",
        pictures=five_gaussians(),
    )


def _ends(data: Data, means: Array, progress: Progress) -> dict[tuple[int, int], Fit]:
    """Run EM from every pair of means; the mirrored half would be the same with the components swapped."""
    pairs = [(i, j) for j in range(CELLS) for i in range(j + 1)]
    step = progress.stage("EM from a map of starts", len(pairs))
    ends = {}
    for i, j in pairs:
        start = line_mixture([0.5, 0.5], [means[i], means[j]], [DEVIATION, DEVIATION])
        ends[i, j] = fit(data, "gaussian", 2, start=start, acceleration="none", tolerance=NEAR_ENOUGH)
        step()
    return ends


def _distinct(ends: list[Fit]) -> list[Fit]:
    """Return one end for each place that EM ends at, the highest first."""
    distinct: list[Fit] = []
    for end in sorted(ends, key=lambda end: -end.log_likelihood):
        if not distinct or distinct[-1].log_likelihood - end.log_likelihood > SAME_OPTIMUM:
            distinct.append(end)
    return distinct


def _which(end: Fit, optima: list[Fit]) -> int:
    return int(np.argmin([abs(end.log_likelihood - optimum.log_likelihood) for optimum in optima]))


def _optimum(end: Fit) -> dict[str, Any]:
    return {**parameters(end.mixture), "log_likelihood": end.log_likelihood}
