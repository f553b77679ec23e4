"""One stream of random numbers for each job, so that none depends on how many the job before it took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Streams:
    """The generators of a comparison's jobs, which all follow from one seed."""

    mle: np.random.Generator
    map: np.random.Generator
    posterior: np.random.Generator
    equivalence: np.random.Generator
    grade: np.random.Generator
    others: np.random.Generator


def streams(seed: int) -> Streams:
    """Return new generators of a seed: the same ones each time."""
    return Streams(*np.random.default_rng(seed).spawn(6))
