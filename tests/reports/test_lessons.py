"""The lessons in a real browser: what they show must be what em computes, by every control, off-line and on paper."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from bayes import Posterior
from em import fit
from models import Data, Mixture, Model
from reports.lessons import climbing, make, posterior, titles
from reports.lessons.forgotten_weights import path_without_weights
from reports.lessons.lesson import Lesson, line_mixture
from reports.lessons.page import embedded, render, render_derivations, render_index, scripts
from reports.lessons.write import lesson_path
from reports.presenting.derivation import MODULES
from reports.running.progress import Silence
from tests.doubles import invented
from tests.reports.pages import opened, require_accessible, screens

NAMES = ("climbing", "starting", "forgotten-weights", "switching")
MOST_BYTES = 300_000
# Sums of a few hundred terms of size ten, rounded in another order in another language.
ROUNDING = 1e-9


def invented_posterior(data: Data, rng: np.random.Generator, progress: object) -> Posterior:
    return invented(data, Model.of(data, "gaussian", 2)).posterior


@pytest.fixture(scope="module")
def lessons() -> Iterator[dict[str, Lesson]]:
    """Each made once, the one with a posterior of few draws, the other with an invented one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(climbing, "sampled", invented_posterior)
        patch.setattr(posterior, "DRAWS", 150)
        patch.setattr(posterior, "TUNE", 150)
        yield {name: make(name, 0, Silence()) for name in NAMES}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, lessons: dict[str, Lesson]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lessons")
    texts = {name: render(lesson) for name, lesson in lessons.items()}
    texts["index"] = render_index({name: f"{title}." for name, title in titles.items()})
    texts["derivations"] = render_derivations()
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, has_touch=True)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []
    context.close()


def mixture(parameters: dict[str, list[float]]) -> Mixture:
    return line_mixture(parameters["weights"], parameters["means"], list(np.sqrt(parameters["variances"])))


def log_likelihoods(scene: dict[str, Any], path: str) -> list[float]:
    x = np.array(scene["data"])[:, None]
    return [float(mixture(parameters).log_likelihood(x)) for parameters in scene[path]]


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def bar(page: Page, label: str) -> Any:
    return page.get_by_role("group", name=label, exact=True)


