"""EM with one classic mistake each: the estimate of a program with a bug is a fixed point of its map, and is known by it."""

from .answers import wrong_e_steps, wrong_m_steps
from .explain import Explanation, explain
from .mistakes import WHAT_IT_DOES, Mistake

__all__ = ["WHAT_IT_DOES", "Explanation", "Mistake", "explain", "wrong_e_steps", "wrong_m_steps"]
