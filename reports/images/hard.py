"""The hard form of EM on counted colours: each goes to the nearest of a palette, each of the palette to its rounded mean.

See ``reports/images/palette.py`` for why, and for why no step raises the error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import Array

ROWS_AT_ONCE = 2**16
# On a photograph some dozens of passes lead to the end; what the hundredth still changes is below a hundredth of a dB. The
# first few show whether a swap is worth it.
MOST_PASSES = 100
PASSES_OF_A_SWAP = 8
# So many swaps in a row that do not lower the error end the search.
PATIENCE = 8
# In a row or not, so many for each colour are tried at most.
MOST_SWAPS = 3
# A swap must lower the error by this share (.004 dB), or the search would go on for what no eye sees.
LEAST_GAIN = 1e-3


@dataclass(frozen=True)
class Nearest:
    """For each counted colour the nearest of a palette, and the squared distance to it."""

    label: NDArray[np.intp]
    squared: Array


@dataclass(frozen=True)
class Counted:
    """Colours, shape ``(m, 3)``, and how often each occurs, shape ``(m,)``."""

    colours: Array
    counts: Array

    def every(self, nth: int) -> Counted:
        """Return every n-th of the colours; all of them when ``nth`` is below two."""
        return Counted(self.colours[:: max(1, nth)], self.counts[:: max(1, nth)])

    def nearest(self, palette: Array) -> Nearest:
        """Return the nearest of the palette for each colour, the first of several that are equally near."""
        blocks = range(0, len(self.colours), ROWS_AT_ONCE)
        parts = [_nearest(self.colours[i : i + ROWS_AT_ONCE], palette) for i in blocks]
        return Nearest(*(np.concatenate(each) for each in zip(*parts, strict=True)))

    def error(self, found: Nearest) -> float:
        """Return the sum of the squared distances of all pixels."""
        return float(self.counts @ found.squared)

    def means(self, label: NDArray[np.intp], palette: Array) -> Array:
        """Return the rounded mean of each label's colours; where there are none, the colour of the palette stays."""
        k = len(palette)
        seen = np.bincount(label, self.counts, k)
        sums = np.stack([np.bincount(label, self.counts * channel, k) for channel in self.colours.T], axis=1)
        used = seen > 0
        return np.where(used[:, None], np.rint(sums / np.where(used, seen, 1)[:, None]), palette)


def settled(data: Counted, palette: Array, passes: int = MOST_PASSES) -> tuple[Array, Nearest]:
    """Return the palette at the end of the hard steps: all colours are in use if there are as many to choose from."""
    palette, found = _all_used(data, palette)
    for _ in range(passes):
        moved, found = _all_used(data, data.means(found.label, palette))
        if np.array_equal(moved, palette):
            break
        palette = moved
    return palette, found


def swapped(data: Counted, palette: Array, rng: np.random.Generator) -> Array:
    """Return the palette after all swaps that help: the colour that is missed least goes to where the error is."""
    palette, found = settled(data, palette)
    error, failures = data.error(found), 0
    for _ in range(MOST_SWAPS * len(palette)):
        if failures == PATIENCE or error == 0:
            break
        tried = palette.copy()
        tried[_missed_least(data, found, palette)] = data.colours[_by_error(data, found, rng)]
        tried, nearest = settled(data, tried, PASSES_OF_A_SWAP)
        failures += 1
        if data.error(nearest) < (1 - LEAST_GAIN) * error:
            palette, found, error, failures = tried, nearest, data.error(nearest), 0
    return palette


def _all_used(data: Counted, palette: Array) -> tuple[Array, Nearest]:
    """Return the palette with each colour that has no pixel moved to where the error is largest, one at a time."""
    palette, found = palette.copy(), data.nearest(palette)
    while found.squared.any():
        empty = np.flatnonzero(np.bincount(found.label, minlength=len(palette)) == 0)
        if not empty.size:
            break
        palette[empty[0]] = data.colours[np.argmax(data.counts * found.squared)]
        found = data.nearest(palette)
    return palette, found


def _missed_least(data: Counted, found: Nearest, palette: Array) -> int:
    """Return the colour without which the error would rise least."""
    blocks = range(0, len(data.colours), ROWS_AT_ONCE)
    second = [_second(data.colours[i : i + ROWS_AT_ONCE], found.label[i : i + ROWS_AT_ONCE], palette) for i in blocks]
    return int(np.bincount(found.label, data.counts * (np.concatenate(second) - found.squared), len(palette)).argmin())


def _by_error(data: Counted, found: Nearest, rng: np.random.Generator) -> int:
    """Draw a colour with a chance that grows with its error (Arthur and Vassilvitskii 2007)."""
    chances = data.counts * found.squared
    return int(rng.choice(len(chances), p=chances / chances.sum()))


def _nearest(colours: Array, palette: Array) -> tuple[NDArray[np.intp], Array]:
    squared = _squared_distances(colours, palette)
    label = squared.argmin(axis=1)
    return label, squared[np.arange(len(colours)), label].astype(np.float64)


def _second(colours: Array, label: NDArray[np.intp], palette: Array) -> Array:
    """Return the squared distance of each colour to the nearest of the palette but for its own."""
    squared = _squared_distances(colours, palette)
    squared[np.arange(len(colours)), label] = np.inf
    return squared.min(axis=1).astype(np.float64)


def _squared_distances(colours: Array, palette: Array) -> NDArray[np.float32]:
    """Return squared distances of whole numbers below 256: all sums stay below 2²⁴, which floats hold exactly."""
    points, centres = colours.astype(np.float32), palette.astype(np.float32)
    products = points @ (-2 * centres.T)
    products += np.square(points).sum(axis=1)[:, None]
    products += np.square(centres).sum(axis=1)
    return products
