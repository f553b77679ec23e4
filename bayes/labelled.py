r"""Rows whose label is known, in PyMC.

A row of unknown label has the density $\sum_k \pi_k \, p(x \mid \theta_k)$. Where the label $z$ is known nothing is summed
out: the row is two observations, a label, $z \sim \mathrm{Categorical}(\pi)$, and what that component then made,
$x \sim p(\cdot \mid \theta_z)$. The graph says just this, with a variable ``label`` and one variable, ``x_of_1`` and so on,
for the rows of each label.

What is compiled once for all data sets takes the rows of one label as a mixture of that component alone, which has its
weight: $\log \pi_z + \log p(x \mid \theta_z)$, by the same operation as all other rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
from numpy.typing import NDArray

from models import UNKNOWN, Array, Data

from .engine import Counted
from .family import BayesianComponents


def unknown_of(data: Data) -> Data | None:
    """Return the rows of unknown label; ``None`` where there is none."""
    return dict(data.by_label).get(UNKNOWN)


def add_labelled(data: Data, weights: Any, family: BayesianComponents) -> None:
    """Add the labels that are known, and the observations of each, to the PyMC model of the context."""
    of_labels = {label: part for label, part in data.by_label if label != UNKNOWN}
    if not of_labels:
        return
    sizes = [round(part.size) for part in of_labels.values()]
    pm.Categorical("label", p=weights, observed=np.repeat(list(of_labels), sizes))
    for label, part in of_labels.items():
        family.of_one(f"x_of_{label + 1}", label, family.observed(part), repeated(part.exposure, part))


def repeated(each: NDArray[Any] | None, data: Data) -> NDArray[Any] | None:
    """Return what stands beside each row as often as the row was seen."""
    return None if each is None else np.repeat(each, data.weights.astype(np.intp))


def counted_by_label(data: Data, components: int, family: BayesianComponents) -> Counted:
    """Return the distinct observations as the fused operations take them, those of unknown label first."""
    if data.known is None:
        return family.counted(data)
    parts = {label: family.counted(part) for label, part in data.by_label}
    rows = tuple(len(parts[label].multiplicities) if label in parts else 0 for label in range(UNKNOWN, components))
    each = [parts[label] for label in sorted(parts)]
    x: Array = np.concatenate([part.x for part in each], axis=-1)
    seen = np.concatenate([part.multiplicities for part in each])
    return Counted(x, seen, np.asarray(sum(part.offset for part in each)), rows)
