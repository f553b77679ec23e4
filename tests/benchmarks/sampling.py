"""The posterior: gradient, and data to posterior, against the textbook graph, against NumPyro and against Stan."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bayes import build_model, compiled_model, sample, summarise
from models import Array, Data, Model, simulation

from .table import Row, faster, seconds, skipped

DRAWS, TUNE, CHAINS = 1000, 1000, 4
# The textbook graph would sample for the better part of an hour.
SHARE = 10
# Of two chains of NumPyro's and Stan's NUTS, each with as long a warm-up: thousands would take them half an hour.
DRAWS_OF_PEERS = 400
STAN = Path(__file__).with_name("stan")
EFFECTIVE = "effective draws a second, gaussian-five"


def gradients(repetitions: int, largest: int) -> Iterator[Row]:
    """Log-density and gradient of ``gaussian-five``: fused against ``pm.Mixture``, both compiled by Numba."""
    data = simulation("gaussian-five").data
    fused, of_fused = _log_density(data, "fused")
    textbook, of_textbook = _log_density(data, "textbook")
    ours, theirs = _each(fused, 200), _each(textbook, 20)
    truth = simulation("gaussian-five").truth
    e_step = _each(lambda: truth.expectation(data), 200)
    reason = (
        f"an E-step alone takes {1e6 * e_step:.0f} µs of ours; PyMC's graph is no longer as slow as the bar supposes"
    )
    yield faster("gradient, gaussian-five", "pm.Mixture", ours, theirs, 60, reason=reason)
    yield faster("compiling the gradient, gaussian-five", "pm.Mixture", of_fused, of_textbook)


def _log_density(data: Data, likelihood: str) -> tuple[Callable[[], Any], float]:
    began = time.perf_counter()
    function = build_model(data, "gaussian", 5, likelihood=likelihood).logp_dlogp_function(ravel_inputs=True)
    function.set_extra_values({})
    place = np.zeros(29)
    function(place)
    return lambda: function(place), time.perf_counter() - began


def _each(run: Callable[[], Any], times: int) -> float:
    return seconds(lambda: [run() for _ in range(times)], 3) / times


def posteriors(repetitions: int, largest: int) -> Iterator[Row]:
    """Data to posterior, everything included, and effective draws per second against NumPyro."""
    data = simulation("gaussian-five").data
    sample(data, "gaussian", 5, draws=10, tune=10, chains=1)
    began = time.perf_counter()
    posterior = sample(data, "gaussian", 5, draws=DRAWS, tune=TUNE, chains=CHAINS)
    ours = time.perf_counter() - began
    smallest = float(posterior.summary[["ess_bulk", "ess_tail"]].to_numpy().min())
    steps = float(posterior.tree["sample_stats"]["n_steps"].mean())
    note = f"smallest ESS {smallest:.0f} of {CHAINS * DRAWS}, {steps:.1f} leapfrogs a draw"
    yield Row("data to posterior, gaussian-five, warm", "20 s", ours, 20, ours / 20, 1, at_most=True, note=note)
    yield against_the_textbook(data, ours)
    mine = compiled_posterior(data)
    note = f"of the worst mean; each with its warm-up, after compiling; theirs {DRAWS_OF_PEERS} draws a chain"
    for peer, run in (("NumPyro", numpyro_posterior), ("Stan (rstan)", stan_posterior)):
        try:
            theirs = run(data.values)
        except (ImportError, FileNotFoundError, subprocess.CalledProcessError) as missing:
            yield skipped(EFFECTIVE, peer, str(missing))
        else:
            yield Row(EFFECTIVE, peer, mine, theirs, mine / theirs, 3, unit="1/s", note=note)


def compiled_posterior(data: Data) -> float:
    """Effective draws a second of the worst mean, warm-up and relabelling included, compiling not."""
    compiled = compiled_model(Model.of(data, "gaussian", 5))
    settings = {"draws": DRAWS, "tune": TUNE, "chains": CHAINS, "cores": 2}
    compiled.sample(data, **settings)  # type: ignore[arg-type]
    began = time.perf_counter()
    draws = compiled.sample(data, seed=1, **settings)  # type: ignore[arg-type]
    took = time.perf_counter() - began
    return _effective(draws.mixture.components.arrays()["means"]) / took


def _effective(means: Array) -> float:
    """The smallest effective sample size among means of shape ``(chains, draws, k, d)``."""
    flat = means.reshape(*means.shape[:2], -1)
    table = summarise({f"mean {i}": flat[..., i] for i in range(flat.shape[-1])})
    return float(table[["ess_bulk", "ess_tail"]].to_numpy().min())


def against_the_textbook(data: Data, ours: float) -> Row:
    """The textbook graph under ``pm.sample``, compiling included; of its draws a tenth is timed and all are counted."""
    import pymc as pm

    with build_model(data, "gaussian", 5, likelihood="textbook"):

        def run(draws: int, tune: int) -> tuple[Any, float]:
            began = time.perf_counter()
            tree = pm.sample(draws, tune=tune, chains=CHAINS, random_seed=0, progressbar=False)
            return tree, time.perf_counter() - began

        _, compiling = run(1, 1)
        _, beginning = run(1, 1)
        tree, tenth = run(DRAWS // SHARE, TUNE // SHARE)
    theirs = compiling + SHARE * (tenth - beginning)
    steps = float(tree["sample_stats"]["n_steps"].mean())
    weights = tree["posterior"]["weights"].to_numpy()
    named = {f"weights{j}": weights[..., j] for j in range(weights.shape[-1])}
    smallest = float(summarise(named)[["ess_bulk", "ess_tail"]].to_numpy().min())
    note = (
        f"textbook: {steps:.1f} leapfrogs a draw, smallest ESS of a weight {smallest:.0f} of {CHAINS * DRAWS // SHARE}"
    )
    return faster("data to posterior, gaussian-five", "textbook graph, pm.sample", ours, theirs, 30, note)


def sizes(repetitions: int, largest: int) -> Iterator[Row]:
    """The posterior of counts must not know how many there are."""
    rng = np.random.default_rng(5)
    rates = np.array([30.0, 100.0, 150.0])
    few, many = (rng.poisson(rates[rng.integers(0, 3, n)]).astype(float) for n in (500, 1_000_000))

    def run(x: Array) -> float:
        return seconds(lambda: sample(x, "poisson", 3, draws=DRAWS, tune=TUNE, chains=CHAINS), repetitions)

    run(few)
    of_few, of_many = run(few), run(many)
    yield Row(
        "data to posterior, Poisson (n = 1e6)",
        "itself at n = 500",
        of_many,
        of_few,
        of_many / of_few,
        1.2,
        at_most=True,
    )


def numpyro_posterior(x: Array) -> float:
    """Effective draws a second of NumPyro's NUTS.

    It samples our marginalised likelihood under other weak priors; its chains start at the true means, ours do not.
    """
    import jax
    import numpyro
    from jax import numpy as jnp
    from numpyro import distributions as of
    from numpyro.infer import MCMC, NUTS, init_to_value

    jax.config.update("jax_enable_x64", True)
    k, d = 5, x.shape[1]
    scale = np.linalg.cholesky(np.cov(x.T))

    def model() -> None:
        weights = numpyro.sample("weights", of.Dirichlet(jnp.ones(k)))
        with numpyro.plate("component", k):
            means = numpyro.sample("means", of.MultivariateNormal(jnp.asarray(x.mean(0)), scale_tril=10 * scale))
            deviations = numpyro.sample("deviations", of.HalfNormal(5).expand([d]).to_event(1))
            correlation = numpyro.sample("correlation", of.LKJCholesky(d, 1))
        factors = deviations[..., None] * correlation
        mixture = of.MixtureSameFamily(of.Categorical(weights), of.MultivariateNormal(means, scale_tril=factors))
        numpyro.sample("x", mixture, obs=jnp.asarray(x))

    start = _true_means()
    numpyro.set_host_device_count(2)
    kernel = NUTS(model, init_strategy=init_to_value(values={"means": jnp.asarray(start)}))
    chains = MCMC(kernel, num_warmup=DRAWS_OF_PEERS, num_samples=DRAWS_OF_PEERS, num_chains=2, progress_bar=False)
    chains.run(jax.random.PRNGKey(0))
    began = time.perf_counter()
    chains.run(jax.random.PRNGKey(1))
    means = np.asarray(chains.get_samples(group_by_chain=True)["means"])
    return _effective(means) / (time.perf_counter() - began)


def stan_posterior(x: Array) -> float:
    """Effective draws a second of Stan's NUTS, through R, with the priors and the start of the NumPyro model.

    Raises
    ------
    FileNotFoundError
        Without R.
    subprocess.CalledProcessError
        Without rstan, or where it compiles nothing.
    """
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for name, table in (("data.csv", x), ("start.csv", _true_means())):
            np.savetxt(place / name, table, delimiter=",")
        program = shutil.copy(STAN / "mixture.stan", place)
        files = [program, place / "data.csv", place / "start.csv"]
        command = ["Rscript", STAN / "sample.R", *files, str(DRAWS_OF_PEERS), str(DRAWS_OF_PEERS), place / "means.csv"]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        means = np.loadtxt(place / "means.csv", delimiter=",")
    return _effective(means.reshape(2, DRAWS_OF_PEERS, -1)) / float(told.split()[-1])


def _true_means() -> Array:
    return np.array(simulation("gaussian-five").truth.components.arrays()["means"])
