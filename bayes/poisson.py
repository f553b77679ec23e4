"""The Poisson mixture in PyMC: rates under the weak or the conjugate prior, and the label summed out by ``pm.Mixture``."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from scipy import special

from models import Array, Data, Gamma, Model, Poisson, Prior, SharedRate

from .engine import (
    Counted,
    ExposedPoissonTotal,
    PoissonTotal,
    exposed_poisson_log_probability,
    exposed_poisson_parameters,
    of_labels,
    poisson_log_probability,
    poisson_parameters,
    random_labels,
)
from .together import together


class BayesianPoisson:
    """Poisson components in PyMC."""

    def coordinates(self, data: Data) -> dict[str, list[Any]]:
        """Return nothing: rates need no coords of their own."""
        return {}

    def observed(self, data: Data) -> Array:
        """Repeat every count as often as it was seen: whole numbers of shape ``(n,)``."""
        return np.repeat(data.values[:, 0], data.weights.astype(np.intp)).astype(np.int64)

    def counted(self, data: Data) -> Counted:
        """Take the distinct counts, beside which their exposures stand; the base is the offset."""
        compressed = data.compress()
        x, multiplicities = compressed.values[:, 0], compressed.weights
        both = x if compressed.exposure is None else np.stack([x, compressed.exposure])
        offset = np.asarray(multiplicities @ compressed.log_base)
        return Counted(np.ascontiguousarray(both), np.ascontiguousarray(multiplicities), offset)

    def mixture(
        self,
        weights: Any,
        model: Model,
        prior: Prior,
        observed: Array | Counted,
        likelihood: str,
        exposure: Array | None = None,
    ) -> None:
        """Add ``rates`` and ``x``, and ``exposure`` where the counts have one."""
        rates = _rates(model, prior)
        if isinstance(observed, Counted):
            beside = observed.x.ndim == 2
            total: Any = ExposedPoissonTotal() if beside else PoissonTotal()
            parameters: Any = (exposed_poisson_parameters if beside else poisson_parameters)(weights, rates)
            pm.Potential("x", observed.log_likelihood(total, *parameters))
            return
        if not len(observed):  # all rows have known labels
            return
        exposed = [] if exposure is None else [pm.Data("exposure", exposure, dims="observation")]
        if likelihood == "textbook":
            means = exposed[0][:, None] * rates if exposed else rates
            pm.Mixture("x", w=weights, comp_dists=pm.Poisson.dist(mu=means), observed=observed, dims="observation")
            return
        pm.CustomDist(
            "x",
            weights,
            rates,
            *exposed,
            logp=exposed_poisson_log_probability if exposed else poisson_log_probability,
            random=_random_exposed if exposed else _random,
            signature="(k),(k),()->()" if exposed else "(k),(k)->()",
            dtype="int64",
            observed=observed,
            dims="observation",
        )

    def of_one(self, name: str, component: int, observed: Array, exposure: Array | None) -> None:
        """Add counts of one component."""
        rate = pm.modelcontext(None)["rates"][component]
        pm.Poisson(name, mu=rate if exposure is None else rate * exposure, observed=observed)

    def point(self, components: Poisson, model: Model, prior: Prior) -> dict[str, Array]:
        """Return the rates."""
        return {"rates": components.rates}

    def components(self, draws: xr.Dataset) -> Poisson:
        """Return the rates of every draw."""
        return Poisson(draws["rates"].to_numpy())


def _rates(model: Model, prior: Prior) -> Any:
    """Add the rates: gamma, or together those that share an unknown scale."""
    given, k = cast(Gamma | SharedRate, prior.components), model.components
    if isinstance(given, Gamma):
        return pm.Gamma("rates", alpha=given.shape, beta=given.rate, dims="component")

    def log_density(rates: Any) -> Any:
        return special.gammaln(k + 1) + pt.log(given.mean) - (k + 1) * pt.log(given.mean + rates.sum())

    return together("rates", (k,), log_density, lambda rng: given.sample(k, rng).rates, dims="component", positive=True)


def _random_exposed(
    weights: Array, rates: Array, exposure: Array, rng: np.random.Generator, size: tuple[int, ...] | None
) -> Any:
    labels = random_labels(weights, rng, np.shape(exposure) if size is None else size)
    return rng.poisson(of_labels(rates, labels, axis=-1) * exposure)


def _random(weights: Array, rates: Array, rng: np.random.Generator, size: tuple[int, ...] | None) -> Any:
    return rng.poisson(of_labels(rates, random_labels(weights, rng, size), axis=-1))
