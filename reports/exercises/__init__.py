"""Exercises: notebooks with blanks, a check after each that says what is wrong, and the grading of what comes back."""

from __future__ import annotations

from .exercise import Exercise, exercise, titles

__all__ = ["Exercise", "exercise", "titles"]
