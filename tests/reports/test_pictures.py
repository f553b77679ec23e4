"""What the teaching pictures show is what the fit holds, and the command writes them whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure

from em import START_KINDS, Fit, fit
from models import Data, Gaussian, Mixture, Model, Poisson, simulation
from reports import command_line
from reports.commands.options import NameOf
from reports.commands.pictures import STEPS
from reports.commands.pictures import command as pictures_command
from reports.pictures import figures
from reports.pictures.drawings import WINDOWS, pictures, steps_to_show, write_pictures
from reports.pictures.figures.line import bars, heights
from reports.pictures.figures.steps import visited
from reports.pictures.start import POOR, RANDOM_STARTS, STARTS, climb_from
from reports.presenting.figures.output import to_svg
from reports.presenting.figures.plane import Plane, component_means, outline_component
from reports.presenting.figures.style import blended, of_component, panel

SHOWN = [0, 3, 6]


@pytest.fixture(scope="module")
def line() -> Fit:
    """The scenario of two Gaussians in one dimension, from a poor start."""
    two = simulation("gaussian-two")
    return climb_from(two.data, two.model)


@pytest.fixture(scope="module")
def counts() -> Fit:
    three = simulation("poisson-three")
    return climb_from(three.data, three.model)


@pytest.fixture(scope="module")
def plane() -> Fit:
    """Two features, weights that are not one, and three components where two would do."""
    truth = Mixture(np.array([0.4, 0.6]), Gaussian(np.array([[0.0, 1.0], [4.0, 5.0]]), np.array([2 * np.eye(2)] * 2)))
    x, _ = truth.sample(200, np.random.default_rng(1))
    data = Data.of(x, np.tile([1.0, 3.0], 100), columns=("east", "north"), name="plane")
    return climb_from(data, Model.of(data, "gaussian", 2, "full"), "random-parameters", seed=4)


def test_the_poor_start_is_the_lowest_of_those_that_lead_to_the_top(line: Fit) -> None:
    climb = line.climb
    assert climb.log_likelihood[0] < climb.log_likelihood[-1] - 100
    assert np.all(np.diff(climb.log_likelihood) >= -1e-9 * np.abs(climb.log_likelihood[:-1]))
    assert len(climb.path) == climb.steps + 1
    # A hundred starts of all kinds find nothing higher; both stop within 1e-8 nats of the limit.
    best = fit(line.data, "gaussian", 2, mixing="equal")
    np.testing.assert_allclose(line.log_likelihood, best.log_likelihood, atol=1e-6)
    assert line.starts[0].kind == f"poorest of {RANDOM_STARTS} random ones (seed 0)"


def test_the_seed_decides_the_start(line: Fit) -> None:
    again, other = (climb_from(line.data, line.model, "random-parameters", seed) for seed in (0, 1))
    same = climb_from(line.data, line.model, "random-parameters", 0)
    assert np.array_equal(again.climb.log_likelihood, same.climb.log_likelihood)
    assert again.climb.log_likelihood[0] != other.climb.log_likelihood[0]


def test_the_command_offers_every_kind_of_start() -> None:
    (option,) = (each for each in pictures_command.params if each.name == "start")
    assert isinstance(option.type, NameOf)
    assert tuple(option.type.choices) == STARTS
    assert (POOR, *(kind.replace(" ", "-") for kind in START_KINDS)) == STARTS


def test_an_observation_has_the_colours_mixed_by_responsibility() -> None:
    mixed = blended(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25]]))
    first, second, third = (np.array(to_rgb(of_component(component).colour)) for component in range(3))
    np.testing.assert_allclose(mixed, [first, third, (first + 2 * second + third) / 4])


def test_the_scatter_shows_the_responsibilities_of_its_own_step(plane: Fit) -> None:
    for number in SHOWN:
        axes = figures.step(plane, number).axes[0]
        (points,) = [drawn for drawn in axes.collections if not isinstance(drawn, QuadContourSet)]
        x = np.asarray(points.get_offsets())
        assert np.array_equal(x, plane.data.values)
        # By Bayes' theorem, written out, and not by the mixture's own method.
        mixture = visited(plane)[number]
        joint = mixture.weights * np.exp(mixture.components.log_density(x))
        expected = (joint / joint.sum(axis=1, keepdims=True)) @ [to_rgb(of_component(c).colour) for c in range(2)]
        np.testing.assert_allclose(np.asarray(points.get_facecolor())[:, :3], expected, atol=1e-12)


def test_a_ring_holds_its_share_of_the_component() -> None:
    covariance = np.array([[2.0, 1.9], [1.9, 2.4]])
    components = Gaussian(np.array([[3.0, -1.0]]), covariance[None])
    _, axes = panel("ring", "one ring")
    outline_component(axes, components, 0, "black", "solid")
    (ring,) = axes.collections
    (vertices,) = [path.vertices for path in ring.get_paths()]
    residual = np.asarray(vertices) - components.means[0]
    squared = np.einsum("ni,ij,nj->n", residual, np.linalg.inv(covariance), residual)
    # Of a bivariate Gaussian 90 % lies where the squared Mahalanobis distance is below −2 log 0.1 (χ² with 2 degrees of
    # freedom). The grid has 100 cells a side and straight lines within them; the level rests on a sum over its cells.
    np.testing.assert_allclose(squared, -2 * np.log(0.1), rtol=0.05)
    np.testing.assert_allclose(squared.mean(), -2 * np.log(0.1), rtol=0.02)


def test_the_marks_are_the_means(plane: Fit) -> None:
    components = plane.mixture.components
    assert isinstance(components, Gaussian)
    np.testing.assert_array_equal(component_means(plane.mixture), components.means)


def test_bars_add_up_to_the_histogram_and_each_colour_to_its_components_share(counts: Fit) -> None:
    shares, edges = bars(counts.data, counts.mixture, counts=True)
    whole = np.histogram(counts.data.values[:, 0], edges, weights=counts.data.weights, density=True)[0]
    np.testing.assert_allclose(shares.sum(axis=1), whole)
    # At the maximum the mean responsibility is the weight; EM stopped within 1e-8 nats of it, hence 1e-4 in a weight.
    np.testing.assert_allclose((shares * np.diff(edges)[:, None]).sum(axis=0), counts.mixture.weights, atol=1e-4)


def test_curves_add_up_to_the_density(counts: Fit) -> None:
    assert isinstance(counts.mixture.components, Poisson)
    grid = np.arange(250.0)
    curves = heights(counts.data, counts.mixture, grid)
    # Nearly all of the probability lies below 250: the largest rate is about 150, eight standard deviations away.
    np.testing.assert_allclose(curves.sum(axis=0), counts.mixture.weights, atol=1e-10)
    np.testing.assert_allclose(grid @ curves, counts.mixture.weights * counts.mixture.components.rates, atol=1e-8)


def test_stages_say_where_each_step_is_and_share_their_axes(line: Fit) -> None:
    truth = simulation("gaussian-two").truth
    panels = [axes for axes in figures.stages(line, [0, 3, 6, 9], truth).axes if axes.get_visible()]
    titles = [axes.get_title() for axes in panels]
    values = [f"{value:.2f}".replace("-", "−") for value in line.climb.log_likelihood[[0, 3, 6, 9]]]
    assert [title.split()[-1] for title in titles] == values
    assert [title.split(":")[0] for title in titles] == ["start", "step 3", "step 6", "step 9"]
    assert len({axes.get_ylim() for axes in panels}) == 1
    dashed = [drawn for drawn in panels[0].lines if drawn.get_linestyle() == "--"]
    assert len(dashed) == 2
    assert max(np.max(np.asarray(drawn.get_ydata())) for drawn in dashed) < panels[0].get_ylim()[1]


def test_very_many_steps_are_thinned_but_keep_both_ends(line: Fit) -> None:
    panels = [axes for axes in figures.stages(line, range(40)).axes if axes.get_visible()]
    assert len(panels) == 12
    assert panels[0].get_title().startswith("start")
    assert panels[-1].get_title().startswith("step 39")


def test_a_path_is_in_the_order_of_the_estimate(line: Fit) -> None:
    for name, array in visited(line)[-1].arrays().items():
        np.testing.assert_array_equal(array, line.mixture.arrays()[name])


def test_a_fit_without_its_path_is_refused() -> None:
    found = fit(np.array([0.0, 1.0, 5.0, 6.0]), "gaussian", 1)
    with pytest.raises(ValueError, match="keep_path=True"):
        figures.stages(found, [0])


def test_the_surface_is_as_high_as_the_density(plane: Fit) -> None:
    window = Plane(np.linspace(-5.0, 10.0, 20), np.linspace(-4.0, 11.0, 30))
    axes: Any = figures.density_surface(plane, window).axes[0]
    places = np.stack(np.meshgrid(window.x, window.y), axis=-1).reshape(-1, 2)
    components = plane.mixture.components
    assert isinstance(components, Gaussian)
    each = [
        np.exp(-0.5 * np.einsum("ni,ij,nj->n", places - mean, np.linalg.inv(covariance), places - mean))
        / (2 * np.pi * np.sqrt(np.linalg.det(covariance)))
        for mean, covariance in zip(components.means, components.covariances, strict=True)
    ]
    np.testing.assert_allclose(axes.get_zlim(), [0, (plane.mixture.weights @ each).max()])
    assert axes.get_xlim() == (-5.0, 10.0)
    assert axes.get_ylim() == (-4.0, 11.0)


def test_the_scenario_of_five_is_shown_on_its_own_square_and_other_data_where_they_lie() -> None:
    five = figures.window(simulation("gaussian-five").data, *WINDOWS["gaussian-five"])
    assert (five.x[0], five.x[-1], five.y[0], five.y[-1]) == (-3.0, 12.0, -3.0, 12.0)
    own = figures.window(Data.of([[0.0, 100.0], [10.0, 200.0]]))
    np.testing.assert_allclose([own.x[0], own.x[-1], own.y[0], own.y[-1]], [-0.8, 10.8, 92.0, 208.0])


@pytest.mark.parametrize("of", ["counts", "plane"])
def test_every_picture_is_named_small_and_readable_by_machines(of: str, request: pytest.FixtureRequest) -> None:
    fitted: Fit = request.getfixturevalue(of)
    draws = Mixture(fitted.mixture.weights[None], fitted.mixture.components.map(lambda array: array[None]))
    drawings = pictures(fitted, [3], None, lambda: draws)
    surface = {"density-surface", "density-contours"} if of == "plane" else {"posterior-band"}
    assert set(drawings) == {"log-likelihood", "raw", "stages", "step-3", "clusters"} | surface
    for name, drawing in drawings.items():
        figure = drawing()
        assert figure.get_gid() == name
        svg = to_svg(figure)
        root = ElementTree.fromstring(svg)
        assert root[0].text
        assert len(svg) < 250_000
        references = re.findall(r'xlink:href="#([^"]+)"|url\(#([^)]+)\)', svg)
        assert {a or b for a, b in references} <= set(re.findall(r' id="([^"]+)"', svg))


def test_of_three_features_only_the_log_likelihood_is_drawn() -> None:
    data = Data.of(np.random.default_rng(0).normal(size=(60, 3)))
    fitted = climb_from(data, Model.of(data, "gaussian", 1), "quantiles")
    assert list(pictures(fitted, steps_to_show(fitted, None))) == ["log-likelihood"]


def test_steps_are_numbers_and_ranges() -> None:
    assert sorted(set(STEPS.parse("3, 0,6-9,7"))) == [0, 3, 6, 7, 8, 9]


@pytest.mark.parametrize("text", ["", "a", "-1", "1.5", "3-", "9-6", "0,,3", "0-99999999", "99999999999999", "²"])
def test_other_steps_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="--steps"):
        STEPS.parse(text)


def command(*arguments: str) -> Result:
    return CliRunner().invoke(command_line.cli, ["pictures", "poisson-three", "--no-posterior", *arguments])


def test_the_command_prints_every_step_and_writes_what_it_names(counts: Fit, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    done = command("--steps", "2", "--out", str(folder))
    assert done.exit_code == 0, done.output
    rows = re.findall(r"^ *(\d+) +(-[\d.]+)$", done.stdout, flags=re.MULTILINE)
    assert [int(step) for step, _ in rows] == list(range(counts.steps + 1))
    np.testing.assert_allclose([float(value) for _, value in rows], counts.climb.log_likelihood, atol=1e-6)
    paths = [Path(text) for text in done.stdout.splitlines() if text.endswith(".svg")]
    assert {path.name for path in paths} | {"pictures.json"} == {path.name for path in folder.iterdir()}
    assert all(path.read_bytes().startswith(b"<svg") for path in paths)
    contents = json.loads((folder / "pictures.json").read_text())
    np.testing.assert_array_equal(contents["log_likelihood"], counts.climb.log_likelihood)


def test_pictures_of_an_earlier_run_give_way_and_other_files_stay(counts: Fit, tmp_path: Path) -> None:
    write_pictures(
        counts, {"raw": lambda: panel("raw", "raw")[0], "step-0": lambda: panel("b", "b")[0]}, tmp_path, "png"
    )
    (tmp_path / "notes.txt").write_text("mine")
    before = (tmp_path / "raw.png").read_bytes()
    (path,) = write_pictures(counts, {"raw": lambda: panel("raw", "raw")[0]}, tmp_path, "png")
    assert {path.name for path in tmp_path.iterdir()} == {"raw.png", "notes.txt", "pictures.json"}
    assert path.read_bytes() == before


def test_a_picture_that_fails_leaves_the_folder_as_it_was(counts: Fit, tmp_path: Path) -> None:
    def fail() -> Figure:
        raise RuntimeError("out of ink")

    drawings = {"raw": lambda: panel("raw", "raw")[0], "stages": fail}
    with pytest.raises(RuntimeError, match="out of ink"):
        write_pictures(counts, drawings, tmp_path / "new", "png")
    assert list(tmp_path.iterdir()) == []


def test_contents_that_point_elsewhere_are_not_believed(counts: Fit, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "pictures.json").write_text(json.dumps({"generator": "emvsbayes", "files": ["../mine.txt", "..", 3, ""]}))
    write_pictures(counts, {"raw": lambda: panel("raw", "raw")[0]}, folder, "png")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_nothing_of_somebody_elses_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "clusters.svg").write_text("my own drawing")
    done = command("--out", str(tmp_path))
    assert done.exit_code == 2
    assert "clusters.svg that emvsbayes did not write" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["clusters.svg"]
    (tmp_path / "clusters.svg").rename(tmp_path / "pictures.json")
    assert command("--out", str(tmp_path)).exit_code == 2
    assert (tmp_path / "pictures.json").read_text() == "my own drawing"


@pytest.mark.parametrize("steps", ["x", "0-1999"])
def test_steps_that_cannot_be_shown_end_the_command_with_one_sentence(steps: str, tmp_path: Path) -> None:
    done = command("--steps", steps, "--out", str(tmp_path / "pictures"))
    assert done.exit_code == 2
    assert "--steps" in done.stderr
    assert list(tmp_path.iterdir()) == []
