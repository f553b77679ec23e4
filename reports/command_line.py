"""The command ``emvsbayes``. A command is imported when it is named, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from .commands.errors import INTERRUPTED

COMMANDS = (
    "compare", "fit", "sample", "choose", "verify", "diff", "study", "report", "scenarios", "lesson", "lessons", "pictures",
    "compress",
)  # fmt: skip


class Commands(click.Group):
    """The commands by name, each in a file of its own below ``commands``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, ``None`` when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".commands.{cmd_name}", __package__).command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="emvsbayes")
def cli() -> None:
    """Fit a mixture by EM and by Bayesian inference, and say whether the two agree, and if not, why not."""


def main() -> None:
    """Run the command, with one sentence and no traceback for what a user can do something about."""
    from click.exceptions import Abort, ClickException

    try:
        cli.main(standalone_mode=False)
    except ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (Abort, KeyboardInterrupt) as interrupt:
        # click puts its own exception around the interrupt, whose words say what was kept.
        click.echo(f"Interrupted: {str(interrupt.__cause__ or interrupt) or 'nothing was written.'}", err=True)
        sys.exit(INTERRUPTED)
