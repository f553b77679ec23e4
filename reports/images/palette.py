r"""A picture's palette by EM: the means of a Gaussian mixture on its colours, each pixel replaced by its likeliest one.

**Weights.** The likelihood depends on the distinct colours and how often each occurs, hence EM runs on these: every pixel
counts, and a pass costs as much as there are colours.

**Spherical covariances** are the default. The error is measured by the squared distance between colours, and a spherical
component measures just that. Full covariances describe the colours better (the likelihood of a photograph rises by a nat
or two for each pixel), and make a worse palette: their components are needles along the shades of one hue, a pixel goes
to the needle it lies on rather than to the nearest mean, and on photographs with 20 colours that costs 3 to 4 dB.

**The estimate is the mode under the suite's prior**, not the maximum of the likelihood. Pictures have areas of a single
colour (saturated white, logos), on which a component of the likelihood collapses: it has no maximum. The prior weighs about
ten pixels, too few to move anything else. Even so the variance on such an area is a small share of a level; 8-bit rounding
alone spreads a value with variance 1/12, so that a variance below it says "one colour" and no more.

**Speed.** Short runs from a few starts on part of the distinct colours, then EM on all from the best of them, to within
a millionth of a nat for each pixel. That is far below what rounding the means to 8 bits leaves to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from em import Fit, fit
from models import Array, Data, Mixture

from .colours import Colours
from .read import Pixels

PART_COLOURS = 10_000
SHORT_RUN = 40
MOST_STEPS = 250
TOLERANCE_PER_PIXEL = 1e-6
ROUNDING_VARIANCE = 1 / 12
ROWS_AT_ONCE = 2**16


@dataclass(frozen=True)
class Palette:
    """k colours and the one that each distinct colour of the picture is replaced by.

    ``colours`` has shape ``(k, 3)``, in 8 bits, and ``label``, shape ``(m,)``, is a row of it for each distinct colour.
    ``fit`` is EM's, ``None`` when there was nothing to estimate because the picture has no more colours than k.
    """

    colours: Pixels
    label: NDArray[np.intp]
    fit: Fit | None

    @property
    def status(self) -> str:
        """How EM ended, or ``"exact"``."""
        return "exact" if self.fit is None else str(self.fit.status)

    @property
    def flat(self) -> int:
        """How many components are narrower than 8-bit rounding in some direction: areas of one colour."""
        if self.fit is None:
            return 0
        smallest = np.linalg.eigvalsh(self.fit.mixture.arrays()["covariances"]).min(axis=-1)
        return int(np.sum(smallest < ROUNDING_VARIANCE))


def palette(colours: Colours, components: int, covariance: str, starts: int, rng: np.random.Generator) -> Palette:
    """Cluster the colours; a picture with no more than ``components`` of them keeps them all.

    Raises
    ------
    ValueError
        When the covariance cannot be estimated, because the channels depend on each other.
    """
    if len(colours.distinct) <= components:
        return Palette(colours.distinct.astype(np.uint8), np.arange(len(colours.distinct)), None)
    fitted = _fit(colours.data, components, covariance, starts, rng)
    means = colours.in_full(fitted.mixture.arrays()["means"])
    return Palette(np.clip(np.rint(means), 0, 255).astype(np.uint8), likeliest(fitted.mixture, colours.data), fitted)


def _fit(data: Data, components: int, covariance: str, starts: int, rng: np.random.Generator) -> Fit:
    """The best of short runs on a part of the colours, taken to its end on all of them."""
    run = partial(
        fit,
        family="gaussian",
        components=components,
        covariance=covariance,
        estimate="map",
        tolerance=TOLERANCE_PER_PIXEL * data.size,
        acceleration="none",
    )
    part = data.every(len(data.values) // max(PART_COLOURS, 10 * components))
    short = run(part, starts=starts, seed=rng, max_steps=SHORT_RUN)
    return run(data, start=short.mixture, max_steps=MOST_STEPS)


def likeliest(mixture: Mixture, data: Data) -> NDArray[np.intp]:
    """The component with the highest responsibility for each row."""
    blocks = range(0, len(data.values), ROWS_AT_ONCE)
    return np.concatenate([mixture.log_joint(data.values[i : i + ROWS_AT_ONCE]).argmax(axis=-1) for i in blocks])


def mean_squared_error(colours: Colours, found: Palette) -> float:
    """The error of each channel of each pixel, squared and averaged."""
    differences: Array = colours.distinct - found.colours[found.label]
    return float(colours.counts @ np.square(differences).sum(axis=1) / (3 * colours.counts.sum()))
