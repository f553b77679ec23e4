"""The lessons on a likelihood without a maximum, on overlap and on growing data: their numbers and their pages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from scipy import optimize, special, stats

from bayes import sample, summarise
from em import Status, fit
from models import Array, Data, Gaussian, Mixture, Prior
from reports.lessons import make, meeting, no_maximum, overlap
from reports.lessons.curves import density_at, total_variation
from reports.lessons.lesson import Lesson
from reports.lessons.page import render
from reports.lessons.quadrature import Quadrature, curvature, quadrature
from reports.lessons.two_rates import (
    DIFFERENCE,
    MODEL,
    SHARE,
    Answers,
    answers,
    log_likelihood_on_grid,
    mixture_at,
    parameters_of,
    posterior,
    seed_of,
    separated,
)
from reports.running.progress import Silence
from tests.reports.pages import opened, require_accessible, screens

NAMES = ("no-maximum", "overlap", "meeting")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def lessons() -> Iterator[dict[str, Lesson]]:
    """The lessons; of both grids only some cells, which are like the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "SIZES", (30, 300))
        patch.setattr(overlap, "SEPARATIONS", (1.0, 4.0))
        patch.setattr(meeting, "SIZES", (25, 400, 1600, 6400))
        yield {name: make(name, 0, Silence()) for name in NAMES}


@pytest.fixture(scope="module")
def many() -> Answers:
    """Two well-separated components and many counts."""
    counts = separated(3.0, 0.4, 9.0).sample(6400, np.random.default_rng(5))[0][:, 0]
    return answers(counts, np.random.default_rng(0), starts=5)


# Quadrature


@pytest.mark.parametrize("narrow", [1.0, 1e-3])
def test_quadrature_finds_a_normal_wherever_it_is_in_the_box(narrow: float) -> None:
    centre = narrow * np.array([1.0, -2.0, 0.5]) + np.array([3.0, -4.0, 7.0])
    factor = narrow * np.array([[1.0, 0, 0], [0.9, 0.3, 0], [-0.5, 0.2, 0.4]])
    normal = stats.multivariate_normal(centre, factor @ factor.T)
    found = quadrature(
        lambda axes: np.asarray(normal.logpdf(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1))),
        np.full(3, -20.0), np.full(3, 20.0), points=48,
    )  # fmt: skip
    # What lies outside the box is of the order of exp(-18); the midpoint rule itself is exact to rounding here.
    deviations = np.sqrt(np.diag(factor @ factor.T))
    for axis in range(3):
        assert found.mean(axis) == pytest.approx(centre[axis], abs=1e-5 * narrow)
        assert found.deviation(axis) == pytest.approx(deviations[axis], rel=1e-5)
        assert total_variation(found, axis, centre[axis], deviations[axis]) < 1e-5
        assert density_at(found, axis, centre[axis : axis + 1])[0] == pytest.approx(
            stats.norm.pdf(0) / deviations[axis], rel=1e-3
        )


def test_total_variation_of_two_normals_is_the_closed_form() -> None:
    axis = np.linspace(-8, 8, 801)
    share = stats.norm.pdf(axis) * (axis[1] - axis[0])
    alone = Quadrature((axis,), (np.full(801, axis[1] - axis[0]),), share / share.sum())
    # Half the area between two normals one standard deviation apart, but for the cell in which they cross.
    assert total_variation(alone, 0, 1.0, 1.0) == pytest.approx(2 * stats.norm.cdf(0.5) - 1, abs=1e-4)


def test_draws_of_a_quadrature_follow_it(many: Answers) -> None:
    draws = many.posterior.draw(4000, np.random.default_rng(1))
    for axis in (DIFFERENCE, SHARE):
        error = many.posterior.deviation(axis) / np.sqrt(4000)
        assert draws[:, axis].mean() == pytest.approx(many.posterior.mean(axis), abs=4.5 * error)


