"""``emvsbayes compress``: a picture in a few colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .again import command_again
from .errors import input_errors
from .numbers import Numbers, WholeNumber, listed
from .replacing import say_what_is_replaced
from .rescue import saved
from .terminal import progress


def _structures_of_colours() -> Any:
    from models import families

    return families["gaussian"].covariance_structures


@click.command("compress")
@click.argument("image", required=False, type=click.Path(path_type=Path))
@click.option(
    "--components",
    type=Numbers("--components", 1, 256, "2,5,10"),
    default="2,5,10,20,30",
    show_default=True,
    help="Numbers of colours, up to 256.",
)
@click.option(
    "--covariance",
    type=options.NameOf(_structures_of_colours),
    default="spherical",
    show_default=True,
    help="The shape of the components.",
)
@click.option(
    "--starts",
    type=WholeNumber(min=1),
    default=8,
    show_default=True,
    help="EM's starting points at least; of few colours there are more.",
)
@click.option("--posterior", type=int, help="Sample it for so many colours, 0 for none.  [default: the most up to 5]")
@click.option("--pixels", type=int, default=10_000, show_default=True, help="The most that the posterior is of.")
@click.option("--draws", type=WholeNumber(min=4), default=1000, show_default=True, help="Draws of each chain.")
@click.option("--tune", type=WholeNumber(min=1), default=300, show_default=True, help="Draws spent on tuning.")
@click.option("--chains", type=WholeNumber(min=1), default=4, show_default=True, help="Independent chains.")
@options.seed
@options.out("out/compress", "The folder.")
def command(image: Path | None, components: tuple[int, ...], out: Path, **settings: Any) -> None:
    """Compress IMAGE to a few colours found by EM, with honest sizes, and sample the posterior of a small palette.

    IMAGE is a PNG, JPEG, WebP, GIF or BMP file; without one, a photograph that comes with matplotlib is taken.
    """
    with input_errors():
        from ..images.compression import compress
        from ..images.files import DOCUMENT, check_image_folder

        check_image_folder(out, components)
        say_what_is_replaced(out, DOCUMENT)
        arguments = [] if image is None else [str(image)]
        again = command_again("compress", *arguments, components=listed(components), out=out, **settings)
        with progress() as bars:
            compression = compress(image, components, **settings, progress=bars, command=again)
    page = saved(compression.save, out)
    click.echo(repr(compression))
    click.echo(f"The page is in {page}")
