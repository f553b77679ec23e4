"""Python's arguments in a sentence, as the options that somebody at the command line has for them."""

from __future__ import annotations

import re

import click

# Of these alone, since a sentence may also hold what stands in the user's file.
_KNOWN = {
    "chains", "components", "covariance", "decimal", "draws", "encoding", "estimate", "header", "max_draws",
    "max_minutes", "missing", "rows", "starts", "thousands", "tune",
}  # fmt: skip
# As it is given, draws=100; or as it was given, draws = 100.
_ARGUMENT = re.compile(rf"\b({'|'.join(sorted(_KNOWN))})(?:=('[^']*'|\"'\"|[\w.-]*\w)| = (\d+)\b)")
_WORD = re.compile(r"'(\w[\w.-]*)'")


def as_options(sentence: str) -> str:
    """Return the sentence with ``--starts 1000`` where it has ``starts=1000``, and ``--no-header`` for ``header=False``.

    While a command runs, only what it has as an option is changed.
    """
    return _ARGUMENT.sub(_option, sentence)


def _option(found: re.Match[str]) -> str:
    name, value = found[1], found[2] or found[3]
    if name not in _options():
        return found[0]
    if value in ("True", "False"):
        return f"--{name}" if value == "True" else f"--no-{name}"
    return f"--{name.replace('_', '-')} {_WORD.sub(r'\1', value)}"


def _options() -> set[str]:
    """Return the names of the running command's options; all known ones where none runs."""
    context = click.get_current_context(silent=True)
    if context is None:
        return _KNOWN
    return {option.lstrip("-").replace("-", "_") for each in context.command.params for option in each.opts}
