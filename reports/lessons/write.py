"""Write lessons: whole or not at all, and never over a page that is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..files.documents import write_text
from ..files.staged import staged
from . import make, titles

if TYPE_CHECKING:
    from ..running.progress import Progress

INDEX, DERIVATIONS = "index.html", "derivations.html"
_MARK = '<meta name="generator" content="emvsbayes">'
_WITHIN = 2000


def check_pages(*paths: Path) -> None:
    """Make sure that these pages can be written.

    Raises
    ------
    ValueError
        When a page of that name is none of ours, or when its folder cannot be.
    """
    for path in paths:
        existing = next(parent for parent in path.absolute().parents if parent.exists())
        if not existing.is_dir():
            raise ValueError(
                f"the output folder {str(path.parent)!r} cannot be made, since {str(existing)!r} is a file."
            )
        if path.exists() and not (path.is_file() and _is_ours(path)):
            raise ValueError(f"{str(path)!r} is there already, and emvsbayes did not write it: choose another place.")


def check_lessons(folder: Path) -> None:
    """Make sure that all lessons can be written there.

    Raises
    ------
    ValueError
        As for :func:`check_pages`.
    """
    check_pages(*(folder / f"{name}.html" for name in titles), folder / DERIVATIONS, folder / INDEX)


def write_lesson(name: str, out: Path, seed: int, progress: Progress) -> Path:
    """Write one lesson into a folder, or as the file that ``out`` names when it ends in ``.html``; return its path."""
    path = lesson_path(name, out)
    check_pages(path)
    lesson = make(name, seed, progress)
    from .page import render

    write_text(path, render(lesson))
    return path


def write_lessons(folder: Path, seed: int, progress: Progress | None = None) -> dict[str, str]:
    """Write all lessons, the derivations and an index page of them; return a sentence on each lesson by its name."""
    check_lessons(folder)
    from ..running.progress import Silence
    from .page import render, render_derivations, render_index

    summaries = {}
    with staged(folder) as stage:
        for name in titles:
            made = make(name, seed, progress or Silence())
            write_text(stage / f"{name}.html", render(made))
            summaries[name] = made.summary
        write_text(stage / DERIVATIONS, render_derivations())
        write_text(stage / INDEX, render_index(summaries))
    return summaries


def lesson_path(name: str, out: Path) -> Path:
    """Return where a lesson goes."""
    return out if out.suffix == ".html" else out / f"{name}.html"


def _is_ours(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return _MARK in file.read(_WITHIN)
