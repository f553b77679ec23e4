"""``emvsbayes run``: a command whose options a file states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..files.run_file import ABOUT, RUN_FILE
from .again import flags
from .errors import BadInputError, input_errors

PASSED_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command("run", context_settings=PASSED_ON)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("more", metavar="[OPTION]...", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(context: click.Context, file: Path, more: tuple[str, ...]) -> None:
    """Run the command that FILE states, such as the report.toml in the folder of every report.

    The file has one table with the command's name, such as [compare], and in it a line for each option, such as
    `data = "deaths.csv"`, `components = 2` and `counts_column = "n"`. Options that follow FILE replace those in it. Paths
    are meant from the folder in which the command is run.
    """
    with input_errors():
        name, table = _stated(file)
    commands = context.find_root().command
    assert isinstance(commands, click.Group)
    asked = commands.get_command(context, name)
    if asked is None or name == "run":
        from models.suggestion import suggestion

        raise BadInputError(f"{file}: there is no command {name!r}{suggestion(name, commands.list_commands(context))}")
    with asked.make_context(name, [*_words(table, asked), *more], parent=context) as running:
        asked.invoke(running)


def _stated(file: Path) -> tuple[str, dict[str, Any]]:
    """Return the command's name and its options."""
    import tomllib

    place = file / RUN_FILE if file.is_dir() else file
    try:
        tables = tomllib.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{str(place)!r} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise ValueError(f"{str(place)!r} is no TOML file: {error}.") from None
    if len(tables) != 1 or not isinstance(options := next(iter(tables.values())), dict):
        raise ValueError(f"{str(place)!r} must hold one table, such as [compare], with the command's options in it.")
    return next(iter(tables)), options


def _words(table: dict[str, Any], asked: click.Command) -> list[str]:
    """Return the options as words of a command line; a list is one word where the option is not to be repeated."""
    repeated = {each.name for each in asked.params if isinstance(each, click.Option) and each.multiple}
    about = table.get(ABOUT, [])
    options = {
        name: value if not isinstance(value, list) else tuple(value) if name in repeated else ",".join(map(str, value))
        for name, value in table.items()
        if name != ABOUT
    }
    return [*map(str, about if isinstance(about, list) else [about]), *flags(**options)]
