"""What the page and the document of a comparison say of somebody else's estimate; ``reports/validating`` finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class GivenEstimate:
    """A judgement, ready to be shown.

    Parameters
    ----------
    status
        Its code.
    good
        Whether the estimate is what it should be; ``None`` where nobody can say.
    sentences
        What was found, the most important first.
    figures
        Each figure with its name.
    table
        A row for each parameter: given, top, standard_error, and off in standard errors.
    document
        All of it for programs.
    """

    status: str
    good: bool | None
    sentences: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    table: pd.DataFrame
    document: dict[str, Any]
