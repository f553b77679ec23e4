"""Means and covariances that somebody states, as Gaussian components: every reading that shapes and values allow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..arrays import Array
from ..data import Data
from ..gaussian import Gaussian, GaussianStatistics
from ..mixture import Mixture
from .gaussian_layouts import Layout, layouts_of_means, layouts_of_scales
from .gaussian_scales import MATRICES, covariances_of, other_meanings
from .gaussian_structure import has_structure, named_structure, shown_structure
from .reading import Reading
from .stated import Stated
from .words import SCALES

PIECES = ("means", *SCALES)
_SIDES = {False: "a row for each component", True: "a column for each component", None: ""}
_REMEDIES = {
    False: "say which with components_axis = 'first' or 'last', and with structure = 'tied' or 'diagonal'",
    True: "call it sds, variances or covariances, and say which axis is that of the components with components_axis",
}
_WORDS = {"sds": "standard deviations", "variances": "variances"}


def readings(stated: Stated, components: int, dimension: int | None) -> list[Reading]:
    """All readings of the means and of the one piece that says how wide the components are.

    Raises
    ------
    ValueError
        When there is none: a piece is missing or has another shape, a matrix is not positive definite, or the covariances
        are not of the structure that is stated.
    """
    means, called = stated.pieces.get("means"), stated.called
    if means is None:
        raise ValueError("the estimate has no means: give them beside its weights.")
    scale = _one_scale(stated)
    structure = None if stated.structure is None else named_structure(stated.structure)
    of_means = [each for each in layouts_of_means(means, components) if dimension in (None, each.array.shape[1])]
    if not of_means:
        raise ValueError(
            f"the estimate's {called['means']} have the shape {means.shape}, which does not fit "
            f"{_size(components, dimension)}."
        )
    pairs = _pairs(stated, scale, of_means)
    if not pairs:
        raise ValueError(
            f"the estimate's {called[scale]} have the shape {stated.pieces[scale].shape}, which does not fit "
            f"{_size(components, of_means[0].array.shape[1])}."
        )
    found: list[Reading] = []
    problems: list[str] = []
    for of_mean, of_scale in pairs:
        for kind in _kinds(scale, of_scale):
            try:
                found.append(_reading(stated, structure, kind, scale, of_mean, of_scale))
            except ValueError as error:
                problems.append(str(error))
    if not found:
        raise ValueError(f"the estimate's {problems[0]}")
    return found


def _one_scale(stated: Stated) -> str:
    given = list(stated.take(*SCALES))
    if len(given) == 1:
        return given[0]
    if given:
        names = " and ".join(repr(stated.called[name]) for name in given)
        raise ValueError(f"the estimate has {names}, which say the same: give one of them.")
    raise ValueError(f"the estimate has means but no width: give one of {', '.join(SCALES[:-1])}, or rates for counts.")


def _pairs(stated: Stated, scale: str, of_means: list[Layout]) -> list[tuple[Layout, Layout]]:
    """Layouts of both; with the components on the same axis of both where they have one to choose."""
    array, k = stated.pieces[scale], len(of_means[0].array)
    pairs = [
        (of_mean, of_scale)
        for of_mean in of_means
        for of_scale in layouts_of_scales(array, k, of_mean.array.shape[1], scale in MATRICES)
    ]
    if stated.is_sure:
        return [pair for pair in pairs if {each.last for each in pair} <= {stated.components_last, None}] or pairs
    # Arrays that settle their own axis by its length may differ in it.
    return [pair for pair in pairs if len({each.last for each in pair} - {None}) < 2] or pairs


def _kinds(scale: str, layout: Layout) -> tuple[str, ...]:
    if scale != "sigmas":
        return (scale,)
    off_diagonal = layout.array * (1 - np.eye(layout.array.shape[-1]))
    return ("covariances",) if off_diagonal.any() else ("sds", "variances")


def _reading(
    stated: Stated, named: tuple[str, tuple[str, ...]] | None, kind: str, scale: str, of_mean: Layout, of_scale: Layout
) -> Reading:
    called, d = stated.called[scale], of_mean.array.shape[1]
    try:
        covariances = covariances_of(kind, of_scale.array)
    except ValueError as error:
        raise ValueError(f"{called} {error}") from None
    components = Gaussian(of_mean.array, covariances)
    structure, notes = named or shown_structure(covariances, of_scale.is_shared)
    if named is not None:
        if not has_structure(components, structure):
            raise ValueError(f"{called} are not of the structure that is stated, {stated.structure!r}.")
        components = components.structured(structure)
    last = of_mean.last if of_mean.last is not None else of_scale.last
    said = [_SIDES[last] and f"with {_SIDES[last]}"] if d > 1 else []
    said += [f"with {called} as {_WORDS[kind]}"] if scale == "sigmas" and kind in _WORDS else []
    if scale in MATRICES and stated.pieces[scale].shape == (d, d) and len(covariances) == d > 1:
        said.append(
            f"with {called} as {'one matrix for all' if of_scale.is_shared else 'variances of single features'}"
        )
    return Reading(
        components,
        structure,
        d,
        " and ".join(filter(None, said)),
        _REMEDIES[scale == "sigmas"],
        stated.components_last is not None and last in (None, stated.components_last),
        called,
        tuple(_others(kind, of_mean.array, of_scale.array)) if scale != "sigmas" else (),
        change_of_widths,
        notes,
    )


def _others(kind: str, means: Array, scales: Array) -> Iterator[tuple[str, Gaussian]]:
    for name, covariances in other_meanings(kind, scales).items():
        yield name, Gaussian(means, covariances)


def change_of_widths(mixture: Mixture, data: Data) -> float:
    """How far one step of EM changes the variances, in their logarithms, averaged over observations and features."""
    statistics = mixture.expectation(data).statistics
    assert isinstance(statistics, GaussianStatistics)
    assert isinstance(mixture.components, Gaussian)
    seen = statistics.counts > 0
    with np.errstate(invalid="ignore"):  # of a component that has seen nothing
        scatter = statistics.scatter
    updated = np.diagonal(scatter[seen], axis1=1, axis2=2) / statistics.counts[seen, None]
    as_given = np.diagonal(mixture.components.covariances[seen], axis1=1, axis2=2)
    with np.errstate(divide="ignore"):
        changes = np.abs(np.log(updated / as_given)).mean(axis=1)
    return float(np.average(changes, weights=statistics.counts[seen]))


def _size(k: int, d: int | None) -> str:
    of_features = "" if d is None else f" of {d} feature{'s' * (d > 1)}"
    return f"{k} component{'s' * (k > 1)}{of_features}"
