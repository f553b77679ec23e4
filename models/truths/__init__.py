"""Truths outside the model: data from a distribution that is no mixture of the family, in one known way each."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from ..mixture import Mixture
from .gaussian import ContaminatedNormal, HeapedNormal, Lognormal, NormalGroups, StudentT
from .poisson import ContaminatedCounts, HeapedCounts, NegativeBinomial, PoissonCounts, ZeroInflated
from .poisson_product import NegativeBinomialColumns, PoissonProductCounts, ZeroInflatedColumns
from .truth import Departure, Truth

__all__ = [
    "ContaminatedCounts",
    "ContaminatedNormal",
    "Departure",
    "HeapedCounts",
    "HeapedNormal",
    "Lognormal",
    "NegativeBinomial",
    "NegativeBinomialColumns",
    "NormalGroups",
    "PoissonCounts",
    "PoissonProductCounts",
    "StudentT",
    "Truth",
    "ZeroInflated",
    "ZeroInflatedColumns",
    "departed",
    "truth_kinds",
    "truths",
]

# How the components of each family can depart from it, by the name that a user gives it.
truths: dict[str, dict[str, type[Departure[Any]]]] = {
    "gaussian": {each.kind: each for each in (NormalGroups, StudentT, Lognormal, ContaminatedNormal, HeapedNormal)},
    "poisson": {
        each.kind: each for each in (PoissonCounts, NegativeBinomial, ZeroInflated, ContaminatedCounts, HeapedCounts)
    },
    "poisson-product": {
        each.kind: each for each in (PoissonProductCounts, NegativeBinomialColumns, ZeroInflatedColumns)
    },
}
truth_kinds = tuple(dict.fromkeys(kind for of_family in truths.values() for kind in of_family))


def departed(base: Mixture, kind: str, numbers: dict[str, Any]) -> Truth:
    """Return the truth whose components depart from those of ``base`` in this way.

    Parameters
    ----------
    base
        A mixture without leading axes.
    kind
        The name of the departure, such as ``"negative-binomial"``.
    numbers
        The departure's own parameters by name, such as ``shape``; those left out have the values that the class gives them.

    Raises
    ------
    ValueError
        When the family has no such departure, or the departure no such parameter, or a number cannot be used.
    """
    known = truths[base.components.name]
    if kind not in known:
        raise ValueError(
            f"the truth of a {base.components.name} study must be one of {', '.join(known)}, got {kind!r}."
        )
    chosen = {each.name: each for each in fields(known[kind])}  # type: ignore[arg-type]
    for name, value in numbers.items():
        if name not in chosen:
            may_be = f"it has {', '.join(chosen)}" if chosen else "it has none"
            raise ValueError(f"{name!r} is no parameter of the truth {kind!r}: {may_be}.")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{name} of the truth {kind!r} must be a number, got {value!r}.")
    missing = [name for name, each in chosen.items() if each.default is MISSING and name not in numbers]
    if missing:
        raise ValueError(f"{missing[0]} is missing: the truth {kind!r} needs it.")
    return Truth(base, known[kind](**{name: float(value) for name, value in numbers.items()}))
