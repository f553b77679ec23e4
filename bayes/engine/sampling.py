"""How much is sampled, in one place: every caller and every sampler takes it whole."""

from __future__ import annotations

from dataclasses import dataclass

from models import require_whole


@dataclass(frozen=True)
class Sampling:
    """The draws kept of each chain, those spent on tuning, the chains, the cores for them, and the sampler's seed.

    Raises
    ------
    ValueError
        When one of the first three is no whole number, or too small; the message names it.

    Examples
    --------
    >>> from bayes import Sampling
    >>> Sampling(draws=500, tune=300, chains=4, cores=2, seed=1).transitions
    3200
    """

    draws: int
    tune: int
    chains: int
    cores: int
    seed: int

    def __post_init__(self) -> None:
        for name, least in (("draws", 4), ("tune", 1), ("chains", 1)):
            require_whole(name, getattr(self, name), least)

    @property
    def transitions(self) -> int:
        """The number of transitions of all chains, tuning included."""
        return self.chains * (self.tune + self.draws)
