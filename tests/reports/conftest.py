"""A browser, and comparisons to render: one that was sampled, and doubles with a posterior invented about EM's answer."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
import pytest
import xarray as xr
from playwright.sync_api import Browser, sync_playwright
from scipy import stats

from bayes import Posterior, total_log_likelihood
from em import Fit, fit
from models import DEFAULT_SEED, Components, Data, Gaussian, Mixture, Model, Poisson, scenario
from reports.comparing.equivalence import Equivalence
from reports.comparing.side_by_side import Settings
from reports.judging.comparison import Comparison, compare
from reports.presenting.page import render
from reports.reading.sources import ScenarioSource

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "$x$ \\frac{1}{2}",
    "a_b, c]",
    "long " * 60,
    "line\nfeed \x00\u202e 身長 🦉 &amp;",
)


@pytest.fixture(scope="session", autouse=True)
def interrupts() -> None:
    """Processes that tests start hear interrupts, also where a shell in the background has these tests ignore them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def poisson_comparison() -> Comparison:
    """A real one, with few draws."""
    three = scenario("poisson-three")
    return compare(
        three.data,
        "poisson",
        3,
        truth=three.truth,
        draws=200,
        tune=300,
        chains=2,
        starts=6,
        title=three.title,
        command="emvsbayes compare poisson-three",
        source=ScenarioSource("poisson-three", DEFAULT_SEED),
    )


@pytest.fixture(scope="session")
def plane_comparison() -> Comparison:
    """Two features, truth known, weights that are not one."""
    truth = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0, 1.0], [4.0, 5.0]]), np.array([2 * np.eye(2)] * 2)))
    x, _ = truth.sample(300, np.random.default_rng(1))
    data = Data.of(x, np.tile([1.0, 3.0], 150), columns=("east", "north"), name="plane")
    return invented(data, Model.of(data, "gaussian", 2, "full"), truth=truth)


@pytest.fixture(scope="session")
def hostile_comparison() -> Comparison:
    """Names that try to break out of HTML, SVG and mathematics."""
    rng = np.random.default_rng(7)
    x = np.concatenate([rng.normal(0, 1, (60, 6)), rng.normal(6, 1, (60, 6))])
    data = Data.of(x, columns=HOSTILE_NAMES, name="</title><script>alert(2)</script>")
    model = Model.of(data, "gaussian", 2, "spherical")
    return invented(data, model, title=data.name, command="emvsbayes compare '</pre><script>alert(3)</script>'")


@pytest.fixture(scope="session")
def pages(
    poisson_comparison: Comparison, plane_comparison: Comparison, hostile_comparison: Comparison
) -> dict[str, str]:
    """Each of them as a page."""
    comparisons = {"counts": poisson_comparison, "plane": plane_comparison, "hostile": hostile_comparison}
    return {name: render(comparison) for name, comparison in comparisons.items()}


def invented(
    data: Data,
    model: Model,
    *,
    truth: Mixture | None = None,
    title: str | None = None,
    command: str | None = None,
    draws: int = 120,
    starts: int = 4,
    mle: Fit | None = None,
) -> Comparison:
    """A comparison whose posterior is drawn around EM's answer, about as wide as a real one would be."""
    specification = {name: value for name, value in asdict(model).items() if name != "dimension"}
    mle = mle or fit(data, **specification, starts=starts)
    mode = fit(data, **specification, starts=starts, estimate="map")
    prior = model.prior(data)
    return Comparison(
        data=data,
        model=model,
        prior=prior,
        mle=mle,
        map=mode,
        posterior=_posterior(data, model, mle, draws),
        equivalence=Equivalence((mle.log_likelihood, -9e4), (mle.log_likelihood, -9e4), 1e-9, 1e-5),
        truth=truth,
        settings=Settings(draws=draws, chains=2),
        seconds={"em": 0.1, "posterior": 1.0},
        title=title or data.name,
        command=command,
    )


def _posterior(data: Data, model: Model, mle: Fit, draws: int) -> Posterior:
    rng = np.random.default_rng(3)
    counts = mle.mixture.weights * data.size
    shape = (2, draws)
    weights = (
        rng.dirichlet(counts, size=shape) if model.weights_are_free else np.full((*shape, len(counts)), 1 / len(counts))
    )
    mixture = Mixture(weights, _components(mle.mixture.components, counts, shape, rng))
    tree = xr.DataTree.from_dict(
        {"sample_stats": xr.Dataset({"diverging": (("chain", "draw"), np.zeros(shape, bool))})}
    )
    return Posterior(data, model, model.prior(data), tree, mixture, total_log_likelihood(mixture, data))


def _components(around: Components, counts: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> Components:
    if isinstance(around, Poisson):
        return Poisson(rng.gamma(around.rates * counts, 1 / counts, size=(*shape, len(counts))))
    assert isinstance(around, Gaussian)
    d = around.means.shape[1]
    means = np.stack(
        [
            rng.multivariate_normal(m, c / n, size=shape)
            for m, c, n in zip(around.means, around.covariances, counts, strict=True)
        ],
        axis=2,
    )
    covariances = np.stack(
        [
            stats.wishart(n + d, c / (n + d)).rvs(shape[0] * shape[1], random_state=rng).reshape(*shape, d, d)
            for c, n in zip(around.covariances, counts, strict=True)
        ],
        axis=2,
    )
    if np.all(around.covariances[0] == np.diag(np.diag(around.covariances[0]))):
        covariances = covariances * np.eye(d)
    return Gaussian(means, covariances)
