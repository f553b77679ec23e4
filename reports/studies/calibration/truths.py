"""Where the true values of a calibration come from, and which data the posterior is then given.

Simulation-based calibration draws them from the prior (Talts, Betancourt, Simpson, Vehtari and Gelman 2018). Posterior
calibration draws them from the posterior of data that were observed, and fits observed and simulated data together
(Säilynoja, Schmitt, Bürkner and Vehtari 2025): with that posterior in the place of the prior the same argument holds, and
what is looked at is the part of the parameter space that the user's own data speak of.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from models import Array, Data, Mixture, Prior


class Truths(Protocol):
    """Draws true mixtures, and says what the posterior is a posterior of."""

    def truth(self, number: int, rng: np.random.Generator) -> Mixture:
        """Return the truth of the replicate of that number, without leading axes."""

    def fitted(self, simulated: Data) -> Data:
        """Return the data that the model is fitted to."""

    def document(self) -> dict[str, Any]:
        """Return where the truths come from, as plain numbers, lists and words."""


@dataclass(frozen=True)
class FromPrior:
    """Truths drawn from a prior that knows nothing of the simulated data."""

    prior: Prior

    def truth(self, number: int, rng: np.random.Generator) -> Mixture:
        """Draw a truth of its own for every replicate."""
        return self.prior.sample(rng)

    def fitted(self, simulated: Data) -> Data:
        """Return the simulated data alone."""
        return simulated

    def document(self) -> dict[str, Any]:
        """Return the prior."""
        return {"prior": self.prior.parameters()}


@dataclass(frozen=True)
class FromPosterior:
    """Truths that are posterior ``draws`` with one leading axis, given the ``observed`` data."""

    observed: Data
    draws: Mixture

    def truth(self, number: int, rng: np.random.Generator) -> Mixture:
        """Return the posterior draw of that number."""
        return self.draws[number]

    def fitted(self, simulated: Data) -> Data:
        """Return the observed and the simulated data together."""
        both = np.vstack([self.observed.values, simulated.values])
        seen = np.concatenate([self.observed.weights, simulated.weights])
        exposed = None
        if self.observed.is_exposed or simulated.is_exposed:
            exposed = np.concatenate([_exposure(self.observed), _exposure(simulated)])
        return Data.of(both, seen, simulated.columns, simulated.name, exposed, self.observed.exposure_column)

    def document(self) -> dict[str, Any]:
        """Return fingerprints of the data and of the draws."""
        draws = hashlib.sha256(
            b"".join(np.ascontiguousarray(array).tobytes() for array in self.draws.arrays().values())
        )
        return {"observed": self.observed.sha256, "posterior draws": draws.hexdigest()}


def _exposure(data: Data) -> Array:
    return np.ones(data.rows) if data.exposure is None else data.exposure
