"""Pictures: what they show and their colours, drawn here; every kind of bad file is a sentence."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bandmate.errors import FileError
from bandmate.paths import shipped
from bandmate.style.keywords import vocabulary

np = pytest.importorskip("numpy")
PIL: Any = pytest.importorskip("PIL.Image")
pytest.importorskip("onnxruntime")

from bandmate.inspire.image import pictures  # noqa: E402 - only where Pillow is there
from bandmate.inspire.image.pictures import read_picture  # noqa: E402
from bandmate.inspire.image.reader import (  # noqa: E402
    LIKELY,
    Images,
    as_input,
    colour_of,
    groups_of,
    words_of,
)
from bandmate.inspire.inspiration import Inspiration  # noqa: E402

IMAGES = Images.open(shipped("models"))
Rgb = tuple[int, int, int]


def plain(colour: Rgb, size: tuple[int, int] = (64, 48)) -> Any:
    return PIL.new("RGB", size, colour)


def saved(picture: Any, path: Path, **options: object) -> Path:
    picture.save(path, **options)
    return path


def names(found: Inspiration) -> list[str]:
    return [keyword.word for keyword in found.keywords]


COLOURS: list[tuple[Rgb, str, str]] = [
    ((255, 200, 120), "bright", "maj"),
    ((220, 120, 60), "warm", "maj"),
    ((8, 8, 20), "dark", "min"),
    ((8, 8, 20), "nocturnal", "min"),
    ((150, 190, 235), "icy", "maj"),
    ((230, 30, 200), "colourful", "maj"),
    ((80, 82, 84), "bleak", "min"),
    ((190, 190, 190), "hazy", "maj"),
]


@pytest.mark.parametrize(("colour", "word", "mode"), COLOURS)
def test_colours_are_words(tmp_path: Path, colour: Rgb, word: str, mode: str) -> None:
    found = IMAGES.read(saved(plain(colour), tmp_path / "a.png"))
    assert word in names(found)
    assert found.mode == mode


def test_what_is_measured_is_what_was_painted() -> None:
    grey, red, halves = plain((128, 128, 128)), plain((255, 0, 0)), plain((255, 255, 255))
    halves.paste((0, 0, 0), (0, 0, 32, 48))
    assert colour_of(grey).brightness == pytest.approx(128 / 255)
    assert (colour_of(grey).saturation, colour_of(grey).warmth) == pytest.approx((0, 0))
    assert (colour_of(red).saturation, colour_of(red).warmth) == pytest.approx((1, 1))
    assert (colour_of(halves).brightness, colour_of(halves).contrast) == pytest.approx((0.5, 0.5))
    assert words_of(colour_of(halves))[0].word == "dramatic"


def test_mood_of_colour_goes_as_it_was_found_to_go() -> None:
    light, dark = colour_of(plain((220, 200, 180))), colour_of(plain((50, 40, 30)))
    dull, deep = colour_of(plain((128, 120, 124))), colour_of(plain((220, 40, 40)))
    assert light.valence > 0 > dark.valence
    assert deep.energy > dull.energy
    assert all(-1 < mood < 1 for c in (light, dark, dull, deep) for mood in (c.valence, c.energy))


PHOTOGRAPHS = [("flower.jpg", "garden", "springlike"), ("china.jpg", "castle", "medieval")]


@pytest.mark.parametrize(("file", "group", "word"), PHOTOGRAPHS)
def test_photographs_are_named(file: str, group: str, word: str) -> None:
    samples = pytest.importorskip("sklearn.datasets")
    path = Path(samples.__file__).parent / "images" / file
    picture, _ = read_picture(path)
    assert IMAGES.likely(picture)[group] > LIKELY
    found = IMAGES.read(path)
    assert names(found)[0] == word
    assert 3 <= len(found.keywords) <= 8
    assert found == IMAGES.read(path)


def test_noise_is_named_by_its_colour_alone(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (300, 300, 3), np.uint8)
    path = saved(PIL.fromarray(noise), tmp_path / "noise.png")
    assert IMAGES.likely(read_picture(path)[0]) == {}
    assert 1 <= len(IMAGES.read(path).keywords) <= 8


def test_every_group_has_labels_of_its_own_and_words_of_the_vocabulary() -> None:
    groups = groups_of(shipped("models", "inspire", "labels.yaml"))
    labels = [label for own, _ in groups.values() for label in own]
    assert len(labels) == len(set(labels)) > 750
    assert set(labels) <= set(range(1000))
    assert {k.word for _, words in groups.values() for k in words} <= set(vocabulary())
    assert all(1 <= len(words) <= 4 for _, words in groups.values())


def test_the_network_sees_the_middle_square() -> None:
    wide = plain((0, 0, 0), (400, 100))
    wide.paste((255, 255, 255), (150, 0, 250, 100))
    seen = as_input(wide)
    assert seen.shape == (1, 3, 224, 224)
    assert seen.min() == pytest.approx(1.0)
    assert as_input(plain((127, 127, 127), (3, 900))).max() == pytest.approx(0)


# What a file may be, and the colour of its first pixel.


def upright(tmp_path: Path) -> Path:
    picture = plain((255, 255, 255), (40, 20))
    picture.paste((255, 0, 0), (0, 0, 20, 20))
    exif = PIL.Exif()
    exif[0x0112] = 6  # to be turned to the right: its left becomes its top
    return saved(picture, tmp_path / "a.png", exif=exif)


def deep(tmp_path: Path) -> Path:
    grey = np.full((20, 30), 65535, np.uint16)
    grey[:, 15:] = 32768
    return saved(PIL.fromarray(grey), tmp_path / "a.png")


def floating(tmp_path: Path) -> Path:
    return saved(PIL.fromarray(np.ones((9, 9), np.float32)), tmp_path / "a.tif")


def moving(tmp_path: Path) -> Path:
    frames = [plain((255, 0, 0)), plain((0, 0, 255))]
    return saved(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])


def clear(tmp_path: Path) -> Path:
    return saved(PIL.new("RGBA", (20, 20), (0, 0, 0, 0)), tmp_path / "a.webp", lossless=True)


def inked(tmp_path: Path) -> Path:
    return saved(PIL.new("CMYK", (20, 20), (0, 255, 255, 0)), tmp_path / "a.jpg", quality=100)


def listed(tmp_path: Path) -> Path:
    picture = PIL.new("P", (20, 20), 1)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    return saved(picture, tmp_path / "a.png")


def bits(tmp_path: Path) -> Path:
    return saved(PIL.new("1", (20, 20), 1), tmp_path / "a.bmp")


def thin(tmp_path: Path) -> Path:
    return saved(plain((255, 0, 0), (1, 60_000)), tmp_path / "a.png")


KINDS: list[tuple[Callable[[Path], Path], Rgb]] = [
    (upright, (255, 0, 0)),
    (deep, (255, 255, 255)),
    (floating, (255, 255, 255)),
    (moving, (255, 0, 0)),
    (clear, (255, 255, 255)),
    (inked, (255, 0, 0)),
    (listed, (255, 0, 0)),
    (bits, (255, 255, 255)),
    (thin, (255, 0, 0)),
]


@pytest.mark.parametrize(("kind", "colour"), KINDS, ids=lambda one: getattr(one, "__name__", ""))
def test_each_kind_of_picture_is_read(
    tmp_path: Path, kind: Callable[[Path], Path], colour: Rgb
) -> None:
    picture, notes = read_picture(kind(tmp_path))
    assert picture.mode == "RGB"
    assert max(picture.size) <= pictures.SMALL
    assert picture.getpixel((0, 0)) == pytest.approx(colour, abs=3)
    assert bool(notes) == (kind is moving)
    assert IMAGES.read(tmp_path / next(tmp_path.iterdir()).name).keywords


def test_a_picture_is_turned_as_it_says(tmp_path: Path) -> None:
    picture, _ = read_picture(upright(tmp_path))
    assert picture.size == (20, 40)
    assert picture.getpixel((10, 35)) == (255, 255, 255)


def test_sixteen_bits_keep_their_greys(tmp_path: Path) -> None:
    picture, _ = read_picture(deep(tmp_path))
    assert picture.getpixel((20, 10)) == pytest.approx((128, 128, 128), abs=2)


# What is no picture that can be read.


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a PNG of a size that its data need not have."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg(tmp_path: Path) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    return saved(PIL.fromarray(noise), tmp_path / "whole.jpg").read_bytes()


def bad_files(tmp_path: Path) -> dict[str, tuple[bytes, str]]:
    return {
        "text.jpg": (b"this is no picture", r"is not a picture that can be read \(JPEG, PNG, "),
        "postscript.eps": (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            "is not a picture",
        ),
        "cut.jpg": (jpeg(tmp_path)[:9000], "is damaged and cannot be read: "),
        "hollow.png": (png(100, 100, b"too little"), "is damaged and cannot be read: "),
        "huge.png": (png(20_000, 10_000), r"at most 40 million pixels, not 20000 x 10000 \(200 m"),
        "empty.png": (b"", r"must hold 1\.\.200000000 bytes, not 0"),
    }


@pytest.mark.parametrize(
    "name", ["text.jpg", "postscript.eps", "cut.jpg", "hollow.png", "huge.png", "empty.png"]
)
def test_a_bad_file_is_one_sentence(tmp_path: Path, name: str) -> None:
    data, words = bad_files(tmp_path)[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FileError, match=words) as told:
        IMAGES.read(path)
    assert str(told.value).startswith(str(path))
    assert "\n" not in str(told.value)


def test_a_huge_jpeg_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = jpeg(tmp_path)
    at = data.index(b"\xff\xc0") + 5
    path = tmp_path / "huge.jpg"
    path.write_bytes(data[:at] + struct.pack(">HH", 14_000, 14_300) + data[at + 4 :])
    with pytest.raises(FileError, match=r"at most 120 million pixels, not 14300 x 14000 \(200 m"):
        read_picture(path)


def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path, tmp_path / "pipe.png", Path(os.devnull), Path("/dev/zero")):
        with pytest.raises(FileError, match=rf"^{path} is not a file$"):
            read_picture(path)
    with pytest.raises(FileError, match=r"cannot be read: No such file or directory$"):
        read_picture(tmp_path / "gone.png")
    with pytest.raises(FileError, match="cannot be read: embedded null"):
        read_picture(Path("a\0b.png"))


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_read_or_told(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kind = ("whole.jpg", "a.png", "a.gif", "a.tif", "a.webp", "a.bmp")[seed % 6]
    picture = PIL.fromarray(rng.integers(0, 255, (40, 40, 3), np.uint8))
    data = bytearray(saved(picture, tmp_path / kind).read_bytes())
    for at in rng.integers(0, len(data), 12):
        data[at] = rng.integers(0, 256)
    (tmp_path / kind).write_bytes(data)
    try:
        assert read_picture(tmp_path / kind)[0].mode == "RGB"
    except FileError as error:
        assert str(error).startswith(str(tmp_path / kind))
