"""Hand-derived EM: starts, E-step, M-steps and the loop. Never imports PyMC, PyTensor or ArviZ."""

from .e_step import e_step, textbook_e_step
from .fit import ESTIMATES, Fit, Start, fit
from .information import Information, information
from .loop import ACCELERATIONS, Climb, Status, climb, distance_to_limit
from .m_step import MStep, component_m_steps
from .standard_errors import StandardErrors, standard_errors
from .starts import RANDOM_PARAMETERS, START_KINDS, draw_start

__all__ = [
    "ACCELERATIONS",
    "ESTIMATES",
    "RANDOM_PARAMETERS",
    "START_KINDS",
    "Climb",
    "Fit",
    "Information",
    "MStep",
    "StandardErrors",
    "Start",
    "Status",
    "climb",
    "component_m_steps",
    "distance_to_limit",
    "draw_start",
    "e_step",
    "fit",
    "information",
    "standard_errors",
    "textbook_e_step",
]
