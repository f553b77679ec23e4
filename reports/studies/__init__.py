"""Repeated-simulation studies: what EM's estimates and the posterior are worth over thousands of simulated data sets."""

from .design import Design
from .record import Record
from .replicate import replicate
from .run import processes, run
from .store import Store
from .tables import parameters, replicates, shares, verdicts

__all__ = [
    "Design",
    "Record",
    "Store",
    "parameters",
    "processes",
    "replicate",
    "replicates",
    "run",
    "shares",
    "verdicts",
]
