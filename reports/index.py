"""The index page that links the comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .write import write_text

if TYPE_CHECKING:
    from .comparison import Comparison


def write_index(comparisons: dict[str, Comparison], folder: Path) -> Path:
    """Write ``index.html`` for comparisons that lie in sub-folders of those names, and return its path."""
    from .page import index_entry, render_index

    entries = [index_entry(comparison, f"{name}/report.html") for name, comparison in comparisons.items()]
    path = folder / "index.html"
    write_text(path, render_index(entries))
    return path
