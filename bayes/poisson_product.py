"""The mixture of products of Poissons in PyMC: rates under the weak or the conjugate prior, and the label summed out.

The label is that of a row, and common to all its columns. ``pm.Mixture`` over a batch of Poissons would sum it out column
by column, which is another model: each count with a label of its own. So the textbook form sums the log-probabilities of
a row's counts given the label first, and then over the labels.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from scipy import special

from models import Array, Data, Gammas, Model, PoissonProduct, Prior, SharedRates

from .engine import Counted, ProductTotal, of_labels, product_log_probability, product_parameters, random_labels
from .together import together

DIMS = ("component", "feature")


class BayesianPoissonProduct:
    """Products of Poissons in PyMC."""

    def coordinates(self, data: Data) -> dict[str, list[Any]]:
        """Return the names of the columns."""
        return {"feature": list(data.columns)}

    def observed(self, data: Data) -> Array:
        """Repeat every row as often as it was seen: whole numbers of shape ``(n, d)``."""
        return np.repeat(data.values, data.weights.astype(np.intp), axis=0).astype(np.int64)

    def counted(self, data: Data) -> Counted:
        """Take the distinct rows, below which their exposures stand; the base is the offset."""
        compressed = data.compress()
        offset = np.asarray(compressed.weights @ compressed.log_base)
        exposure = np.ones(compressed.rows) if compressed.exposure is None else compressed.exposure
        return Counted(np.vstack([compressed.values.T, exposure]), np.ascontiguousarray(compressed.weights), offset)

    def mixture(
        self,
        weights: Any,
        model: Model,
        prior: Prior,
        observed: Array | Counted,
        likelihood: str,
        exposure: Array | None = None,
    ) -> None:
        """Add ``rates`` and ``x``, and ``exposure`` where the rows have one."""
        rates = _rates(model, prior)
        if isinstance(observed, Counted):
            pm.Potential("x", observed.log_likelihood(ProductTotal(), *product_parameters(weights, rates)))
            return
        if not len(observed):  # all rows have known labels
            return
        exposed = [] if exposure is None else [pm.Data("exposure", exposure, dims="observation")]
        pm.CustomDist(
            "x",
            weights,
            rates,
            *exposed,
            logp=_textbook if likelihood == "textbook" else product_log_probability,
            random=_random_exposed if exposed else _random,
            signature="(k),(k,d),()->(d)" if exposed else "(k),(k,d)->(d)",
            dtype="int64",
            observed=observed,
            dims=("observation", "feature"),
        )

    def of_one(self, name: str, component: int, observed: Array, exposure: Array | None) -> None:
        """Add rows of counts of one component."""
        rates = pm.modelcontext(None)["rates"][component]
        pm.Poisson(name, mu=rates if exposure is None else rates * exposure[:, None], observed=observed)

    def point(self, components: PoissonProduct, model: Model, prior: Prior) -> dict[str, Array]:
        """Return the rates."""
        return {"rates": components.rates}

    def components(self, draws: xr.Dataset) -> PoissonProduct:
        """Return the rates of every draw."""
        return PoissonProduct(draws["rates"].to_numpy())


def _rates(model: Model, prior: Prior) -> Any:
    """Add the rates: gamma, or together those of each column that share an unknown scale."""
    given, k, d = cast(Gammas | SharedRates, prior.components), model.components, model.dimension
    if isinstance(given, Gammas):
        return pm.Gamma("rates", alpha=given.shape, beta=pt.broadcast_to(given.rates, (k, d)), dims=DIMS)

    def log_density(rates: Any) -> Any:
        means = pt.as_tensor(given.means)
        of_columns = pt.log(means) - (k + 1) * pt.log(means + rates.sum(axis=0))
        return d * special.gammaln(k + 1) + of_columns.sum()

    return together("rates", (k, d), log_density, lambda rng: given.sample(k, rng).rates, dims=DIMS, positive=True)


def _textbook(value: Any, weights: Any, rates: Any, exposure: Any = None) -> Any:
    """Return the log-probability of each row as the model is written: Poissons, their sum, and the sum over the labels."""
    means = rates if exposure is None else exposure[..., None, None] * rates
    of_counts = pm.logp(pm.Poisson.dist(mu=means), value[..., None, :])
    return pt.logsumexp(pt.log(weights) + of_counts.sum(axis=-1), axis=-1)


def _random_exposed(
    weights: Array, rates: Array, exposure: Array, rng: np.random.Generator, size: tuple[int, ...] | None
) -> Any:
    labels = random_labels(weights, rng, np.shape(exposure) if size is None else size)
    return rng.poisson(of_labels(rates, labels, axis=-2) * exposure[..., None])


def _random(weights: Array, rates: Array, rng: np.random.Generator, size: tuple[int, ...] | None) -> Any:
    return rng.poisson(of_labels(rates, random_labels(weights, rng, size), axis=-2))
