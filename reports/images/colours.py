"""The distinct colours of a picture with how often each occurs: all that a likelihood of its pixels depends on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models import Array, Data

from .read import Picture, Pixels

CHANNELS = ("red", "green", "blue")


@dataclass(frozen=True)
class Colours:
    """``distinct`` colours, shape ``(m, 3)``, their ``counts``, shape ``(m,)``, and the colour of each pixel.

    ``index``, shape ``(height, width)``, is each pixel's row of ``distinct``.
    """

    distinct: Array
    counts: Array
    index: NDArray[np.intp]

    @classmethod
    def of(cls, picture: Picture) -> Colours:
        """Sort the pixels as whole numbers, which is faster than as rows of three."""
        pixels = picture.pixels.astype(np.int32)
        codes = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
        distinct, index, counts = np.unique(codes, return_inverse=True, return_counts=True)
        channels = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=1)
        return cls(channels.astype(np.float64), counts.astype(np.float64), index.reshape(codes.shape))

    @cached_property
    def source(self) -> NDArray[np.intp]:
        """For red, green and blue the first channel that is the same in every pixel: three zeros for a grey picture."""
        same = (self.distinct[:, :, None] == self.distinct[:, None, :]).all(axis=0)
        return np.argmax(same, axis=1)

    @cached_property
    def free(self) -> list[int]:
        """The channels that vary, each of several equal ones once; the others follow from them.

        A Gaussian needs this: the density of a constant channel, or of two equal ones, has no bound.
        """
        return [c for c in range(3) if self.source[c] == c and np.ptp(self.distinct[:, c]) > 0]

    @cached_property
    def data(self) -> Data:
        """The free channels as observations with weights."""
        names = ("grey",) if not self.source.any() else tuple(CHANNELS[c] for c in self.free)
        return Data.of(self.distinct[:, self.free], self.counts, columns=names, name="pixels")

    def in_full(self, means: Array) -> Array:
        """Return red, green and blue of colours given by their free channels, shape ``(..., 3)``."""
        constant = np.broadcast_to(self.distinct[0], (*means.shape[:-1], 3)).copy()
        constant[..., self.free] = means
        return np.asarray(constant[..., self.source])

    def replaced(self, by: Pixels) -> Pixels:
        """Return the picture with each distinct colour replaced by a row of ``by``, shape ``(m, 3)``."""
        return np.asarray(by[self.index])
