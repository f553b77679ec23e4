"""Somebody else's point estimate, in the form that they have it: a mixture, its model, and what is to be said of it."""

from .estimate import Given

__all__ = ["Given"]
