"""``emvsbayes report``: everything on the simulated scenarios, with a front page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from . import options
from .again import command_again
from .errors import input_errors
from .numbers import listed
from .replacing import say_what_is_replaced
from .terminal import progress

# The example among the reports: the posterior of fewer pixels than the command itself takes.
IMAGE_COLOURS, IMAGE_PIXELS = (2, 5, 10, 20, 30), 3000


@click.command("report")
@options.sampling
@options.seed
@options.workers
@options.out("out", "The folder.")
def command(seed: int, workers: int, out: Path, **sampling: int) -> None:
    """Compare EM and Bayes on the three reference scenarios, write the lessons and the image example, and a front page."""
    from concurrent.futures import BrokenExecutor

    from models import REPORTED

    from ..comparing.equivalence import EquivalenceError
    from ..files.staged import staged_parts
    from ..front_page import mark_unfinished, write_index
    from ..images.files import check_image_folder
    from ..lessons.write import check_lessons
    from ..presenting.write import DOCUMENT, check_report_folder
    from ..running.processes import compute_parts, processes

    with input_errors():
        for name in REPORTED:
            check_report_folder(out / name)
        check_lessons(out / "lessons")
        check_image_folder(out / "compress", IMAGE_COLOURS)
        say_what_is_replaced(out, *(f"{name}/{DOCUMENT}" for name in REPORTED))
    try:
        with progress() as bars, processes(workers) as executor:
            with staged_parts(out, partial(mark_unfinished, out)) as stage:
                found = compute_parts(_parts(seed, sampling, stage), executor, workers, bars)
            entries = [found[name] for name in REPORTED]
            index = executor.submit(write_index, entries, found["lessons"], found["image"], out).result()
    except KeyboardInterrupt:
        raise KeyboardInterrupt("what was there before is as it was, unless the front page says otherwise.") from None
    except BrokenExecutor:
        raise click.ClickException("a process was ended from outside; --workers 1 needs the least memory.") from None
    except EquivalenceError as error:
        raise click.ClickException(str(error)) from None
    for name, entry in zip(REPORTED, entries, strict=True):
        click.echo(f"{name}: {entry.sentence}")
    click.echo(f"Start with {index}")


def _parts(seed: int, sampling: dict[str, int], out: Path) -> dict[str, Callable[[], Any]]:
    """Return what to compute, by its name; what takes longest comes first."""
    from models import REPORTED, scenario

    from ..front_page import write_comparison, write_example
    from ..lessons.write import write_lessons

    settings = {"seed": seed, **sampling, "starts": 100, "estimate": "mle"}
    image = command_again("compress", components=listed(IMAGE_COLOURS), pixels=IMAGE_PIXELS, seed=seed)
    by_size = sorted(REPORTED, key=lambda name: -scenario(name).data.values.size)
    return {
        **{
            name: partial(write_comparison, name, settings, command_again("compare", name, **settings), out)
            for name in by_size
        },
        "lessons": partial(write_lessons, out / "lessons", seed),
        "image": partial(write_example, IMAGE_COLOURS, IMAGE_PIXELS, seed, image, out),
    }
