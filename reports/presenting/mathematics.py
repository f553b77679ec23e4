"""Markdown with LaTeX between dollar signs, as the derivations are written, to HTML with MathML."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from latex2mathml import converter
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

MATHML = "http://www.w3.org/1998/Math/MathML"
# latex2mathml knows the environment by another name only.
_ALIGNED = re.compile(r"(\\(?:begin|end)){aligned}")
# It spells words letter by letter, and takes some operators for variables; each pair puts one such slip right.
_LETTERS = re.compile(r'<mrow>((?:<mi mathvariant="normal">\w</mi>){2,})</mrow>')
_CORRECTIONS = [
    (re.compile(r"<mi>&#x0007E;</mi>"), "<mo>&#x0223C;</mo>"),
    (re.compile(r"<mi>([;,])</mi>"), r"<mo>\1</mo>"),
    (re.compile(r'<mo stretchy="false">&#x0007C;</mo>'), '<mo stretchy="false" lspace="0" rspace="0">&#x0007C;</mo>'),
    (re.compile(r"(&#x00029;</mo>|</(?:mi|mn|mfrac|mstyle|msub|munder|munderover)>)(?=<mi>\w\w)"), r"\1<mspace/>"),
    (re.compile(r"(<mi>(?:log|tr)</mi>)(?!<mo|</)"), r"\1<mspace/>"),
    (re.compile(r"<mspace/>"), '<mspace width="0.167em" />'),
]
_BREAK_BEFORE = ("=", "∼", "≥", "≤", "+", "−")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_INLINE_WITH_PUNCTUATION = re.compile(r'(<math[^>]*display="inline"(?:(?!</math>).)*</math>[.,;:)]+)')


def to_html(markdown: str) -> Markup:
    """Convert Markdown with ``$inline$`` and ``$$display$$`` mathematics; HTML in the text is shown, not obeyed.

    Raises
    ------
    ValueError
        When a formula cannot be converted in full.
    """
    html = _converter().render(markdown)
    return Markup(_INLINE_WITH_PUNCTUATION.sub(r'<span class="together">\1</span>', html))


def formula(latex: str, display: bool = False) -> Markup:
    """Write one formula as MathML.

    A display formula stands in a box of its own, which scrolls where the screen is narrow. An inline one comes in pieces
    between which the line may break, since no browser breaks within MathML.

    Raises
    ------
    ValueError
        When it cannot be converted in full.
    """
    mathml = converter.convert(_ALIGNED.sub(r"\1{split}", latex), display="block" if display else "inline")
    if "\\" in mathml or "&<" in mathml:
        raise ValueError(f"MathML has no word for something in this formula: {latex}")
    mathml = _corrected(mathml)
    return Markup(f'<div class="equation" tabindex="0">{mathml}</div>' if display else _breakable(mathml))


def _corrected(mathml: str) -> str:
    mathml = _LETTERS.sub(lambda found: f"<mi>{re.sub('<[^>]*>', '', found[1])}</mi>", mathml)
    for slip, right in _CORRECTIONS:
        mathml = slip.sub(right, mathml)
    return mathml


def _breakable(mathml: str) -> str:
    """Split an inline formula before the relations, sums and differences that no bracket holds."""
    ElementTree.register_namespace("", MATHML)
    (row,) = ElementTree.fromstring(mathml)
    pieces: list[list[Element]] = [[]]
    depth, operand_before = 0, False
    for element in row:
        sign = (element.text or " ") if element.tag.endswith("}mo") else ""
        closes = _closes(element)
        depth += (sign in _OPENING) - closes
        if sign in _BREAK_BEFORE and depth == 0 and operand_before:
            pieces.append([])
            element.set("form", "infix")
        pieces[-1].append(element)
        operand_before = closes or not sign
    return "".join(_math(piece) for piece in pieces)


def _closes(element: Element) -> bool:
    """Return whether a bracket closes here, with or without an exponent on it."""
    return any(inner.text in _CLOSING for inner in (element, *element) if inner.tag.endswith("}mo"))


def _math(piece: list[Element]) -> str:
    math = Element(f"{{{MATHML}}}math", display="inline")
    math.extend(piece)
    return ElementTree.tostring(math, encoding="unicode")


@cache
def _converter() -> MarkdownIt:
    def render(latex: str, options: dict[str, Any]) -> str:
        return formula(latex, display=options["display_mode"])

    commonmark = MarkdownIt("commonmark", {"html": False})
    return commonmark.use(dollarmath_plugin, renderer=render, allow_labels=False)
