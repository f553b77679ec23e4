"""Inputs that went wrong for people, which lie beside the checkout and not in it."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "cases"


def shared_case(name: str) -> Path:
    """The file of that name, or the test is skipped where the folder is not there."""
    if not (FOLDER / name).exists():
        pytest.skip(f"shared/cases/{name} does not lie beside the repository")
    return FOLDER / name
