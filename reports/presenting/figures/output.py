"""Figures as SVG that can stand in a page beside others, or as PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .style import VARIABLES, styled

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
_GEOMETRY = ("d", "x", "y", "transform")
_LATER_DECIMALS = re.compile(r"(\.\d\d)\d+")
_FONT = re.compile(r"(font-family: |font: [^;\"]*?px )[^;\"]*")
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+")


def to_svg(figure: Figure, inline: bool = True) -> Markup:
    """Return the figure as SVG; the same figure always gives the same text.

    Inline, its colours follow the page's light or dark theme and its ids are its own; a file of its own
    (``inline=False``) has plain colours, which every program can read.
    """
    name = str(figure.get_gid())
    root = ElementTree.fromstring(_drawn(figure, name))
    _own_identities(root, name)
    _flatten(root)
    for element in root.iter():
        _shorten(element)
        if inline:
            _theme(element)
    _name(root, name, str(figure.get_label()))
    ElementTree.register_namespace("", SVG.strip("{}"))
    ElementTree.register_namespace("xlink", LINK[1 : LINK.index("}")])
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def to_png(figure: Figure) -> bytes:
    """Return the figure as PNG on white, 200 dots per inch."""
    buffer = io.BytesIO()
    with styled():
        FigureCanvasAgg(figure)
        figure.savefig(buffer, format="png", facecolor="white", transparent=False, metadata={"Software": None})
    return buffer.getvalue()


def _drawn(figure: Figure, name: str) -> str:
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with styled(), mpl.rc_context({"svg.hashsalt": name}):
        # Not by `savefig`, which draws everything twice, the first time for the layout, which drawing makes anyway.
        figure.set_dpi(mpl.rcParams["savefig.dpi"])
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata=nothing)
    return buffer.getvalue()


def _own_identities(root: Element, name: str) -> None:
    """Keep only the ids that something refers to, each with the figure's name in front."""
    used = {reference for element in root.iter() for reference in _references(element)}
    for element in root.iter():
        if element.get("id") in used:
            element.set("id", f"{name}-{element.get('id')}")
        else:
            element.attrib.pop("id", None)
        for attribute, value in element.items():
            if attribute == LINK and value.startswith("#"):
                element.set(attribute, f"#{name}-{value[1:]}")
            else:
                element.set(attribute, _REFERENCE.sub(rf"{name}-\g<0>", value))


def _references(element: Element) -> Iterator[str]:
    for attribute, value in element.items():
        if attribute == LINK and value.startswith("#"):
            yield value[1:]
        yield from _REFERENCE.findall(value)


def _flatten(parent: Element) -> None:
    """Take groups that say nothing out of the way, and the style sheet, which would hold for the whole page."""
    children: list[Element] = []
    for child in parent:
        _flatten(child)
        if child.tag == f"{SVG}g" and not child.attrib:
            children.extend(child)
        elif child.tag not in (f"{SVG}style", f"{SVG}metadata") and (len(child) or child.tag != f"{SVG}defs"):
            children.append(child)
    parent[:] = children


def _shorten(element: Element) -> None:
    """Write two decimals, the reader's own font, and no indentation."""
    for attribute in _GEOMETRY:
        if attribute in element.attrib:
            element.set(attribute, _LATER_DECIMALS.sub(r"\1", " ".join(element.attrib[attribute].split())))
    if "style" in element.attrib:
        element.set("style", _FONT.sub(r"\1system-ui, sans-serif", element.attrib["style"]))
    element.tail = None
    if len(element):
        element.text = None


def _theme(element: Element) -> None:
    for colour, variable in VARIABLES.items():
        if colour in element.get("style", ""):
            element.set("style", element.attrib["style"].replace(colour, f"var({variable}, {colour})"))


def _name(root: Element, name: str, description: str) -> None:
    """Make the figure as wide as its place, and name it for those who hear the page."""
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    title = Element(f"{SVG}title", id=f"{name}-title")
    title.text = description
    root.insert(0, title)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    # What matplotlib's style sheet says of everything.
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
