"""How Sphinx makes the guide: the pages beside this file, and the reference from the docstrings.

Formulas become MathML by the same converter as those of the reports, so that no page needs a script or the network for them.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from importlib.metadata import version as version_of
from typing import Any

project = "emvsbayes"
release = version = version_of("emvsbayes")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "emvsbayes"
html_show_sourcelink = False
html_copy_source = False
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
autosummary_generate = False
napoleon_google_docstring = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
# The reference names many types of other libraries, and of ours that have no page.
nitpicky = False

_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+(?:\n[^$\n]+)*?)\$", re.DOTALL)


def setup(app: Any) -> None:
    """Connect what Sphinx does not do by itself."""
    app.add_html_math_renderer("mathml", (_inline, None), (_displayed, None))
    app.connect("autodoc-process-docstring", _formulas)
    app.connect("source-read", _made)


def _inline(writer: Any, node: Any) -> None:
    _write(writer, node, False)


def _displayed(writer: Any, node: Any) -> None:
    _write(writer, node, True)


def _write(writer: Any, node: Any, display: bool) -> None:
    from docutils.nodes import SkipNode

    from reports.presenting.mathematics import formula

    writer.body.append(str(formula(node.astext(), display)))
    raise SkipNode


def _formulas(_app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Docstrings have formulas between dollar signs; give them to reStructuredText as its own."""
    lines[:] = _FORMULA.sub(_as_role, "\n".join(lines)).split("\n")


def _as_role(found: re.Match[str]) -> str:
    if found[1] is not None:
        one_line = " ".join(found[1].split())
        return f"\n\n.. math:: {one_line}\n\n"
    return f":math:`{' '.join(found[2].split())}`"


def _made(_app: Any, name: str, source: list[str]) -> None:
    """Fill in what the program itself says: the derivations beside the code, the commands and their options."""
    if name == "derivations":
        source[0] += _derivations()
    elif name == "command_line":
        source[0] += _commands()


def _derivations() -> str:
    from reports.presenting.derivation import MODULES

    return "".join(_below_a_heading(inspect.getdoc(import_module(module)) or "", module) for module in MODULES)


def _below_a_heading(text: str, module: str) -> str:
    headline, _, rest = text.partition("\n\n")
    return f"\n## {headline.replace(chr(10), ' ').rstrip('.')}\n\n*In `{module}`.*\n\n{rest}\n"


def _commands() -> str:
    import click

    from reports.commands.group import COMMANDS, cli

    shown = []
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        context = click.Context(command, info_name=f"emvsbayes {name}", terminal_width=100)
        shown.append(f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "".join(shown)
