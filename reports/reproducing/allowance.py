r"""How far a report that was computed elsewhere may be from one that is computed here.

Other versions of the libraries, or another processor, sum in another order, and a sampler whose log-density differs in the
last digit soon draws other draws. Three kinds of numbers can still be held against each other.

**What the report was told**: data, model, prior, truth, seed and settings are the same, and so are the statuses of the
verdict's answers and the codes of its reasons.

**What EM finds** does not depend on chance, but EM stops within $\epsilon$ = 10⁻⁸ nats of its limit, and two runs may
stop on two sides of it. Near the maximum $\hat\theta$ the log-likelihood is
$\ell(\hat\theta) - (\theta - \hat\theta)^2 / 2 s^2$ along each parameter with standard error $s$, so that each run is
within $s \sqrt{2 \epsilon}$ of the maximum, and two are within

$$|\theta - \theta'| \le 2 s \sqrt{2 \epsilon} = 2.8 \cdot 10^{-4} s .$$

Log-likelihoods may differ by $2 \epsilon$ and by the rounding of a long sum. Standard errors, which follow from the
estimate, may differ by a thousandth.

**What is estimated from draws** has a Monte Carlo standard error $m$. Both reports have as many draws, so that the
difference of two sound ones has the standard deviation $m \sqrt 2$, and

$$|q - q'| \le 4 \sqrt 2 \, m$$

fails by chance once in sixteen thousand numbers. $m$ is taken from the draws that were drawn here, through their effective
sample size: nobody can widen the bound by what they write into a report. In this way are bounded the posterior's means,
medians, standard deviations and interval ends, the share of draws below EM's estimate, and the shift.

All else, such as EM's path, diagnostics of the chains and curves, is compared only where every digit must agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from arviz_stats.base import array_stats

from bayes import PROBABILITY
from em import Fit, Status, standard_errors
from models import Array

from ..judging.codes import CODES
from ..judging.comparison import Comparison
from .report_diff import ANSWERS
from .saved import Place, leaves

EM_TOLERANCE = 1e-8  # that of em.fit
# Sums of the same numbers in another order agree to so many digits, and more.
ROUNDING = 1e-9
LARGEST_Z = 4.0
SHARE_OF_STANDARD_ERROR = 1e-3
# What the report was told; numbers among it, such as those of the prior, are the same but for rounding.
TOLD = ("data", "model", "truth")
NAMES_OF_ARRAYS = {"covariances": ("covariances", "variances")}


def allowances(comparison: Comparison, document: dict[str, Any]) -> dict[Place, float]:
    """Return how far each place of the recomputed document that can be compared may differ; 0.0 for not at all."""
    return dict([*_told(document), *_found_by_em(comparison, document), *_sampled(comparison)])


def _told(document: dict[str, Any]) -> Iterator[tuple[Place, float]]:
    for part in TOLD:
        for place, value in leaves(document[part], (part,)):
            yield place, ROUNDING * abs(value) if isinstance(value, float) else 0.0
    yield ("schema_version",), 0.0
    yield ("equivalence", "holds"), 0.0
    yield ("verdict", "status"), 0.0
    for answer in ANSWERS:
        yield ("verdict", answer, "status"), 0.0
    for i in range(len(CODES)):
        yield ("verdict", "reasons", i, "code"), 0.0
    for name in ("seed", "data_sha256"):
        yield ("provenance", name), 0.0
    for name in document["provenance"]["settings"]:
        yield ("provenance", "settings", name), 0.0


def _found_by_em(comparison: Comparison, document: dict[str, Any]) -> Iterator[tuple[Place, float]]:
    for part, fit in (("em", comparison.mle), ("map", comparison.map)):
        yield (part, "estimate"), 0.0
        yield (part, "status"), 0.0
        if fit.status is not Status.CONVERGED:
            continue
        for what in ("log_likelihood", "objective"):
            yield (part, what), 2 * EM_TOLERANCE + ROUNDING * abs(document[part][what])
        allowed = _of_parameters(fit, comparison)
        for name, bound in allowed.items():
            yield (part, "parameters", name), bound
            yield ("parameters", name, fit.estimate), bound
        for array in fit.mixture.arrays():
            kinds = NAMES_OF_ARRAYS.get(array, (array,))
            bound = max((bound for name, bound in allowed.items() if name.startswith(kinds)), default=0.0)
            for place, value in leaves(document[part][array], (part, array)):
                yield place, bound or ROUNDING * abs(value)
    for name, row in document["large_sample"]["parameters"].items():
        if row["standard_error"] is not None:
            yield (
                ("large_sample", "parameters", name, "standard_error"),
                SHARE_OF_STANDARD_ERROR * row["standard_error"],
            )


def _of_parameters(fit: Fit, comparison: Comparison) -> dict[str, float]:
    """Say how far apart two runs of EM may end; where there is no standard error, the posterior's sd stands for it."""
    table = comparison.posterior.summary
    deviations = standard_errors(fit).table["standard_error"].fillna(table["sd"])
    apart = 2 * np.sqrt(2 * EM_TOLERANCE) * deviations
    return {name: float(apart[name]) + ROUNDING * abs(value) for name, value in fit.parameters.items()}


def _sampled(comparison: Comparison) -> Iterator[tuple[Place, float]]:
    posterior, estimates = comparison.posterior, comparison.em.parameters
    for group, quantities in (
        ("parameters", posterior.scalars),
        ("label_invariant", posterior.label_invariant_scalars),
    ):
        for name, draws in quantities.items():
            for what, error in _monte_carlo_errors(draws).items():
                yield ("posterior", group, name, what), _bound(error)
    for name, draws in posterior.scalars.items():
        # Where hardly a draw lies on one side, a draw more or less is no sign of anything.
        of_share = max(_error(draws < estimates[name], "mean"), 1 / draws.size)
        yield ("parameters", name, "share_below"), _bound(of_share)
        errors, row = _monte_carlo_errors(draws), comparison.parameters.loc[name]
        yield ("parameters", name, "shift"), _bound((errors["mean"] + abs(row["shift"]) * errors["sd"]) / row["sd"])


def _monte_carlo_errors(draws: Array) -> dict[str, float]:
    tail = (1 - PROBABILITY) / 2
    return {
        "mean": _error(draws, "mean"),
        "median": _error(draws, "median"),
        "sd": _error(draws, "sd"),
        "lower": _error(draws, "quantile", tail),
        "upper": _error(draws, "quantile", 1 - tail),
    }


def _error(draws: Any, method: str, probability: float | None = None) -> float:
    return float(array_stats.mcse(np.asarray(draws, dtype=float), method=method, prob=probability))


def _bound(error: float) -> float:
    # A quantity that never moves has no error.
    return LARGEST_Z * np.sqrt(2) * error if np.isfinite(error) else 0.0