@screens
@pytest.mark.parametrize("name", [*NAMES, "index", "derivations"])
def test_page_opens_alone_fits_and_is_accessible(
    browser: Browser, files: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    assert files[name].stat().st_size < MOST_BYTES
    with opened(browser, files[name], width, scheme) as page:
        require_accessible(page)


def test_every_step_shows_the_log_likelihood_that_em_found(
    page: Page, files: dict[str, Path], lessons: dict[str, Lesson]
) -> None:
    scene = lessons["climbing"].scene
    found = fit(
        np.array(scene["data"]),
        "gaussian",
        2,
        start=climbing.START,
        acceleration="none",
        tolerance=climbing.NEAR_ENOUGH,
    )
    page.goto(files["climbing"].as_uri())
    shown = []
    for _ in scene["path"]:
        shown.append(page.locator("output").first.inner_text().rpartition(" ")[2].replace("−", "-"))
        bar(page, "EM’s steps").get_by_role("button", name="Step forward").click()
    assert shown == [f"{value:.6f}" for value in found.climb.log_likelihood]


def test_the_bound_touches_is_never_above_and_is_highest_where_em_goes(
    page: Page, files: dict[str, Path], lessons: dict[str, Lesson]
) -> None:
    page.goto(files["climbing"].as_uri())
    found = page.evaluate("""() => {
        const { data, path } = draw.scene();
        return path.slice(0, -1).flatMap((mixture, t) => {
            const shares = gaussian.responsibilities(data, mixture);
            const here = gaussian.logLikelihood(data, mixture);
            return [0, 1].map((k) => {
                const at = (mean) => ({ ...mixture, means: mixture.means.map((own, j) => j === k ? mean : own) });
                const next = path[t + 1].means[k];
                const places = gaussian.grid([next - 3, next + 3], 41);
                const bounds = places.map((mean) => gaussian.bound(data, shares, at(mean)));
                return {
                    contact: (gaussian.bound(data, shares, mixture) - here) / here,
                    above: Math.max(...places.map((mean, i) => bounds[i] - gaussian.logLikelihood(data, at(mean)))),
                    top: bounds.indexOf(Math.max(...bounds)),
                };
            });
        });
    }""")
    assert len(found) == 2 * (len(lessons["climbing"].scene["path"]) - 1)
    assert max(abs(step["contact"]) for step in found) < ROUNDING
    assert max(step["above"] for step in found) < 1e-6
    assert {step["top"] for step in found} == {20}


BARS = [
    ("climbing", "EM’s steps"),
    ("climbing", "Posterior draws"),
    ("starting", "EM’s steps"),
    ("forgotten-weights", "Steps of both"),
    ("switching", "Draws"),
]


@pytest.mark.parametrize(("name", "label"), BARS)
def test_the_control_bar_obeys_mouse_keyboard_and_clock(
    page: Page, files: dict[str, Path], name: str, label: str
) -> None:
    page.clock.install()
    page.goto(files[name].as_uri())
    controls = bar(page, label)
    slider = controls.get_by_role("slider")
    last = int(slider.get_attribute("max") or 0)

    def step() -> int:
        return int(slider.input_value())

    def click(button: str) -> int:
        controls.get_by_role("button", name=button).click()
        return step()

    assert click("First step") == 0
    assert click("Step forward") == 1
    assert click("Step back") == 0
    assert click("Last step") == last
    expected = {"Home": 0, "ArrowRight": 1, "ArrowUp": 2, "ArrowLeft": 1, "ArrowDown": 0, "End": last}
    for focused in (slider, controls.get_by_role("button", name="Play")):
        focused.focus()
        for key, to in expected.items():
            page.keyboard.press(key)
            assert step() == to
    # At the end, playing begins again; the first press of space plays, the second one pauses.
    slider.focus()
    page.keyboard.press(" ")
    page.clock.run_for(3000)
    assert 0 < step() <= last
    playing = controls.get_by_role("button", name="Pause")
    if playing.count():
        page.keyboard.press(" ")
        paused = step()
        page.clock.run_for(3000)
        assert step() == paused


def test_nothing_moves_by_itself_and_reduced_motion_plays_slowly(browser: Browser, files: dict[str, Path]) -> None:
    steps = {}
    for motion in ("no-preference", "reduce"):
        page = browser.new_page(reduced_motion=motion)
        page.clock.install()
        page.goto(files["climbing"].as_uri())
        slider = bar(page, "Posterior draws").get_by_role("slider")
        page.clock.run_for(5000)
        assert slider.input_value() == "0"
        bar(page, "Posterior draws").get_by_role("button", name="Play").click()
        page.clock.run_for(3050)
        steps[motion] = int(slider.input_value())
        page.close()
    assert steps["reduce"] == 3
    assert steps["no-preference"] > 20


@pytest.mark.parametrize("name", NAMES)
def test_paper_shows_a_fixed_step_and_no_controls(page: Page, files: dict[str, Path], name: str) -> None:
    page.goto(files[name].as_uri())
    slider = page.locator(".controls input[type=range]").first
    before = slider.input_value()
    page.emulate_media(media="print")
    printed = json.loads(page.locator("#scene").text_content() or "{}").get("printed")
    expect(slider).to_have_value(str(printed) if printed else slider.get_attribute("max") or "")
    assert page.locator(".controls:visible, .switch:visible").count() == 0
    assert page.locator(".panel svg").first.bounding_box()["height"] > 100  # type: ignore[index]
    page.emulate_media(media="screen")
    expect(slider).to_have_value(before)


def test_the_varied_parameter_can_be_chosen(page: Page, files: dict[str, Path]) -> None:
    page.goto(files["climbing"].as_uri())
    panel = page.locator(".panel svg").nth(1)
    by_mean = panel.get_attribute("aria-label")
    page.get_by_label("Vary").select_option("weight 1")
    assert "Along weight 1" in (panel.get_attribute("aria-label") or "")
    assert panel.get_attribute("aria-label") != by_mean


def test_em_in_the_page_takes_the_steps_of_em(page: Page, files: dict[str, Path], lessons: dict[str, Lesson]) -> None:
    page.goto(files["starting"].as_uri())
    scene = lessons["starting"].scene
    for means in ([-3.0, 4.0], [0.5, 1.5], [4.0, -4.5]):
        start = line_mixture([0.5, 0.5], means, [scene["deviation"]] * 2)
        climb = fit(
            np.array(scene["data"]), "gaussian", 2, start=start, acceleration="none", keep_path=True, tolerance=1e-10
        ).climb
        stepped = page.evaluate(
            """([start, steps]) => {
                const { data } = draw.scene();
                const path = [start];
                for (let t = 0; t < steps; t += 1) path.push(gaussian.step(data, path.at(-1)));
                return path;
            }""",
            [{"weights": [0.5, 0.5], "means": means, "variances": [scene["deviation"] ** 2] * 2}, climb.steps],
        )
        assert climb.steps > 5
        for ours, theirs in zip(climb.path, stepped, strict=True):
            for name, array in mixture(theirs).arrays().items():
                np.testing.assert_allclose(array, ours.arrays()[name], rtol=ROUNDING, atol=ROUNDING)


def test_the_map_agrees_with_em_in_the_page(page: Page, files: dict[str, Path], lessons: dict[str, Lesson]) -> None:
    scene = lessons["starting"].scene
    page.goto(files["starting"].as_uri())
    ends = page.evaluate("""() => {
        const { data, limits, cells, deviation } = draw.scene();
        const width = (limits[1] - limits[0]) / cells.length;
        const middle = (i) => limits[0] + width * (i + 0.5);
        return cells.map((row, j) => row.map((_, i) => {
            const variances = [deviation ** 2, deviation ** 2];
            let mixture = { weights: [0.5, 0.5], means: [middle(i), middle(j)], variances };
            for (let t = 0; t < 300; t += 1) mixture = gaussian.step(data, mixture);
            return gaussian.logLikelihood(data, mixture);
        }));
    }""")
    expected = np.array([optimum["log_likelihood"] for optimum in scene["optima"]])[np.array(scene["cells"])]
    np.testing.assert_allclose(ends, expected, atol=1e-4)
    assert len(scene["optima"]) >= 3
    assert np.array_equal(scene["cells"], np.transpose(scene["cells"]))


def test_the_start_moves_by_keyboard_mouse_and_finger(page: Page, files: dict[str, Path]) -> None:
    page.goto(files["starting"].as_uri())
    ring = page.get_by_role("slider", name="Start of EM")
    output = page.locator("output")

    def start() -> list[float]:
        return numbers(ring.get_attribute("aria-valuetext") or "")[:2]

    first = start()
    ring.focus()
    for key, moved in (("ArrowRight", (1, 0)), ("ArrowUp", (0, 1)), ("ArrowLeft", (-1, 0)), ("ArrowDown", (0, -1))):
        before = start()
        page.keyboard.press(key)
        assert tuple(np.sign(np.subtract(start(), before))) == moved
    assert start() == first
    box = ring.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 120, middle[1] + 40, steps=4)
    page.mouse.up()
    dragged = start()
    assert dragged[0] < first[0] - 1
    assert dragged[1] < first[1] - 0.4
    assert f"From {dragged[0]:.2f}".replace("-", "−") in output.inner_text()
    page.touchscreen.tap(middle[0] - 60, middle[1] - 60)
    assert start() != dragged


