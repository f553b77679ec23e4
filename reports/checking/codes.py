"""The codes of a model that does not fit."""

from __future__ import annotations

from enum import StrEnum


class FitCode(StrEnum):
    """In what way the data are not those of the fitted model; in the order in which a verdict names them."""

    OVERDISPERSED = "overdispersed"
    UNDERDISPERSED = "underdispersed"
    EXCESS_ZEROS = "excess-zeros"
    HEAVY_TAILS = "heavy-tails"
    SKEWED = "skewed"
    TOO_FEW_COMPONENTS = "too-few-components"
    TIED_VALUES = "tied-values"
    MISFIT = "misfit"
