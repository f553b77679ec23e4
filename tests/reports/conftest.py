"""A browser, and comparisons to render: one that was sampled, and doubles with a posterior invented about EM's answer."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

from models import DEFAULT_SEED, Data, Gaussian, Mixture, Model, simulation
from reports.judging.comparison import Comparison, compare
from reports.presenting import write
from reports.presenting.page import render
from reports.reading.sources import ScenarioSource
from tests.doubles import HOSTILE_NAMES, invented

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


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
    three = simulation("poisson-three")
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
def poisson_page(poisson_comparison: Comparison) -> str:
    """Its page, which takes longer than all else that is written of it."""
    return render(poisson_comparison)


@pytest.fixture
def drawn_before(poisson_page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written of the real comparison has the page that was rendered for all tests."""
    monkeypatch.setattr(write, "render", lambda *_: poisson_page)


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
def pages(poisson_page: str, plane_comparison: Comparison, hostile_comparison: Comparison) -> dict[str, str]:
    """Each of them as a page."""
    return {"counts": poisson_page, "plane": render(plane_comparison), "hostile": render(hostile_comparison)}
