"""Inputs that went wrong for people, kept beside the repository: found there, or the test that wants one is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"


def case(name: str) -> Path:
    """The path of a shared case; skips the test where the checkout has no such file beside it."""
    path = CASES / name
    if not path.exists():
        pytest.skip(f"the shared case {name} is not beside this checkout")
    return path
