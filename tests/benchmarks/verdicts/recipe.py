"""A recipe for data of known health, and which codes of the verdict name it rightly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models import Data, Mixture, Model, Prior
from reports.checking.codes import FitCode

HEALTHY = "healthy"


@dataclass(frozen=True)
class Case:
    """Data and the model to fit, with what is done to either side on purpose.

    ``em`` are arguments of :func:`em.fit` for the maximum-likelihood estimate. ``modes`` are mixtures of which the first
    half of the chains is started at the first and the other half at the second.
    """

    data: Data
    model: Model
    prior: Prior | None = None
    em: dict[str, Any] = field(default_factory=dict)
    modes: tuple[Mixture, Mixture] | None = None


@dataclass(frozen=True)
class Recipe:
    """``kind`` is what the data are built to be, and ``right`` the codes of which one at least has to be named.

    Of healthy data ``right`` is ``agree`` alone, which stands for no reason at all. ``replicates`` is how many data sets are
    made.
    """

    name: str
    kind: str
    right: frozenset[str]
    why: str
    make: Callable[[np.random.Generator], Case]
    replicates: int = 25

    def named_rightly(self, codes: tuple[str, ...]) -> bool:
        """Whether a verdict with these codes names what the data were built to be; the model of healthy data has to fit."""
        named = set(codes)
        return bool(self.right & named) and not (self.kind == HEALTHY and named & set(FitCode))
