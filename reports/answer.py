"""The answer in plain words: do EM and Bayes agree, and if not, why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from em import Status

if TYPE_CHECKING:
    from .comparison import Comparison

# Half a posterior standard deviation: a shift that a reader of the two tables would call the same value, and that
# the Monte Carlo error of the mean (sd / √ESS, at most 0.05 sd once the ESS exceeds 400) cannot produce.
LARGEST_SHIFT = 0.5
# A skewed posterior: mean and median apart by a tenth of the standard deviation, twice that Monte Carlo error.
SKEWED = 0.1
# Under this share an observation's likeliest component is called unclear.
CLEAR = 0.9


@dataclass(frozen=True)
class Answer:
    """One sentence that answers the question, ``agree`` (``None`` when nothing can be said yet), and the reasons."""

    agree: bool | None
    sentence: str
    reasons: tuple[str, ...]


def answer(comparison: Comparison) -> Answer:
    """Judge a comparison by where the EM estimates lie in the posterior, in units of its standard deviation."""
    em, posterior = comparison.em, comparison.posterior
    if em.status is not Status.CONVERGED:
        return Answer(None, _unfinished(comparison), ())
    if any("disagree" in sentence for sentence in posterior.warnings):
        sentence = (
            "No answer yet: the chains have not settled on one posterior, so there is nothing to compare EM with."
        )
        return Answer(None, sentence, tuple(posterior.warnings))
    shifts = _shifts(comparison)
    worst = max(shifts, key=lambda name: shifts[name])
    outside = [str(name) for name, inside in comparison.parameters["inside"].items() if not inside]
    if not outside and shifts[worst] <= LARGEST_SHIFT:
        return Answer(True, _agreement(comparison), ())
    return Answer(False, _difference(comparison, worst, outside), _reasons(comparison, worst))


def _shifts(comparison: Comparison) -> dict[str, float]:
    """How far apart MLE, MAP and posterior mean are, parameter by parameter, in posterior standard deviations."""
    table = comparison.parameters
    points = table[["mle", "map", "mean"]]
    spread = (points.max(axis=1) - points.min(axis=1)) / table["sd"]
    return {str(name): float(value) for name, value in spread.items()}


def _agreement(comparison: Comparison) -> str:
    table, shift = comparison.parameters, comparison.parameters["shift"].abs()
    return (
        f"EM and Bayes agree: each of the {len(table)} {_kind(comparison)} estimates lies inside the central 95 % of its "
        f"posterior, at most {shift.max():.2f} posterior standard deviations from the posterior mean ({shift.idxmax()})."
    )


def _difference(comparison: Comparison, worst: str, outside: list[str]) -> str:
    row = comparison.parameters.loc[worst]
    lies = (
        f" {len(outside)} of {len(comparison.parameters)} estimates lie outside their 95 % posterior interval."
        if outside
        else " All estimates still lie inside their 95 % posterior intervals."
    )
    return (
        f"EM and Bayes differ, most of all on {worst}: maximum likelihood says {row['mle']:.3g}, the posterior mode "
        f"{row['map']:.3g}, and the posterior mean {row['mean']:.3g} ± {row['sd']:.2g}.{lies}"
    )


def _reasons(comparison: Comparison, worst: str) -> tuple[str, ...]:
    found = [_size(comparison), _overlap(comparison), _skewness(comparison), _prior(comparison, worst)]
    return tuple(reason for reason in [*found, _density(comparison)] if reason)


def _size(comparison: Comparison) -> str | None:
    n, p = comparison.data.size, comparison.model.free_parameters
    if n > 50 * p:
        return None
    return (
        f"There are few data: {n:g} observations for {p} free parameters. A maximum says nothing about its own "
        "uncertainty, and with few data the values near it are almost as likely; the posterior averages over all of them."
    )


def _overlap(comparison: Comparison) -> str | None:
    clearest = comparison.responsibilities.max(axis=1)
    unclear = float(comparison.data.weights @ (clearest < CLEAR) / comparison.data.size)
    if comparison.model.components == 1 or unclear < 0.1:
        return None
    return (
        f"The components overlap: {unclear:.0%} of the observations cannot be assigned with {CLEAR:.0%} certainty, so that "
        "widening one component and shifting another describe the data about equally well."
    )


def _skewness(comparison: Comparison) -> str | None:
    table = comparison.parameters
    asymmetry = (table["mean"] - table["median"]).abs() / table["sd"]
    skewed = [str(name) for name in table.index[asymmetry > SKEWED]]
    if not skewed:
        return None
    return (
        f"The posterior is skewed in {', '.join(skewed)}: its peak and its mean are different places. EM looks for a "
        "peak, a posterior mean is the centre of mass, and only in a symmetric posterior do they coincide."
    )


def _prior(comparison: Comparison, worst: str) -> str | None:
    row = comparison.parameters.loc[worst]
    pull = abs(row["mle"] - row["map"]) / row["sd"]
    if pull <= LARGEST_SHIFT / 2:
        return None
    return (
        f"The prior matters here: it alone moves the peak of {worst} from {row['mle']:.3g} (maximum likelihood) to "
        f"{row['map']:.3g} (maximum a posteriori), which is {pull:.1f} posterior standard deviations."
    )


def _density(comparison: Comparison) -> str:
    inside = min(curves.share_inside for curves in comparison.densities)
    overlap = min(curves.overlap for curves in comparison.densities)
    same = "still describe the data alike" if inside > 0.9 else "describe the data differently as well"
    return (
        f"As densities the two {same}: {inside:.0%} of EM's density lies within the posterior's 95 % band, and it shares "
        f"{overlap:.0%} of its area with the posterior predictive density."
    )


def _unfinished(comparison: Comparison) -> str:
    em = comparison.em
    if em.status is Status.COLLAPSED:
        return (
            f"No answer: every start of EM collapsed ({em.climb.reason}), so that there is no interior maximum to compare. "
            "Take fewer components, another covariance structure, or the MAP estimate."
        )
    return (
        f"No answer yet: EM stopped after {em.steps} steps before it came near its limit, with about "
        f"{em.climb.remaining:.2g} nats to go."
    )


def _kind(comparison: Comparison) -> str:
    return {"mle": "maximum-likelihood", "map": "maximum-a-posteriori"}[comparison.em.estimate]


def largest_shift(comparison: Comparison) -> float:
    """The largest distance between the EM estimate and the posterior mean, in posterior standard deviations."""
    return float(np.max(np.abs(comparison.parameters["shift"])))
