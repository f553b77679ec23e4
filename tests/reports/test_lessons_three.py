"""The lessons on three ways to treat z, on agreement and on the prior: their numbers and their pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser
from scipy import integrate, optimize, special, stats

from models import Array, Data
from reports.lessons import agreement, make, three_ways
from reports.lessons.lesson import Lesson
from reports.lessons.page import render
from reports.lessons.two_rates import MODEL
from reports.running.progress import Silence
from tests.reports.pages import opened, require_accessible, screens

NAMES = ("three-ways", "agreement", "prior")
MOST_BYTES = 100_000
BATCHES = 20


@pytest.fixture(scope="module")
def lessons() -> Iterator[dict[str, Lesson]]:
    """The lessons, one of them with some of its sizes only, which are like the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agreement, "SIZES", (30, 1000))
        yield {name: make(name, 0, Silence()) for name in NAMES}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, lessons: dict[str, Lesson]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lessons")
    for name, lesson in lessons.items():
        (folder / f"{name}.html").write_text(render(lesson), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in lessons}


# Three ways


@pytest.fixture(scope="module")
def scene(lessons: dict[str, Lesson]) -> dict[str, Any]:
    return lessons["three-ways"].scene


def log_likelihood(counts: Array, weight: float, rates: Array) -> float:
    parts = stats.poisson.pmf(counts[:, None], rates) * np.array([weight, 1 - weight])
    return float(np.log(parts.sum(axis=1)).sum())


def test_em_climbs_to_the_maximum_that_scipy_finds(scene: dict[str, Any]) -> None:
    counts = np.array(scene["counts"])
    climbed = [log_likelihood(counts, each["weights"][0], np.array(each["rates"])) for each in scene["em"]]
    # Parameters have four decimals on the page, which moves a flat top by less than a millionth.
    assert np.diff(climbed).min() > -1e-5

    def loss(free: Array) -> float:
        return -log_likelihood(counts, float(special.expit(free[0])), np.exp(free[1:]))

    found = optimize.minimize(loss, np.array([0.0, 1.0, 2.0]), tol=1e-10)
    np.testing.assert_allclose(np.exp(found.x[1:]), scene["em"][-1]["rates"], atol=2e-4)


def bound(counts: Array, factors: Sequence[Array], prior_rate: float) -> float:
    """The evidence lower bound, with labels at their best, by the textbook's Kullback–Leibler divergences."""
    alpha, shapes, rates = factors
    log_weights = special.digamma(alpha) - special.digamma(alpha.sum())
    log_rates = special.digamma(shapes) - np.log(rates)
    terms = log_weights + counts[:, None] * log_rates - shapes / rates - special.gammaln(counts + 1)[:, None]
    of_weights = (
        special.gammaln(alpha.sum()) - special.gammaln(alpha).sum() + (alpha - 1) @ log_weights - special.gammaln(2)
    )
    # KL(Gamma(a, b) ‖ Gamma(1, r)).
    of_rates = (
        (shapes - 1) * special.digamma(shapes) - special.gammaln(shapes) + np.log(rates / prior_rate)
        + shapes * (prior_rate / rates - 1)
    )  # fmt: skip
    return float(special.logsumexp(terms, axis=1).sum() - of_weights - of_rates.sum())


def test_the_variational_answer_climbs_its_bound_to_a_maximum(scene: dict[str, Any]) -> None:
    counts = np.array(scene["counts"], dtype=float)
    prior = MODEL.prior(Data.of(counts), "conjugate")
    assert prior.concentration == 1
    path = three_ways.variational_path(counts, prior, three_ways.START, 500)
    bounds = [bound(counts, factors, 1 / counts.mean()) for factors in path]
    assert np.diff(bounds).min() >= -1e-9 * abs(bounds[0])
    for which in range(3):
        for k in range(2):
            for factor in (0.97, 1.03):
                moved = [each.copy() for each in path[-1]]
                moved[which][k] *= factor
                assert bound(counts, moved, 1 / counts.mean()) < bounds[-1]


