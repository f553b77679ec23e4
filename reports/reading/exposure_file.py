"""Exposures in a file of their own, a number for each row: for data whose file has no column for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from models import Array, Data
from models.given_numbers import EXPOSURE
from models.table import shown


def exposures_in(file: str, data: Path, read: Callable[[Path], Data]) -> tuple[Array, str]:
    """Return the numbers of the only column of a file, and the name of the exposure.

    A file that is not where it was said to be may lie beside the data, as one does that has moved with them.

    Raises
    ------
    ValueError
        When there is no such file, or it has several columns.
    """
    said = Path(file)
    found = said if said.is_file() else data.with_name(said.name)
    if not found.is_file():
        raise ValueError(f"there is no exposure file {shown(file)}; check the path.")
    numbers = read(found)
    if numbers.dimension != 1:
        raise ValueError(
            f"the exposure file {shown(file)} has {numbers.dimension} columns; give one, a number for each row."
        )
    return numbers.values[:, 0], EXPOSURE if numbers.columns == ("x",) else numbers.columns[0]
