"""Fitted mixtures of Python's packages, which are known by their attributes: none of the packages is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .numbers import numbers

Attributes = dict[str, Any]
_VARIATIONAL = (
    "the attributes of {} are the centre of a variational posterior under its own prior: nothing says that they maximise "
    "the likelihood."
)
# StepMix's names end in the structure; "continuous" is another name of the diagonal one.
_OF_STEPMIX = {"full": "full", "diag": "diagonal", "continuous": "diagonal", "spherical": "spherical", "tied": "tied"}


def attributes_of_scikit_learn(given: Any) -> Attributes | None:
    """Take the attributes of a ``GaussianMixture`` or a ``BayesianGaussianMixture``, whose arrays have the components first.

    Raises
    ------
    ValueError
        When it is one that was not fitted.
    """
    if not hasattr(given, "covariance_type") or not hasattr(given, "n_components"):
        return None
    if not hasattr(given, "weights_"):
        raise ValueError(f"the estimate is a {type(given).__name__} that was not fitted: call its fit first.")
    return {
        "weights": given.weights_,
        "means": given.means_,
        "covariances": given.covariances_,
        "structure": given.covariance_type,
        **({"notes": _VARIATIONAL.format(type(given).__name__)} if hasattr(given, "weight_concentration_") else {}),
    }


def attributes_of_stepmix(given: Any) -> Attributes | None:
    """Take the attributes of the measurement model of a ``StepMix``, which has to be of one kind for all columns.

    Raises
    ------
    ValueError
        When it was not fitted, or is of several kinds or of one without means.
    """
    if not hasattr(given, "measurement") or not hasattr(given, "get_parameters"):
        return None
    if not hasattr(given, "weights_"):
        raise ValueError(f"the estimate is a {type(given).__name__} that was not fitted: call its fit first.")
    parameters = given.get_parameters()
    own, kind = parameters["measurement"], given.measurement
    if "means" not in own and len(own) == 1:  # a nested model of one part
        own = next(iter(own.values()))
        kind = next(iter(kind.values()))["model"] if isinstance(kind, Mapping) else kind
    if "means" not in own:
        raise ValueError(
            f"the estimate is a StepMix with the measurement {given.measurement!r}, which is no such mixture."
        )
    means = numbers("means", own["means"])
    word = str(kind).removesuffix("_nan").rsplit("_", 1)[-1]
    covariances = own.get("covariances")
    if covariances is None:  # its model of unit variance
        return {
            "weights": parameters["weights"],
            "means": means,
            "variances": np.ones_like(means),
            "structure": "spherical",
        }
    return {
        "weights": parameters["weights"],
        "means": means,
        "covariances": covariances,
        "structure": _OF_STEPMIX.get(word),
    }


def attributes_of_pomegranate(given: Any) -> Attributes | None:
    """Take the attributes of a ``GeneralMixtureModel`` (from version 1 on) whose distributions are all of one kind.

    Raises
    ------
    ValueError
        When it was not fitted, or when its distributions are of several kinds, or of another one.
    """
    if not hasattr(given, "distributions") or not hasattr(given, "priors"):
        return None
    distributions = list(given.distributions)
    if given.priors is None:
        raise ValueError(f"the estimate is a {type(given).__name__} that was not fitted: call its fit first.")
    if all(hasattr(each, "lambdas") for each in distributions):
        return {"weights": given.priors, "rates": _stacked("lambdas", distributions)}
    kinds = {getattr(each, "covariance_type", None) for each in distributions}
    if len(kinds) > 1 or not all(hasattr(each, "covs") for each in distributions):
        names = sorted({type(each).__name__ for each in distributions})
        raise ValueError(
            f"the estimate is a {type(given).__name__} of {', '.join(names)}, which are of several or other kinds."
        )
    covariances = _stacked("covs", distributions)
    return {
        "weights": given.priors,
        "means": _stacked("means", distributions),
        "covariances": covariances,
        "structure": kinds.pop(),
    }


def _stacked(name: str, distributions: list[Any]) -> Any:
    # A lone variance is a number in one program's version and a list of one in the other's.
    return np.stack([np.squeeze(numbers(name, getattr(each, name))) for each in distributions])
