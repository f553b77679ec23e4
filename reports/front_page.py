"""The front page, and what its parts, each of them written on its own, have to say there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from models import DEFAULT_SEED, Scenario, classics, scenario

from .files.documents import write_text
from .images.compression import compress
from .images.page import Card, card
from .judging.comparison import Comparison, compare
from .lessons import titles
from .presenting import facts
from .presenting.environment import rendered
from .presenting.figures import thumbnail, to_svg
from .presenting.names import significant
from .reading.sources import ScenarioSource

UNFINISHED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="generator" content="emvsbayes">
<title>EM and Bayes: the report is not complete</title>
<p>The report was being replaced when it was stopped: some of its parts are new, others are not. Run
<code>emvsbayes report</code> again.</p>
</html>
"""


@dataclass(frozen=True)
class IndexEntry:
    """One comparison on the index page: where its report is, its answer, a small picture and a few facts."""

    title: str
    href: str
    sentence: str
    agree: bool | None
    thumbnail: Markup
    facts: tuple[tuple[str, str], ...]
    warnings: int = 0


def write_comparison(name: str, settings: dict[str, Any], command: str, folder: Path) -> IndexEntry:
    """Compare on the scenario of this name, write the report into a sub-folder of it, and return its entry."""
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
    compression = compress(None, colours, pixels=pixels, seed=seed, command=command)
    compression.save(folder / "compress")
    return card(compression, "compress/index.html")


def gallery() -> list[Scenario]:
    """Return the data sets that everybody knows, which the front page says how to compare on."""
    return [scenario(name) for name in classics]


def mark_unfinished(folder: Path) -> None:
    """Say on the front page that the parts are being replaced, in case that somebody stops it half-way."""
    write_text(folder / "index.html", UNFINISHED)


def write_index(entries: list[IndexEntry], lessons: dict[str, str], image: Card, folder: Path) -> Path:
    """Write ``index.html`` and return its path; of the lessons, in ``lessons``, there is a sentence by name."""
    path = folder / "index.html"
    write_text(path, render_index(entries, lessons, image))
    return path


def index_entry(comparison: Comparison, href: str) -> IndexEntry:
    """Return what the index page shows of a comparison whose report is at ``href``."""
    name = "thumbnail-" + re.sub(r"\W+", "-", href)
    return IndexEntry(
        title=comparison.title,
        href=href,
        sentence=comparison.verdict.front,
        agree=comparison.verdict.agree,
        thumbnail=to_svg(thumbnail(comparison, name)),
        facts=(
            ("Data", facts.size_in_words(comparison)),
            ("Model", facts.model_in_words(comparison.model)),
            ("EM", f"log-likelihood {significant(comparison.em.log_likelihood, 8)}, {comparison.em.status}"),
            ("Posterior", f"{comparison.posterior.chains} chains of {comparison.posterior.draws} draws"),
        ),
        warnings=len(facts.loud_warnings(comparison)),
    )


def render_index(entries: list[IndexEntry], lessons: dict[str, str] | None = None, image: Card | None = None) -> str:
    """Return the front page: a card for each comparison, a sentence on each lesson, and the image example."""
    return rendered("index.html", entries=entries, lessons=lessons or {}, titles=titles, image=image, gallery=gallery())
