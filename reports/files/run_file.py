"""A command as a file that people edit and run again: its options, each on a line of its own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from .toml import as_toml

RUN_FILE = "report.toml"
# What a command is about has no name on the command line.
ABOUT = "data"
HEADING = f"`emvsbayes run {RUN_FILE}` does it again; options may follow, such as `--seed 1 -o elsewhere`."


def write_run_file(command: str | None, folder: Path) -> None:
    """Write the options of ``emvsbayes NAME …`` into the folder; nothing of a program of one's own, or of none."""
    match _words(command or ""):
        case ["emvsbayes", name, *words]:
            written = as_toml({name: _options(words)}, {}, HEADING)
            (folder / RUN_FILE).write_bytes(written.encode(errors="backslashreplace"))


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # a quotation mark that nothing closes: no command of ours
        return []


def _options(words: list[str]) -> dict[str, Any]:
    """Return options with their values: a list for what is repeated, and a truth value for a flag."""
    about: list[str] = []
    found: dict[str, list[Any]] = {}
    place = 0
    while place < len(words):
        word, following = words[place], words[place + 1 : place + 2]
        place += 1
        option, sign, value = word.partition("=")
        if not word.startswith("--"):
            about.append(word)
        elif sign:
            found.setdefault(_key(option), []).append(_value(value))
        elif following and not following[0].startswith("--"):
            found.setdefault(_key(word), []).append(_value(following[0]))
            place += 1
        else:
            flag = word.removeprefix("--no-")
            found[_key(flag)] = [flag == word]
    return {
        name: values[0] if len(values) == 1 else values for name, values in ({ABOUT: about} | found).items() if values
    }


def _key(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _value(word: str) -> Any:
    """Return a number where the word is written as Python writes it, so that it comes back as it was."""
    for kind in (int, float):
        try:
            number = kind(word)
        except ValueError:
            continue
        if repr(number) == word:
            return number
    return word