def test_the_wrong_program_is_shown_as_it_runs_and_falls(
    page: Page, files: dict[str, Path], lessons: dict[str, Lesson]
) -> None:
    scene = lessons["forgotten-weights"].scene
    page.goto(files["forgotten-weights"].as_uri())
    right, wrong = log_likelihoods(scene, "right"), log_likelihoods(scene, "wrong")
    assert np.diff(right).min() >= -1e-9 * abs(right[0])
    assert np.diff(wrong).min() < -0.1
    for step in (0, 3, len(wrong) - 1):
        page.locator("input[type=range]").fill(str(step))
        shown = numbers(page.locator("output").inner_text())
        assert shown[2:] == [round(right[step], 6), round(wrong[step], 6)]
    touching, apart = page.locator("p.step").all_inner_texts()
    assert touching == "The bound touches."
    # The gap is the Kullback–Leibler divergence of the wrong responsibilities from the right ones.
    end, x = mixture(scene["wrong"][-1]), np.array(scene["data"])[:, None]
    own = end.responsibilities(x)
    used = Mixture(np.full(2, 0.5), end.components).responsibilities(x)
    assert numbers(apart) == [round(float(np.sum(used * np.log(used / own))), 2)]


def test_the_wrong_program_is_em_for_equal_weights(lessons: dict[str, Lesson]) -> None:
    scene = lessons["forgotten-weights"].scene
    x = np.array(scene["data"])
    start = line_mixture([0.5, 0.5], [-3.0, 3.0], [1.0, 1.0])
    equal = fit(x, "gaussian", 2, mixing="equal", start=start, acceleration="none", keep_path=True, max_steps=20)
    wrong = path_without_weights(Data.of(x), start, 20)
    for ours, theirs in zip(equal.climb.path, wrong, strict=False):
        for name, array in theirs.components.arrays().items():
            np.testing.assert_allclose(array, ours.components.arrays()[name], rtol=1e-10)


