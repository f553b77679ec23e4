"""Repeated-simulation studies: what EM's estimates and the posterior are worth over thousands of simulated data sets."""

from .coverage.design import Design
from .coverage.record import Record
from .coverage.replicate import replicate
from .coverage.tables import parameters, replicates, shares, verdicts
from .running.run import processes, run
from .running.store import Store

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
