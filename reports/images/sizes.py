r"""How large a picture is with k colours, in bits that a file really needs, and how much it differs from the original.

A pixel of the original takes as many bits as its file has for it: 1 for black and white, 8 for grey or an index into a
palette, 24 for colours, 48 for colours with 16 bits a channel. With a palette it takes the number of its colour,
$\lceil \log_2 k \rceil$ bits, and once for the whole picture the palette takes $24 k$. Some colours are rarer than others:
with $p_j$ the share of the pixels that have colour $j$ no code of single pixels takes fewer than $n H$ bits, where

$$H = - \sum_{j=1}^k p_j \log_2 p_j \le \log_2 k$$

(Shannon 1948, theorem 9), and arithmetic coding comes as near to it as one likes. Neighbouring pixels resemble each other,
so that a PNG file, which looks for repetitions, can be smaller still.

The formula of the classroom is $n \lceil \log_2 k \rceil \cdot 32$ bits: it gives each *index* the 32 bits of a number in
memory on top of its own, and is too large by a factor of 32.

**The error.** With $x$ the original, $y$ the replaced picture and $n$ pixels of three channels,

$$\mathrm{MSE} = \frac{1}{3 n} \sum_{i=1}^n |x_i - y_i|^2 , \qquad
  \mathrm{PSNR} = 10 \log_{10} \frac{255^2}{\mathrm{MSE}} \ \mathrm{dB} .$$
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models import Array

from .read import Pixels

BITS_OF_A_COLOUR = 24


@dataclass(frozen=True)
class Sizes:
    """Bits: of the original, of the indices at fixed length and at their entropy, and of the palette; PNG in bytes."""

    raw_bits: int
    index_bits: int
    entropy_bits: float
    palette_bits: int
    png_bytes: int

    @property
    def ratio(self) -> float:
        """How many times smaller than raw, with indices of fixed length and the palette."""
        return self.raw_bits / (self.index_bits + self.palette_bits)

    @property
    def entropy_ratio(self) -> float:
        """How many times smaller than raw, with indices coded at their entropy and the palette."""
        return self.raw_bits / (self.entropy_bits + self.palette_bits)

    @property
    def png_ratio(self) -> float:
        """How many times smaller than raw the PNG file is."""
        return self.raw_bits / (8 * self.png_bytes)


def sizes(pixels: int, counts: Array, png: bytes, bits: int = BITS_OF_A_COLOUR) -> Sizes:
    """Return the sizes of a picture of so many pixels of ``bits`` each, whose colours have these counts, ``(k,)``."""
    k = len(counts)
    return Sizes(
        raw_bits=bits * pixels,
        index_bits=pixels * int(k - 1).bit_length(),
        entropy_bits=entropy_bits(counts),
        palette_bits=BITS_OF_A_COLOUR * k,
        png_bytes=len(png),
    )


def entropy_bits(counts: Array) -> float:
    """Return n H, the fewest bits on average for labels with these counts, each coded by itself."""
    seen = counts[counts > 0]
    return float(seen @ np.log2(seen.sum() / seen))


def psnr(mean_squared_error: float) -> float:
    """Return the peak signal-to-noise ratio of 8-bit channels in decibel; infinite when nothing changed."""
    return float("inf") if mean_squared_error == 0 else float(10 * np.log10(255**2 / mean_squared_error))


def palette_png(labels: NDArray[np.integer], palette: Pixels) -> bytes:
    """Encode labels, shape ``(height, width)``, as an indexed PNG with 1, 2, 4 or 8 bits for each: as few as will do."""
    height, width = labels.shape
    image = Image.frombytes("P", (width, height), labels.astype(np.uint8).tobytes())
    image.putpalette(palette.tobytes(), "RGB")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
