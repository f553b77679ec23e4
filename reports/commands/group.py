"""The command ``emvsbayes``. A command is imported when it is named, so that ``--help`` answers at once."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = (
    "compare", "fit", "sample", "predict", "prior", "choose", "validate", "validate-posterior", "reproduce", "diff", "study",
    "report", "scenarios", "lesson", "lessons", "exercise", "grade", "notebooks", "pictures", "compress",
)  # fmt: skip


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
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="emvsbayes")
def cli() -> None:
    """Fit a mixture by EM and by Bayesian inference, and say whether the two agree, and if not, why not."""
