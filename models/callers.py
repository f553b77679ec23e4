"""Whose line a warning about what a user gave names: the user's, past all lines of the suite."""

from __future__ import annotations

import os
from pathlib import Path

OUR_FOLDERS = tuple(str(Path(__file__).parents[1] / folder) + os.sep for folder in ("models", "em", "bayes", "reports"))
