"""What a study simulates and computes: together with the versions of the software it fixes every number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from em import Nearest, nearest
from models import DEFAULT_PRIOR, Data, Mixture, Model, Prior, named_priors
from models.exposed import Exposures
from models.truths import Truth

from ..running.experiment import SamplingExperiment
from ..simulated import simulated
from .record import Record


@dataclass(frozen=True)
class Design(SamplingExperiment[Record]):
    """A study: ``replications`` data sets of each of the ``sizes``, drawn from the ``truth`` and fitted with the ``model``.

    Parameters
    ----------
    name, title
        What the study is called.
    truth
        What the data are drawn from: a mixture of the model, or a truth outside it.
    model
        What is fitted.
    columns
        The names of the features.
    sizes
        Numbers of observations n.
    replications
        How many data sets of each size.
    seed
        What every random draw follows from.
    draws, tune, chains
        How each posterior is sampled.
    starts
        From how many points EM starts besides the truth.
    bootstrap
        How many bootstrap replicates the intervals of EM rest on besides the standard errors; 0 for no such intervals.
    level
        The coverage that all intervals aim at.
    prior
        The name of the prior, scaled from each data set; or the parameters of one that is the same for all of them.
    judged
        On how many data sets of each size the whole verdict of a report is asked for; it may grow from run to run.
    exposures
        What the exposures of the rows are drawn from, ``None`` where all are one.

    Raises
    ------
    ValueError
        Names the argument that cannot be used, and what it may be.
    """

    name: str
    title: str
    truth: Mixture | Truth
    model: Model
    columns: tuple[str, ...]
    sizes: tuple[int, ...]
    replications: int
    seed: int = 0
    draws: int = 500
    tune: int = 300
    chains: int = 2
    starts: int = 3
    bootstrap: int = 0
    level: float = 0.95
    prior: str | Mapping[str, Any] = DEFAULT_PRIOR
    judged: int = 0
    exposures: Exposures | None = None

    record: ClassVar = Record

    def __post_init__(self) -> None:
        """Check what can be checked before hours are spent on it."""
        self.require(starts=1, bootstrap=0, judged=0)
        if isinstance(self.prior, Mapping):
            Prior.of(self.prior, self.model)
        elif self.prior not in named_priors:
            names = ", ".join(map(repr, named_priors))
            raise ValueError(f"prior must be one of {names}, or a prior's parameters, got {self.prior!r}.")

    def simulate(self, size: int, rng: np.random.Generator) -> Data:
        """Return a data set of that size."""
        return simulated(self.truth, size, rng, self.columns, self.name, self.exposures)

    @cached_property
    def nearest(self) -> Nearest | None:
        """The mixture of the model that is nearest to a truth outside it; ``None`` where the truth is of the model."""
        if not isinstance(self.truth, Truth):
            return None
        return nearest(self.truth, self.model, self.columns, self.exposures)

    @property
    def reference(self) -> Mixture:
        """The mixture that estimates are held against: the truth, or the one of the model that is nearest to it."""
        if isinstance(self.truth, Mixture):
            return self.truth
        assert self.nearest is not None
        return self.nearest.mixture

    @cached_property
    def true_values(self) -> dict[str, float]:
        """Every free parameter of the truth by its name, or the pseudo-true values, of the mixture nearest to it."""
        return {name: float(value) for name, value in self.model.scalars(self.reference, self.columns).items()}

    @property
    def called(self) -> str:
        """What the values that estimates are held against are called."""
        return "true value" if isinstance(self.truth, Mixture) else "pseudo-true value"

    def document(self) -> dict[str, Any]:
        """Return the design as plain numbers, lists and words."""
        chosen = ("sizes", "replications", "seed", "draws", "tune", "chains", "starts", "bootstrap", "level", "prior")
        return {
            "name": self.name,
            "model": asdict(self.model),
            "truth": _document_of(self.truth),
            "columns": list(self.columns),
            **({} if self.exposures is None else {"exposure": self.exposures.document()}),
            **{name: list(self.sizes) if name == "sizes" else getattr(self, name) for name in chosen},
        }


def _document_of(truth: Mixture | Truth) -> dict[str, Any]:
    """Return a truth as plain numbers, lists and words; one outside the model says its kind."""
    if isinstance(truth, Truth):
        return truth.document()
    return {name: np.asarray(array).tolist() for name, array in truth.arrays().items()}
