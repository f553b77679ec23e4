from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from reports.front_page import index_entry, render_index
from reports.judging.comparison import Comparison
from tests.reports.pages import opened, require_accessible, screens


@pytest.fixture(scope="module")
def files(
    tmp_path_factory: pytest.TempPathFactory, pages: dict[str, str], plane_comparison: Comparison
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    texts = {**pages, "index": render_index([index_entry(plane_comparison, "plane.html")])}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@screens
@pytest.mark.parametrize("name", ["counts", "plane", "hostile", "index"])
def test_page_opens_alone_fits_and_is_accessible(
    browser: Browser, files: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    with opened(browser, files[name], width, scheme) as page:
        require_accessible(page)


PALE = "element.style.color = scheme === 'dark' ? '#444' : '#ccc'"
FAULTS = {
    "a cell": ("td:nth-child(3)", 40, PALE),
    "a name": ("tbody th span", 1, PALE),
    "a paragraph": ("p", 20, PALE),
    "what is behind a row": ("tbody tr", 5, "element.style.background = getComputedStyle(element).color"),
    "a faint cell": ("td:nth-child(2)", 30, "element.style.opacity = 0.3"),
}


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_one_element_that_is_hard_to_read_is_found_among_all_that_look_alike(
    browser: Browser, files: dict[str, Path], scheme: Literal["dark", "light"]
) -> None:
    with opened(browser, files["plane"], 1280, scheme) as page:
        for name, (selector, number, fault) in FAULTS.items():
            page.locator(selector).nth(number).evaluate(
                f"""(element, [name, scheme]) => {{
                    {fault};
                    [element, ...element.children].forEach((each) => each.setAttribute("data-fault", name));
                }}""",
                [name, scheme],
            )
        with pytest.raises(AssertionError, match="color-contrast") as found:
            require_accessible(page)
    assert [name for name in FAULTS if f'data-fault="{name}"' not in str(found.value)] == []


def test_the_table_scrolls_in_its_own_box_and_keeps_its_first_column(browser: Browser, files: dict[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(files["plane"].as_uri())
    box = page.locator("#parameters .scroll")
    before = box.locator("tbody th").first.bounding_box()
    assert box.evaluate("box => { box.scrollLeft = 300; return box.scrollLeft }") > 100
    after = box.locator("tbody th").first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == before["x"]
    page.close()


def test_a_printed_page_has_the_derivation(browser: Browser, files: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(files["counts"].as_uri())
    page.emulate_media(media="print")
    assert page.locator("details .equation").first.evaluate("box => box.getBoundingClientRect().height") > 10
    page.close()
