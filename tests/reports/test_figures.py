import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import StepPatch

from models import Data, Gaussian, Mixture
from reports.judging.comparison import Comparison
from reports.presenting import figures
from reports.presenting.figures.chains import rank_shares
from reports.presenting.figures.data import histogram_edges
from reports.presenting.figures.plane import Plane, highest_density_level
from tests.doubles import HOSTILE_NAMES
from tests.known import known


@pytest.fixture(scope="module", params=["poisson_comparison", "plane_comparison", "hostile_comparison"])
def drawn(request: pytest.FixtureRequest) -> dict[str, str]:
    """Every figure of a comparison by its name."""
    comparison = request.getfixturevalue(request.param)
    svgs = [(str(figure.get_gid()), figures.to_svg(figure)) for figure in figures.figures(comparison)]
    assert len({name for name, _ in svgs}) == len(svgs)
    return dict(svgs)


def test_every_figure_is_well_formed_named_and_small(drawn: dict[str, str]) -> None:
    for svg in drawn.values():
        root = ElementTree.fromstring(svg)
        assert root.attrib["role"] == "img"
        assert root[0].tag.endswith("title")
        assert root[0].text
        assert root.attrib["aria-labelledby"] == root[0].attrib["id"]
        assert len(svg) < 200_000
        assert "<style" not in svg
        assert "<metadata" not in svg


def test_ids_of_different_figures_differ_and_every_reference_leads_somewhere(drawn: dict[str, str]) -> None:
    whole = "".join(drawn.values())
    ids = re.findall(r' id="([^"]+)"', whole)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', whole)) <= {(i, "") for i in ids} | {("", i) for i in ids}


def test_no_name_becomes_markup_or_mathematics(hostile_comparison: Comparison) -> None:
    svgs = [figures.to_svg(figures.density(hostile_comparison, feature)) for feature in range(6)]
    assert not [svg for svg in svgs if "<script" in svg or "<img" in svg]
    text = "".join("".join(ElementTree.fromstring(svg).itertext()) for svg in svgs)
    assert HOSTILE_NAMES[2] in text


def test_figures_look_the_same_whatever_the_user_prefers(poisson_comparison: Comparison) -> None:
    first = figures.to_svg(figures.density(poisson_comparison, 0))
    with mpl.rc_context({"font.size": 30, "text.usetex": True, "svg.fonttype": "path", "axes.facecolor": "red"}):
        second = figures.to_svg(figures.density(poisson_comparison, 0))
    assert first == second
    assert mpl.rcParams["font.size"] != 11


def test_colours_follow_the_page_only_inline(poisson_comparison: Comparison) -> None:
    figure = figures.distance(poisson_comparison.em)
    assert "var(--em, #d55e00)" in figures.to_svg(figure)
    assert "var(" not in figures.to_svg(figure, inline=False)


@pytest.mark.parametrize("form", ["svg", "png"])
def test_every_figure_can_be_saved(poisson_comparison: Comparison, tmp_path: Path, form: str) -> None:
    paths = figures.save_figures(poisson_comparison, tmp_path / "figures", form)
    assert {"density-1", "forest", "posterior-6", "starts", "chain-ranks"} <= {path.stem for path in paths}
    start = b"<svg" if form == "svg" else b"\x89PNG"
    assert all(path.read_bytes().startswith(start) for path in paths)


def test_another_format_is_refused(poisson_comparison: Comparison, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'svg' or 'png', got 'pdf'"):
        figures.save_figures(poisson_comparison, tmp_path, "pdf")


def test_weights_count_like_rows_in_the_histogram(plane_comparison: Comparison) -> None:
    data = plane_comparison.data
    replicated = np.repeat(data.values[:, 0], data.weights.astype(int))
    edges = histogram_edges(data.values[:, 0], data.weights, counts=False)
    assert np.array_equal(edges, histogram_edges(replicated, np.ones(len(replicated)), counts=False))
    (bars,) = [patch for patch in figures.density(plane_comparison, 0).axes[0].patches if patch.get_label() == "data"]
    expected = np.histogram(replicated, edges, density=True)[0]
    np.testing.assert_allclose(known(bars, StepPatch).get_data()[0], expected)


def test_bins_of_counts_have_whole_numbers_in_their_middle() -> None:
    counts = np.array([0.0, 1.0, 1.0, 5.0])
    edges = histogram_edges(counts, np.ones(4), counts=True)
    assert np.array_equal(edges, np.arange(-0.5, 6))
    wide = histogram_edges(np.array([0.0, 1000.0]), np.ones(2), counts=True)
    assert wide[0] < 0
    assert wide[-1] > 1000
    assert np.array_equal(np.diff(wide) % 1, np.zeros(len(wide) - 1))


def test_the_region_of_highest_density_holds_its_share() -> None:
    mixture = Mixture(np.ones(1), Gaussian(np.zeros((1, 2)), np.eye(2)[None]))
    plane = Plane.around(np.array([[-6.0, -6.0], [6.0, 6.0]]), cells=400)
    level = highest_density_level(np.exp(mixture.log_density(plane.places)), 0.9)
    # 90 % of a bivariate standard normal lies where r² < −2 log 0.1, and the density there is 0.1 / 2π.
    np.testing.assert_allclose(level, 0.1 / (2 * np.pi), rtol=0.01)


def test_a_needle_that_the_grid_steps_over_is_still_outlined(plane_comparison: Comparison) -> None:
    data = Data.of(plane_comparison.data.values * 1e-4 + np.repeat([[0.0], [1e3]], 150, axis=0), columns=("x", "y"))
    needles = replace(plane_comparison, data=data)
    assert figures.to_svg(figures.scatter(needles)).count("<path") > 10


def test_chains_alike_rank_evenly_and_a_chain_apart_does_not() -> None:
    rng = np.random.default_rng(0)
    alike = rank_shares(rng.normal(size=(4, 5000)))
    # 250 draws a bin on average: four standard errors of a binomial share.
    assert np.abs(alike - 1).max() < 4 / np.sqrt(250)
    apart = rank_shares(np.stack([np.zeros(100) + rng.normal(size=100), 100 + rng.normal(size=100)]))
    assert np.array_equal(apart[0][10:], np.zeros(10))
