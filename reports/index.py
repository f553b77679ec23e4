"""The front page, and what its parts, each of them written on its own, have to say there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .write import write_text

if TYPE_CHECKING:
    from .images.page import Card
    from .page import IndexEntry

UNFINISHED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="generator" content="emvsbayes">
<title>EM and Bayes: the report is not complete</title>
<p>The report was being replaced when it was stopped: some of its parts are new, others are not. Run
<code>emvsbayes report</code> again.</p>
</html>
"""


def write_comparison(name: str, settings: dict[str, Any], command: str, folder: Path) -> IndexEntry:
    """Compare on the scenario of this name, write the report into a sub-folder of it, and return its entry."""
    from models import DEFAULT_SEED, scenario

    from .comparison import compare
    from .page import index_entry
    from .source import ScenarioSource

    known = scenario(name)
    model, source = known.model, ScenarioSource(name, DEFAULT_SEED)
    comparison = compare(
        known.data,
        **model.specification,
        truth=source.truth(model),
        title=known.title,
        source=source,
        command=command,
        **settings,
    )
    comparison.save(folder / name)
    return index_entry(comparison, f"{name}/report.html")


def write_example(colours: tuple[int, ...], pixels: int, seed: int, command: str, folder: Path) -> Card:
    """Compress the photograph, write the result into ``compress``, and return its card."""
    from .images.compression import compress
    from .images.page import card

    compression = compress(None, colours, pixels=pixels, seed=seed, command=command)
    compression.save(folder / "compress")
    return card(compression, "compress/index.html")


def mark_unfinished(folder: Path) -> None:
    """Say on the front page that the parts are being replaced, in case that somebody stops it half-way."""
    write_text(folder / "index.html", UNFINISHED)


def write_index(entries: list[IndexEntry], lessons: dict[str, str], image: Card, folder: Path) -> Path:
    """Write ``index.html`` and return its path; of the lessons, in ``lessons``, there is a sentence by name."""
    from .page import render_index

    path = folder / "index.html"
    write_text(path, render_index(entries, lessons, image))
    return path
