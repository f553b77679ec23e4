"""Hand-derived EM: starts, E-step, M-steps and the loop. Never imports PyMC, PyTensor or ArviZ."""

from .ascent import FLAT
from .atlas import Atlas, Optimum, atlas, basin_shares
from .audit import Audit, audit, row_in_words
from .bootstrap import BOOTSTRAPS, Bootstrap, Replicate, bootstrap, replicate
from .convergence import Convergence, convergence
from .criteria import Criteria, criteria
from .degeneracy import Degeneracy, Finding, degeneracy, lone_rows
from .e_step import e_step
from .fit import ESTIMATES, fit, require_estimate
from .fitted import Fit, Start, Starts, beside
from .gains import distance_to_limit
from .information import Information, information
from .loop import ACCELERATIONS, Climb, Status, climb
from .m_step import MStep, component_m_steps
from .nearest import Nearest, nearest
from .optimum import Place, same_height
from .predictive import PredictiveScore, predictive_score
from .robust import robust_intervals
from .rounding import Kind, Rounded, record_of, rounding, step_of
from .sandwich import Sandwich, penalty_of, sandwich
from .standard_errors import Scale, StandardErrors, information_of, scales_of, standard_errors
from .starts import RANDOM_PARAMETERS, START_KINDS, check_start, draw_start, starts_of
from .textbook import textbook_climb, textbook_e_step
from .wrong_maps import WHAT_IT_DOES, Explanation, Mistake, explain, wrong_e_steps, wrong_m_steps

__all__ = [
    "ACCELERATIONS",
    "BOOTSTRAPS",
    "ESTIMATES",
    "FLAT",
    "RANDOM_PARAMETERS",
    "START_KINDS",
    "WHAT_IT_DOES",
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
    "Nearest",
    "Optimum",
    "Place",
    "PredictiveScore",
    "Replicate",
    "Rounded",
    "Sandwich",
    "Scale",
    "StandardErrors",
    "Start",
    "Starts",
    "Status",
    "atlas",
    "audit",
    "basin_shares",
    "beside",
    "bootstrap",
    "check_start",
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
    "nearest",
    "penalty_of",
    "predictive_score",
    "record_of",
    "replicate",
    "require_estimate",
    "robust_intervals",
    "rounding",
    "row_in_words",
    "same_height",
    "sandwich",
    "scales_of",
    "standard_errors",
    "starts_of",
    "step_of",
    "textbook_climb",
    "textbook_e_step",
    "wrong_e_steps",
    "wrong_m_steps",
]
