"""Pictures for teaching: the data, EM step by step, and what it found; drawn and written into a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from em import Fit
from models import Mixture, Tick

from ..files.documents import GENERATOR, as_json
from ..files.folders import check_writable
from ..files.staged import staged

if TYPE_CHECKING:
    from matplotlib.figure import Figure

USUAL_STEPS = (0, 3, 6, 9)
# Where the density of a scenario of two features is drawn; of other data, where they lie.
WINDOWS = {"gaussian-five": (-3.0, 12.0)}
CONTENTS = "pictures.json"
_PICTURE = re.compile(r"[a-z0-9-]+\.(svg|png)")


def pictures(
    fit: Fit,
    shown: Sequence[int],
    truth: Mixture | None = None,
    posterior: Callable[[], Mixture] | None = None,
) -> dict[str, Callable[[], Figure]]:
    """Say how to draw each picture that applies to the data, by its name; the posterior is asked for its draws when needed.

    Of more than two features nothing but the log-likelihood can be drawn.
    """
    from . import figures as draw

    drawings: dict[str, Callable[[], Figure]] = {"log-likelihood": partial(draw.ascent, fit, shown)}
    if fit.data.dimension > 2:
        return drawings
    drawings["raw"] = partial(draw.raw, fit.data, fit.model.counts)
    drawings["stages"] = partial(draw.stages, fit, shown, truth)
    drawings |= {f"step-{number}": partial(draw.step, fit, number, shown, truth) for number in shown}
    drawings["clusters"] = partial(draw.clusters, fit)
    if fit.data.dimension == 2:
        plane = draw.window(fit.data, *WINDOWS.get(fit.data.name if truth is not None else "", ()))
        drawings["density-surface"] = partial(draw.density_surface, fit, plane)
        drawings["density-contours"] = partial(draw.density_contours, fit, plane)
    elif posterior is not None:
        drawings["posterior-band"] = lambda: draw.posterior_band(fit, posterior(), truth)
    return drawings


def steps_to_show(fit: Fit, asked: Sequence[int] | None) -> list[int]:
    """Return the steps asked for, or of the usual ones those that EM took.

    Raises
    ------
    ValueError
        When EM did not take one that was asked for.
    """
    if asked is None:
        return [number for number in USUAL_STEPS if number <= fit.steps]
    if asked[-1] > fit.steps:
        raise ValueError(f"--steps asks for step {asked[-1]}, and EM ended after {fit.steps}: ask for earlier ones.")
    return list(asked)


def check_pictures(folder: Path, names: Iterable[str]) -> None:
    """Make sure that files of these names can be written into the folder without harm to somebody else's.

    Raises
    ------
    ValueError
        When the folder cannot be written to, or when it holds one of these names and it is none of ours.
    """
    check_writable(folder)
    own = _own_files(folder)
    foreign = [name for name in (*names, CONTENTS) if (folder / name).exists() and name not in own]
    if foreign:
        raise ValueError(
            f"the output folder {str(folder)!r} holds a {foreign[0]} that emvsbayes did not write: choose another folder."
        )


def write_pictures(
    fit: Fit,
    drawings: dict[str, Callable[[], Figure]],
    folder: Path,
    form: str,
    on_picture: Tick | None = None,
) -> list[Path]:
    """Draw all pictures as ``"svg"`` or ``"png"`` and write them with a list of contents, in place of an earlier run's."""
    from ..presenting.figures.output import to_png, to_svg

    names = {name: f"{name}.{form}" for name in drawings}
    check_pictures(folder, names.values())
    outdated = _own_files(folder) - set(names.values()) - {CONTENTS}
    with staged(folder) as stage:
        for name, drawing in drawings.items():
            figure = drawing()
            (stage / names[name]).write_bytes(
                to_png(figure) if form == "png" else to_svg(figure, inline=False).encode()
            )
            if on_picture is not None:
                on_picture()
        (stage / CONTENTS).write_text(as_json(_contents(fit, list(names.values()))), encoding="utf-8")
    for name in outdated:
        (folder / name).unlink(missing_ok=True)
    return [folder / name for name in names.values()]


def _contents(fit: Fit, files: list[str]) -> dict[str, Any]:
    return {
        "generator": GENERATOR,
        "data": fit.data.name,
        "sha256": fit.data.sha256,
        "model": fit.model.specification,
        "start": fit.starts[0].kind,
        "status": str(fit.status),
        "log_likelihood": fit.climb.log_likelihood.tolist(),
        "files": files,
    }


def _own_files(folder: Path) -> set[str]:
    """Return the files in the folder that an earlier run says it wrote."""
    try:
        found = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(found, dict) or found.get("generator") != GENERATOR or not isinstance(found.get("files"), list):
        return set()
    return {CONTENTS, *(name for name in found["files"] if isinstance(name, str) and _PICTURE.fullmatch(name))}
