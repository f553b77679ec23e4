"""Lesson 8: three ways to treat z, the labels that nobody saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from em import fit
from models import Array, Data, Mixture, Poisson, Prior

from . import titles
from .lesson import Lesson
from .quadrature import Quadrature
from .two_rates import MODEL, parameters_of, posterior

if TYPE_CHECKING:
    from ..running.progress import Progress

TRUTH = Mixture(np.array([0.4, 0.6]), Poisson(np.array([3.0, 10.0])))
START = Mixture(np.array([0.5, 0.5]), Poisson(np.array([5.0, 7.0])))
OBSERVATIONS = 80
STEPS, LONG_RUN = 120, 4000
CELLS, SHARES = 26, 60
SETTLED = 1e-5  # of a factor's parameters, in a step
FAINTEST = 0.02  # of the highest density: what a cell must have to be seen

TEXT = r"""
Eighty counts came from two Poisson components, and of each count the label $z_i$ is missing. Whoever wants the rates has
to do something about the labels. There are three things that one can do, and below they are done to the same counts from the
same start, step by step.

**EM averages over $z$, at one value of the parameters.** Of each count it asks how likely either component is,
$\gamma_{ik} \propto \pi_k \, p(x_i \mid \lambda_k)$, and takes weighted averages. It keeps *one* value of the parameters,
climbs, and stands still at the top: $\hat\lambda_k = \sum_i \gamma_{ik} x_i / \sum_i \gamma_{ik}$.

**Variational Bayes averages over $z$ and over the parameters, but separately.** It looks for the product
$q(z) \, q(\pi, \lambda)$ that is nearest to the posterior, and improves the factors in turn: responsibilities
$\gamma_{ik} \propto \exp \mathrm{E}_q [\log \pi_k + \log p(x_i \mid \lambda_k)]$, then
$q(\lambda_k) = \mathrm{Gamma} (a + \sum_i \gamma_{ik} x_i , \; b + \sum_i \gamma_{ik})$ and
$q(\pi) = \mathrm{Dirichlet}(\alpha + \sum_i \gamma_{ik})$ (Bishop 2006, section 10.2). It has the same two steps as EM, and
ends in a distribution in place of a point.

**Gibbs draws $z$.** Each label is drawn with the probabilities $\gamma_{ik}$, then the parameters are drawn as if these
labels were known. Nothing converges to a point: the chain wanders, and how long it stays where *is* the posterior.

Watch a count in the middle. In EM and in the variational answer it is of a mixed colour, and stays so. In Gibbs it is
green, then violet, then green again. Behind each path lies the exact posterior of the two rates.
"""
QUESTION = r"""
The ellipse of the variational answer (two standard deviations) is smaller than the cloud of Gibbs, although both are made of
the same model and the same prior. What was lost?
"""
ANSWER = r"""
That labels and parameters hang together. If the lower rate were a little higher, some counts in the middle would belong to
it, and those would draw it higher still. A product $q(z) \, q(\pi, \lambda)$ cannot say so: it takes the shares as if they
were known when it says how well the rates are known. It therefore has the centre about right and the width too small, as EM
would have if it took the *complete-data* information for its standard errors. What is right in the long run is the slow
one; NUTS, which this suite uses, does not draw labels at all but sums them out as EM does, and then wanders over the
parameters alone.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Take the same counts and the same start through EM, variational Bayes and Gibbs."""
    rng_data, rng_gibbs = rng.spawn(2)
    x, _ = TRUTH.sample(OBSERVATIONS, rng_data)
    counts = np.sort(x[:, 0])
    step = progress.stage("Three ways", 3)
    data = Data.of(counts)
    path = fit(
        data, "poisson", 2, start=START, acceleration="none", keep_path=True, tolerance=1e-10, max_steps=STEPS
    ).climb.path
    step()
    prior = MODEL.prior(data, "conjugate")
    variational = variational_path(counts, prior, START, STEPS)
    step()
    chain = gibbs(counts, prior, START, LONG_RUN, rng_gibbs)
    step()
    return Lesson(
        name="three-ways",
        title=titles["three-ways"],
        summary="EM, variational Bayes and Gibbs on the same counts: a missing label averaged, averaged again, or drawn.",
        view="three_ways",
        scene={
            "counts": counts.astype(int).tolist(),
            "em": [_rounded(each.weights, each.components.location()) for each in path],
            "variational": [_of_factors(*each) for each in variational],
            "gibbs": [
                {**_rounded(weights, rates), "labels": "".join(map(str, labels))}
                for weights, rates, labels in zip(*(part[: STEPS + 1] for part in chain), strict=True)
            ],
            "plane": plane(counts, prior, chain[1]),
            "table": table(path[-1], variational[-1], chain, posterior(data.compress(), prior)),
            "printed": STEPS,
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        derivations=("em.e_step",),
    )


def variational_path(counts: Array, prior: Prior, start: Mixture, steps: int) -> list[tuple[Array, Array, Array]]:
    """Return the factors after each step until they settle.

    Each is α of the Dirichlet, shapes and rates of the Gammas, of shape ``(k,)``; the first are those that the
    responsibilities at the start make.
    """
    shares = start.responsibilities(counts[:, None])
    path = []
    for _ in range(steps + 1):
        path.append(_conjugate(counts, shares, prior))
        if len(path) > 1 and all(np.allclose(*both, rtol=SETTLED) for both in zip(path[-2], path[-1], strict=True)):
            return path
        alpha, shapes, rates = path[-1]
        log_joint = (
            special.digamma(alpha) + counts[:, None] * (special.digamma(shapes) - np.log(rates)) - shapes / rates
        )
        shares = np.exp(log_joint - special.logsumexp(log_joint, axis=1, keepdims=True))
    return path


def gibbs(
    counts: Array, prior: Prior, start: Mixture, steps: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return weights and rates from the start on, each of shape ``(steps + 1, k)``, and the labels drawn under each.

    The labels have the shape ``(steps + 1, n)``.
    """
    mixture, chain = start, []
    for _ in range(steps + 1):
        shares = mixture.responsibilities(counts[:, None])
        labels = (rng.random(len(counts)) > shares[:, 0]).astype(int)
        chain.append((mixture.weights, mixture.components.location(), labels))
        alpha, shapes, rates = _conjugate(counts, np.eye(2)[labels], prior)
        mixture = Mixture(rng.dirichlet(alpha), Poisson(rng.gamma(shapes, 1 / rates)))
    weights, rates, labels = map(np.array, zip(*chain, strict=True))
    return weights, rates, labels


