"""What a calibration simulates and computes: together with the versions of the software it fixes every number."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from models import Array, Mixture, Model, Prior
from models.exposed import Exposures

from ..running.experiment import SamplingExperiment
from .record import Ranking
from .truths import Truths


@dataclass(frozen=True)
class Calibration(SamplingExperiment[Ranking]):
    """A calibration of the sampler: of ``replications`` truths, data of each of the ``sizes`` and the posterior's ranks.

    Parameters
    ----------
    name, title
        What the calibration is called.
    model, prior
        What is sampled. The prior is the same for all data sets: one that is scaled from each of them would not be the one
        that the truths come from.
    truths
        Where the true values come from: the prior, or the posterior of observed data.
    columns
        The names of the features.
    places
        Observations at which the log-density is a quantity to be ranked, shape ``(places, d)``, fixed beforehand.
    reference
        Any mixture of the model, which the page takes the parameters' names from.
    sizes, replications, seed
        As in a study.
    draws, tune, chains
        How each posterior is sampled at first.
    ranked
        Among how many draws L the true value is ranked, fixed beforehand.
    exposures
        What the exposures of the rows are drawn from, ``None`` where all are one; the places have their mean.
    level
        The probability with which a calibrated sampler stays in all bands together.

    Raises
    ------
    ValueError
        Names the argument that cannot be used, and what it may be.
    """

    name: str
    title: str
    model: Model
    prior: Prior
    truths: Truths
    columns: tuple[str, ...]
    places: Array
    reference: Mixture
    sizes: tuple[int, ...]
    replications: int
    seed: int = 0
    draws: int = 500
    tune: int = 300
    chains: int = 2
    ranked: int = 63
    level: float = 0.95
    exposures: Exposures | None = None

    record: ClassVar = Ranking

    def __post_init__(self) -> None:
        """Check what can be checked before hours are spent on it."""
        self.require(ranked=1)
        if self.ranked > self.draws * self.chains:
            raise ValueError(f"ranked must be at most draws x chains, {self.draws * self.chains}, got {self.ranked}.")

    @property
    def exposure_of_places(self) -> Array | None:
        """The exposure of each of the places, shape ``(places,)``."""
        return None if self.exposures is None else np.full(len(self.places), self.exposures.mean)

    def document(self) -> dict[str, Any]:
        """Return the calibration as plain numbers, lists and words."""
        chosen = ("replications", "seed", "draws", "tune", "chains", "ranked", "level")
        return {
            "calibration of": self.name,
            "model": asdict(self.model),
            "prior": self.prior.parameters(),
            "truths": self.truths.document(),
            "columns": list(self.columns),
            **({} if self.exposures is None else {"exposure": self.exposures.document()}),
            "places": self.places.tolist(),
            "sizes": list(self.sizes),
            **{name: getattr(self, name) for name in chosen},
        }
