"""What the guide tells people to type exists: commands, options, public names, pages, and every code and lesson."""

from __future__ import annotations

import ast
import html
import inspect
import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from playwright.sync_api import Browser
from sphinx.ext.napoleon import Config
from sphinx.ext.napoleon.docstring import NumpyDocstring

import bayes
import em
import models
import reports
from reports.commands.group import COMMANDS, cli
from reports.judging.codes import ALL_CODES
from reports.lessons import titles
from tests.doubles import typed

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "reports" / "guide"
PAGES = [ROOT / "README.md", *sorted(GUIDE.glob("*.md")), ROOT / "reports" / "validating" / "guide.md"]
SURFACES = {"models": models, "em": em, "bayes": bayes, "reports": reports}
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command, on a line of its own or within one; a comment ends it."""
    for found in re.finditer(r"(?:^    |`)emvsbayes ([^`\n]+)", text, re.MULTILINE):
        yield shlex.split(found[1], comments=True)


@pages
def test_every_command_has_the_options_that_it_is_given(page: Path) -> None:
    for name, *words in commands(page.read_text()):
        if name.startswith("-") or name == "COMMAND":
            continue
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, name
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
        if name == "run":  # whose own options are those of the command that it runs
            known |= {"--seed", "-o"}
        assert {word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1} <= known


@pages
def test_every_command_on_the_table_of_deaths_says_which_column_counts(page: Path) -> None:
    for _, *words in commands(page.read_text()):
        if words[:1] == ["deaths.csv"]:  # whose second column would be taken as a feature otherwise
            assert "--counts-column" in words, words


@pages
def test_python_parses_and_imports_public_names(page: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module in SURFACES:
                assert {each.name for each in node.names} <= set(SURFACES[node.module].__all__)


@pages
def test_links_lead_to_pages_that_are_there(page: Path) -> None:
    for place in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / place).exists(), place


def test_every_page_has_its_place_and_every_command_its_reference() -> None:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", (GUIDE / "index.md").read_text(), re.DOTALL)
    listed = {line for tree in trees for line in tree.split("\n") if re.fullmatch(r"\w+", line)}
    assert listed | {"index"} == {page.stem for page in GUIDE.glob("*.md")}
    assert len(COMMANDS) == len(set(COMMANDS))


def test_every_code_of_a_verdict_is_explained_and_every_lesson_is_in_the_gallery() -> None:
    explained = set(re.findall(r"`([a-z-]+)`", (GUIDE / "reading_a_report.md").read_text()))
    assert set(ALL_CODES) <= explained
    gallery = re.findall(r"lessons/([a-z-]+)\.html\">(.*?)<", (GUIDE / "gallery.md").read_text())
    assert gallery == list(titles.items())


def test_the_file_of_options_that_is_shown_is_one() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (GUIDE / "shell.md").read_text(), re.DOTALL)
    stated = tomllib.loads(block)
    known = {each.name for each in cli.get_command(click.Context(cli), "compare").params}  # type: ignore[union-attr]
    assert set(stated["compare"]) <= known


def test_parameters_that_are_explained_together_stay_together() -> None:
    stated = runpy.run_path(str(GUIDE / "conf.py"))["napoleon_use_param"]
    config = Config(napoleon_use_param=stated)  # Sphinx's own has these settings added at run time
    shown = str(NumpyDocstring(inspect.getdoc(bayes.sample) or "", config))  # type: ignore[arg-type]
    assert len(re.findall("The draws kept of each chain", shown)) == 1
    assert "**draws, tune, chains**" in shown


def test_the_commands_are_shown_as_they_explain_themselves(tmp_path: Path) -> None:
    shown = runpy.run_path(str(GUIDE / "conf.py"))["_commands"]()
    for name in COMMANDS:
        assert f"Usage: emvsbayes {name} " in shown, name
    # The last line of each, by itself and in the guide.
    (line,) = re.findall("-h, --help +Show this message and exit", typed("diff", "-h", folder=tmp_path).output)
    assert len(re.findall(re.sub(" +", " +", line), shown)) == len(COMMANDS)


@pytest.mark.parametrize(
    ("code", "copied"),
    [
        ("emvsbayes fit a.csv\nemvsbayes fit b.csv\n", "emvsbayes fit a.csv\nemvsbayes fit b.csv\n"),
        (">>> for i in x:\n...     f(i)\n...\n3\n>>> y\n4\n", "for i in x:\n    f(i)\n\ny\n"),
    ],
)
def test_code_can_be_copied_without_prompts_and_answers(
    browser: Browser, tmp_path: Path, code: str, copied: str
) -> None:
    (tmp_path / "page.html").write_text(
        f"<div class='highlight'><pre>{html.escape(code)}</pre></div>", encoding="utf-8"
    )
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.add_script_tag(path=GUIDE / "static" / "guide.js")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == copied
    context.close()
