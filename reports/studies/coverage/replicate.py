"""One replicate: a simulated data set, fitted by EM and sampled, its labels matched to the truth.

**EM** starts at the truth (where that is outside the model, at the mixture nearest to it) and at a few points drawn from the
data, and the highest interior optimum counts. The consistent
root of the likelihood equations is the maximum near the truth (Redner and Walker 1984), to which the first start leads; the
others find out where the data have a better one, which is then the answer that a user of many starts would be given. MAP
starts at the truth and at the MLE, since the weak prior leaves the MLE's hill in its place.

**Labels** are matched to the truth once for each side: the estimate by its responsibilities, the posterior, after it was
relabelled, by its average membership probabilities.

**Large-sample meter.** Where the Bernstein–von Mises theorem has taken hold (van der Vaart 1998, section 10.2) the
posterior is N(MLE, I⁻¹): ``shift``, the MLE minus the posterior mean in standard errors, is then near 0, ``sd_ratio``,
the posterior standard deviation over the standard error, near 1, and ``wasserstein``, the distance of the posterior from
that normal distribution in standard errors, near what the noise of the draws leaves (``distance``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd

from bayes import Draws, compiled_model, summarise
from em import Fit, Status, bootstrap, fit, robust_intervals, standard_errors
from models import Array, Data, Mixture, Model, Prior, match, permutation

from ..running.outcome import CHAINS_DISAGREE, DIVERGED, NOT_CONVERGED, OK, UNDETERMINED, UNUSABLE
from .design import Design
from .distance import wasserstein_from_normal
from .record import Record
from .verdict import verdict

# Of two chains of 500 draws R-hat's own noise reaches the 1.01 that is asked of a single report.
LARGEST_R_HAT = 1.05
# What decides which component is which.
MATCHING_ROWS, MATCHING_DRAWS = 1000, 100


def replicate(design: Design, size: int, number: int) -> Record:
    """Simulate, fit, sample and summarise; the same record in every process."""
    rng_data, rng_em, rng_posterior = map(np.random.default_rng, design.seeds(size, number))
    seconds: dict[str, float] = {}
    with _timed("simulating", seconds):
        data = design.simulate(size, rng_data).compress()
    try:
        Model.of(data, *design.model.specification.values())
    except ValueError as unusable:
        return Record.without_answer(size, number, UNUSABLE, str(unusable))
    selection = _selection(data)
    reference = design.reference.responsibilities(selection.values, selection.exposure)
    prior = design.model.chosen_prior(design.prior, data)
    with _timed("EM", seconds):
        mle, mode = (_matched(found, reference) for found in estimates(design, data, prior, rng_em))
    with _timed("standard errors", seconds):
        tables = {"mle": standard_errors(mle, design.level).table, "map": standard_errors(mode, design.level).table}
        robust = robust_intervals(mle, design.level).add_prefix("sandwich_")
    with _timed("bootstrap", seconds):
        intervals = _bootstrap(design, mle, rng_em)
    draws = compiled_model(design.model, prior.called, data.is_exposed).sample(
        data,
        prior=prior,
        draws=design.draws,
        tune=design.tune,
        chains=design.chains,
        seed=rng_posterior,
    )
    with _timed("summaries", seconds):
        matched = _matched_draws(draws.mixture, reference, selection)
        table = _together(tables, _posterior(design, matched)).join([robust, intervals])
        table["wasserstein"] = _distances(design, matched, table)
    status, reason = _status(mle, table, draws)
    settled = bool(table["r_hat"].max() <= LARGEST_R_HAT)
    with _timed("verdict", seconds):
        said = verdict(table, mle.status, settled and not draws.divergences, matched, selection)
    return Record(
        size,
        number,
        status,
        reason,
        em=mle.status is Status.CONVERGED,
        chains=settled,
        divergences=draws.divergences,
        estimates={str(name): row for name, row in table.to_dict("index").items()},  # type: ignore[misc]
        seconds={**seconds, **draws.seconds},
        verdict=said,
    )


def estimates(design: Design, data: Data, prior: Prior, rng: np.random.Generator) -> tuple[Fit, Fit]:
    """Return the maximum-likelihood and the maximum-a-posteriori estimate."""
    model = design.model.specification
    drawn = fit(data, **model, starts=design.starts, seed=rng)
    mle = _higher(fit(data, **model, start=design.reference), drawn)
    modes = [fit(data, **model, estimate="map", prior=prior, start=start) for start in (design.reference, mle.mixture)]
    return mle, _higher(*modes)


def _higher(one: Fit, other: Fit) -> Fit:
    """Return an optimum rather than none, and the higher of two; of two that are the same the first."""
    best = max((one, other), key=lambda found: (found.status is Status.CONVERGED, float(found.climb.objective[-1])))
    return one if one.status is best.status and np.isclose(*_objectives(one, best), rtol=0, atol=1e-6) else best


def _objectives(one: Fit, other: Fit) -> tuple[float, float]:
    return float(one.climb.objective[-1]), float(other.climb.objective[-1])


def _selection(data: Data) -> Data:
    return data.every(len(data.values) // MATCHING_ROWS)


def _matched(found: Fit, reference: Array) -> Fit:
    return replace(found, mixture=match(found.mixture, reference, _selection(found.data)))


def _matched_draws(draws: Mixture, reference: Array, data: Data) -> Mixture:
    """Return the posterior under one global permutation, that of its average membership probabilities."""
    flat = draws.flatten()
    some = flat[:: max(1, len(flat.weights) // MATCHING_DRAWS)]
    order = permutation(some.responsibilities(data.values, data.exposure).mean(axis=0), reference, data)
    return draws.relabel(np.broadcast_to(order, draws.weights.shape))


def _posterior(design: Design, draws: Mixture) -> pd.DataFrame:
    scalars = design.model.scalars(draws, design.columns)
    table = summarise(scalars)
    tail = (1 - design.level) / 2
    lower, upper = np.quantile(list(scalars.values()), [tail, 1 - tail], axis=(1, 2))
    return table.assign(lower=lower, upper=upper)


def _bootstrap(design: Design, mle: Fit, rng: np.random.Generator) -> pd.DataFrame:
    """Return the percentile intervals of the nonparametric bootstrap (Efron 1979), where they are asked for."""
    if not design.bootstrap or mle.status is not Status.CONVERGED:
        return pd.DataFrame(index=pd.Index([], name="parameter"))
    table = bootstrap(mle, replicates=design.bootstrap, seed=rng).table(design.level)
    return table[["lower", "upper"]].add_prefix("bootstrap_")


def _distances(design: Design, draws: Mixture, table: pd.DataFrame) -> list[float]:
    """Return the Wasserstein distance of each parameter's posterior from N(MLE, standard error²), in standard errors."""
    draws_of = design.model.scalars(draws, design.columns)
    found = []
    for name, (mle, error) in zip(draws_of, table[["mle", "mle_error"]].to_numpy(dtype=np.float64), strict=True):
        z = (draws_of[name].reshape(-1) - mle) / error if error > 0 else np.array([np.nan])
        found.append(wasserstein_from_normal(z) if np.isfinite(z).all() else np.nan)
    return found


