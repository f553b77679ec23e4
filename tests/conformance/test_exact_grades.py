"""MAP-EM and relabelled draws, graded on posteriors that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

from bayes import exact_posterior, sample
from em import fit

COUNTS = np.array([0, 1, 1, 2, 3, 3, 4, 9, 10, 12, 12, 13, 15])


def log_posterior(logit: float, first: float, second: float, counts: np.ndarray, rate: float) -> float:
    """Up to a constant, by counting allocations: with N counts of sum S in the first component it is a product."""
    n, total = len(counts), int(counts.sum())
    ways = {(0, 0): 1}
    for count in counts:
        grown = dict(ways)
        for (size, events), number in ways.items():
            key = (size + 1, events + int(count))
            grown[key] = grown.get(key, 0) + number
        ways = grown
    log_share, log_rest = special.log_expit([logit, -logit])
    terms = [
        np.log(number)
        + size * log_share
        + (n - size) * log_rest
        + special.xlogy(events, first)
        - size * first
        + special.xlogy(total - events, second)
        - (n - size) * second
        for (size, events), number in ways.items()
    ]
    # Uniform weights and Gamma(1, rate) rates, in the parameters themselves.
    return float(special.logsumexp(terms) - rate * (first + second))


def test_map_em_finds_the_mode_of_the_exact_posterior() -> None:
    mode = fit(COUNTS, "poisson", 2, estimate="map", prior="conjugate", starts=20)
    found = mode.mixture.arrays()
    at = np.array([special.logit(found["weights"][0]), *found["rates"]])
    rate = 1 / COUNTS.mean()

    def falling(parameters: np.ndarray) -> float:
        logit, first, second = parameters
        return -log_posterior(logit, first, second, COUNTS, rate)

    best = optimize.minimize(
        falling,
        at + np.array([0.3, 0.5, -0.8]),
        method="Nelder-Mead",
        options={"fatol": 1e-12, "xatol": 1e-8, "maxiter": 4000},
    )
    # EM stops within 1e-8 nats of its limit, which is √2e-8 standard deviations, of about one and a half here.
    assert falling(at) == pytest.approx(best.fun, abs=2e-8)
    np.testing.assert_allclose(at, best.x, atol=3e-4)


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["weak", "conjugate"])
def test_relabelled_draws_have_the_exact_means_and_deviations(prior: str) -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(np.repeat([3.0, 14.0], [30, 40]))
    drawn = sample(counts, "poisson", 2, prior=prior, draws=2000, tune=1000, chains=4).summary
    exact = exact_posterior(counts, "poisson", 2, prior=prior).summary
    for name, row in exact.iterrows():
        # Four Monte Carlo errors; that of a standard deviation is about sd / √(2 ESS). So far apart, components in the
        # order of their rates are those that relabelling finds.
        found = drawn.loc[str(name)]
        assert abs(found["mean"] - row["mean"]) < 4 * found["mcse_mean"]
        assert abs(found["sd"] - row["sd"]) < 4 * row["sd"] / np.sqrt(2 * found["ess_bulk"])
