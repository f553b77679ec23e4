"""Draws of means and scales, as Gaussian components with one leading axis: every reading that shapes and values allow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..arrays import Array
from ..gaussian import Gaussian
from ..model import Model
from .gaussian import change_of_widths
from .gaussian_layouts import Layout, layouts_of_means, layouts_of_scales
from .gaussian_scales import MATRICES, covariances_of, other_meanings
from .gaussian_structure import has_structure
from .reading import Reading
from .words import SCALES

_REMEDY = "call it sds, variances or covariances with names"
_WORDS = {"sds": "standard deviations", "variances": "variances", "covariances": "covariances"}


def draws(pieces: dict[str, Array], called: dict[str, str], model: Model) -> list[Reading]:
    """All readings of the draws of the means and of the first piece that says how wide the components are.

    ``pieces`` have one leading axis.

    Raises
    ------
    ValueError
        When a piece is missing or has another shape, or when a matrix is none of its kind.
    """
    k, d = model.components, model.dimension
    scale = next((name for name in pieces if name in SCALES), None)
    if "means" not in pieces or scale is None:
        missing = "means" if "means" not in pieces else f"widths: one of {', '.join(SCALES[:-1])}"
        raise ValueError(f"the posterior has no {missing}; say with names which variable they are.")
    of_means = _means(pieces["means"], called["means"], k, d)
    found: list[Reading] = []
    problems: list[str] = []
    for layout in _layouts(pieces[scale], lambda places: layouts_of_scales(places, k, d, scale in MATRICES)):
        for kind in _kinds(scale, layout.array):
            try:
                found.append(_reading(kind, scale, called[scale], of_means, layout, model))
            except ValueError as error:
                problems.append(str(error))
    if not found and problems:
        raise ValueError(problems[0])
    if not found:
        raise ValueError(
            f"the posterior's {called[scale]} have the shape {pieces[scale].shape[1:]} in each draw, which does not fit "
            f"{k} components of {d} features."
        )
    return found


def _means(given: Array, called: str, k: int, d: int) -> Array:
    found = [layout.array for layout in _layouts(given, lambda places: layouts_of_means(places, k))]
    fitting = [array for array in found if array.shape[2] == d]
    if not fitting:
        raise ValueError(
            f"the posterior's {called} have the shape {given.shape[1:]} in each draw, which does not fit {k} components of "
            f"{d} features."
        )
    _require_finite(called, fitting[0])
    return fitting[0]


def _layouts(given: Array, layouts_of: Callable[[Array], list[Layout]]) -> list[Layout]:
    """Lay out every draw as the place of each of its numbers is laid out; a place of zero is a zero."""
    places = 1.0 + np.arange(given[0].size).reshape(given.shape[1:])
    padded = np.concatenate([np.zeros((len(given), 1)), given.reshape(len(given), -1)], axis=1)
    return [
        Layout(padded[:, layout.array.astype(np.intp)], layout.last, layout.is_shared) for layout in layouts_of(places)
    ]


def _kinds(scale: str, scales: Array) -> tuple[str, ...]:
    if scale != "sigmas":
        return (scale,)
    off_diagonal = (scales[0] * (1 - np.eye(scales.shape[-1]))).any()
    return ("covariances",) if off_diagonal else ("sds", "variances")


def _reading(kind: str, scale: str, called: str, means: Array, layout: Layout, model: Model) -> Reading:
    _require_finite(called, layout.array)
    flat = layout.array.reshape(-1, *layout.array.shape[2:])
    try:
        covariances = covariances_of(kind, flat)
    except ValueError:
        raise _of_draw(kind, called, layout.array) from None
    components = Gaussian(means, covariances.reshape(layout.array.shape))
    first = Gaussian(means[0], components.covariances[0])
    if not has_structure(first, str(model.covariance)):
        raise ValueError(f"the posterior's {called} are not of the structure {model.covariance!r} of the model.")
    others = tuple(
        (name, Gaussian(means, other.reshape(layout.array.shape))) for name, other in other_meanings(kind, flat).items()
    )
    said = [f"with {called} as {_WORDS[kind]}"] if scale == "sigmas" and kind in _WORDS else []
    said += ["with a column for each component" if layout.last else "with a row for each component"]
    return Reading(
        components,
        model.covariance,
        model.dimension,
        " and ".join(said),
        _REMEDY,
        is_expected=not layout.last and scale != "sigmas",
        widths=called,
        others=others if scale != "sigmas" else (),
        misfit=change_of_widths,
    )


def _of_draw(kind: str, called: str, scales: Array) -> ValueError:
    """Return the sentence about the first draw whose scales are none of their kind."""
    for draw, of_draw in enumerate(scales):
        try:
            covariances_of(kind, of_draw)
        except ValueError as error:
            return ValueError(f"the posterior's {called} {str(error).removesuffix('.')} of draw {draw + 1} in all.")
    return ValueError(f"the posterior's {called} are no {kind}.")


def _require_finite(called: str, array: Array) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        draw = int(np.argwhere(bad)[0, 0])
        raise ValueError(f"the posterior's {called} hold {array[bad][0]} in draw {draw + 1} in all.")