def _together(tables: dict[str, pd.DataFrame], posterior: pd.DataFrame) -> pd.DataFrame:
    mle, mode = tables["mle"], tables["map"]
    return pd.DataFrame(
        {
            "mle": mle["estimate"],
            "mle_error": mle["standard_error"],
            "wald_lower": mle["lower"],
            "wald_upper": mle["upper"],
            "map": mode["estimate"],
            "map_error": mode["standard_error"],
            **{name: posterior[name] for name in ("mean", "sd", "lower", "upper", "r_hat")},
            "ess": posterior[["ess_bulk", "ess_tail"]].min(axis=1),
            "shift": (mle["estimate"] - posterior["mean"]) / mle["standard_error"],
            "sd_ratio": posterior["sd"] / mle["standard_error"],
        }
    )


def _status(mle: Fit, table: pd.DataFrame, draws: Draws) -> tuple[str, str | None]:
    """Name the first thing that is wrong, or that nothing is."""
    if mle.status is not Status.CONVERGED:
        return NOT_CONVERGED, mle.climb.reason or str(mle.status)
    without = [str(name) for name in table.index[~np.isfinite(table["mle_error"])]]
    if without:
        return UNDETERMINED, f"no standard error for {', '.join(without)}"
    if not table["r_hat"].max() <= LARGEST_R_HAT:
        return CHAINS_DISAGREE, f"R-hat {table['r_hat'].max():.3f} for {table['r_hat'].idxmax()}"
    if draws.divergences:
        return DIVERGED, f"{draws.divergences} transitions"
    return OK, None


@contextmanager
def _timed(stage: str, seconds: dict[str, float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began
