"""A study as one HTML page in the style of the comparison."""

from __future__ import annotations

from ..names import symbols
from ..page import rendered
from . import figures
from .replicate import LARGEST_R_HAT
from .study import SHOWN, Study


def render(study: Study, command: str) -> str:
    """The whole page, self-contained; the same study gives the same page, but for the seconds."""
    design = study.design
    names = symbols(design.model, design.truth, design.columns)
    return rendered(
        "study.html",
        study=study,
        design=design,
        names=names,
        command=command,
        figures=figures,
        SHOWN=SHOWN,
        LARGEST_R_HAT=LARGEST_R_HAT,
    )
