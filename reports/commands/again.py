"""The command that makes something again."""

from __future__ import annotations

import shlex
from typing import Any


def command_again(name: str, *arguments: str, **options: Any) -> str:
    """Return the command ``emvsbayes NAME`` with these arguments and options, as a shell takes it.

    An option that is ``None`` is left out, a truth value is a flag or its ``--no-`` form, and a tuple is repeated.
    """
    return shlex.join(["emvsbayes", name, *arguments, *flags(**options)])


def flags(**options: Any) -> list[str]:
    """Return options and their values as words of a command line."""
    words: list[str] = []
    for option, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            name_of_option = option.replace("_", "-")
            if isinstance(one, bool):
                words.append(f"--{name_of_option}" if one else f"--no-{name_of_option}")
            elif one is not None:
                # A column may be called --x.
                words += (
                    [f"--{name_of_option}={one}"] if str(one).startswith("-") else [f"--{name_of_option}", str(one)]
                )
    return words
