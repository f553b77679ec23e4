"""Compress a picture to a few colours by EM, and sample the posterior of a small palette."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from models import families, require_effort
from models.arguments import require_one_of

from ..running.progress import Progress, Silence
from .colours import Colours
from .compressed import Compressed, CompressedPicture, CompressionSettings
from .palette import mean_squared_error, palette
from .posterior import palette_posterior, steps
from .read import Picture, Pixels, read_picture, sample_picture
from .sizes import palette_png, psnr, sizes
from .write import write_compression

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COMPONENTS = (2, 5, 10, 20, 30)
MOST_COLOURS = 256  # that an indexed PNG can hold
MOST_SAMPLED = 5
POSTERIOR_PIXELS = 10_000
# So many components in all starts together: of five colours of the photograph, 48 starts found the best optimum from six
# seeds out of six, 32 from three, and 8 from none of two.
STARTED_COMPONENTS = 320


class Compression(CompressedPicture):
    """What :func:`compress` made: a picture with several numbers of colours, which can be written into a folder.

    ``compressed`` has for each number of colours the palette, the pixels, shape ``(height, width, 3)``, the bytes of the PNG
    and the ``psnr`` in decibel; ``table`` has a row for each. ``posterior`` is that of one palette and ``doubt``, shape
    ``(height, width)``, what it says of each pixel; both are ``None`` where it was not asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from reports import compress
    >>> pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    >>> two, five = compress(pixels, (2, 5), posterior=0).compressed
    >>> two.pixels.shape, bool(two.psnr < five.psnr)
    ((20, 30, 3), True)
    """

    def plot(self, components: int | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the picture with so many colours, or as it was, on these axes or new ones, and return them.

        Raises
        ------
        ValueError
            When there is no version with so many colours.
        """
        from ..presenting.figures import onto
        from .figures import picture

        return onto(ax, partial(picture, self, components))

    def plot_doubt(self, *, ax: Axes | None = None) -> Axes:
        """Draw for each pixel the probability that its likeliest label is wrong.

        Raises
        ------
        ValueError
            When no posterior was sampled.
        """
        from ..presenting.figures import onto
        from .figures import doubt_map

        if self.doubt is None:
            raise ValueError(
                "no posterior was sampled, which would know the doubt: give posterior a number of colours."
            )
        return onto(ax, partial(doubt_map, self))

    def save(self, folder: Path | str) -> Path:
        """Write page, document, table, figure and palette PNGs into a folder, and return the page's path."""
        return write_compression(self, Path(folder))


def compress(
    image: str | Path | Image.Image | Pixels | None = None,
    components: Sequence[int] = COMPONENTS,
    *,
    covariance: str = "spherical",
    seed: int = 0,
    starts: int = 8,
    posterior: int | None = None,
    pixels: int = POSTERIOR_PIXELS,
    draws: int = 1000,
    tune: int = 300,
    chains: int = 4,
    progress: Progress | None = None,
    command: str | None = None,
) -> Compression:
    """Cluster a picture's colours by EM and replace each pixel by the nearest of a few, all different and all in use.

    See ``reports/images/palette.py`` for how the palette follows from the mixture.

    Parameters
    ----------
    image
        A PNG, JPEG, WebP, GIF or BMP file, an image of Pillow, or an array of bytes; unless given, the photograph that
        comes with matplotlib.
    components
        The numbers of colours, from 1 to 256.
    covariance
        ``"spherical"`` (see ``reports/images/palette.py`` for why), ``"full"``, ``"diagonal"`` or ``"tied"``.
    seed
        What every random draw comes from.
    starts
        From how many points EM starts at least on a part of the colours; it goes on from the best. Of few colours, which
        cost little, there are more.
    posterior
        For how many colours to sample the posterior as well: one of ``components``, or 0 for none. Unless given, the
        largest of them from 2 to 5.
    pixels
        The most pixels that the posterior is of; of a larger picture an even selection is taken.
    draws, tune, chains
        How the posterior is sampled.
    progress
        Shows every stage of the work, as progress bars do.
    command
        The command that makes it again, which the page shows.

    Returns
    -------
    Compression
        The picture with each number of colours, their sizes, ``plot()`` and ``save("folder")``.

    Raises
    ------
    ValueError
        When the image cannot be read, or an argument or its covariance cannot be used; the message names it.

    Examples
    --------
    >>> import numpy as np
    >>> from reports import compress
    >>> pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    >>> found = compress(pixels, (2, 5), posterior=0)
    >>> found.table[["colours", "index_bits"]]
                colours  index_bits
    components
    2                 2         600
    5                 5        1800
    """
    picture = read_picture(sample_picture() if image is None else image)
    settings = _settings(components, covariance, seed, starts, posterior, pixels, draws, tune, chains)
    return compress_picture(picture, settings, progress or Silence(), command)


