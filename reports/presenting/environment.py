"""The templates of all pages, with the filters that write numbers, names, figures and mathematics into them."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .figures.output import to_svg
from .mathematics import to_html
from .names import number, power_of_ten, shortened, significant

# What no HTML may hold, and what turns the order of the letters after it: names come from the user's file.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def rendered(template: str, **values: Any) -> str:
    """Return a template of the suite with these values."""
    return _UNPRINTABLE.sub("�", _environment().get_template(template).render(**values))


def script_with_its_hash(name: str) -> tuple[Markup, str]:
    """Return a script among the templates as it stands in a page, and what the page has to say to allow it alone."""
    text = (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
    return Markup(text), f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
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
        svg=to_svg,
        markdown=to_html,
        percent=lambda share: f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%") if math.isfinite(share) else "–",
    )
    return environment
