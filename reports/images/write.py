"""What a compression leaves in a folder: page, document, table, figure and an indexed PNG for each number of colours."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..files.documents import GENERATOR, as_json
from ..files.provenance import versions
from ..files.run_file import write_run_file
from ..files.staged import staged
from .compressed import Compressed, CompressedPicture
from .files import DOCUMENT, GRID, PAGE, TABLE, check_image_folder, file_name
from .posterior import PalettePosterior


def write_compression(compression: CompressedPicture, folder: Path) -> Path:
    """Write everything or nothing, and return the page's path."""
    from ..presenting.figures.output import to_png
    from .figures import grid
    from .page import render

    check_image_folder(folder, compression.settings.components)
    with staged(folder) as stage:
        (stage / PAGE).write_text(render(compression), encoding="utf-8")
        (stage / DOCUMENT).write_text(as_json(document(compression)), encoding="utf-8")
        compression.table.to_csv(stage / TABLE, lineterminator="\n")
        (stage / GRID).write_bytes(to_png(grid(compression)))
        write_run_file(compression.command, stage)
        for one in compression.compressed:
            (stage / file_name(one.asked)).write_bytes(one.png)
    return folder / PAGE


def document(compression: CompressedPicture) -> dict[str, Any]:
    """Return the whole compression as plain dictionaries, lists, numbers and text; an infinite PSNR is null."""
    picture, posterior = compression.picture, compression.posterior
    return {
        "generator": GENERATOR,
        "image": {
            "name": picture.name,
            "width": picture.width,
            "height": picture.height,
            "distinct_colours": len(compression.colours.distinct),
            "file_bytes": picture.file_bytes,
            "notes": list(picture.notes),
            "bits_per_pixel": picture.bits,
        },
        "compressed": [_compressed(one) for one in compression.compressed],
        "posterior": None if posterior is None else _posterior(posterior),
        "provenance": {
            "versions": versions(),
            "settings": asdict(compression.settings),
            "command": compression.command,
            "seconds": {stage: round(seconds, 3) for stage, seconds in compression.seconds.items()},
        },
    }


def _compressed(one: Compressed) -> dict[str, Any]:
    fitted, size = one.palette.fit, one.sizes
    return {
        "components": one.asked,
        "file": file_name(one.asked),
        "palette": one.palette.colours.tolist(),
        "psnr": one.psnr if math.isfinite(one.psnr) else None,
        "mixture_psnr": one.mixture_psnr if math.isfinite(one.mixture_psnr) else None,
        **asdict(size),
        "ratio": size.ratio,
        "entropy_ratio": size.entropy_ratio,
        "png_ratio": size.png_ratio,
        "status": one.palette.status,
        "steps": None if fitted is None else fitted.steps,
        "log_likelihood": None if fitted is None else fitted.log_likelihood,
        "flat_components": one.palette.flat,
    }


def _posterior(posterior: PalettePosterior) -> dict[str, Any]:
    arrays = ("mean", "sd", "lower", "upper", "em", "shift", "shares")
    return {
        "components": posterior.components,
        "pixels": posterior.pixels,
        "every_nth_pixel": posterior.every,
        "warnings": posterior.warnings,
        "em_above_best_draw": posterior.gap,
        **{name: getattr(posterior, name).tolist() for name in arrays},
    }