def test_gibbs_comes_to_the_exact_posterior_and_the_variational_answer_is_too_sure(scene: dict[str, Any]) -> None:
    counts = np.array(scene["counts"], dtype=float)
    prior = MODEL.prior(Data.of(counts), "conjugate")
    _, rates, _ = three_ways.gibbs(counts, prior, three_ways.START, 4000, np.random.default_rng(2))
    for k, row in enumerate(scene["table"][:2]):
        exact, width = row["exact"]
        batches = rates[1:, k].reshape(BATCHES, -1).mean(axis=1)
        # Four standard errors of the mean of the batches, of which there are few: Student's t.
        error = batches.std(ddof=1) / np.sqrt(BATCHES)
        assert abs(batches.mean() - exact) < stats.t.isf(3e-5, BATCHES - 1) * error
        assert row["variational"][1] < 0.9 * width
        assert row["em"][0] == pytest.approx(exact, abs=0.3 * width)


def test_the_plane_has_the_mean_of_the_posterior(scene: dict[str, Any]) -> None:
    plane = scene["plane"]
    cells = np.array(plane["cells"])
    for axis, name in enumerate("xy"):
        low, high = plane[name]
        places = low + (high - low) * (np.arange(len(cells)) + 0.5) / len(cells)
        mean = float(cells.sum(axis=1 - axis) @ places / cells.sum())
        exact, width = scene["table"][axis]["exact"]
        # What is cut off, and two decimals of each cell.
        assert mean == pytest.approx(exact, abs=0.1 * width)


def test_labels_of_the_chain_that_is_shown_do_not_change_their_names(scene: dict[str, Any]) -> None:
    rates = np.array([each["rates"] for each in scene["gibbs"]])
    assert (rates[:, 0] < rates[:, 1]).all()
    labels = {each["labels"] for each in scene["gibbs"]}
    assert len(labels) > 50
    assert {len(each) for each in labels} == {len(scene["counts"])}


# Agreement


def test_both_agree_on_a_model_that_is_wrong(lessons: dict[str, Lesson]) -> None:
    one, two = lessons["agreement"].scene["cells"]
    for cells in (one, two):
        for cell in cells:
            assert max(abs(each["shift"]) for each in cell["agreed"]) < lessons["agreement"].scene["differs"]
    # Two Poissons are found out by a thousand counts, and not by thirty; one is by either.
    assert [found_out(cell) for cell in two] == [False, True]
    assert [found_out(cell) for cell in one] == [True, True]


def found_out(cell: dict[str, Any]) -> bool:
    ends = [(max(each["replicates"]), min(each["replicates"]), each["observed"]) for each in cell["checks"].values()]
    return any(observed > most or observed < least for most, least, observed in ends)


def test_one_rate_has_the_closed_form_and_its_replicates_the_variance_of_poissons(lessons: dict[str, Lesson]) -> None:
    for n, cell in zip((30, 1000), lessons["agreement"].scene["cells"][0], strict=True):
        counts = np.repeat(np.arange(len(cell["histogram"])), np.rint(np.array(cell["histogram"]) * n).astype(int))
        assert len(counts) == n
        (agreed,) = cell["agreed"]
        posterior = stats.gamma(1 + counts.sum(), scale=1 / (n + 1 / counts.mean()))
        assert (agreed["mle"], agreed["mean"], agreed["sd"]) == pytest.approx(
            (counts.mean(), posterior.mean(), posterior.std())
        )
        assert cell["checks"]["variance"]["observed"] == pytest.approx(counts.var(), abs=1e-4)
        # Fisher's index of dispersion is χ² with n − 1 degrees of freedom when they are Poisson.
        assert stats.chi2.sf(n * counts.var() / counts.mean(), n - 1) < 1e-6
        replicates = np.array(cell["checks"]["variance"]["replicates"])
        # Var = rate · (n − 1)/n, and the rate itself varies little; four Monte Carlo errors.
        error = replicates.std(ddof=1) / np.sqrt(len(replicates))
        assert abs(replicates.mean() - counts.mean() * (n - 1) / n) < 4 * error


def test_two_rates_are_drawn_as_they_are_stated(lessons: dict[str, Lesson]) -> None:
    cell = lessons["agreement"].scene["cells"][1][1]
    lower, difference, weight = (each["mle"] for each in cell["agreed"])
    x = np.arange(len(cell["mle"]))
    expected = weight * stats.poisson.pmf(x, lower) + (1 - weight) * stats.poisson.pmf(x, lower + difference)
    np.testing.assert_allclose(cell["mle"], expected, atol=1e-5)


# The prior


