"""Image compression on small pictures whose answer is known."""

from __future__ import annotations

import io
import json
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib import pyplot
from PIL import Image
from playwright.sync_api import Browser
from scipy import stats
from sklearn.cluster import KMeans

from em import fit
from models import Data
from reports import Compression, compress
from reports.command_line import cli
from reports.commands.errors import BadInputError
from reports.images.colours import Colours
from reports.images.hard import Counted, settled
from reports.images.page import card, render
from reports.images.palette import likeliest
from reports.images.read import Picture, read_picture
from reports.images.sizes import entropy_bits, palette_png, psnr, sizes
from tests.reports.pages import opened, require_accessible, screens
from tests.shared_cases import shared_case

LEVELS = np.array([[30, 40, 60], [120, 200, 90], [220, 60, 180]])


def noisy(height: int = 40, width: int = 50, spread: float = 8.0) -> np.ndarray:
    """Three stripes of colours far apart, with noise."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], [width - 30, 10, 20])
    pixels = LEVELS[np.broadcast_to(labels, (height, width))] + rng.normal(0, spread, (height, width, 3))
    return np.asarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def compression() -> Compression:
    return compress(noisy(), components=(1, 3, 16), posterior=3, draws=100, tune=150, chains=2, starts=4)


@pytest.fixture
def few_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """EM starts from a sixth of the points that it is given, which makes its task harder and the test quicker."""
    monkeypatch.setattr("reports.images.compression.STARTED_COMPONENTS", 48)


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
    assert sizes(1200, counts, png, bits=1).ratio == pytest.approx(found.ratio / 24)
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
    bits = {
        "rgb.png": 24, "clear.png": 32, "palette.png": 4, "grey.png": 8, "bits.png": 1, "deep.png": 16, "ink.jpg": 32,
        "turned.jpg": 24,
    }  # fmt: skip
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
        assert picture.bits == bits[name], name
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


@pytest.mark.usefixtures("few_starts")
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


def scan() -> np.ndarray:
    """Paper with noise, and a few lines of text: one large group, in which EM puts all components that are too many."""
    rng = np.random.default_rng(5)
    pixels = rng.normal([243, 240, 232], 3, (60, 70, 3))
    pixels[15:20, 10:60] = rng.normal([40, 38, 45], 4, (5, 50, 3))
    return np.asarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def nearly_one_colour() -> np.ndarray:
    """A logo of three colours, and a dozen pixels of others: a palette needs these singles before anything else."""
    pixels = np.full((30, 30, 3), 255, np.uint8)
    pixels[5:15, 5:15], pixels[15:25, 15:25] = (200, 20, 20), (20, 20, 200)
    pixels[0, :12] = np.arange(36).reshape(12, 3) * 6
    return pixels


def close_shades() -> np.ndarray:
    """Levels that differ by one or two, so that two means may well round to one colour."""
    return np.random.default_rng(1).integers(100, 103, (25, 25, 3)).astype(np.uint8)


def gradient() -> np.ndarray:
    rows, columns = np.mgrid[0:40, 0:50]
    return np.stack([rows * 6, columns * 5, rows * columns // 8], axis=2).astype(np.uint8)


PICTURES = {
    "scan": scan,
    "single pixels": nearly_one_colour,
    "close shades": close_shades,
    "gradient": gradient,
    "stripes": noisy,
    "grey": lambda: np.random.default_rng(2).integers(0, 256, (30, 30)).astype(np.uint8),
}


@cache
def k_means_psnr(colours: bytes, components: int) -> float:
    """The PSNR of k-means, its centres in 8 bits as a palette's are."""
    pixels = np.frombuffer(colours, np.uint8).reshape(-1, 3).astype(float)
    found = KMeans(components, n_init=5, random_state=0).fit(pixels)
    return psnr(float(np.square(pixels - np.rint(found.cluster_centers_)[found.labels_]).mean()))


def require_palettes(found: Compression) -> None:
    """Hold every palette to as many colours as were asked for, all different and in use, at most 1 dB below k-means."""
    for one in found.compressed:
        shown = np.unique(np.asarray(Image.open(io.BytesIO(one.png)).convert("RGB")).reshape(-1, 3), axis=0)
        assert len(shown) == len(np.unique(one.palette.colours, axis=0)) == one.components == one.asked
        assert one.psnr >= k_means_psnr(found.picture.pixels.tobytes(), one.asked) - 1
        assert one.mixture_psnr <= one.psnr  # EM's own means are where the palette begins


@pytest.mark.usefixtures("few_starts")
@pytest.mark.parametrize("pixels", PICTURES.values(), ids=PICTURES.keys())
@pytest.mark.parametrize("covariance", ["spherical", "full"])
def test_as_many_colours_as_asked_and_no_worse_than_k_means(pixels: Callable[[], np.ndarray], covariance: str) -> None:
    require_palettes(compress(pixels(), components=(2, 5, 12), covariance=covariance, posterior=0, starts=3))


def test_the_scan_gets_its_colours() -> None:
    require_palettes(compress(shared_case("scan.png"), components=(4, 6, 8), posterior=0))


