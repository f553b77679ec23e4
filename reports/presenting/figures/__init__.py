"""Every figure of the report, each made of a comparison alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from matplotlib.figure import Figure

from ...judging.comparison import Comparison
from ..columns import has_columns
from .alone import band, band_in_the_plane, em_intervals, estimate, estimate_in_the_plane, posterior_intervals
from .chains import chain_ranks, chain_traces
from .climb import climb, distance, starts
from .columns import MOST_COLUMNS, apart
from .data import MOST_FEATURES, density, shown_features, thumbnail
from .fit import distribution_function, predictive, tails
from .memberships import membership_curves, memberships
from .meter import meter
from .onto import onto
from .output import to_png, to_svg
from .parameters import forest, posterior, shown_parameters
from .plane import scatter
from .prior import prior, prior_predictive

__all__ = [
    "MOST_COLUMNS",
    "MOST_FEATURES",
    "apart",
    "band",
    "band_in_the_plane",
    "chain_ranks",
    "chain_traces",
    "climb",
    "density",
    "distance",
    "distribution_function",
    "em_intervals",
    "estimate",
    "estimate_in_the_plane",
    "figures",
    "forest",
    "membership_curves",
    "memberships",
    "meter",
    "onto",
    "posterior",
    "posterior_intervals",
    "predictive",
    "prior",
    "prior_predictive",
    "save_figures",
    "scatter",
    "shown_features",
    "shown_parameters",
    "starts",
    "tails",
    "thumbnail",
    "to_png",
    "to_svg",
]


def figures(comparison: Comparison) -> Iterator[Figure]:
    """Yield every figure in the order of the report, each with a legend of its own; its gid is a name for a file."""
    if has_columns(comparison):
        yield apart(comparison)
    for feature in shown_features(comparison):
        yield density(comparison, feature)
    if comparison.data.dimension == 2:
        yield scatter(comparison)
    for feature in shown_features(comparison):
        yield predictive(comparison, feature)
    yield from (distribution_function(comparison), tails(comparison))
    yield forest(comparison)
    for parameter in shown_parameters(comparison):
        yield posterior(comparison, parameter)
    yield from (climb(comparison.em), distance(comparison.em), starts(comparison.em), meter(comparison))
    if comparison.data.dimension == 1:
        yield membership_curves(comparison)
    chains = comparison.posterior
    yield from (memberships(comparison), chain_traces(chains), chain_ranks(chains))
    for feature in shown_features(comparison):
        yield prior_predictive(comparison.data, comparison.prior_mixtures, [feature])


def save_figures(comparison: Comparison, folder: Path, form: str) -> list[Path]:
    """Write every figure into a folder as ``"svg"`` or ``"png"`` and return the paths.

    Raises
    ------
    ValueError
        When it is another format.
    """
    if form not in ("svg", "png"):
        raise ValueError(f"figures must be 'svg' or 'png', got {form!r}.")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for figure in figures(comparison):
        path = folder / f"{figure.get_gid()}.{form}"
        path.write_bytes(to_png(figure) if form == "png" else to_svg(figure, inline=False).encode())
        paths.append(path)
    return paths
