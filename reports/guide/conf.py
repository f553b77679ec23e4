"""How Sphinx makes the guide: the pages beside this file, and the reference from the docstrings.

Formulas become MathML by the same converter as those of the reports, so that no page needs a script or the network for them.
"""

from __future__ import annotations

import inspect
import logging
import re
from importlib import import_module
from importlib.metadata import version as version_of
from typing import Any

project = "emvsbayes"
release = version = version_of("emvsbayes")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "emvsbayes"
html_static_path = ["static"]
html_css_files = ["guide.css"]
html_js_files = ["guide.js"]
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_member_order = "groupwise"
# What our own classes pass on is theirs; what Python's pass on everybody knows.
autodoc_default_options = {"inherited-members": "object, str, tuple, BaseException"}
autodoc_typehints = "signature"
autodoc_use_type_comments = False
autosummary_generate = False
napoleon_google_docstring = False
# Parameters that a docstring explains together stay together.
napoleon_use_param = False
# A signature longer than a line has a line for each parameter.
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
# The reference names many types of other libraries, and of ours that have no page.
nitpicky = False

# A style of colours that comes with Furo would print every remark of every library, unless somebody listens already.
logging.getLogger().addHandler(logging.NullHandler())

# Formulas; and what stays as it is, literals and examples; and a bar, which would begin a substitution.
_MARKED = re.compile(
    r"\$\$(?P<displayed>.+?)\$\$|\$(?P<inline>[^$\n]+(?:\n[^$\n]+)*?)\$|(?P<kept>``.+?``|^ *>>>[^\n]*)|(?P<bar>\|)",
    re.DOTALL | re.MULTILINE,
)


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
    lines[:] = _MARKED.sub(_in_words_of_sphinx, "\n".join(lines)).split("\n")


def _in_words_of_sphinx(found: re.Match[str]) -> str:
    if found["displayed"]:
        return f"\n\n.. math:: {' '.join(found['displayed'].split())}\n\n"
    if found["inline"]:
        return f":math:`{' '.join(found['inline'].split())}`"
    return "\\|" if found["bar"] else found[0]


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
    above = click.Context(cli, info_name="emvsbayes", **cli.context_settings)
    for name in COMMANDS:
        command = cli.get_command(above, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=above, terminal_width=100)
        shown.append(f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "".join(shown)