def compress_picture(
    picture: Picture, settings: CompressionSettings, progress: Progress, command: str | None
) -> Compression:
    """Compress with arguments that were checked before."""
    colours = Colours.of(picture)
    compressed = []
    for k in settings.components:
        step = progress.stage(f"EM, {k} colours", 1)
        compressed.append(_compressed(picture, colours, k, settings))
        step()
    seconds = {f"EM, {one.asked} colours": one.seconds for one in compressed}
    sampled = next((one.palette for one in compressed if one.asked == settings.posterior), None)
    posterior, begun = None, time.perf_counter()
    if sampled is not None and sampled.fit is not None:
        step = progress.stage("posterior", steps(settings.draws, settings.tune, settings.chains))
        posterior = palette_posterior(
            picture,
            colours,
            sampled.fit,
            settings.pixels,
            settings.draws,
            settings.tune,
            settings.chains,
            _generator(settings, 0),
            step,
        )
        seconds["posterior"] = time.perf_counter() - begun
    return Compression(picture, colours, tuple(compressed), posterior, settings, seconds, command)


def _compressed(picture: Picture, colours: Colours, components: int, settings: CompressionSettings) -> Compressed:
    begun = time.perf_counter()
    starts = max(settings.starts, STARTED_COMPONENTS // components)
    found = palette(colours, components, settings.covariance, starts, _generator(settings, components))
    pixels = colours.replaced(found.colours[found.label])
    png = palette_png(found.label[colours.index], found.colours)
    counts = np.bincount(found.label, weights=colours.counts, minlength=len(found.colours))
    quality = psnr(mean_squared_error(colours, found.colours[found.label]))
    of_mixture = quality if found.of_mixture is None else psnr(mean_squared_error(colours, found.of_mixture))
    spent = time.perf_counter() - begun
    return Compressed(
        components, found, pixels, png, sizes(picture.size, counts, png, picture.bits), quality, of_mixture, spent
    )


def _generator(settings: CompressionSettings, stage: int) -> np.random.Generator:
    """Make one generator for each stage, so that the palette of k colours does not depend on which others were asked for."""
    return np.random.default_rng([settings.seed, stage])


def _settings(
    components: Sequence[int],
    covariance: str,
    seed: int,
    starts: int,
    posterior: int | None,
    pixels: int,
    draws: int,
    tune: int,
    chains: int,
) -> CompressionSettings:
    asked = tuple(components)
    if not asked or len(set(asked)) < len(asked):
        raise ValueError(f"components must be different numbers of colours, at least one, got {list(asked)}.")
    for k in asked:
        _require_whole("components", k, 1, MOST_COLOURS)
    structures = families["gaussian"].covariance_structures
    require_one_of("covariance", covariance, structures)
    sampled = max((k for k in asked if 2 <= k <= MOST_SAMPLED), default=0) if posterior is None else posterior
    if sampled and (sampled not in asked or not 2 <= sampled <= MOST_SAMPLED):
        raise ValueError(
            f"posterior must be one of the components asked for, from 2 to {MOST_SAMPLED}, or 0, got {sampled!r}."
        )
    for name, value, least in (
        ("seed", seed, 0),
        ("starts", starts, 1),
        ("pixels", pixels, 1000),
        ("draws", draws, 4),
        ("tune", tune, 1),
        ("chains", chains, 1),
    ):
        _require_whole(name, value, least)
    if sampled:
        require_effort(families["gaussian"].free_parameters(sampled, 3, covariance), draws, tune, chains)
    return CompressionSettings(asked, covariance, seed, starts, sampled, pixels, draws, tune, chains)


def _require_whole(name: str, given: object, least: int, most: int | None = None) -> None:
    if (
        isinstance(given, bool)
        or not isinstance(given, (int, np.integer))
        or given < least
        or (most is not None and given > most)
    ):
        upto = "on" if most is None else f"to {most}"
        raise ValueError(f"{name} must be whole numbers from {least} {upto}, got {given!r}.")
