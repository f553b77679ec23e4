"""The shares of posterior draws that the checks ask about, and how large each may be."""

from __future__ import annotations

from bayes import LARGEST_UNCLEAR, unclear_labels

# The share of draws on the slope of a singularity at which a 95 % interval begins to hold it.
LARGEST_COLLAPSING = 0.05
# An optimum stands for the posterior when the greater part of it lies on its hill.
SMALLEST_BASIN = 0.5
# A 95 % interval begins to hold what lies on another hill when that has a twentieth of the mass.
LARGEST_RIVAL = 0.05

__all__ = ["LARGEST_COLLAPSING", "LARGEST_RIVAL", "LARGEST_UNCLEAR", "SMALLEST_BASIN", "unclear_labels"]
