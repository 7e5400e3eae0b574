"""What becomes of a picture: upright, in sRGB, nameless; and what is refused before it is opened."""

import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import ExifTags, Image

from services.pictures.rendering import COVER_SIZES, PIXELS_LIMIT, BrokenPicture, _reduced, render_cover
from tests.pictures.canvas import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    chunk,
    corners,
    gif_frame_beyond_its_screen,
    png,
    saved,
    tiff_with_a_giant_tile,
    wide_gamut_profile,
)


def drawn(data):
    with Image.open(BytesIO(render_cover(data).sizes[1200])) as picture:
        picture.load()
        return picture


def colours(picture):
    """The colours of the four corners, rounded to none or all of each primary."""
    width, height = picture.size
    places = [(x, y) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]
    return [tuple(255 * (value > 127) for value in picture.getpixel(place)) for place in places]


BOMB = zlib.compress(b"a" * 50_000_000, 1)
SEEN = [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize(
    "data",
    [
        saved(corners(), "JPEG", quality=95, subsampling=0),
        saved(corners(), "JPEG", quality=95, progressive=True),
        saved(corners(), "PNG"),
        saved(corners().quantize(8), "PNG"),
        saved(corners().convert("RGBA"), "PNG"),
        saved(corners(), "WEBP", lossless=True),
        saved(corners(), "GIF"),
        saved(corners(), "BMP"),
        saved(corners(), "TIFF"),
        saved(corners(), "TIFF", compression="tiff_lzw"),
        saved(corners(), "AVIF", quality=90),
        saved(corners().convert("CMYK"), "JPEG", quality=95),
        saved(corners().convert("CMYK"), "TIFF"),
    ],
)
def test_every_kind_and_mode_shows_the_same_colours(data):
    picture = drawn(data)
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (64, 64))
    assert colours(picture) == SEEN


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_are_brought_down_and_not_cut_off(format):
    ramp = Image.new("I;16", (64, 64))
    ramp.putdata([65535 * (n % 64) // 63 for n in range(64 * 64)])
    picture = drawn(saved(ramp, format)).convert("L")
    assert [abs(picture.getpixel((x, 32)) - round(255 * x / 63)) <= 6 for x in (0, 16, 32, 48, 63)] == [True] * 5


def test_bits_and_greys_and_clearness_become_white_paper():
    assert drawn(saved(Image.new("1", (8, 8), 1), "PNG")).getpixel((4, 4)) == WHITE
    clear = Image.new("LA", (8, 8), (0, 0))
    assert drawn(saved(clear, "PNG")).getpixel((4, 4)) == WHITE
    palette = corners().quantize(8)
    keyed = drawn(saved(palette, "GIF", transparency=palette.getpixel((0, 0))))
    assert colours(keyed) == [WHITE, GREEN, BLUE, WHITE]


@pytest.mark.parametrize(
    ("orientation", "seen"),
    [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ],
)
def test_a_picture_stands_upright_as_its_camera_held_it(orientation, seen):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    assert colours(drawn(saved(corners(), "JPEG", quality=95, exif=exif))) == seen


def test_nothing_tells_where_and_by_whom_it_was_taken():
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ann Nonymous"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    data = saved(corners(), "JPEG", exif=exif, comment=b"my kitchen", xmp=b"<x>Ann Nonymous</x>")
    assert b"Ann Nonymous" in data
    assert b"my kitchen" in data
    sizes = render_cover(data).sizes
    for size in COVER_SIZES:
        kept = sizes[size]
        assert b"Ann" not in kept
        assert b"kitchen" not in kept
        with Image.open(BytesIO(kept)) as picture:
            assert dict(picture.getexif()) == {}
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_colours_are_brought_to_srgb_by_the_pictures_own_profile():
    told = saved(corners(), "PNG", icc_profile=wide_gamut_profile())
    assert colours(drawn(told)) == [BLUE, GREEN, RED, WHITE]
    assert colours(drawn(saved(corners(), "PNG", icc_profile=b"no profile at all"))) == SEEN


def test_of_what_moves_the_first_frame_is_kept():
    frames = [corners(), Image.new("RGB", (64, 64), "black")]
    for format in ("GIF", "WEBP", "PNG", "TIFF"):
        data = saved(frames[0], format, save_all=True, append_images=frames[1:])
        assert colours(drawn(data)) == SEEN, format


BOMBS = {
    "PNG header": png(60_000, 60_000, rows=b"\x00" * 1000),
    "PNG just over": png(PIXELS_LIMIT // 1000 + 1, 1000),
    "GIF frame": gif_frame_beyond_its_screen(),
    "TIFF tile": tiff_with_a_giant_tile(),
    "JPEG scans": saved(corners(), "JPEG", progressive=True) + b"\xff\xda" * 65,
    "BMP header": saved(corners(), "BMP")[:18] + (60_000).to_bytes(4, "little") * 2 + b"\x01\x00\x18\x00" + bytes(64),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_is_opened(name):
    tracemalloc.start()
    try:
        with pytest.raises(BrokenPicture) as refusal:
            render_cover(BOMBS[name])
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert refusal.value.reason in (
        "the picture has too many pixels to open",
        "the picture has too many scans to open",
    )


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"zTXt", b"note\x00\x00" + BOMB),
        chunk(b"iTXt", b"note\x00\x01\x00\x00\x00" + BOMB),
        chunk(b"iCCP", b"note\x00\x00" + BOMB),
    ],
)
def test_packed_text_that_swells_is_not_unpacked(text):
    tracemalloc.start()
    try:
        with pytest.raises(BrokenPicture, match="damaged"):
            render_cover(png(4, 4, text, rows=b"\x00" * 20))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"<?xml version='1.0'?><svg/>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"\x00" * 4000,
        b"GIF89a",
        saved(corners(), "ICO"),
        saved(corners(), "PPM"),
    ],
)
def test_what_is_no_picture_of_a_known_kind_is_refused(data):
    with pytest.raises(BrokenPicture) as refusal:
        render_cover(data)
    assert refusal.value.reason in ("this is no picture of a known kind", "the picture is damaged")


def test_a_picture_cut_off_anywhere_is_refused_or_drawn_whole():
    for whole in (saved(corners(), "PNG"), saved(corners(), "JPEG"), saved(corners(), "WEBP")):
        for length in range(0, len(whole) - 1, 37):
            try:
                picture = drawn(whole[:length])
            except BrokenPicture:
                continue
            assert colours(picture) == SEEN


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_large_clear_picture_made_smaller_by_strips_is_as_made_at_once(mode):
    picture = Image.effect_noise((5003, 4001), 90).convert(mode)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    assert _reduced(picture).tobytes() == picture.reduce(2).tobytes()
