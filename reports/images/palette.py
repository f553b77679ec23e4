r"""A picture's palette by EM: a Gaussian mixture on its colours, and from its labels the hard form of the same steps.

**Weights.** The likelihood depends on the distinct colours and how often each occurs, hence EM runs on these: every pixel
counts, and a pass costs as much as there are colours.

**Spherical covariances** are the default. The error is measured by the squared distance between colours, and a spherical
component measures just that. Full covariances describe the colours better (the likelihood of a photograph rises by a nat
or two for each pixel), but their components are needles along the shades of one hue.

**The estimate is the mode under the suite's prior**, not the maximum of the likelihood. Pictures have areas of a single
colour (saturated white, logos), on which a component of the likelihood collapses: it has no maximum. The prior weighs about
ten pixels, too few to move anything else. Even so the variance on such an area is a small share of a level; 8-bit rounding
alone spreads a value with variance 1/12, so that a variance below it says "one colour" and no more.

**The palette is not the means of that mixture.** A mixture describes the density. Where the paper of a scan is one group,
further components lie inside it, about the same mean, and no pixel has them for its likeliest; a palette of these means
has the same colour many times, and on photographs it costs 2 to 4 dB. Hence EM's labels are where a palette begins. It
goes on by the hard form of EM (Celeux and Govaert 1992, classification EM) for components of one size and one width:
each pixel belongs to its likeliest component, which is then the nearest, and each component moves to the mean of its
pixels. Its objective is the squared error, that of the PSNR. Two things more:

- A colour is three whole numbers. For the pixels of a component the squared error is a parabola in each channel, so that
  the rounded mean is the exact minimiser among them, and no step goes up.
- A colour without pixels (of two that are equal, one has none) is **re-seeded** where the error is largest. A picture with
  at least k colours has one that is not in such a palette, so that each re-seeding lowers the error, and the end has k
  different colours, all in use. For the same reason the colour that would be missed least is re-seeded as well, as long as
  the error falls (a swap, Kanungo and others 2004): that is how steps that never go up leave a poor place.

**Speed.** Short runs from a few starts on part of the distinct colours, then EM on all from the best of them, to within
a millionth of a nat for each pixel. The swaps are tried on the same part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from em import Fit, fit
from models import Array, Data, Mixture

from .colours import Colours
from .hard import Counted, settled, swapped
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
    ``fit`` is EM's, ``None`` when there was nothing to estimate because the picture has no more colours than k, and
    ``of_mixture``, shape ``(m, 3)``, is what its own means and labels would replace each colour by.
    """

    colours: Pixels
    label: NDArray[np.intp]
    fit: Fit | None
    of_mixture: Array | None = None

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
    counted = Counted(colours.distinct, colours.counts)
    part = counted.every(_nth(len(colours.distinct), components))
    label, means = likeliest(fitted.mixture, colours.data), _rounded(colours, fitted.mixture)
    begun = counted.means(label, means)
    found, _ = settled(counted, swapped(part, begun, rng))
    found = found[np.lexsort(found.T[::-1])]
    return Palette(found.astype(np.uint8), counted.nearest(found).label, fitted, means[label])


def _rounded(colours: Colours, mixture: Mixture) -> Array:
    """Return the means of a mixture in 8 bits, shape ``(k, 3)``."""
    return np.asarray(np.clip(np.rint(colours.in_full(mixture.arrays()["means"])), 0, 255))


def _nth(colours: int, components: int) -> int:
    """Return which of the distinct colours make up the part that starts and swaps are tried on."""
    return colours // max(PART_COLOURS, 10 * components)


def _fit(data: Data, components: int, covariance: str, starts: int, rng: np.random.Generator) -> Fit:
    """Run EM briefly from several points on a part of the colours, and the best to its end on all of them."""
    run = partial(
        fit,
        family="gaussian",
        components=components,
        covariance=covariance,
        estimate="map",
        tolerance=TOLERANCE_PER_PIXEL * data.size,
        acceleration="none",
    )
    part = data.every(_nth(len(data.values), components))
    short = run(part, starts=starts, seed=rng, max_steps=SHORT_RUN)
    return run(data, start=short.mixture, max_steps=MOST_STEPS)


def likeliest(mixture: Mixture, data: Data) -> NDArray[np.intp]:
    """Return the component with the highest responsibility for each row."""
    blocks = range(0, len(data.values), ROWS_AT_ONCE)
    return np.concatenate([mixture.log_joint(data.values[i : i + ROWS_AT_ONCE]).argmax(axis=-1) for i in blocks])


def mean_squared_error(colours: Colours, replaced: Array | Pixels) -> float:
    """Return the error of each channel of each pixel, squared and averaged; ``replaced`` has shape ``(m, 3)``."""
    differences: Array = colours.distinct - replaced
    return float(colours.counts @ np.square(differences).sum(axis=1) / (3 * colours.counts.sum()))
