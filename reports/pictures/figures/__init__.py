"""Every picture of EM at work, each made of a fit."""

from .clusters import clusters, posterior_band, raw
from .steps import ascent, stages, step
from .surface import density_contours, density_surface, window

__all__ = [
    "ascent",
    "clusters",
    "density_contours",
    "density_surface",
    "posterior_band",
    "raw",
    "stages",
    "step",
    "window",
]
