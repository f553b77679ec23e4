"""The front page: it links the comparisons, the lessons and the image example."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .write import write_text

if TYPE_CHECKING:
    from .comparison import Comparison
    from .images import Compression


def write_index(comparisons: dict[str, Comparison], lessons: dict[str, str], image: Compression, folder: Path) -> Path:
    """Write ``index.html`` and return its path.

    The comparisons lie in sub-folders of their names, the lessons, of which there is a sentence by name, in ``lessons``,
    and the compressed image in ``compress``.
    """
    from .images.page import card
    from .page import index_entry, render_index

    entries = [index_entry(comparison, f"{name}/report.html") for name, comparison in comparisons.items()]
    path = folder / "index.html"
    write_text(path, render_index(entries, lessons, card(image, "compress/index.html")))
    return path
