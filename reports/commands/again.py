"""The command that makes something again."""

from __future__ import annotations

import shlex
from typing import Any


def command_again(name: str, *arguments: str, **options: Any) -> str:
    """Return the command ``emvsbayes NAME`` with these arguments and options, as a shell takes it.

    An option that is ``None`` or ``False`` is left out, one that is ``True`` is a flag, and one that is a tuple is repeated.
    """
    words = ["emvsbayes", name, *arguments]
    for option, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None and one is not False:
                words += [f"--{option.replace('_', '-')}", *([] if one is True else [str(one)])]
    return shlex.join(words)
