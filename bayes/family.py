"""What each family provides for PyMC; one file per family implements it."""

from __future__ import annotations

from typing import Any, Protocol

import xarray as xr

from models import Array, Components, Data, Model, Prior

from .engine import Counted


class BayesianComponents(Protocol):
    """A family's priors and component distributions in PyMC, and the way to and from its parameters."""

    def coordinates(self, data: Data) -> dict[str, list[Any]]:
        """Return the coords that the family's variables need beside ``component``."""

    def observed(self, data: Data) -> Array:
        """Return the observations as PyMC sees them, one row for each."""

    def counted(self, data: Data) -> Counted:
        """Return the distinct observations as the fused operations take them."""

    def mixture(
        self,
        weights: Any,
        model: Model,
        prior: Prior,
        observed: Array | Counted,
        likelihood: str,
        exposure: Array | None = None,
    ) -> None:
        """Add the priors and the observed variable ``x``, its label summed out, to the PyMC model of the context.

        Of counted data ``x`` is a potential, the log-likelihood of all observations. ``exposure``, shape ``(n,)``,
        is that of each observation; counted data have their own.
        """

    def of_one(self, name: str, component: int, observed: Array, exposure: Array | None) -> None:
        """Add observations that are known to be of one component, after :meth:`mixture` has added its parameters."""

    def point(self, components: Any, model: Model, prior: Prior) -> dict[str, Array]:
        """Return the value of each free variable at these components, whose leading axes it keeps."""

    def components(self, draws: xr.Dataset) -> Components:
        """Return the components of posterior draws, with leading axes ``(chain, draw)``."""
