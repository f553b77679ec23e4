"""Read a picture of any usual kind as 8-bit red, green and blue, and say what had to be done to it.

**Bits a pixel.** What a picture takes before it is compressed is a matter of its own file: one bit a pixel for black and
white, eight for grey or an index into a palette, 24 for colours, 48 for colours with 16 bits a channel. Pillow reads some
of these as others, without a word: a PNG of 16 bits a channel as 8, one of 2 or 4 bits as 8. Hence depth and channels are
taken from the file's header where it has them, and from the mode that Pillow reads elsewhere.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

Pixels = NDArray[np.uint8]

# Formats of pixels only: others that Pillow knows start programs of the system.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
# A small file may unfold to any size. EM needs about 150 bytes a pixel when no colour repeats.
MOST_PIXELS = 25_000_000
DEEP_GREY = ("I", "I;16", "I;16L", "I;16B", "I;16N")
BITS_OF_MODE = {"1": 1, "LA": 16, "La": 16, "PA": 16, "RGB": 24, "YCbCr": 24, "LAB": 24, "HSV": 24, "I": 32, "F": 32}
BITS_OF_MODE |= (
    dict.fromkeys(("RGBA", "RGBa", "RGBX", "CMYK"), 32) | dict.fromkeys(DEEP_GREY[1:], 16) | {"L": 8, "P": 8}
)
# PNG's types of colour: grey, colours, index, grey with alpha, colours with alpha (ISO 15948, table 11.1).
CHANNELS_OF_PNG = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


@dataclass(frozen=True)
class Picture:
    """A picture to compress.

    ``pixels`` has shape ``(height, width, 3)``. ``file_bytes`` is the size of the file it was read from, ``None`` when
    it was none, and ``notes`` say in a sentence each what of the original is left out. ``bits`` is how many bits a pixel
    of the original takes.
    """

    pixels: Pixels
    name: str
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    bits: int = 24

    @property
    def height(self) -> int:
        """The number of rows of pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """The number of columns of pixels."""
        return int(self.pixels.shape[1])

    @property
    def size(self) -> int:
        """The number of pixels."""
        return self.height * self.width


def sample_picture() -> Path:
    """Return the photograph that comes with matplotlib: Grace Hopper, 512 × 600, in the public domain."""
    from matplotlib.cbook import get_sample_data

    return Path(get_sample_data("grace_hopper.jpg", asfileobj=False))


def read_picture(image: str | Path | Image.Image | Pixels) -> Picture:
    """Take a file, an image of Pillow, or an array of shape ``(height, width)``, ``(…, 3)`` or ``(…, 4)`` of bytes.

    Raises
    ------
    ValueError
        When it is missing, no image, truncated, of an unknown format or too large; the message says which.
    """
    if isinstance(image, Image.Image):
        return _picture(image, "image", b"")
    if not isinstance(image, (str, Path)):
        return _picture(_from_array(image), "image", b"")
    path = Path(image)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"the image {str(image)!r} cannot be read ({error.strerror}).") from None
    return _picture(_open(content, str(image)), path.name, content)


def _open(content: bytes, name: str) -> Image.Image:
    """Open and decode, with one sentence for whatever may be wrong with the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged notes beside the picture; its size is checked here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
            _require_size(opened)
            opened.load()
    except UnidentifiedImageError:
        raise ValueError(f"{name!r} is not an image that can be read: give a {', '.join(FORMATS)} file.") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ValueError(f"{name!r} has more than {MOST_PIXELS:,} pixels: make it smaller first.") from None
    except (OSError, SyntaxError, EOFError, IndexError, OverflowError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"the image {name!r} is damaged or truncated ({reason}).") from None
    return opened


def _require_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(
            f"the image has {image.width} × {image.height} pixels, and at most {MOST_PIXELS:,} are taken: make it smaller."
        )
    if not image.width * image.height:
        raise ValueError("the image has no pixels.")


def _from_array(array: Pixels) -> Image.Image:
    given = np.asarray(array)
    if given.dtype != np.uint8 or not (given.ndim == 2 or (given.ndim == 3 and given.shape[2] in (3, 4))):
        raise ValueError(
            "image must be an array of bytes of shape (height, width), (height, width, 3) or (height, width, 4), got "
            f"{given.dtype} of shape {given.shape}."
        )
    if not given.size:
        raise ValueError("the image has no pixels.")
    return Image.fromarray(given)


def _picture(image: Image.Image, name: str, content: bytes) -> Picture:
    """Return eight bits of red, green and blue, and what was lost; ``content`` is the file's, empty without one."""
    _require_size(image)
    depth, channels = _depth_and_channels(image, content)
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append("Of several frames the first was taken.")
    upright = ImageOps.exif_transpose(image)
    if depth > 8:
        notes.append(f"{'Sixteen' if depth == 16 else depth} bits a channel were cut to eight.")
    if upright.mode in DEEP_GREY:
        upright = _eight_bits(upright)
    if upright.mode == "CMYK":
        notes.append("Four printing inks were turned to red, green and blue.")
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        notes.append(_of_alpha(upright))
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    pixels = np.asarray(upright.convert("RGB"))
    return Picture(pixels, name, len(content) or None, tuple(notes), depth * channels)


def _depth_and_channels(image: Image.Image, content: bytes) -> tuple[int, int]:
    """Return how many bits a channel of the original has, and how many channels there are."""
    if content.startswith(b"\x89PNG"):
        return content[24], CHANNELS_OF_PNG[content[25]]
    if content.startswith(b"GIF8"):
        return (content[10] & 7) + 1 if content[10] & 128 else 8, 1
    if content.startswith(b"BM") and image.mode in ("1", "L", "P"):
        return content[28] if content[14] >= 40 else content[24], 1
    channels = len(image.getbands())
    return BITS_OF_MODE[image.mode] // channels, channels


def _of_alpha(image: Image.Image) -> str:
    """Return what becomes of the alpha channel."""
    lowest, _ = image.getchannel("A").getextrema()
    if lowest == 255:
        return "The alpha channel, which is opaque everywhere, was dropped."
    return "The alpha channel was dropped: transparent pixels were laid on white."


def _eight_bits(image: Image.Image) -> Image.Image:
    return Image.fromarray((np.clip(np.asarray(image).astype(np.int64), 0, 65535) >> 8).astype(np.uint8))
