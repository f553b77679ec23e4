"""A study as one HTML page in the style of the comparison."""

from __future__ import annotations

from dataclasses import replace

from models.truths import Truth

from ...comparing.large_sample import LARGEST_RATIO
from ...judging.difference import LARGEST_SHIFT
from ...presenting.environment import rendered
from ...presenting.names import symbols
from ..simulated import unit_of_rates
from . import figures, truth_figure
from .design import Design
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
    names = symbols(design.model, design.reference, design.columns, unit=unit_of_rates(design.exposures))
    return rendered(
        "study.html",
        study=study,
        design=design,
        names=names,
        command=command,
        figures=figures,
        truth_figure=truth_figure,
        base=base_values(design),
        LARGEST_R_HAT=LARGEST_R_HAT,
        LARGEST_RATIO=LARGEST_RATIO,
        LARGEST_SHIFT=LARGEST_SHIFT,
        VERDICTS=VERDICTS,
        QUESTIONS=QUESTIONS,
    )


def base_values(design: Design) -> list[tuple[str, float]]:
    """Return the parameters that the components of a truth outside the model depart from, each by its symbol."""
    if not isinstance(design.truth, Truth):
        return []
    base, structures = design.truth.base, design.model.family_of_components.covariance_structures
    model = replace(design.model, components=len(base.weights), covariance=next(iter(structures), None), mixing="free")
    named = model.scalars(base, design.columns)
    called = symbols(model, base, design.columns, unit=unit_of_rates(design.exposures))
    return [(symbol, float(named[name])) for name, symbol in called.items()]
