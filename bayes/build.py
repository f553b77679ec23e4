"""Build the mixture as a PyMC model, with the label z summed out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import ArrayLike

from models import AnyPrior, Array, Data, GivenLabels, Mixture, Model, Prior, observed, require_whole_weights
from models.arguments import require_one_of

from .engine import Counted
from .family import BayesianComponents
from .gaussian import BayesianGaussian
from .labelled import add_labelled, repeated, unknown_of
from .poisson import BayesianPoisson
from .poisson_product import BayesianPoissonProduct

LIKELIHOODS = ("fused", "textbook")
bayesian_components: dict[str, BayesianComponents] = {
    "gaussian": BayesianGaussian(),
    "poisson": BayesianPoisson(),
    "poisson-product": BayesianPoissonProduct(),
}


def build_model(
    x: ArrayLike | Data,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
    prior: AnyPrior | None = None,
    likelihood: str = "fused",
) -> pm.Model:
    """Build the mixture as a plain ``pm.Model`` that works with all of PyMC.

    Its variables are ``weights`` (unless they are fixed), ``rates`` or ``means`` and ``covariances``, and the observed
    ``x``; its coords are ``component``, ``feature`` and ``observation``. Weights count how often a row was seen.
    Where counts have exposures these are data of the model, ``exposure``. Where labels are known ``x`` are the rows whose
    label is not, unless there is none, ``label`` are the labels, and ``x_of_1`` and so on the rows of each.

    ``likelihood="textbook"`` writes the mixture as a student would, with ``pm.NormalMixture`` or ``pm.Mixture`` over
    ``pm.Poisson`` or ``pm.MvNormal``. ``"fused"`` is the same function of the same variables, its value and gradient
    computed in one pass over the data; tests hold each against the other.

    What shares an unknown scale under the weak prior is one variable, whose density is of all entries together and which
    is drawn as ``Prior.sample`` does: ``rates``, ``variances``, or ``factor``, from which the covariances follow.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    family, components, covariance, mixing, weights, exposure, prior, known
        The model, as for :func:`bayes.sample`.
    likelihood
        ``"fused"`` or ``"textbook"``, two ways to write the same function.

    Returns
    -------
    pymc.Model
        The model, with the labels summed out; all of PyMC works with it.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used; the message names it.

    Examples
    --------
    >>> from bayes import build_model
    >>> model = build_model([0, 1, 1, 2, 8, 9, 9, 10], "poisson", 2)
    >>> sorted(variable.name for variable in model.free_RVs)
    ['rates', 'weights']
    """
    data = observed(x, weights, exposure, known)
    model = Model.of(data, family, components, covariance, mixing)
    return build(data, model, model.chosen_prior(prior, data), likelihood)


def build(data: Data, model: Model, prior: Prior, likelihood: str = "fused") -> pm.Model:
    """Build the PyMC model of data and a model that were checked before, as :func:`build_model` does.

    Parameters
    ----------
    data, model, prior
        What the posterior is of.
    likelihood
        ``"fused"`` or ``"textbook"``, two ways to write the same function.

    Returns
    -------
    pymc.Model
        The model, with the labels summed out.

    Raises
    ------
    ValueError
        When ``likelihood`` is neither, or a row was seen a broken number of times.

    Examples
    --------
    >>> from bayes import build
    >>> from models import Data, Model
    >>> data, model = Data.of([0, 1, 1, 2, 8, 9, 9, 10]), Model("poisson", 2, mixing="equal")
    >>> built = build(data, model, model.prior(data))
    >>> [variable.name for variable in built.free_RVs]
    ['rates']
    """
    require_one_of("likelihood", likelihood, LIKELIHOODS)
    require_whole_weights(data)
    family = bayesian_components[model.family]
    rest = unknown_of(data)
    mixed = data.take(slice(0)) if rest is None else rest
    observed = family.observed(mixed)
    coordinates = {"observation": range(len(observed)), **family.coordinates(data)}
    built = build_around(observed, coordinates, model, prior, likelihood, repeated(mixed.exposure, mixed))
    with built:
        add_labelled(data, built["weights"] if model.weights_are_free else fixed_weights(model), family)
    return built


def build_around(
    observed: Array | Counted,
    coordinates: dict[str, Any],
    model: Model,
    prior: Prior,
    likelihood: str = "fused",
    exposure: Array | None = None,
) -> pm.Model:
    """Build the PyMC model around observations as the family sees them.

    The observations, and the numbers in the prior, may be PyTensor variables.
    """
    family = bayesian_components[model.family]
    with pm.Model(coords={"component": list(range(1, model.components + 1)), **coordinates}) as built:
        if model.weights_are_free:
            shares = pm.Dirichlet("weights", a=prior.concentration * np.ones(model.components), dims="component")
        else:
            shares = fixed_weights(model)
        family.mixture(shares, model, prior, observed, likelihood, exposure)
    return built


def fixed_weights(model: Model) -> Any:
    """Return the weights where they are no parameters."""
    return pt.constant(np.full(model.components, 1 / model.components))


def any_point(model: Model, prior: Prior) -> dict[str, Array]:
    """Return some value of each free variable, which shows their shapes."""
    return point(prior.sample(np.random.default_rng(0)), model, prior)


def point(mixture: Mixture, model: Model, prior: Prior) -> dict[str, Array]:
    """Return the value of each free variable of the PyMC model at a mixture, whose leading axes it keeps.

    Parameters
    ----------
    mixture
        The mixture, or several with leading axes.
    model, prior
        What the PyMC model is built from.

    Returns
    -------
    dict
        The arrays by the names of the variables, in the units of the data.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import point
    >>> from models import Data, Mixture, Model, Poisson
    >>> data, model = Data.of([0, 1, 1, 2, 8, 9]), Model("poisson", 2)
    >>> mixture = Mixture(np.array([0.6, 0.4]), Poisson(np.array([1.0, 9.0])))
    >>> at = point(mixture, model, model.prior(data))
    >>> {name: value.tolist() for name, value in at.items()}
    {'weights': [0.6, 0.4], 'rates': [1.0, 9.0]}
    """
    family = bayesian_components[model.family]
    of_components = family.point(mixture.components, model, prior)
    return {**({"weights": mixture.weights} if model.weights_are_free else {}), **of_components}


def any_data(dimension: int, exposed: bool = False, labelled: bool = False) -> Data:
    """Return a simplex with its opposite corner: not constant in any feature, nor are two of them linearly dependent."""
    x = np.vstack([np.eye(dimension), np.zeros(dimension), 2 + np.arange(dimension)])
    exposure = 1 + np.arange(len(x)) if exposed else None
    return Data.of(x, exposure=exposure, known=[1, *[None] * (len(x) - 1)] if labelled else None)
