"""A study as one HTML page in the style of the comparison."""

from __future__ import annotations

from ...comparing.large_sample import LARGEST_RATIO
from ...judging.difference import LARGEST_SHIFT
from ...presenting.environment import rendered
from ...presenting.names import symbols
from . import figures
from .replicate import LARGEST_R_HAT
from .study import Study
from .verdict import VERDICTS

# What each question of a verdict is called on the page.
QUESTIONS = {
    "agreement": "Do EM and Bayes agree?",
    "fit": "Does the model fit?",
    "precision": "How much do the data say?",
    "prior": "And the prior?",
    "code": "Code",
}


def render(study: Study, command: str) -> str:
    """Return the whole page, self-contained; the same study gives the same page, but for the seconds."""
    design = study.design
    names = symbols(design.model, design.reference, design.columns)
    return rendered(
        "study.html",
        study=study,
        design=design,
        names=names,
        command=command,
        figures=figures,
        LARGEST_R_HAT=LARGEST_R_HAT,
        LARGEST_RATIO=LARGEST_RATIO,
        LARGEST_SHIFT=LARGEST_SHIFT,
        VERDICTS=VERDICTS,
        QUESTIONS=QUESTIONS,
    )
