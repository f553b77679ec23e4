"""What every page that the suite writes must be in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

AXE = Axe()
ACCEPTED = ["minor", "moderate"]
# To list the ten thousand elements of a page that pass as well takes longer than to look at them. The impact of a violation
# is that of its rule, so that a rule whose violations would be accepted need not be tried.
LOOK = """([part, accepted]) => {
    const light = axe._audit.rules.filter((rule) => accepted.includes(rule.impact));
    const rules = Object.fromEntries(light.map((rule) => [rule.id, { enabled: false }]));
    return axe.run(part ?? document, { resultTypes: ["violations"], rules });
}"""
# Whether text stands out from what is behind it takes axe longer than all its other rules. It follows from the colours and
# the font of the element and from what its ancestors paint; of elements that are alike in these the first is looked at. Axe
# says nothing of a single letter, which therefore stands for no others.
CONTRAST_OF_EACH_LOOK_ONCE = """() => {
    const nothing = "rgba(0, 0, 0, 0) none 1 none normal static auto";
    const painted = new Map([[null, ""]]);
    const behind = (element) => {
        if (!painted.has(element)) {
            const style = getComputedStyle(element);
            const own = [
                style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.mixBlendMode,
                style.position, style.zIndex,
            ].join(" ");
            painted.set(element, behind(element.parentElement) + (own === nothing ? "" : `|${own}`));
        }
        return painted.get(element);
    };
    const looks = new Set();
    for (const element of document.body.querySelectorAll("*")) {
        const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
        const letters = text.map((node) => node.data.trim()).join("").length;
        if (letters === 0) continue;
        const style = getComputedStyle(element);
        const look = [
            style.color, style.fontSize, style.fontWeight, style.textShadow, style.visibility,
            element.checkVisibility(), element.namespaceURI, behind(element),
        ].join(";");
        element.toggleAttribute("data-alike", looks.has(look));
        if (letters > 1) looks.add(look);
    }
    axe.configure({ rules: [{ id: "color-contrast", selector: ":not([data-alike])" }] });
}"""
screens = pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])


@cache
def _window(browser: Browser) -> Page:
    """The page in which a browser opens one file after the other: with a new one comes a new process each time."""
    return browser.new_context(offline=True).new_page()


@contextmanager
def opened(browser: Browser, path: Path, width: int, scheme: Any) -> Iterator[Page]:
    """The page, off-line and with everything unfolded; in the end nothing was asked for, said or scrolled sideways."""
    page = _window(browser)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    complaints: list[str] = []
    requests: list[str] = []
    listeners: dict[Any, Callable[[Any], None]] = {
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
        "dialog": lambda dialog: complaints.append(dialog.message),
        "request": lambda request: requests.append(request.url),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
        yield page
        assert complaints == []
        assert [request for request in requests if not request.startswith("data:")] == [path.as_uri()]
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        page.goto("about:blank")


def require_accessible(page: Page, part: str | None = None) -> None:
    """No violation that axe calls serious, on the page or in the part that a selector names."""
    page.evaluate(AXE.axe_script)
    page.evaluate(CONTRAST_OF_EACH_LOOK_ONCE)
    response = page.evaluate(LOOK, [part, ACCEPTED])
    serious = [violation for violation in response["violations"] if violation["impact"] not in ACCEPTED]
    found = [(violation["id"], node["html"][:200]) for violation in serious for node in violation["nodes"]]
    assert not found, found
