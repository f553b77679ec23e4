"""What results say in a notebook is what they say in a terminal: the same words, escaped, in no colour of its own."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import Any

import pandas as pd
import pytest

import bayes
import em
import models
import reports
from models import Shown, as_html, as_text
from reports.commands.arguments import as_options
from reports.judging.comparison import Comparison


def words(html: str) -> Counter[str]:
    return Counter(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def everything_shown() -> list[type[Shown]]:
    """Every class of results, with those that are imported only when they are asked for."""
    for folder in (models, em, bayes, reports):
        for name in folder.__all__:
            getattr(folder, name)
    found, new = [], [Shown]
    while new:
        new = [each for parent in new for each in parent.__subclasses__()]
        found += new
    return found


def test_a_result_prints_its_words_and_not_its_fields() -> None:
    shown = everything_shown()
    assert len(shown) >= 25
    assert not [each for each in shown if each.__repr__ is not Shown.__repr__]


@pytest.fixture(scope="module")
def results(poisson_comparison: Comparison) -> dict[str, Any]:
    comparison, fitted = poisson_comparison, poisson_comparison.em
    return {
        "comparison": comparison,
        "verdict": comparison.verdict,
        "fit": fitted,
        "audit": comparison.audit,
        "posterior": comparison.posterior,
        "prediction": comparison.prediction,
        "equivalence": comparison.equivalence,
        "large sample": comparison.large_sample,
        "criteria": em.criteria(fitted),
        "score": em.predictive_score(fitted),
        "explanation": em.explain(fitted.mixture, fitted.model, fitted.data),
        "membership": fitted.memberships(fitted.data),
    }


def test_a_notebook_says_what_the_terminal_says(results: dict[str, Any]) -> None:
    for name, result in results.items():
        assert words(result._repr_html_()) == Counter(repr(result).split()), name
        assert "array(" not in repr(result)
        assert type(result).__name__ + "(" not in repr(result)


def test_the_audit_has_its_standard_errors_in_a_notebook(results: dict[str, Any]) -> None:
    assert "<th>standard_error</th>" in results["audit"]._repr_html_()


def test_reasons_and_advice_are_the_same_but_for_the_names_of_arguments(plane_comparison: Comparison) -> None:
    text, typed = repr(plane_comparison), as_text(plane_comparison.in_words(as_options))
    assert plane_comparison.verdict.reasons
    for reason in plane_comparison.verdict.reasons:
        assert f"- {reason.code}: {reason.explanation}\n  What to do: {reason.advice}" in text
        assert as_options(reason.advice) in typed
    assert as_options(text) == typed


def test_names_are_escaped_and_colours_are_the_notebook_s(hostile_comparison: Comparison) -> None:
    for html in (hostile_comparison._repr_html_(), hostile_comparison.em._repr_html_()):
        assert "<script" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html
        assert not re.search(r"(color|background)[^;\"]*(#|white|black|rgb)", html)


def test_wide_tables_and_laid_out_text_scroll() -> None:
    html = as_html(["One line.", "", "two\nlines", pd.DataFrame({"a": ["1"]})])
    assert html.count("overflow-x: auto") == 2
    assert html.count("<p ") == 1
    assert "two\nlines</pre>" in html


def test_a_table_of_memberships_shows_the_first_rows(results: dict[str, Any]) -> None:
    lines = repr(results["membership"]).splitlines()
    assert lines[0] == "Memberships of 500 rows in 3 components, the first 10:"
    assert len(lines) == 13
