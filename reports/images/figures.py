"""The figures of a compression: all versions in a grid, the map of doubt, and a thumbnail."""

from __future__ import annotations

import base64
import io

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from ..presenting.figures.style import Place, panel, styled
from .compressed import Compressed, CompressedPicture
from .read import Pixels

COLUMNS = 3
CELL = 3.2  # inches
WIDEST = 720  # pixels, on the page
THUMBNAIL = 220


def grid(compression: CompressedPicture) -> Figure:
    """Draw the original and the picture with each number of colours."""
    titles = ["original", *(f"{one.asked} colours" for one in compression.compressed)]
    pictures = [compression.picture.pixels, *(one.pixels for one in compression.compressed)]
    captions = [_bits(compression.picture.bits), *(caption(compression, i) for i in range(len(compression.compressed)))]
    columns = min(COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    shape = np.clip(compression.picture.height / compression.picture.width, 0.3, 2.5)
    with styled():
        figure = Figure(figsize=(CELL * columns, (CELL * shape + 0.6) * rows), layout="constrained")
        figure.set_gid("grid")
        figure.set_label("The picture with each number of colours")
        places = figure.subplots(rows, columns, squeeze=False).flat
        for axes, pixels, title, words in zip(places, pictures, titles, captions, strict=False):
            axes.imshow(_at_most(pixels, 1000), interpolation="nearest")
            axes.set_title(f"{title}\n{words}", fontsize=10)
        for axes in figure.axes:
            axes.set_axis_off()
    return figure


def picture(compression: CompressedPicture, components: int | None, place: Place = panel) -> Figure:
    """Draw the picture with so many colours, or as it was."""
    found = {one.asked: number for number, one in enumerate(compression.compressed)}
    if components is not None and components not in found:
        raise ValueError(f"components must be one of {', '.join(map(str, found))}, got {components!r}.")
    pixels, title, words = compression.picture.pixels, "original", _bits(compression.picture.bits)
    if components is not None:
        number = found[components]
        pixels, title, words = (
            compression.compressed[number].pixels,
            f"{components} colours",
            caption(compression, number),
        )
    with styled():
        figure, axes = place("picture", f"The picture: {title}", (CELL, CELL))
        axes.imshow(_at_most(pixels, 1000), interpolation="nearest")
        axes.set_title(f"{title}\n{words}", fontsize=10)
        axes.set_axis_off()
    return figure


def caption(compression: CompressedPicture, place: int) -> str:
    """Return PSNR and the ratio of the sizes."""
    one = compression.compressed[place]
    quality = f"{one.psnr:.1f} dB" if np.isfinite(one.psnr) else "unchanged"
    return f"PSNR {quality}, {size(one.sizes.ratio)}"


def size(ratio: float) -> str:
    """Say how many times smaller, in words that are also true where nothing is gained."""
    if ratio < 1:
        return f"{1 / ratio:.2f} times larger"
    return f"{ratio:.{1 if ratio >= 1.1 else 2}f} times smaller"


def _bits(bits: int) -> str:
    return f"{bits} bit{'s' if bits > 1 else ''} a pixel"


def doubt_map(compression: CompressedPicture, place: Place = panel) -> Figure:
    """Draw for each pixel the probability that its likeliest label is wrong."""
    assert compression.doubt is not None
    shape = np.clip(compression.picture.height / compression.picture.width, 0.3, 1.6)
    with styled():
        words = "How probable it is that a pixel's likeliest label is wrong"
        figure, axes = place("doubt", words, (5.6, 4.6 * shape + 0.6))
        shown = _at_most((compression.doubt * 255).astype(np.uint8), WIDEST) / 255
        image = axes.imshow(shown, cmap="cividis", vmin=0, vmax=0.5, interpolation="nearest")
        axes.set_axis_off()
        beyond = "max" if shown.max() > 0.5 else "neither"
        figure.colorbar(image, ax=axes, label="probability of another label", shrink=0.8, extend=beyond)
    return figure


def original(compression: CompressedPicture) -> Markup:
    """Return the picture as it was as a ``data:`` URI, made smaller when it is large."""
    return _data_uri(Image.fromarray(_at_most(compression.picture.pixels, WIDEST)))


def replaced(one: Compressed) -> Markup:
    """Return the indexed PNG as a ``data:`` URI, made smaller when it is large."""
    image = Image.open(io.BytesIO(one.png))
    image.thumbnail((WIDEST, WIDEST), Image.Resampling.NEAREST)
    return _data_uri(image)


def _data_uri(image: Image.Image) -> Markup:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return Markup("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode())


def thumbnail(compression: CompressedPicture) -> Markup:
    """Return the left half original, the right half with few colours, as an image of a few dozen kilobytes."""
    few = min(compression.compressed, key=lambda one: abs(one.asked - 5))
    middle = compression.picture.width // 2
    halves = np.concatenate([compression.picture.pixels[:, :middle], few.pixels[:, middle:]], axis=1)
    small = Image.fromarray(_at_most(halves, THUMBNAIL))
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG", quality=80)
    address = base64.b64encode(buffer.getvalue()).decode()
    words = f"The left half of the picture as it was, the right half with {few.components} colours"
    return Markup('<img class="thumbnail" alt="{}" width="{}" height="{}" src="data:image/jpeg;base64,{}">').format(
        words, small.width, small.height, Markup(address)
    )


def _at_most(pixels: Pixels, widest: int) -> Pixels:
    """Return every pixel, or of a larger picture the nearest ones, so that no colour is made up."""
    height, width = pixels.shape[:2]
    scale = min(1.0, widest / max(height, width))
    if scale == 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST))
