import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from em import Status
from models import Data, Model
from reports.front_page import index_entry, render_index
from reports.judging.comparison import Comparison
from reports.presenting.page import render
from reports.presenting.saved_as import MEMBERSHIPS
from tests.doubles import HOSTILE_NAMES, invented

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Outline(HTMLParser):
    """Checks that elements nest, and keeps tags, attributes, ids and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.text = ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_everything_is_there_and_in_order(poisson_comparison: Comparison, pages: dict[str, str]) -> None:
    page = pages["counts"]
    sections = re.findall(r'<section[^>]* id="([^"]+)"', page)
    assert sections == [
        "data", "parameters", "posteriors", "fit", "precision", "memberships", "em", "trust", "large-sample",
        "function-space", "chains", "equivalence", "model", "provenance",
    ]  # fmt: skip
    text = " ".join(Outline(page).text.split())
    assert poisson_comparison.verdict.sentence in text
    for words in ("R-hat", "ESS bulk", "95 % interval", "SHA-256", "emvsbayes compare poisson-three", "Gamma", "pymc"):
        assert words in text
    mathematics = page[page.index('id="model"') : page.index('id="provenance"')]
    assert not {"$", "\\"} & set(mathematics)
    for name in poisson_comparison.parameters.index:
        assert name in text


@pytest.mark.parametrize("name", ["counts", "plane", "hostile"])
def test_pages_are_sound_small_and_alone(pages: dict[str, str], name: str) -> None:
    page = pages[name]
    outline = Outline(page)
    assert len(page.encode()) < 1_000_000
    assert len(outline.ids) == len(set(outline.ids))
    assert not {"script", "img", "link", "iframe", "object", "base"} & outline.tags
    assert not {name for name in outline.attributes if name.startswith("on")}
    targets = re.findall(r'href="([^"]*)"', page)
    # Nothing lies elsewhere but the memberships, which would make the page large.
    assert all(target.startswith(("#", "data:image/png")) or target in MEMBERSHIPS for target in targets)
    assert "default-src 'none'" in page


def test_the_same_comparison_gives_the_same_bytes(plane_comparison: Comparison, pages: dict[str, str]) -> None:
    assert render(replace(plane_comparison)) == pages["plane"]


def test_hostile_names_are_only_text(hostile_comparison: Comparison, pages: dict[str, str]) -> None:
    page = pages["hostile"]
    text = Outline(page).text
    assert HOSTILE_NAMES[0] in text
    assert hostile_comparison.data.name in text
    assert not re.search("[\x00-\x08\u202a-\u202e]", page)


def test_warnings_and_a_fit_that_did_not_converge_come_first(hostile_comparison: Comparison) -> None:
    climb = replace(hostile_comparison.mle.climb, status=Status.OUT_OF_STEPS)
    unfinished = replace(hostile_comparison, mle=replace(hostile_comparison.mle, climb=climb))
    page = render(unfinished)
    first = page[: page.index('id="verdict"')]
    assert "The maximum-likelihood EM did not converge" in first
    assert "effective sample size" in first
    assert 'class="answer unknown"' in page


@pytest.mark.parametrize(
    ("family", "components", "covariance", "mixing"),
    [("gaussian", 1, "full", "free"), ("gaussian", 2, "tied", "equal"), ("poisson", 1, None, "free")],
)
def test_every_kind_of_model_has_a_page(family: str, components: int, covariance: str | None, mixing: str) -> None:
    rng = np.random.default_rng(5)
    x = rng.poisson(3, 40).astype(float)
    data = Data.of(x if family == "poisson" else x + rng.normal(size=40))
    comparison = invented(data, Model.of(data, family, components, covariance, mixing))
    Outline(render(comparison))
    mode = replace(comparison, settings=replace(comparison.settings, estimate="map"), command=None)
    page = render(mode)
    assert "MAP in the posterior" in page
    assert "This command makes" not in page


def test_more_than_six_features_say_so() -> None:
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(0, 1, (60, 7)), rng.normal(5, 1, (60, 7))])
    data = Data.of(x)
    page = render(invented(data, Model.of(data, "gaussian", 2, "full")))
    assert "The first 6 of 7 features" in page
    assert "36 of 72 parameters" in " ".join(page.split())
    assert len(page.encode()) < 1_000_000


def test_the_index_links_every_report(poisson_comparison: Comparison, hostile_comparison: Comparison) -> None:
    entries = [index_entry(poisson_comparison, "one/report.html"), index_entry(hostile_comparison, "two/report.html")]
    page = render_index(entries)
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert "script" not in outline.tags
    for entry in entries:
        assert f'href="{entry.href}"' in page
        assert entry.sentence in outline.text
    assert page == render_index(entries)
