"""A picture with several numbers of colours: what each costs, and what the posterior doubts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from models import Shown

from .colours import Colours
from .palette import Palette
from .posterior import PalettePosterior
from .read import Picture, Pixels
from .sizes import Sizes


@dataclass(frozen=True)
class Compressed:
    """The picture with ``components`` colours: the palette, the replaced pixels, the indexed PNG, and what it costs.

    ``asked`` is k; a picture with fewer colours keeps those it has. ``psnr`` is in decibel, infinite when nothing changed;
    ``mixture_psnr`` is what EM's own means and labels would give, the palette's where there is no mixture.
    """

    asked: int
    palette: Palette
    pixels: Pixels
    png: bytes
    sizes: Sizes
    psnr: float
    mixture_psnr: float
    seconds: float

    @property
    def components(self) -> int:
        """The number of colours in the palette."""
        return len(self.palette.colours)


@dataclass(frozen=True)
class CompressionSettings:
    """What can be chosen about a compression; together with the picture it fixes every number."""

    components: tuple[int, ...]
    covariance: str
    seed: int
    starts: int
    posterior: int
    pixels: int
    draws: int
    tune: int
    chains: int


@dataclass(frozen=True, repr=False)
class CompressedPicture(Shown):
    """A picture with several numbers of colours, and for one of them the posterior."""

    picture: Picture
    colours: Colours
    compressed: tuple[Compressed, ...]
    posterior: PalettePosterior | None
    settings: CompressionSettings
    seconds: dict[str, float]
    command: str | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each k: PSNR in decibel, bits, ratios, bytes of the PNG, and how EM ended."""
        return pd.DataFrame([_row(one) for one in self.compressed]).set_index("components")

    @cached_property
    def doubt(self) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        """For each pixel the probability that its likeliest label is wrong, shape ``(height, width)``."""
        return None if self.posterior is None else np.asarray(self.posterior.doubt[self.colours.index])

    def _said(self) -> Iterator[str | pd.DataFrame]:
        warnings = [] if self.posterior is None else self.posterior.warnings
        yield from (f"WARNING: {sentence}" for sentence in warnings)
        yield from (f"Note: {sentence}" for sentence in self.picture.notes)
        yield self.table.map(lambda value: f"{value:.2f}" if isinstance(value, float) else value)


def _row(one: Compressed) -> dict[str, Any]:
    size = one.sizes
    return {
        "components": one.asked,
        "colours": one.components,
        "psnr": one.psnr,
        "mixture_psnr": one.mixture_psnr,
        "raw_bits": size.raw_bits,
        "index_bits": size.index_bits,
        "entropy_bits": size.entropy_bits,
        "palette_bits": size.palette_bits,
        "ratio": size.ratio,
        "entropy_ratio": size.entropy_ratio,
        "png_bytes": size.png_bytes,
        "png_ratio": size.png_ratio,
        "status": one.palette.status,
    }