def test_no_hard_step_raises_the_error_and_duplicates_go_where_it_is_large() -> None:
    colours = Colours.of(Picture(scan(), "scan"))
    data = Counted(colours.distinct, colours.counts)
    palette = np.repeat(data.colours[:1], 7, axis=0)
    errors = [data.error(data.nearest(palette))]
    for _ in range(20):
        palette, found = settled(data, palette, passes=1)
        errors.append(data.error(found))
    assert (np.diff(errors) <= 0).all()  # whole numbers, exact in doubles
    assert len(np.unique(palette, axis=0)) == 7
    assert (np.bincount(found.label, minlength=7) > 0).all()
    # Against the definition, without the expanded square.
    squared = np.square(data.colours[:, None] - palette).sum(axis=-1)
    np.testing.assert_array_equal(found.squared, squared.min(axis=1))


def run_compress(path: Path, out: Path, components: str) -> str:
    arguments = ["compress", str(path), "--components", components, "--posterior", "0", "--out", str(out)]
    return CliRunner().invoke(cli, arguments, catch_exceptions=False).stdout


def test_black_and_white_is_not_made_smaller(tmp_path: Path) -> None:
    found = compress(shared_case("bw.png"), components=(2,))
    (one,) = found.compressed
    assert found.picture.bits == 1
    # A bit for each pixel before and after, and 48 bits for the palette.
    assert one.sizes.ratio == found.picture.size / (found.picture.size + 48)
    assert "1 bit a pixel" in render(found)
    assert "times larger" in render(found)


def test_sixteen_bits_a_channel_are_noted(tmp_path: Path) -> None:
    shown = run_compress(shared_case("rgb16.png"), tmp_path / "out", "4")
    note = "Sixteen bits a channel were cut to eight."
    assert f"Note: {note}\n" in shown
    assert note in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    image = json.loads((tmp_path / "out" / "compress.json").read_text())["image"]
    assert image["notes"] == [note]
    assert image["bits_per_pixel"] == 48


def png_header(depth: int, colour: int, channels: int) -> bytes:
    """A PNG of 8 × 8 pixels of that depth and type of colour, all bits of all pixels zero."""
    row = bytes(1 + 8 * depth * channels // 8)
    chunks = [(b"IHDR" + (8).to_bytes(4, "big") * 2 + bytes([depth, colour, 0, 0, 0]), 13)]
    chunks += [(b"PLTE" + bytes(6), 6)] if colour == 3 else []
    packed = zlib.compress(row * 8)
    chunks += [(b"IDAT" + packed, len(packed)), (b"IEND", 0)]
    body = [size.to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") for chunk, size in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


@pytest.mark.parametrize(
    ("depth", "colour", "channels", "notes"),
    [
        (1, 0, 1, []), (2, 0, 1, []), (4, 3, 1, []), (8, 2, 3, []),
        (16, 0, 1, ["Sixteen"]), (16, 2, 3, ["Sixteen"]), (16, 4, 2, ["Sixteen", "alpha"]),
        (8, 6, 4, ["alpha"]), (16, 6, 4, ["Sixteen", "alpha"]),
    ],
)  # fmt: skip
def test_the_bits_of_every_kind_of_png(
    depth: int, colour: int, channels: int, notes: list[str], tmp_path: Path
) -> None:
    (tmp_path / "picture.png").write_bytes(png_header(depth, colour, channels))
    picture = read_picture(tmp_path / "picture.png")
    assert picture.bits == depth * channels
    assert len(picture.notes) == len(notes)
    assert all(word in note for word, note in zip(notes, picture.notes, strict=True))


@pytest.mark.parametrize(("kind", "bits"), [("GIF", 2), ("BMP", 8)])
def test_an_index_has_the_bits_of_its_own_palette(kind: str, bits: int, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(png(Image.fromarray(noisy()).quantize(3), format=kind))
    assert read_picture(tmp_path / "picture").bits == bits


def test_an_opaque_alpha_channel_is_not_called_transparent() -> None:
    (note,) = read_picture(Image.fromarray(noisy()).convert("RGBA")).notes
    assert note == "The alpha channel, which is opaque everywhere, was dropped."


def test_the_report_has_all_five_palettes() -> None:
    from reports.commands.report import IMAGE_COLOURS

    assert IMAGE_COLOURS == (2, 5, 10, 20, 30)


def test_the_versions_and_the_doubt_are_drawn_onto_axes(compression: Compression) -> None:
    with pyplot.rc_context({"backend": "agg"}):
        figure, (left, middle, right) = pyplot.subplots(1, 3)
        assert compression.plot(ax=left) is left
        assert compression.plot(3, ax=middle) is middle
        assert compression.plot_doubt(ax=right) is right
        assert middle.get_title().startswith("3 colours")
        np.testing.assert_array_equal(np.asarray(left.images[0].get_array()), compression.picture.pixels)
        with pytest.raises(ValueError, match="components must be one of 1, 3, 16, got 4"):
            compression.plot(4)
        with pytest.raises(ValueError, match="no posterior was sampled"):
            replace(compression, posterior=None).plot_doubt()
        pyplot.close(figure)
