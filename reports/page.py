"""The report as one HTML page that needs nothing but itself, and the index page that links several."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bayes import LARGEST_PARETO_K, LARGEST_R_HAT, SMALLEST_ESS

from . import exact, facts, figures
from .comparison import Comparison
from .difference import LARGEST_SHIFT
from .document import provenance
from .figures.climb import SAME_OPTIMUM
from .function_space import DISTANCE_NAMES
from .lessons import titles
from .mathematics import to_html
from .names import number, parameter_names, power_of_ten, shortened, significant

if TYPE_CHECKING:
    from .images.page import Card

# What no HTML may hold, and what turns the order of the letters after it: names come from the user's file.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


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


def render(comparison: Comparison) -> str:
    """The whole report as one self-contained HTML page.

    Only the seconds that each stage took differ between two renderings of the same comparison.
    """
    return rendered(
        "report.html",
        comparison=comparison,
        names=parameter_names(comparison),
        provenance=provenance(comparison),
        warnings=facts.loud_warnings(comparison),
    )


def index_entry(comparison: Comparison, href: str) -> IndexEntry:
    """What the index page shows of a comparison whose report is at ``href``."""
    name = "thumbnail-" + re.sub(r"\W+", "-", href)
    return IndexEntry(
        title=comparison.title,
        href=href,
        sentence=comparison.verdict.sentence,
        agree=comparison.verdict.agree,
        thumbnail=figures.to_svg(figures.thumbnail(comparison, name)),
        facts=(
            ("Data", facts.size_in_words(comparison)),
            ("Model", facts.model_in_words(comparison)),
            ("EM", f"log-likelihood {significant(comparison.em.log_likelihood, 8)}, {comparison.em.status}"),
            ("Posterior", f"{comparison.posterior.chains} chains of {comparison.posterior.draws} draws"),
        ),
        warnings=len(facts.loud_warnings(comparison)),
    )


def render_index(entries: list[IndexEntry], lessons: dict[str, str] | None = None, image: Card | None = None) -> str:
    """The front page: a card for each comparison, the lessons by name with a sentence on each, and the image example."""
    return rendered("index.html", entries=entries, lessons=lessons or {}, titles=titles, image=image)


def rendered(template: str, **values: Any) -> str:
    """A template of the suite with these values."""
    return _UNPRINTABLE.sub("�", _environment().get_template(template).render(**values))


@cache
def _environment() -> Environment:
    """The templates of all pages, with the words and figures that they call for."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        number=number,
        significant=significant,
        power=power_of_ten,
        short=shortened,
        svg=figures.to_svg,
        markdown=to_html,
        percent=lambda share: f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%") if math.isfinite(share) else "–",
    )
    environment.globals.update(
        draw=figures,
        facts=facts,
        zip=zip,
        LARGEST_PARETO_K=LARGEST_PARETO_K,
        EXACT_LARGEST_Z=exact.LARGEST_Z,
        LARGEST_R_HAT=LARGEST_R_HAT,
        LARGEST_SHIFT=LARGEST_SHIFT,
        SAME_OPTIMUM=SAME_OPTIMUM,
        SMALLEST_ESS=SMALLEST_ESS,
        distance_names=DISTANCE_NAMES,
    )
    return environment
