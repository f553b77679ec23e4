"""What R's mclust, flexmix and mixtools say of a fit, as jsonlite writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arrays import Array
from .numbers import numbers, only

Pieces = dict[str, Any]


def pieces_of_mclust(given: Mapping[str, Any]) -> Pieces | None:
    """Take the pieces of mclust's ``parameters``, or of a list with them in it: means d × G, and variances d × d × G.

    Raises
    ------
    ValueError
        When the variances are not there.
    """
    inner = given.get("parameters")
    own = {**given, **inner} if isinstance(inner, Mapping) and "variance" in inner else given
    variance = own.get("variance")
    if not isinstance(variance, Mapping):
        return None
    one_feature = "sigmasq" in variance and (variance.get("d") is None or only(variance["d"]) == 1)
    name = "sigmasq" if one_feature else "sigma"
    if name not in variance:
        raise ValueError("the estimate's variance has neither 'sigmasq' nor 'sigma', one of which mclust gives.")
    found = {word: own[word] for word in ("pro", "mean", "loglik", "G") if own.get(word) not in (None, {}, [])}
    structure = variance.get("modelName", own.get("modelName"))
    return {
        **found,
        "variances" if one_feature else "covariances": variance[name],
        **({} if structure is None else {"modelName": only(structure)}),
    }


def pieces_of_flexmix(given: Mapping[str, Any]) -> Pieces | None:
    """Take the pieces of flexmix's ``prior()`` and ``parameters()``: a list or row for each component, or bare numbers.

    Coefficients of an intercept alone are means where there is a ``sigma`` beside them, and else logarithms of rates.
    Numbers have lost their names on the way from R: a row of them are rates or their logarithms, two rows are such
    coefficients above standard deviations, a column for each component.

    Raises
    ------
    ValueError
        When parameters without names can be neither.
    """
    if "prior" not in given or "parameters" not in given:
        return None
    table = given["parameters"]
    if isinstance(table, Mapping) and all(isinstance(each, Mapping) for each in table.values()):  # Comp.1, Comp.2, …
        table = list(table.values())
    if isinstance(table, (list, tuple)) and all(isinstance(each, Mapping) for each in table):
        table = {name: [each.get(name) for each in table] for name in table[0]}
    if not isinstance(table, Mapping):
        table = _by_place(numbers("parameters", table))
    rest = {name: value for name, value in given.items() if name != "parameters"}
    return {**rest, **_by_meaning(table)}


def pieces_of_mixtools(given: Mapping[str, Any]) -> Pieces | None:
    """Take the pieces of a ``normalmixEM`` or ``mvnormalmixEM``: lambda are weights, sigma deviations or matrices."""
    if not {"lambda", "mu", "sigma"} <= set(given):
        return None
    found = {"weights": given["lambda"], "means": given["mu"], "loglik": given.get("loglik")}
    sigma = numbers("sigma", given["sigma"])
    return {**found, "covariances" if sigma.ndim == 3 else "sds": sigma}


def _by_place(rows: Array) -> Pieces:
    rows = np.atleast_2d(rows)
    if rows.ndim > 2 or len(rows) > 2:
        raise ValueError(
            "the estimate's parameters have lost their names on the way from R: write parameters(fit, simplify = FALSE)."
        )
    return {"coefficients": rows[0]} if len(rows) == 1 else {"means": rows[0], "sds": rows[1]}


def _by_meaning(table: Mapping[str, Any]) -> Pieces:
    intercepts = [name for name in table if name == "coef" or name.startswith("coef.")]
    if not intercepts:
        return dict(table)
    (name, *others) = intercepts
    values = np.squeeze(numbers(name, table[name]))
    if others or values.ndim > 1:
        raise ValueError(
            f"the estimate has several coefficients ({', '.join(intercepts)}): a regression is no such mixture."
        )
    if "sigma" in table:
        return {"means": np.atleast_1d(values), "sds": np.ravel(numbers("sigma", table["sigma"]))}
    return {"rates": np.exp(np.atleast_1d(values))}
