"""What can be run replicate by replicate: anything whose every number follows from its settings and a seed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from models import Model, require_effort, require_memory, require_whole

from .outcome import Outcome

ENTROPY_OF_STAGES = 3
# Bytes: what a record takes in the tables, and an observation in the simulated data.
_OF_RECORD, _OF_OBSERVATION = 20_000, 200


class Experiment[R: Outcome](ABC):
    """``replications`` data sets of each of the ``sizes``; ``record`` is the class of what a replicate comes to."""

    sizes: tuple[int, ...]
    replications: int
    record: ClassVar[type[Any]]

    @abstractmethod
    def document(self) -> dict[str, Any]:
        """Return the settings as plain numbers, lists and words: two experiments are the same when these are."""

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield size and number of every replicate: all sizes in turn, so that a study cut short has as many of each."""
        return ((size, number) for number in range(self.replications) for size in self.sizes)


class SamplingExperiment[R: Outcome](Experiment[R]):
    """An experiment that samples a posterior for each data set, and whose random draws all follow from the ``seed``."""

    model: Model
    seed: int
    draws: int
    tune: int
    chains: int
    level: float

    def seeds(self, size: int, number: int) -> list[np.random.SeedSequence]:
        """Return the seeds of the stages of one replicate, whatever else is computed and in which order."""
        return np.random.SeedSequence(self.seed, spawn_key=(size, number)).spawn(ENTROPY_OF_STAGES)

    def require(self, **least: int) -> None:
        """Check what can be checked before hours are spent on it: whole numbers, sizes, the level and the effort.

        ``least`` has, for each further whole number that this kind of experiment has, the least that it may be.

        Raises
        ------
        ValueError
            Names the argument that cannot be used, and what it may be.
        """
        for name, lowest in {"replications": 1, "seed": 0, **least}.items():
            require_whole(name, getattr(self, name), lowest)
        if not self.sizes or len(set(self.sizes)) != len(self.sizes):
            raise ValueError(f"sizes must be one or more different numbers, got {list(self.sizes)}.")
        for size in self.sizes:
            require_whole("each of the sizes", size, self.model.components + 1)
        require_memory("replications", self.replications, _OF_RECORD * len(self.sizes))
        require_memory("each of the sizes", max(self.sizes), _OF_OBSERVATION)
        if not (isinstance(self.level, float) and 0 < self.level < 1):
            raise ValueError(f"level must be between 0 and 1, got {self.level!r}.")
        require_effort(self.model.free_parameters, self.draws, self.tune, self.chains)
