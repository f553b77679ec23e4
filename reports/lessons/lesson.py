"""What a lesson is, and how mixtures are handed to the scripts that draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from models import Array, Gaussian, Mixture

from .pictures import Picture


@dataclass(frozen=True)
class Lesson:
    """One lesson: a short text, a live example, a question and its answer.

    ``name`` and ``title`` are those of the registry, and ``summary`` is one sentence for the index page. ``view`` names
    the script in ``views/`` that draws ``scene``, which is plain JSON. ``text``, ``question`` and ``answer`` are Markdown
    with mathematics between dollar signs. ``derivations`` names the modules whose derivation the page ends with, and
    ``pictures`` show the same on a reference problem, under ``pictured``.
    """

    name: str
    title: str
    summary: str
    view: str
    scene: dict[str, Any]
    text: str
    question: str
    answer: str
    derivations: tuple[str, ...] = ()
    pictured: str = ""
    pictures: tuple[Picture, ...] = ()


def line_mixture(weights: list[float], means: list[float], deviations: list[float]) -> Mixture:
    """Return a mixture of Gaussians on the line."""
    variances = np.square(deviations)[:, None, None]
    return Mixture(np.array(weights), Gaussian(np.array(means)[:, None], variances))


def parameters(mixture: Mixture, digits: int | None = None) -> dict[str, list[float]]:
    """Return a mixture of Gaussians on the line as the scripts take it, rounded to so many digits unless in full."""
    components = cast(Gaussian, mixture.components)
    arrays = {
        "weights": mixture.weights,
        "means": components.means[:, 0],
        "variances": components.covariances[:, 0, 0],
    }
    return {name: _numbers(array, digits) for name, array in arrays.items()}


def draws(mixture: Mixture, digits: int = 5) -> list[dict[str, list[float]]]:
    """Return the parameters of every draw of a mixture with one leading axis, as the scripts take them."""
    return [parameters(mixture[i], digits) for i in range(len(mixture.weights))]


def _numbers(array: Array, digits: int | None) -> list[float]:
    return [float(value) if digits is None else round(float(value), digits) for value in array]