def test_the_switch_relabels_and_leaves_the_density_alone(page: Page, files: dict[str, Path]) -> None:
    page.goto(files["switching"].as_uri())
    switch = page.get_by_role("switch", name="Relabel the draws")
    means = page.locator("#posterior-means")
    density = page.locator("section[aria-label='The density'] svg").first
    before, picture = numbers(means.inner_text()), density.inner_html()
    switch.click()
    after = numbers(means.inner_text())
    assert switch.get_attribute("aria-checked") == "true"
    assert abs(after[3] - after[1]) > abs(before[3] - before[1])
    assert sum(after) == pytest.approx(sum(before), abs=0.02)
    assert density.inner_html() == picture
    switch.focus()
    page.keyboard.press(" ")
    assert switch.get_attribute("aria-checked") == "false"
    assert numbers(means.inner_text()) == before


def test_the_chain_has_switched_its_labels(lessons: dict[str, Lesson]) -> None:
    turned = np.array(lessons["switching"].scene["turned"])
    assert np.abs(np.diff(turned)).sum() >= 2
    draws = lessons["switching"].scene["draws"]
    means = np.array([draw["means"] for draw in draws])
    relabelled = np.where(turned[:, None] == 1, means[:, ::-1], means)
    assert np.diff(relabelled.mean(axis=0))[0] > abs(np.diff(means.mean(axis=0))[0])


@pytest.mark.parametrize("name", ["climbing", "forgotten-weights"])
def test_the_same_seed_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch, files: dict[str, Path], name: str) -> None:
    monkeypatch.setattr(climbing, "sampled", invented_posterior)
    assert render(make(name, 0, Silence())) == files[name].read_text(encoding="utf-8")


def test_lessons_are_called_what_the_registry_calls_them(lessons: dict[str, Lesson]) -> None:
    for name, lesson in lessons.items():
        assert (lesson.name, lesson.title) == (name, titles[name])
        assert 150 <= len(lesson.text.split()) <= 300


def test_every_lesson_has_its_module_and_every_view_its_scripts() -> None:
    for name in titles:
        assert find_spec(f"reports.lessons.{name.replace('-', '_')}") is not None
    for view in ("player", "starting", "forgotten", "switching"):
        order = scripts(view)
        assert order[0] == "draw.js"
        assert order[-1] == f"{view}.js"
        assert order.index("gaussian.js") < order.index("panels.js")
        assert len(set(order)) == len(order)


def test_pages_link_their_neighbours_and_the_derivations(page: Page, files: dict[str, Path]) -> None:
    page.goto(files["starting"].as_uri())
    links = (
        page.get_by_role("navigation")
        .first.get_by_role("link")
        .evaluate_all("all => all.map(a => a.getAttribute('href'))")
    )
    assert links == ["index.html", "climbing.html", "forgotten-weights.html", "derivations.html"]
    page.goto(files["index"].as_uri())
    links = page.locator("ol a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert links == [f"{name}.html" for name in titles]
    page.goto(files["derivations"].as_uri())
    assert page.locator("main section").evaluate_all("all => all.map(s => s.id)") == list(MODULES)


def test_a_lesson_goes_into_a_folder_or_into_the_file_that_is_named() -> None:
    assert lesson_path("switching", Path("out/lessons")) == Path("out/lessons/switching.html")
    assert lesson_path("switching", Path("a.html")) == Path("a.html")


def test_a_scene_cannot_end_its_script() -> None:
    hostile = {"x": "</script><script>alert(1)</script><!--"}
    assert "<" not in embedded(hostile)
    assert json.loads(embedded(hostile)) == hostile
