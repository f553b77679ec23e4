"""Hand-derived EM: starts, E-step, M-steps and the loop. Never imports PyMC, PyTensor or ArviZ."""

from .ascent import FLAT
from .atlas import Atlas, Optimum, atlas, basin_shares
from .audit import Audit, audit, row_in_words
from .bootstrap import BOOTSTRAPS, Bootstrap, Replicate, bootstrap, replicate
from .convergence import Convergence, convergence
from .criteria import Criteria, criteria
from .degeneracy import Degeneracy, Finding, degeneracy, lone_rows
from .e_step import e_step
from .fit import ESTIMATES, Fit, Start, fit, require_estimate
from .information import Information, information
from .loop import ACCELERATIONS, Climb, Status, climb, distance_to_limit
from .m_step import MStep, component_m_steps
from .optimum import Place, same_height
from .predictive import PredictiveScore, predictive_score
from .rounding import Kind, Rounded, rounding
from .standard_errors import StandardErrors, information_of, standard_errors
from .starts import RANDOM_PARAMETERS, START_KINDS, draw_start, starts_of
from .textbook import textbook_climb, textbook_e_step
from .wrong_maps import Explanation, Mistake, explain

__all__ = [
    "ACCELERATIONS",
    "BOOTSTRAPS",
    "ESTIMATES",
    "FLAT",
    "RANDOM_PARAMETERS",
    "START_KINDS",
    "Atlas",
    "Audit",
    "Bootstrap",
    "Climb",
    "Convergence",
    "Criteria",
    "Degeneracy",
    "Explanation",
    "Finding",
    "Fit",
    "Information",
    "Kind",
    "MStep",
    "Mistake",
    "Optimum",
    "Place",
    "PredictiveScore",
    "Replicate",
    "Rounded",
    "StandardErrors",
    "Start",
    "Status",
    "atlas",
    "audit",
    "basin_shares",
    "bootstrap",
    "climb",
    "component_m_steps",
    "convergence",
    "criteria",
    "degeneracy",
    "distance_to_limit",
    "draw_start",
    "e_step",
    "explain",
    "fit",
    "information",
    "information_of",
    "lone_rows",
    "predictive_score",
    "replicate",
    "require_estimate",
    "rounding",
    "row_in_words",
    "same_height",
    "standard_errors",
    "starts_of",
    "textbook_climb",
    "textbook_e_step",
]
