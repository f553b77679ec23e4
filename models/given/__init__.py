"""Somebody else's point estimate or draws, in the form that they have them: a mixture, and what is to be said of it."""

from .draws import GivenDraws
from .estimate import Given
from .stated_draws import StatedDraws

__all__ = ["Given", "GivenDraws", "StatedDraws"]
