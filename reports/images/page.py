"""The page of a compression, and the card that links it from an index."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ..presenting.environment import rendered
from . import figures
from .compressed import CompressedPicture
from .files import file_name


@dataclass(frozen=True)
class Card:
    """A compression on the index page: where it is, what it found, and a small picture (below 60 kB)."""

    title: str
    href: str
    sentence: str
    thumbnail: Markup


def render(compression: CompressedPicture) -> str:
    """Return the whole page, which needs nothing but itself."""
    return rendered(
        "compress.html",
        compression=compression,
        picture=compression.picture,
        posterior=compression.posterior,
        pictures=figures,
        file_name=file_name,
        sentence=sentence(compression),
        colour=lambda rgb: "rgb({} {} {})".format(*(min(255, max(0, round(float(level)))) for level in rgb)),
        thousands=lambda number: f"{number:,.0f}".replace(",", "\u202f"),
    )


def card(compression: CompressedPicture, href: str) -> Card:
    """Return what an index page shows of a compression whose page is at ``href``."""
    return Card("Image compression", href, sentence(compression), figures.thumbnail(compression))


def sentence(compression: CompressedPicture) -> str:
    """Say the result in one sentence."""
    one = min(compression.compressed, key=lambda one: abs(one.asked - 5))
    if one.palette.fit is None:
        return f"The picture has no more than {one.components} colours, so that with {one.asked} nothing is lost."
    return (
        f"With {one.asked} colours the picture is {figures.size(one.sizes.ratio)}, at a PSNR of {one.psnr:.1f} dB; the PNG "
        f"that was written is {figures.size(one.sizes.png_ratio)} than the raw pixels."
    )