def test_curvature_of_a_quadratic() -> None:
    matrix = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, -0.5], [0.0, -0.5, 1.0]])
    found = curvature(lambda x: -0.5 * np.einsum("mi,ij,mj->m", x, matrix, x), np.ones(3), np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(found, matrix, atol=1e-10)  # second differences of a quadratic are exact


# Two rates


def test_likelihood_on_the_grid_is_that_of_scipy_and_of_the_mixture() -> None:
    data = Data.of(np.array([0, 3, 3, 8, 14, 31])).compress()
    axes = (np.array([0.5, 4.0]), np.array([0.1, 9.0, 60.0]), np.array([0.05, 0.7]))
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    grid = log_likelihood_on_grid(data, axes)
    np.testing.assert_allclose(grid, mixture_at(points).log_likelihood(data.values, data.weights), rtol=1e-12)
    rate, difference, share = points[1, 2, 0]
    x = np.array([0, 3, 3, 8, 14, 31])
    parts = [stats.poisson.logpmf(x, rate), stats.poisson.logpmf(x, rate + difference)]
    alone = special.logsumexp(parts, b=[[share], [1 - share]], axis=0).sum()
    assert grid[1, 2, 0] == pytest.approx(alone, rel=1e-12)


def test_quadrature_agrees_with_nuts_where_components_overlap() -> None:
    x = separated(1.5, 0.4, 9.0).sample(100, np.random.default_rng(8))[0][:, 0]
    data = Data.of(x)
    sampled = sample(data, "poisson", 2, draws=1500, tune=700, chains=2, seed=3)
    draws = parameters_of(sampled.mixture)
    of_nuts = summarise({str(axis): draws[..., axis] for axis in (0, DIFFERENCE, SHARE)})
    exact = posterior(data.compress(), MODEL.prior(data, "conjugate"))
    for axis in (0, DIFFERENCE, SHARE):
        row = of_nuts.loc[str(axis)]
        assert abs(exact.mean(axis) - row["mean"]) < 4.5 * row["mcse_mean"]
        # Its tails are so long that a standard deviation hangs on a few draws: the probabilities below three places do not.
        below, edges = np.cumsum(exact.share(axis)), exact.axes[axis] + exact.widths[axis] / 2
        for at in np.searchsorted(below, [0.1, 0.5, 0.9]):
            error = np.sqrt(below[at] * (1 - below[at]) / min(row["ess_bulk"], row["ess_tail"]))
            assert (draws[..., axis] < edges[at]).mean() == pytest.approx(below[at], abs=4.5 * error)


def test_finer_cells_change_nothing() -> None:
    x = separated(1.0, 0.4, 9.0).sample(30, np.random.default_rng(8))[0][:, 0]
    data = Data.of(x).compress()
    coarse, fine = (posterior(data, MODEL.prior(data, "conjugate"), points) for points in (60, 110))
    for axis in (0, DIFFERENCE, SHARE):
        # The density does not die away where a share or a difference ends: the error there goes with the width squared.
        assert coarse.mean(axis) == pytest.approx(fine.mean(axis), rel=5e-3)
        assert coarse.deviation(axis) == pytest.approx(fine.deviation(axis), rel=5e-3)


def test_standard_errors_and_posterior_come_to_the_expected_information(many: Answers) -> None:
    truth = np.array([9.0, parameters_of(separated(3.0, 0.4, 9.0))[1], 0.4])
    x = np.arange(120)
    low, high = stats.poisson.pmf(x, truth[0]), stats.poisson.pmf(x, truth[0] + truth[1])
    density = truth[2] * low + (1 - truth[2]) * high
    d_low, d_high = low * (x / truth[0] - 1), high * (x / (truth[0] + truth[1]) - 1)
    scores = np.array([truth[2] * d_low + (1 - truth[2]) * d_high, (1 - truth[2]) * d_high, low - high])
    expected = np.sqrt(np.diag(np.linalg.inv((scores / density) @ scores.T)) / 6400)
    assert many.standard_errors is not None
    # The observed information of n terms is off by some n^-1/2 = 1.25 % of the expected one, and by the MLE's own error.
    np.testing.assert_allclose(many.standard_errors, expected, rtol=0.06)
    np.testing.assert_allclose([many.posterior.deviation(axis) for axis in range(3)], many.standard_errors, rtol=0.02)


def test_an_estimate_on_the_edge_has_no_standard_errors() -> None:
    one = answers(np.repeat([5.0, 6.0], 10), np.random.default_rng(0), starts=4)
    assert one.standard_errors is None


def test_the_estimate_is_the_maximum_that_scipy_finds(many: Answers) -> None:
    def falling(point: Array) -> float:
        return -float(many.log_likelihood(point))

    options: Any = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000}
    found = optimize.minimize(falling, np.array([8.0, 12.0, 0.5]), method="Nelder-Mead", options=options)
    assert many.mle.log_likelihood == pytest.approx(-found.fun, abs=1e-6)
    # A fall of 1e-6 nats is within 1.4e-3 standard errors of the top.
    assert many.standard_errors is not None
    assert np.abs((many.estimate - found.x) / many.standard_errors).max() < 5e-3


