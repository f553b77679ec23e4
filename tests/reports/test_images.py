"""Image compression on small pictures whose answer is known."""

from __future__ import annotations

import io
import json
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from playwright.sync_api import Browser
from scipy import stats

from em import fit
from models import Data
from reports import Compression, compress
from reports.command_line import cli
from reports.commands.errors import BadInputError
from reports.images.colours import Colours
from reports.images.page import card, render
from reports.images.palette import likeliest
from reports.images.read import Picture, read_picture
from reports.images.sizes import entropy_bits, palette_png, psnr, sizes
from tests.reports.pages import opened, require_accessible, screens

LEVELS = np.array([[30, 40, 60], [120, 200, 90], [220, 60, 180]])


def noisy(height: int = 40, width: int = 50, spread: float = 8.0) -> np.ndarray:
    """Three stripes of colours far apart, with noise."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], [width - 30, 10, 20])
    pixels = LEVELS[np.broadcast_to(labels, (height, width))] + rng.normal(0, spread, (height, width, 3))
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def compression() -> Compression:
    return compress(noisy(), components=(1, 3, 16), posterior=3, draws=100, tune=150, chains=2, starts=4)


def test_means_of_clear_clusters_are_their_averages(compression: Compression) -> None:
    pixels, three = compression.picture.pixels.astype(float), compression.compressed[1]
    stripes = (pixels[:, :20], pixels[:, 20:30], pixels[:, 30:])
    averages = np.array([stripe.reshape(-1, 3).mean(axis=0) for stripe in stripes])
    # The prior weighs a hundredth of a pixel among hundreds, and means are rounded to whole levels.
    order = np.argsort(averages[:, 0])
    np.testing.assert_allclose(three.palette.colours, averages[order], atol=0.51)
    np.testing.assert_array_equal(three.pixels[0, [0, 25, 49]], three.palette.colours)


def test_psnr_is_that_of_the_pixels(compression: Compression) -> None:
    for one in compression.compressed:
        error = np.square(one.pixels.astype(float) - compression.picture.pixels).mean()
        np.testing.assert_allclose(one.psnr, 20 * np.log10(255) - 10 * np.log10(error), rtol=1e-12)
    # One colour at the mean: the error is the variance, plus at most a quarter for rounding the mean.
    variance = compression.picture.pixels.reshape(-1, 3).var(axis=0).mean()
    assert psnr(variance + 0.25) <= compression.compressed[0].psnr <= psnr(variance)
    assert psnr(0.0) == np.inf


def test_the_png_reads_back_as_the_replaced_pixels(compression: Compression) -> None:
    depths = {1: 1, 3: 2, 16: 4}
    for one in compression.compressed:
        image = Image.open(io.BytesIO(one.png))
        assert image.mode == "P"
        assert len(image.getpalette() or []) // 3 >= one.asked
        assert one.png[24] == depths[one.asked]  # the bit depth in the header
        assert one.png[one.png.index(b"PLTE") - 1] == 3 * one.asked  # the length of the palette
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), one.pixels)


@pytest.mark.parametrize("k", [1, 2, 3, 5, 17, 256])
def test_bits(k: int) -> None:
    rng = np.random.default_rng(k)
    labels = rng.integers(k, size=(30, 40)) if k > 1 else np.zeros((30, 40), int)
    counts = np.bincount(labels.ravel(), minlength=k).astype(float)
    palette = rng.integers(256, size=(k, 3)).astype(np.uint8)
    png = palette_png(labels, palette)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")), palette[labels])
    found = sizes(1200, counts, png)
    np.testing.assert_allclose(found.entropy_bits, 1200 * stats.entropy(counts, base=2), rtol=1e-12, atol=1e-12)
    assert found.index_bits == 1200 * int(np.ceil(np.log2(k)))
    assert found.ratio == 24 * 1200 / (found.index_bits + 24 * k)
    assert found.png_bytes == len(png)
    assert entropy_bits(counts) <= found.index_bits + 1e-9


def test_counted_colours_give_the_fit_of_all_pixels() -> None:
    picture = Picture(noisy(12, 50, spread=2.0), "stripes")
    colours = Colours.of(picture)
    assert len(colours.distinct) < picture.size
    np.testing.assert_array_equal(colours.distinct[colours.index], picture.pixels)
    weighted = fit(colours.data, "gaussian", 3, covariance="spherical", estimate="map", starts=3)
    pixels = picture.pixels.reshape(-1, 3).astype(float)
    single = fit(pixels, "gaussian", 3, covariance="spherical", estimate="map", starts=3)
    np.testing.assert_allclose(weighted.log_likelihood, single.log_likelihood, rtol=1e-10)
    np.testing.assert_array_equal(
        likeliest(weighted.mixture, colours.data)[colours.index.ravel()], likeliest(single.mixture, Data.of(pixels))
    )


def test_posterior_is_about_the_averages(compression: Compression) -> None:
    posterior = compression.posterior
    assert posterior is not None
    assert posterior.every == 2 or posterior.pixels == compression.picture.size
    assert abs(posterior.gap) < 50
    # The sd of a mean is that of the noise over the root of the number of pixels: 8/√800, 8/√400, 8/√800.
    expected = 8 / np.sqrt(posterior.shares * posterior.pixels)
    # 200 draws: the sd of an sd is 1/√400 of it, and the noise is known as well as the pixels tell.
    np.testing.assert_allclose(posterior.sd.mean(axis=1), expected, rtol=0.2)
    assert np.abs(posterior.shift).max() < 4
    assert compression.doubt is not None
    assert compression.doubt.shape == (40, 50)
    assert compression.doubt.max() < 1e-3  # the stripes lie twenty standard deviations apart


def test_a_grey_picture_has_one_free_channel_and_a_tint_none_of_its_own() -> None:
    grey = np.random.default_rng(0).integers(50, 150, (30, 30)).astype(np.uint8)
    (found,) = compress(grey, components=(2,), posterior=0, covariance="full").compressed
    assert found.palette.fit is not None
    assert found.palette.fit.data.columns == ("grey",)
    assert (found.palette.colours == found.palette.colours[:, :1]).all()
    tinted = np.stack([grey, np.full_like(grey, 7), grey], axis=2)
    (found,) = compress(tinted, components=(2,), posterior=0, covariance="full").compressed
    assert (found.palette.colours[:, 1] == 7).all()
    np.testing.assert_array_equal(found.palette.colours[:, 0], found.palette.colours[:, 2])


def test_fewer_colours_than_asked_are_kept() -> None:
    flat = np.repeat(LEVELS.astype(np.uint8)[:, None], 7, axis=1)
    found = compress(flat, components=(3, 20))
    assert [one.components for one in found.compressed] == [3, 3]
    assert all(one.psnr == np.inf and one.palette.status == "exact" for one in found.compressed)
    assert found.posterior is None
    assert "only 3 and keeps them" in render(found)


@pytest.mark.parametrize("colour", [0, 255])
def test_a_single_pixel_and_a_constant_picture(colour: int) -> None:
    for shape in ((1, 1, 3), (9, 4, 3)):
        found = compress(np.full(shape, colour, np.uint8), components=(1, 2, 5))
        assert all(one.components == 1 for one in found.compressed)
        assert found.table["entropy_bits"].eq(0).all()
        assert "<svg" in render(found) or found.posterior is None


def test_flat_areas_do_not_collapse() -> None:
    pixels = noisy()
    pixels[:20] = 255
    for covariance in ("spherical", "full"):
        (found,) = compress(pixels, components=(4,), posterior=0, covariance=covariance).compressed
        assert found.palette.fit is not None
        assert found.palette.fit.status != "collapsed"
        np.testing.assert_array_equal(found.pixels[:20], 255)


def png(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=str(options.pop("format", "PNG")), **options)
    return buffer.getvalue()


def test_every_kind_of_picture_is_read(tmp_path: Path) -> None:
    rgb = Image.fromarray(noisy())
    clear = rgb.convert("RGBA")
    clear.putalpha(0)
    turned = Image.Exif()
    turned[274] = 6
    deep = Image.fromarray(np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32))
    kinds = {
        "rgb.png": (png(rgb), (40, 50), None),
        "clear.png": (png(clear), (40, 50), "white"),
        "palette.png": (png(rgb.quantize(7)), (40, 50), None),
        "grey.png": (png(rgb.convert("L")), (40, 50), None),
        "bits.png": (png(rgb.convert("1")), (40, 50), None),
        "deep.png": (png(deep), (32, 32), "Sixteen"),
        "ink.jpg": (png(rgb.convert("CMYK"), format="JPEG"), (40, 50), "inks"),
        "turned.jpg": (png(rgb, format="JPEG", exif=turned), (50, 40), None),
    }
    for name, (content, shape, note) in kinds.items():
        (tmp_path / name).write_bytes(content)
        picture = read_picture(tmp_path / name)
        assert picture.pixels.shape == (*shape, 3), name
        assert picture.file_bytes == len(content)
        assert (note is None) == (picture.notes == ()), name
        assert note is None or note in picture.notes[0]
    assert (read_picture(tmp_path / "clear.png").pixels == 255).all()
    np.testing.assert_array_equal(read_picture(tmp_path / "deep.png").pixels[-1, -1], 255)


def huge() -> bytes:
    """A PNG that says it has 40 000 × 40 000 pixels."""
    header = b"IHDR" + (40_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    chunks = [(header, 13), (b"IDAT" + zlib.compress(b""), 8)]
    body = [size.to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") for chunk, size in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


BAD = {
    "missing": ("nowhere.png", (), "nowhere.png"),
    "a folder": (".", (), "cannot be read"),
    "text": ("text.png", (), "not an image"),
    "empty": ("empty.png", (), "not an image"),
    "truncated": ("truncated.png", (), "damaged"),
    "truncated jpeg": ("truncated.jpg", (), "damaged"),
    "a bomb": ("huge.png", (), "pixels"),
    "none": ("good.png", ("--components", "0"), "components"),
    "too many": ("good.png", ("--components", "300"), "256"),
    "letters": ("good.png", ("--components", "a,b"), "'a,b'"),
    "nothing": ("good.png", ("--components", ""), "components"),
    "twice": ("good.png", ("--components", "2,2"), "different"),
    "posterior of others": ("good.png", ("--posterior", "4"), "posterior"),
    "somebody's folder": ("good.png", ("--out", "theirs"), "did not write"),
}


@pytest.mark.parametrize(("image", "options", "named"), BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_sentence(
    image: str, options: tuple[str, ...], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good = png(Image.fromarray(noisy()))
    contents = {
        "good.png": good,
        "truncated.png": good[:400],
        "text.png": b"words",
        "empty.png": b"",
        "huge.png": huge(),
    }
    contents["truncated.jpg"] = png(Image.fromarray(noisy()), format="JPEG")[:700]
    for name, content in contents.items():
        Path(name).write_bytes(content)
    Path("theirs").mkdir()
    Path("theirs/index.html").write_text("somebody's page")
    before = sorted(Path().rglob("*"))
    done = CliRunner().invoke(cli, ["compress", image, *options], standalone_mode=False)
    assert isinstance(done.exception, BadInputError), (done.exception, done.output)
    assert done.exception.exit_code == 2
    assert named in done.exception.message
    assert done.exception.message.count(". ") == 0
    assert sorted(Path().rglob("*")) == before


def test_the_same_seed_gives_the_same_palettes() -> None:
    pixels = noisy(20, 50, spread=40.0)
    first = compress(pixels, components=(5, 7), posterior=0, seed=4)
    again = compress(pixels, components=(7,), posterior=0, seed=4)
    assert first.compressed[1].png == again.compressed[0].png


def test_files(compression: Compression, tmp_path: Path) -> None:
    page = compression.save(tmp_path / "out")
    names = {path.name for path in page.parent.iterdir()}
    images = {"image-k01.png", "image-k03.png", "image-k16.png"}
    assert names == {"index.html", "compress.json", "table.csv", "grid.png", *images}
    whole = json.loads((page.parent / "compress.json").read_text())
    for one, entry in zip(compression.compressed, whole["compressed"], strict=True):
        assert (page.parent / entry["file"]).stat().st_size == entry["png_bytes"] == len(one.png)
    compression.save(tmp_path / "out")
    assert len(card(compression, "compress/index.html").thumbnail) < 60_000


def test_names_are_escaped() -> None:
    picture = Picture(noisy(), "<script>alert(1)</script>.png")
    found = compress(picture.pixels, components=(2,), posterior=0)
    hostile = Compression(
        picture, found.colours, found.compressed, None, found.settings, found.seconds, command="x <b>y</b>"
    )
    assert "<script" not in render(hostile)
    assert "<b>y" not in render(hostile)


@screens
def test_page_opens_alone_fits_and_is_accessible(
    browser: Browser, compression: Compression, tmp_path: Path, width: int, scheme: str
) -> None:
    path = tmp_path / "index.html"
    path.write_text(render(compression), encoding="utf-8")
    with opened(browser, path, width, scheme) as page:
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        require_accessible(page)


def test_reading_lets_no_warning_out(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(huge())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="pixels"):
            read_picture(tmp_path / "huge.png")
