"""The files that a compression leaves in a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..files.folders import check_folder
from ..files.run_file import RUN_FILE

PAGE, DOCUMENT, TABLE, GRID = "index.html", "compress.json", "table.csv", "grid.png"


def file_name(components: int) -> str:
    """Return the name of the PNG with so many colours."""
    return f"image-k{components:02}.png"


def check_image_folder(folder: Path, components: Iterable[int]) -> None:
    """Make sure that a compression can be written there; ``ValueError`` as of :func:`reports.files.folders.check_folder`."""
    check_folder(folder, (PAGE, DOCUMENT, TABLE, GRID, RUN_FILE, *map(file_name, components)), DOCUMENT)
