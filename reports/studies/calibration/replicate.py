r"""One replicate: a truth, data simulated from it, their posterior, and the ranks of the true values among its draws.

**The argument** (Cook, Gelman and Rubin 2006; Talts and others 2018, theorem 1). Draw $\theta^* \sim p(\theta)$ and
$y \sim p(y \mid \theta^*)$. Given $y$, the truth is itself a draw from the posterior, $p(\theta \mid y)$.
If $\theta_1, \dots, \theta_L$ are independent draws from what the sampler takes for the posterior, and if it is the
posterior, then all $L + 1$ are exchangeable, and for every function $f(\theta, y)$ with a number for a value the rank

$$ r = \#\{l : f(\theta_l, y) < f(\theta^*, y)\} $$

is uniform on $0, \dots, L$. Any departure is a fault of model, prior, likelihood or sampler, for they share nothing here
with what simulates: the truth comes from ``Prior.sample`` and ``Mixture.sample`` in NumPy. Ties, which only rounding
makes, are broken at random, as those of exchangeable values must be.

**Labels.** The posterior is the same for all $K!$ labellings, so that "the rate of component 1" is no function of the
mixture. The rate *of the component with the lowest location* is one. The truth and every single draw are therefore sorted
by the same function, ``Mixture.ascending``; how a report relabels the draws jointly (Stephens 2000) plays no part.
Log-likelihood and log-density at fixed places do not depend on labels. They see what parameters one by one cannot: the
log-likelihood, being a function of the data too, notices a posterior that ignored the data, whose parameters would all be
ranked uniformly (Modrák and others 2023).

**Thinning.** Successive draws of a chain are alike, and ranks among them are not uniform. L evenly spaced ones of all draws
are ranked among, where L is fixed before anything is drawn, and the draws must be worth at least L independent ones: by the
effective sample size of every quantity, in the bulk as in the tails.

**Chains that have not settled** (R-hat above 1.05, or fewer effective draws than L) are sampled anew with more draws and
tuning, up to ``EFFORTS``. What has not settled even then is counted as it is. No data set is left out because its chains
disagree: those are the data sets whose posterior is hard, and a calibration without them would say nothing about them. The
rule looks at the draws of every quantity, and never at the truth or at a rank. Given the data, draws and truth are
independent, so that going on or stopping cannot favour ranks of any kind. Only data to which the model cannot be fitted at
all (all observations equal, for instance) have no rank, by a rule that knows nothing but the data: given that they pass it,
the truth is still a draw from their posterior.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from bayes import Draws, compiled_model, summarise, total_log_likelihood
from models import Array, Data, Mixture, Model

from ..coverage.replicate import LARGEST_R_HAT
from ..running.outcome import CHAINS_DISAGREE, OK, UNUSABLE
from ..simulated import simulated
from .design import Calibration
from .record import Ranking

# By how much the draws and the tuning of each attempt are more than the design's.
EFFORTS = (1, 4, 16)


def ranking(design: Calibration, size: int, number: int) -> Ranking:
    """Simulate, sample until the chains have settled, and rank; the same record in every process."""
    rng_data, rng_ties, rng_posterior = map(np.random.default_rng, design.seeds(size, number))
    truth = design.truths.truth(number, rng_data)
    rows = simulated(truth, size, rng_data, design.columns, design.name, design.exposures)
    data = design.truths.fitted(rows).compress()
    try:
        Model.of(data, *design.model.specification.values())
    except ValueError as unusable:
        return Ranking.without_answer(size, number, UNUSABLE, str(unusable))
    began = time.perf_counter()
    true = quantities(design, truth, data)
    for effort in EFFORTS:
        draws = _sample(design, data, effort, rng_posterior)
        drawn = quantities(design, draws.mixture, data)
        summary = summarise(drawn)
        reason = unsettled(summary, design.ranked)
        if reason is None:
            break
    return Ranking(
        size,
        number,
        OK if reason is None else CHAINS_DISAGREE,
        reason,
        ranks={name: rank(float(true[name]), thinned(drawn[name], design.ranked), rng_ties) for name in drawn},
        attempts=EFFORTS.index(effort) + 1,
        r_hat=float(summary["r_hat"].max()),
        ess=_least_ess(summary),
        divergences=draws.divergences,
        seconds={"a replicate": time.perf_counter() - began},
    )


def quantities(design: Calibration, mixture: Mixture, data: Data) -> dict[str, Array]:
    """Return everything that is ranked, by its name, each with the mixture's leading axes."""
    places = mixture.log_density(design.places, design.exposure_of_places)
    return {
        **design.model.scalars(mixture.ascending(), design.columns),
        "log_likelihood": total_log_likelihood(mixture, data),
        **{f"log_density[{place + 1}]": places[..., place] for place in range(len(design.places))},
    }


def thinned(draws: Array, ranked: int) -> Array:
    """Return so many of the draws of all chains, shape ``(ranked,)``, evenly spaced."""
    flat = draws.reshape(-1)
    return flat[np.arange(ranked) * len(flat) // ranked]


def rank(true: float, draws: Array, rng: np.random.Generator) -> int:
    """Return how many draws are less than the true value; those equal to it fall to either side at random."""
    equal = int((draws == true).sum())
    return int((draws < true).sum()) + int(rng.integers(equal + 1))


def _sample(design: Calibration, data: Data, effort: int, rng: np.random.Generator) -> Draws:
    return compiled_model(design.model, design.prior.called, data.is_exposed).sample_unlabelled(
        data,
        prior=design.prior,
        draws=design.draws * effort,
        tune=design.tune * effort,
        chains=design.chains,
        seed=rng,
    )


def unsettled(summary: pd.DataFrame, ranked: int) -> str | None:
    """Return why the draws are not yet as good as independent, or nothing."""
    if not summary["r_hat"].max() <= LARGEST_R_HAT:
        return f"R-hat {summary['r_hat'].max():.3f} for {summary['r_hat'].idxmax()}"
    if _least_ess(summary) < ranked:
        return f"{_least_ess(summary):.0f} effective draws, fewer than the {ranked} that are ranked among"
    return None


def _least_ess(summary: pd.DataFrame) -> float:
    return float(summary[["ess_bulk", "ess_tail"]].min().min())
