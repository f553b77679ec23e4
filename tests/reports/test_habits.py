"""What people are used to from other commands: -o, -q, completion, a line for each stage, options in a file, a hint."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from models import scenarios
from models.suggestion import suggestion
from reports.command_line import cli
from reports.commands.again import command_again
from reports.commands.completion import SCENARIOS
from reports.commands.group import COMMANDS
from reports.files.run_file import RUN_FILE, write_run_file
from tests.doubles import typed

ROOT = Path(__file__).parents[2]
FIT = ("fit", "horse-kicks", "--starts", "3")
COUNTS = "deaths,n\n0,109\n1,65\n2,22\n3,3\n4,1\n"


def completed(*words: str) -> list[str]:
    found = ShellComplete(cli, {}, "emvsbayes", "_EMVSBAYES_COMPLETE").get_completions([*words[:-1]], words[-1])
    return [each.value for each in found if each.type == "plain"]


def test_the_shell_completes_what_there_is() -> None:
    assert scenarios == SCENARIOS
    assert completed("comp") == ["compare", "compress"]
    assert completed("compare", "po") == ["poisson-three", "poisson-exposure"]
    assert completed("study", "old") == ["old-faithful"]
    assert "climbing" in completed("lesson", "")
    assert completed("exercise", "one") == ["one-dimension"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_quiet_and_a_place_has_a_short_name(command: str) -> None:
    shown = CliRunner().invoke(cli, [command, "--help"]).stdout
    assert "-q, --quiet" in shown
    assert ("--out" in shown) == ("-o, --out" in shown)


def test_without_a_terminal_there_is_a_line_for_each_stage_unless_it_is_to_be_quiet(tmp_path: Path) -> None:
    spoken = typed(*FIT, folder=tmp_path)
    assert re.fullmatch(r"\d\d:\d\d:\d\d  EM\n", spoken.stderr)
    for silent in (("-q",), ("--quiet",)):
        hushed = typed(*FIT, *silent, folder=tmp_path)
        assert (hushed.stdout, hushed.stderr) == (spoken.stdout, "")


@pytest.mark.parametrize(("more", "first"), [((), "Loading"), (("--help",), ""), (("-q",), "")])
def test_it_speaks_before_it_imports_what_takes_seconds(more: tuple[str, ...], first: str) -> None:
    program = "import sys; sys.modules['models'] = None; from reports.program import main; main()"
    words = [sys.executable, "-c", program, "scenarios", *more]
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert ("Loading" in done.stderr) == (first == "Loading")
    if first:
        assert re.match(r"\d\d:\d\d:\d\d  Loading\n", done.stderr)


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("compar", "x"), "did you mean 'compare'?"),
        (("fit", "old-faithfull"), "did you mean 'old-faithful'?"),
        (("fit", "count.csv", "--family", "poisson", "--components", "2"), "did you mean 'counts.csv'?"),
        (("fit", "counts.csv", "--column", "death", "--family", "poisson", "--components", "2"), "mean 'deaths'?"),
        (
            ("fit", "counts.csv", "--chunked", "--column", "death", "--family", "poisson", "--components", "2"),
            "did you mean 'deaths'?",
        ),
        (("lesson", "swiching"), "did you mean 'switching'?"),
        (("exercise", "gausian", "-o", "a.ipynb"), "did you mean 'gaussian'?"),
    ],
)
def test_who_mistypes_a_name_is_told_the_nearest(arguments: tuple[str, ...], meant: str, tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text(COUNTS)
    done = typed(*arguments, folder=tmp_path)
    assert done.exit_code == 2
    assert meant in done.stderr


def test_a_name_that_is_near_to_none_gets_the_list_of_them() -> None:
    assert suggestion("weight", ["eruptions", "waiting"]) == "; there are 'eruptions', 'waiting'."
    assert suggestion("ERUPTION", ["eruptions", "waiting"]) == ", did you mean 'eruptions'?"
    assert suggestion("q", map(str, range(20))).endswith("'11', ….")


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda word: not word.startswith("-"))
values = st.one_of(
    words, st.text(st.characters(exclude_categories=["Cs"])), st.integers(), st.floats(allow_nan=False), st.booleans()
)


@given(words, st.dictionaries(st.from_regex(r"[a-z](_?[a-z]){0,6}", fullmatch=True), values))
def test_a_command_and_its_file_say_the_same(data: str, options: dict[str, object]) -> None:
    """Every text and number comes back, whatever the shell, TOML or a line of the command would make of it."""
    options = {name: value for name, value in options.items() if name != "data" and not name.startswith("no_")}
    with tempfile.TemporaryDirectory() as folder:
        write_run_file(command_again("fit", data, **options), Path(folder))
        stated = tomllib.loads((Path(folder) / RUN_FILE).read_text(encoding="utf-8"))["fit"]
    found = {name: each for name, each in stated.items() if name != "data"}
    assert str(stated["data"]) == data
    assert {name: str(each) for name, each in found.items()} == {name: str(each) for name, each in options.items()}


def test_a_file_runs_as_its_command_does_and_options_that_follow_replace_its_own(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text(COUNTS)
    options = {"family": "poisson", "components": 2, "counts_column": "n", "column": ("deaths",), "starts": 3}
    line = command_again("fit", "counts.csv", **options)
    write_run_file(line, tmp_path)
    typed_in_full = typed(*shlex.split(line)[1:], folder=tmp_path)
    assert typed_in_full.exit_code == 0
    assert typed("run", RUN_FILE, folder=tmp_path).stdout == typed_in_full.stdout
    assert typed("run", ".", folder=tmp_path).stdout == typed_in_full.stdout
    replaced = typed("run", RUN_FILE, "--components", "1", "-q", folder=tmp_path)
    assert (replaced.exit_code, replaced.stderr) == (0, "")
    assert "converged" in replaced.stdout
    assert replaced.stdout != typed_in_full.stdout


def test_a_list_is_one_word_where_the_option_is_not_to_be_repeated(tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text('[compress]\ncomponents = [0, 3]\ndata = "photo.png"\n')
    assert "'0,3'" in typed("run", RUN_FILE, folder=tmp_path).stderr


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[fit", "is no TOML file"),
        ("data = 3", "one table"),
        ("[fit]\n[sample]", "one table"),
        ("[fitt]", "did you mean 'fit'?"),
        ("[run]", "'run'"),
        ("[fit]\ndata = 'horse-kicks'\ncompoments = 2", "--compoments"),
        ("[fit]\ncomponents = 2", "DATA"),
    ],
)
def test_a_file_that_cannot_be_run_gets_one_sentence(content: str, named: str, tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text(content)
    done = typed("run", RUN_FILE, folder=tmp_path)
    assert done.exit_code == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_program_of_ones_own_leaves_no_file(tmp_path: Path) -> None:
    for command in (None, "", "python mine.py", "emvsbayes", "emvsbayes fit it's"):
        write_run_file(command, tmp_path)
    assert list(tmp_path.iterdir()) == []
