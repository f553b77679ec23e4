import importlib
import re

import pytest

from models import scenario, scenarios
from reports.presenting.mathematics import formula, to_html

DERIVATIONS = [
    "em.e_step",
    "em.weights",
    "em.gaussian",
    "em.gaussian_chart",
    "em.poisson",
    "bayes.gaussian",
    "bayes.poisson",
]


@pytest.mark.parametrize("module", DERIVATIONS)
def test_derivations_convert_with_no_tex_left(module: str) -> None:
    source = importlib.import_module(module).__doc__ or ""
    html = to_html(source)
    assert "\\" not in html
    assert "$" not in html
    displayed, inline = source.count("$$") // 2, (source.count("$") - 2 * source.count("$$")) // 2
    assert html.count('display="block"') == displayed
    assert html.count('display="inline"') >= inline


@pytest.mark.parametrize("name", scenarios)
def test_priors_convert_with_no_tex_left(name: str) -> None:
    found = scenario(name)
    html = to_html(found.model.prior(found.data).statement())
    assert "<math" in html
    assert not {"\\", "$"} & set(html)


def test_alignment_becomes_a_table_of_two_columns() -> None:
    html = formula(r"\begin{aligned} a & = b ; \\ c & = d . \end{aligned}", display=True)
    assert html.count("<mtr>") == 2
    assert html.count("<mtd") == 4
    assert "&<" not in html


def test_words_stay_in_one_piece_and_functions_apart_from_their_arguments() -> None:
    html = formula(r"\frac12 \log \pi \sim \mathrm{InvWishart}(\nu)")
    assert "<mi>InvWishart</mi>" in html
    assert re.search(r"</mfrac><mspace[^>]*><mi>log</mi><mspace", html)
    assert ">∼</mo>" in html


def test_a_display_formula_has_a_box_that_the_keyboard_can_scroll() -> None:
    assert formula("x", display=True).startswith('<div class="equation" tabindex="0"><math')
    assert formula("x").startswith("<math")


def test_html_in_the_text_is_shown_and_not_obeyed() -> None:
    assert "<script>" not in to_html("<script>alert(1)</script> and **more**")


def test_what_mathml_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="no word for"):
        formula(r"\nosuchcommand{x}")


def test_a_long_inline_formula_may_break_at_its_relations_but_not_in_its_brackets() -> None:
    html = formula(r"\log p = - \tfrac12 (x - \mu)^T (x - \mu) - f(a + b) + c")
    assert html.count("<math") == 4
    assert '<mo form="infix">=</mo><mo>−</mo>' in html