# A likelihood without a maximum


def test_the_log_likelihood_gains_a_logarithm_with_every_width(lessons: dict[str, Lesson]) -> None:
    scene = lessons["no-maximum"].scene
    values = np.array([width["log_likelihood"] for width in scene["widths"]])
    slope = np.diff(values[:20]) / np.diff(scene["exponents"][:20])
    np.testing.assert_allclose(slope, -np.log(10), atol=2e-3)  # values are rounded to 1e-4, over steps of 0.1
    assert values[0] > scene["interior"]["log_likelihood"]


def test_em_collapses_from_a_narrow_start_and_never_under_the_prior(lessons: dict[str, Lesson]) -> None:
    widths = lessons["no-maximum"].scene["widths"]
    assert {width["mle"]["status"] for width in widths} == {Status.COLLAPSED, Status.CONVERGED}
    assert widths[0]["mle"]["status"] == Status.COLLAPSED
    assert "singular" in widths[0]["mle"]["reason"]
    assert {width["map"]["status"] for width in widths} == {Status.CONVERGED}


def test_the_curves_are_those_of_an_own_log_posterior(lessons: dict[str, Lesson]) -> None:
    scene = lessons["no-maximum"].scene
    _, prior = _data_and_prior(scene)
    for width in scene["widths"][::11]:
        value = _log_posterior(width["mixture"], np.array(scene["data"]), prior)
        assert width["objective"] == pytest.approx(value, rel=1e-9, abs=1e-4)


def test_the_top_under_the_prior_is_the_highest_of_a_fine_grid(lessons: dict[str, Lesson]) -> None:
    scene = lessons["no-maximum"].scene
    data, prior = _data_and_prior(scene)
    exponents = np.linspace(-1, 0.5, 1501)
    values = no_maximum.log_posterior(data, prior, no_maximum.spiked(data, exponents))
    assert scene["top"]["exponent"] == pytest.approx(exponents[values.argmax()], abs=1e-3)
    assert scene["top"]["objective"] == pytest.approx(values.max(), abs=1e-4)


def test_the_map_from_the_spike_is_where_scipy_ends(lessons: dict[str, Lesson]) -> None:
    scene = lessons["no-maximum"].scene
    data, prior = _data_and_prior(scene)
    start = no_maximum.spiked(data, scene["exponents"][-6])
    found = fit(data, "gaussian", 2, estimate="map", prior=prior, start=start)

    def objective(free: Any) -> float:
        share = special.expit(free[0])
        mixture = Mixture(np.array([share, 1 - share]), Gaussian(free[1:3, None], np.exp(free[3:5])[:, None, None]))
        return -float(no_maximum.log_posterior(data, prior, mixture))

    means, variances = start.components.arrays().values()
    free = np.concatenate([[special.logit(start.weights[0])], means[:, 0], np.log(variances[:, 0, 0])])
    ended = optimize.minimize(
        objective, free, method="Nelder-Mead", options={"maxiter": 20_000, "fatol": 1e-10, "xatol": 1e-6}
    )
    assert found.climb.objective[-1] == pytest.approx(-ended.fun, abs=1e-6)
    narrow = np.sqrt(np.exp(ended.x[3:5]).min())
    assert 10 ** scene["widths"][-6]["map"]["exponent"] == pytest.approx(narrow, rel=5e-3)


