"""A lesson as one HTML page that needs nothing but itself; the index page of all; the page of derivations."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..presenting.derivation import MODULES, derivation
from ..presenting.environment import rendered
from . import titles
from .lesson import Lesson

VIEWS = Path(__file__).parent / "views"
_NEEDS = re.compile(r"^// needs: (.*)$", re.MULTILINE)
_START = 'views[document.querySelector("#live").dataset.view](document.querySelector("#live"), draw.scene());'


def render(lesson: Lesson) -> str:
    """Return the page of one lesson, with links to its neighbours, which lie beside it."""
    script = "\n".join([*(f"{(VIEWS / name).read_text(encoding='utf-8')}" for name in scripts(lesson.view)), _START])
    order = list(titles)
    at = order.index(lesson.name)
    return rendered(
        "lesson.html",
        lesson=lesson,
        number=at + 1,
        titles=titles,
        previous=order[at - 1] if at > 0 else None,
        following=order[at + 1] if at + 1 < len(order) else None,
        script=Markup(f"\n{script}\n"),
        allowed=f"'sha256-{_digest(f'\n{script}\n')}'",
        scene=embedded(lesson.scene),
        derivations=[derivation(module) for module in lesson.derivations],
    )


def render_index(summaries: dict[str, str]) -> str:
    """Return the page that lists the lessons, with a sentence on each by its name."""
    return rendered("lessons.html", titles=titles, summaries=summaries)


def render_derivations() -> str:
    """Return all derivations, from the modules that compute what is derived, on one page."""
    derivations = {module: derivation(module) for module in MODULES}
    return rendered("derivations.html", derivations=derivations)


def scripts(view: str) -> list[str]:
    """Return the files that a view is made of, in the order in which they are needed: each names what it builds on."""
    found: list[str] = []

    def add(name: str) -> None:
        needs = _NEEDS.search((VIEWS / name).read_text(encoding="utf-8"))
        for needed in needs[1].split() if needs else ():
            add(needed)
        if name not in found:
            found.append(name)

    add("draw.js")
    add(f"{view}.js")
    return found


def embedded(scene: dict[str, Any]) -> Markup:
    """Return JSON that may stand in a script element."""
    text = json.dumps(scene, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