def answers_of_scipy(x: Array, truth: dict[str, Any], centre: float, strength: float) -> dict[str, float]:
    """Maxima by a bounded search, mean and standard deviation by adaptive quadrature."""
    parts = stats.norm.pdf(x[:, None], truth["means"], np.sqrt(truth["variances"]))

    def log_posterior(share: float, worth: float) -> float:
        prior = stats.beta(1 + worth * centre, 1 + worth * (1 - centre))
        return float(np.log(parts @ [share, 1 - share]).sum() + prior.logpdf(share))

    def top(worth: float) -> float:
        def loss(share: float) -> float:
            return -log_posterior(share, worth)

        found = optimize.minimize_scalar(loss, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-10})
        return float(found.x)

    highest = log_posterior(top(strength), strength)

    def moment(power: int) -> float:
        def height(share: float) -> float:
            return float(share**power * np.exp(log_posterior(share, strength) - highest))

        return float(integrate.quad(height, 0, 1, points=[top(strength)])[0])

    mean = moment(1) / moment(0)
    sd = float(np.sqrt(moment(2) / moment(0) - mean**2))
    return {"mle": top(0.0), "map": top(strength), "mean": mean, "sd": sd}


def test_the_page_computes_estimate_map_and_posterior_as_scipy_does(
    browser: Browser, pages: dict[str, Path], lessons: dict[str, Lesson]
) -> None:
    scene = lessons["prior"].scene
    page = browser.new_page()
    page.goto(pages["prior"].as_uri())
    for n, centre, strength in ((10, 0.8, 0.0), (20, 0.75, 20.0), (160, 0.1, 60.0)):
        expected = answers_of_scipy(np.array(scene["data"][:n]), scene["truth"], centre, strength)
        found = page.evaluate("([n, m, s]) => views.prior.answers(n, m, s)", [n, centre, strength])
        # The search ends within a millionth; the page sums over 400 cells.
        assert [found["mle"], found["map"]] == pytest.approx([expected["mle"], expected["map"]], abs=1e-6)
        assert [found["mean"], found["sd"]] == pytest.approx([expected["mean"], expected["sd"]], abs=1e-4)
        if strength == 0:
            assert found["map"] == found["mle"]
    page.close()


def test_em_stays_while_the_prior_is_moved(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["prior"].as_uri())
    ring, output = page.get_by_role("slider", name="The prior"), page.locator("output.step")

    def said() -> list[str]:
        return [part.strip() for part in output.inner_text().split(":")[1].split(",")]

    before = said()
    ring.focus()
    for key in ("ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        after = said()
        assert after[0] == before[0]
        assert after[1] != before[1]
        assert after[2] != before[2]
        before = after
    page.close()


# Pages


@screens
@pytest.mark.parametrize("name", NAMES)
def test_page_opens_alone_fits_and_is_accessible(
    browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    assert pages[name].stat().st_size < MOST_BYTES
    with opened(browser, pages[name], width, scheme) as page:
        for slider in page.locator("input[type=range]").all():
            for key in ("End", "Home"):
                slider.press(key)
                assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
        for choice in page.locator("select").all():
            for option in choice.locator("option").all():
                choice.select_option(option.get_attribute("value"))
        shapes = "all => all.map(p => p.getAttribute('d') + p.getAttribute('transform'))"
        assert not any("NaN" in shape for shape in page.locator("svg path").evaluate_all(shapes))
        require_accessible(page, None if width == 360 else "#live")


# A page hears of another medium before it next draws a frame, which may be after the next line of a test.
A_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("name", NAMES)
def test_on_paper_the_place_that_was_chosen_is_shown(browser: Browser, pages: dict[str, Path], name: str) -> None:
    page = browser.new_page()
    page.goto(pages[name].as_uri())
    slider = page.locator("input[type=range]").first
    slider.press("End")
    page.emulate_media(media="print")
    page.evaluate(A_FRAME)
    printed = json.loads(page.locator("#scene").text_content() or "{}").get("printed")
    assert not slider.is_visible()
    if printed is not None:
        assert slider.input_value() == str(printed)
    page.emulate_media(media="screen")
    page.evaluate(A_FRAME)
    assert slider.input_value() == slider.get_attribute("max")
    page.close()


@pytest.mark.parametrize("name", ["three-ways", "prior"])
def test_the_same_seed_gives_the_same_bytes(name: str, lessons: dict[str, Lesson]) -> None:
    assert render(make(name, 0, Silence())) == render(lessons[name])