def _conjugate(counts: Array, shares: Array, prior: Prior) -> tuple[Array, Array, Array]:
    """Return what the prior becomes with each count given to the components by these shares."""
    of_rates = prior.components.parameters()
    numbers = shares.sum(axis=0)
    return prior.concentration + numbers, of_rates["shape"] + counts @ shares, of_rates["rate"] + numbers


def plane(counts: Array, prior: Prior, drawn: Array) -> dict[str, Any]:
    """Return the exact posterior density over both rates, as a share of its highest; the weight is summed out."""
    start = START.components.location()
    low, high = np.quantile(drawn, [0.002, 0.998], axis=0)
    low, high = np.minimum(low, start), np.maximum(high, start)
    ends = [
        [round(float(a - 0.1 * (b - a)), 2), round(float(b + 0.1 * (b - a)), 2)] for a, b in zip(low, high, strict=True)
    ]
    axes = [left + (right - left) * (np.arange(CELLS) + 0.5) / CELLS for left, right in ends]
    shares = (np.arange(SHARES) + 0.5) / SHARES
    first, second = (np.exp(Poisson(axis[:, None]).log_density(counts[:, None])[..., 0]) for axis in axes)
    mixed = shares[:, None, None, None] * first[:, None] + (1 - shares)[:, None, None, None] * second
    log_density = np.log(mixed).sum(axis=-1)
    rates = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    both = np.broadcast_to(rates, (SHARES, *rates.shape))
    weights = np.stack(
        [np.broadcast_to(each[:, None, None], both.shape[:-1]) for each in (shares, 1 - shares)], axis=-1
    )
    log_density += prior.log_density(Mixture(weights, Poisson(both)))
    density = np.exp(special.logsumexp(log_density, axis=0))
    relative = density / density.max()
    return {"x": ends[0], "y": ends[1], "cells": np.where(relative < FAINTEST, 0, relative).round(2).tolist()}


def _rounded(weights: Array, rates: Array) -> dict[str, list[float]]:
    return {"weights": weights.round(4).tolist(), "rates": rates.round(4).tolist()}


def _of_factors(alpha: Array, shapes: Array, rates: Array) -> dict[str, list[float]]:
    """Return the means of the factors, and what their responsibilities need: means of logarithms."""
    return {
        **_rounded(alpha / alpha.sum(), shapes / rates),
        "log_weights": (special.digamma(alpha) - special.digamma(alpha.sum())).round(4).tolist(),
        "log_rates": (special.digamma(shapes) - np.log(rates)).round(4).tolist(),
        "deviations": (np.sqrt(shapes) / rates).round(5).tolist(),
    }


def table(
    mle: Mixture, factors: tuple[Array, Array, Array], chain: tuple[Array, Array, Array], exact: Quadrature
) -> list[dict[str, Any]]:
    """Return what each says of both rates and the weight in the end: centre and width, rounded."""
    alpha, shapes, rates = factors
    total = alpha.sum()
    lower, difference, _ = exact.axes
    joint = exact.probability.sum(axis=2)
    higher = lower[:, None] + difference
    mean_higher = float((joint * higher).sum())
    parameters = parameters_of(Mixture(chain[0][1:], Poisson(chain[1][1:])))
    columns = {
        "lower rate": (parameters[:, 0], shapes[0] / rates[0], np.sqrt(shapes[0]) / rates[0]),
        "higher rate": (parameters[:, 0] + parameters[:, 1], shapes[1] / rates[1], np.sqrt(shapes[1]) / rates[1]),
        "weight of the lower": (
            parameters[:, 2],
            alpha[0] / total,
            np.sqrt(alpha[0] * alpha[1] / (total**2 * (total + 1))),
        ),
    }
    exactly = (
        (exact.mean(0), exact.deviation(0)),
        (mean_higher, float(np.sqrt((joint * (higher - mean_higher) ** 2).sum()))),
        (exact.mean(2), exact.deviation(2)),
    )
    estimates = (*mle.components.location(), mle.weights[0])
    return [
        {
            "name": name,
            "em": [float(estimate), None],
            "variational": [float(mean), float(deviation)],
            "gibbs": [float(drawn.mean()), float(drawn.std())],
            "exact": list(true),
        }
        for (name, (drawn, mean, deviation)), true, estimate in zip(columns.items(), exactly, estimates, strict=True)
    ]
