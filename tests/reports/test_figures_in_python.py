"""Figures as Python asks for them: every one on axes that are given, or on new ones that a notebook shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from em import audit
from models import Data, Mixture, Model, Poisson
from reports.judging.comparison import Comparison
from tests.doubles import invented

type Draw = Callable[..., Axes]


@pytest.fixture(autouse=True)
def agg() -> Iterator[None]:
    """No window opens, and no figure stays."""
    with mpl.rc_context({"backend": "agg"}):
        yield
        pyplot.close("all")


def figures_of(comparison: Comparison) -> dict[str, Draw]:
    """Every figure that a result has."""
    results: dict[str, Any] = {
        "fit": comparison.em, "audit": comparison.audit, "posterior": comparison.posterior, "comparison": comparison,
    }  # fmt: skip
    return {
        f"{name}.{method}": getattr(result, method)
        for name, result in results.items()
        for method in dir(result)
        if method.startswith("plot")
    }


def drawn(draw: Draw, method: str, comparison: Comparison, **where: Any) -> Axes:
    arguments = [next(iter(comparison.parameters.index))] if method.endswith("plot_parameter") else []
    return draw(*arguments, **where)


ELSEWHERE = {"comparison.plot_columns", "comparison.plot_plane", "comparison.plot_membership_curves"}


# Whoever draws a figure later uses a font of their own, which may lack letters of a column's name.
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
@pytest.mark.parametrize("name", ["poisson_comparison", "plane_comparison", "hostile_comparison"])
def test_every_figure_goes_onto_the_axes_that_are_given_or_onto_new_ones(
    name: str, request: pytest.FixtureRequest
) -> None:
    comparison = request.getfixturevalue(name)
    methods = figures_of(comparison)
    assert len(methods) >= 20
    for method, draw in methods.items():
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4))
        try:
            assert drawn(draw, method, comparison, ax=left) is left
        except ValueError:
            assert method in ELSEWHERE
            pyplot.close(figure)
            continue
        assert left.has_data()
        assert not right.has_data()
        assert not figure.legends
        figure.canvas.draw()
        new = drawn(draw, method, comparison)
        assert new.has_data()
        assert new.get_xlabel() == left.get_xlabel()
        # What pyplot knows is what a notebook shows at the end of a cell.
        assert new.figure in [pyplot.figure(number) for number in pyplot.get_fignums()]
        new.figure.canvas.draw()
        pyplot.close("all")


def test_a_figure_that_does_not_apply_says_why(poisson_comparison: Comparison, plane_comparison: Comparison) -> None:
    with pytest.raises(ValueError, match="two features, and these data have 1"):
        poisson_comparison.plot_plane()
    with pytest.raises(ValueError, match="of one feature, and these data have 2"):
        plane_comparison.plot_membership_curves()
    with pytest.raises(ValueError, match="counts in several"):
        plane_comparison.plot_columns()
    with pytest.raises(ValueError, match=r"name must be one of 'weights\[1\]'.*got 'sigma'"):
        plane_comparison.plot_parameter("sigma")
    with pytest.raises(ValueError, match="kind must be one of 'weights', 'rates', got 'means'"):
        audit(poisson_comparison.em).plot("means")
    assert not pyplot.get_fignums()


def test_the_shares_of_components_add_up_to_the_density(poisson_comparison: Comparison) -> None:
    axes = poisson_comparison.em.plot()
    *shares, whole = axes.get_lines()
    np.testing.assert_allclose(sum(np.asarray(line.get_ydata()) for line in shares), np.asarray(whole.get_ydata()))
    places = np.asarray(whole.get_xdata())
    density = np.exp(poisson_comparison.em.mixture.log_density(places[:, None]))
    np.testing.assert_allclose(np.asarray(whole.get_ydata()), density)


def test_intervals_are_those_of_the_table_in_its_order(plane_comparison: Comparison) -> None:
    audited = plane_comparison.audit
    axes = audited.plot("weights")
    (lines,) = [each for each in axes.collections if each.get_label() == "95 % interval"]
    table = audited.standard_errors.table.iloc[:2]
    ends = np.array([np.asarray(path.vertices)[:, 0] for path in lines.get_paths()])
    np.testing.assert_allclose(ends, table[["lower", "upper"]])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["π₁", "π₂"]


def test_columns_of_counts_are_drawn() -> None:
    truth = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 9.0])))
    x, _ = truth.sample(80, np.random.default_rng(0))
    data = Data.of(np.column_stack([x, x[::-1]]), columns=("left", "right"))
    comparison = invented(data, Model.of(data, "poisson-product", 2))
    assert comparison.plot_columns().get_xlabel() == "nats about the label in each row"


def test_the_user_s_settings_come_back(plane_comparison: Comparison) -> None:
    before = dict(mpl.rcParams)
    plane_comparison.plot()
    assert dict(mpl.rcParams) == before


def test_arviz_draws_the_tree(poisson_comparison: Comparison) -> None:
    plots = pytest.importorskip("arviz_plots")
    shown = plots.plot_trace_dist(poisson_comparison.posterior.tree, backend="matplotlib")
    assert {"rates", "weights"} <= set(shown.viz.children) | set(shown.viz["dist"].data_vars)
    forest = plots.plot_forest(poisson_comparison.posterior.tree, group="relabelled_posterior", backend="matplotlib")
    assert forest.viz["figure"].item() is not None
