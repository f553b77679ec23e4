"""What every page that the suite writes must be in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

ACCEPTED = {"minor", "moderate"}
# To list the ten thousand elements of a page that pass as well takes longer than to look at them.
VIOLATIONS_ALONE = {"resultTypes": ["violations"]}
screens = pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])


@contextmanager
def opened(browser: Browser, path: Path, width: int, scheme: Any) -> Iterator[Page]:
    """The page, off-line and with everything unfolded; in the end nothing was asked for, said or scrolled sideways."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True)
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
    yield page
    assert complaints == []
    assert [request for request in requests if not request.startswith("data:")] == [path.as_uri()]
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    context.close()


def require_accessible(page: Page, part: str | None = None) -> None:
    """No violation that axe calls serious, on the page or in the part that a selector names."""
    response = Axe().run(page, part, VIOLATIONS_ALONE).response
    violations = [found for found in response["violations"] if found["impact"] not in ACCEPTED]
    assert [(found["id"], found["nodes"][0]["html"][:200]) for found in violations] == []
