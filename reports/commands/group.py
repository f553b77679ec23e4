"""The command ``emvsbayes``. A command is imported when it is named, so that ``--help`` answers at once."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

import click

from .terminal import loading, quiet

COMMANDS = (
    "compare", "fit", "sample", "predict", "prior", "choose", "validate", "validate-posterior", "run", "reproduce", "diff",
    "study", "report", "scenarios", "lesson", "lessons", "exercise", "grade", "notebooks", "pictures", "compress",
)  # fmt: skip
COMPLETION = """\b
The shell completes commands, options, scenarios and lessons after one of
  eval "$(_EMVSBAYES_COMPLETE=bash_source emvsbayes)"      in ~/.bashrc
  eval "$(_EMVSBAYES_COMPLETE=zsh_source emvsbayes)"       in ~/.zshrc
  _EMVSBAYES_COMPLETE=fish_source emvsbayes | source       in config.fish
"""


class Commands(click.Group):
    """The commands by name, each in a file of its own beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, ``None`` when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name.replace('-', '_')}", __package__).command
        if quiet not in command.params:
            command.params.append(quiet)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the words begin with; of one that there is not, say which may be meant."""
        if not ctx.resilient_parsing:  # as it is while a shell completes
            if args[0] in COMMANDS:
                loading(args[1:])
            elif close := get_close_matches(args[0], COMMANDS, n=1):
                ctx.fail(f"there is no command {args[0]!r}, did you mean {close[0]!r}?")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=COMPLETION,
)
@click.version_option(package_name="emvsbayes")
def cli() -> None:
    """Fit a mixture by EM and by Bayesian inference, and say whether the two agree, and if not, why not."""