def test_no_draw_of_the_posterior_is_a_spike(lessons: dict[str, Lesson]) -> None:
    posterior = lessons["no-maximum"].scene["posterior"]
    # Of a thousand draws a millionth of the prior's probability would show none.
    assert posterior["least"] > -1.5
    assert sum(posterior["density"]) * 0.1 == pytest.approx(1, abs=0.02)


def _data_and_prior(scene: dict[str, Any]) -> tuple[Data, Prior]:
    data = Data.of(np.array(scene["data"]))
    return data, no_maximum.MODEL.prior(data, "conjugate")


def _log_posterior(mixture: dict[str, list[float]], x: Any, prior: Prior) -> float:
    """With nothing but SciPy."""
    weights, means, variances = (np.array(mixture[name]) for name in ("weights", "means", "variances"))
    parts = stats.norm.logpdf(x[:, None], means, np.sqrt(variances)) + np.log(weights)
    given = prior.components.parameters()
    nu, kappa, scale = given["degrees_of_freedom"], given["strength"], float(np.squeeze(given["scale"]))
    of_variances = stats.invgamma.logpdf(variances, nu / 2, scale=scale / 2)
    of_means = stats.norm.logpdf(means, given["location"][0], np.sqrt(variances / kappa))
    return float(special.logsumexp(parts, axis=1).sum() + (of_variances + of_means).sum())


# Overlap and growing data


def test_shift_falls_with_separation_and_data(lessons: dict[str, Lesson]) -> None:
    rows = lessons["overlap"].scene["rows"]
    shifts = np.array(
        [[max(abs(cell[name]["shift"]) for name in overlap.SHOWN) for cell in row["cells"]] for row in rows]
    )
    assert shifts[0, 0] > 0.5 > 10 * shifts[1, 1]


def test_a_cell_shows_the_same_estimates_as_em(lessons: dict[str, Lesson]) -> None:
    row = lessons["overlap"].scene["rows"][1]
    histogram = np.array(row["cells"][1]["histogram"])
    counts = np.repeat(np.arange(len(histogram)), np.rint(300 * histogram).astype(int))
    assert len(counts) == 300
    for estimate in ("mle", "map"):
        found = parameters_of(fit(counts, "poisson", 2, estimate=estimate, starts=10, seed=9).mixture)
        # Two climbs end within 1e-8 nats of the top, so within 1.5e-4 of its standard deviations.
        for name, axis in overlap.SHOWN.items():
            cell = row["cells"][1][name]
            assert cell[estimate] == pytest.approx(found[axis], abs=1e-3 * cell["sd"])


def test_width_falls_as_the_root_of_n_and_the_distance_with_it(lessons: dict[str, Lesson]) -> None:
    scene = lessons["meeting"].scene
    for found in scene["parameters"].values():
        sizes, widths = scene["sizes"][1:], [one["sd"] for one in found[1:]]
        slope = np.polyfit(np.log(sizes), np.log(widths), 1)[0]
        # Each width is off by some n^-1/2 of itself, 5 % at 400; over a sixteenfold range that moves the slope by 0.03.
        assert slope == pytest.approx(-0.5, abs=0.06)
        distances = [one["distance"] for one in found]
        assert distances[-1] < 0.25 * (distances[0] or 1.0)
        assert distances[-1] < 0.03
        (lower, upper), density = scene["axis"], np.array(found[-1]["density"])
        expected = stats.norm.pdf(np.linspace(lower, upper, len(density)))
        np.testing.assert_allclose(density, expected, atol=0.02)


def test_the_same_seed_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "SIZES", (30,))
    monkeypatch.setattr(overlap, "SEPARATIONS", (2.0,))
    first, again, other = (render(make("overlap", seed, Silence())) for seed in (4, 4, 5))
    assert first == again != other


def test_the_page_knows_the_seed() -> None:
    assert seed_of(np.random.default_rng(7).spawn(2)[1]) == 7
    assert seed_of(np.random.default_rng([7, 8])) is None


# Pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, lessons: dict[str, Lesson]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lessons")
    for name, lesson in lessons.items():
        (folder / f"{name}.html").write_text(render(lesson), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in lessons}


@screens
@pytest.mark.parametrize("name", NAMES)
def test_page_opens_alone_fits_and_is_accessible(
    browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    assert pages[name].stat().st_size < 300_000
    with opened(browser, pages[name], width, scheme) as page:
        for slider in page.locator("input[type=range]").all():
            for key in ("End", "Home"):
                slider.press(key)
                assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
        assert not any(
            "NaN" in path
            for path in page.locator("svg path").evaluate_all(
                "all => all.map(p => p.getAttribute('d') + p.getAttribute('transform'))"
            )
        )
        # The derivations at the end are the same at any width, and long.
        require_accessible(page, None if width == 360 else "#live")


@pytest.mark.parametrize("name", NAMES)
def test_sliders_move_by_keyboard_and_by_mouse(browser: Browser, pages: dict[str, Path], name: str) -> None:
    page = browser.new_page()
    page.goto(pages[name].as_uri())
    for slider in page.locator("input[type=range]").all():
        before, picture = page.locator("output.step").inner_text(), _picture(page)
        slider.press("Home")
        slider.press("ArrowRight")
        assert slider.input_value() == "1"
        assert slider.get_attribute("aria-valuetext") == slider.locator("xpath=../..").locator("output").inner_text()
        slider.press("End")
        box = slider.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
        assert slider.input_value() == "0"
        at_start = page.locator("output.step").inner_text()
        page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
        assert slider.input_value() == slider.get_attribute("max")
        assert page.locator("output.step").inner_text() != at_start
        assert (page.locator("output.step").inner_text(), _picture(page)) != (before, picture)
    page.close()


def test_the_spike_reports_what_the_suite_found(
    browser: Browser, pages: dict[str, Path], lessons: dict[str, Lesson]
) -> None:
    page = browser.new_page()
    page.goto(pages["no-maximum"].as_uri())
    page.get_by_role("slider").press("Home")
    assert "collapsed" in page.locator(".ending").inner_text()
    assert "below" in page.locator("output.step").inner_text()
    page.get_by_role("slider").press("End")
    assert "EM from here: converged" in page.locator(".ending").inner_text()
    page.close()


def test_the_table_of_shifts_marks_where_the_sliders_are(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["overlap"].as_uri())
    assert page.locator("tbody tr").nth(0).locator("td").nth(0).get_attribute("aria-current") == "true"
    page.get_by_role("slider", name="Separation").press("End")
    page.get_by_role("slider", name="Observations n").press("End")
    assert page.locator("td.here").count() == 1
    assert page.locator("tbody tr").last.locator("td").last.get_attribute("aria-current") == "true"
    assert "they agree" in page.locator("output.step").inner_text()
    page.close()


def test_the_parameter_can_be_chosen(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["meeting"].as_uri())
    before = page.locator("p.found").inner_text()
    page.get_by_label("Parameter").select_option("share")
    assert page.locator("p.found").inner_text() != before
    page.get_by_label("Parameter").press("ArrowUp")
    assert page.locator("p.found").inner_text() == before
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_on_paper_a_fixed_place_is_shown_and_the_reader_s_comes_back(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    page = browser.new_page()
    page.goto(pages[name].as_uri())
    for slider in page.locator("input[type=range]").all():
        slider.press("End")
    own = _picture(page)
    _show_as(page, "print")
    printed = page.locator("output.step").inner_text()
    assert not page.locator("input[type=range]").first.is_visible()
    _show_as(page, "screen")
    assert _picture(page) == own
    page.locator("input[type=range]").first.press("Home")
    _show_as(page, "print")
    assert page.locator("output.step").inner_text() == printed
    page.close()


def _show_as(page: Page, media: Literal["print", "screen"]) -> None:
    """Change the medium, which the page is told at its next frame."""
    page.emulate_media(media=media)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _picture(page: Page) -> str:
    return json.dumps(page.locator(".panel svg").evaluate_all("all => all.map(svg => svg.outerHTML)"))
