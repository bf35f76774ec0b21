"""A picture file -> a small RGB picture, whatever the file is, in bounded time and memory.

The size is read from the header before anything is decoded. Only formats that Pillow reads by
itself are tried: none that starts another program.
"""

from __future__ import annotations

import stat
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate.errors import FileError
from bandmate.system.files import open_plain

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MOST_PIXELS = 40_000_000
"""Of a picture that must be decoded whole."""

MOST_JPEG_PIXELS = 120_000_000
"""Of a plain JPEG, which is decoded at an eighth of its size."""

MOST_BYTES = 200_000_000
SMALL = 512
"""Pixels of the longer side of what is returned, at most."""


def read_picture(path: Path) -> tuple[Image, tuple[str, ...]]:
    """Return the picture of a file, at most SMALL x SMALL, and what is worth telling of it.

    Turned as its EXIF says; transparent parts are white; the first picture of an animation. Raises
    FileError in a sentence.
    """
    _check_file(path)
    import PIL.Image

    # The limits above replace Pillow's own, which would warn before they are reached.
    PIL.Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_plain(path) as file, PIL.Image.open(file, formats=FORMATS) as opened:
                _check_size(path, opened)
                is_moving = bool(getattr(opened, "is_animated", False))
                small = _small(opened)
    except FileError:
        raise
    except PIL.UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise FileError(f"{path} is not a picture that can be read ({known})") from error
    except MemoryError as error:
        raise FileError(f"{path} needs more memory than there is") from error
    except Exception as error:
        # A damaged file raises anything, from SyntaxError to struct.error.
        why = " ".join(str(error).split()) or type(error).__name__
        raise FileError(f"{path} is damaged and cannot be read: {why[:80]}") from error
    return small, ("only the first picture of the animation was read",) if is_moving else ()


def _check_file(path: Path) -> None:
    """Raise FileError for what is not a file: a folder, a device and a pipe are never opened."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{path} cannot be read: {why}") from error
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path} is not a file")
    if not 0 < found.st_size <= MOST_BYTES:
        raise FileError(f"{path} must hold 1..{MOST_BYTES} bytes, not {found.st_size}")


def _check_size(path: Path, opened: Image) -> None:
    is_plain_jpeg = opened.format == "JPEG" and not opened.info.get("progressive")
    most = MOST_JPEG_PIXELS if is_plain_jpeg else MOST_PIXELS
    width, height = opened.size
    if not 0 < width * height <= most:
        raise FileError(
            f"{path} must have at most {most // 1_000_000} million pixels, "
            f"not {width} x {height} ({width * height / 1e6:.0f} million)"
        )


def _small(opened: Image) -> Image:
    """Return a picture decoded, made small, turned upright and in RGB."""
    from PIL import ImageOps

    opened.draft("RGB", (SMALL, SMALL))
    opened.load()
    picture = _eight_bit(opened) if opened.mode[0] in "IF" else opened
    if picture.mode == "P" or picture.has_transparency_data:
        picture = picture.convert("RGBA")
    picture.thumbnail((SMALL, SMALL), reducing_gap=2)
    picture = ImageOps.exif_transpose(picture)
    return _on_white(picture) if picture.mode in ("RGBA", "LA", "RGBa") else picture.convert("RGB")


def _eight_bit(opened: Image) -> Image:
    """Return a grey picture of 16 or 32 bits in 8: Pillow alone would cut all above 255 off."""
    import numpy as np
    import PIL.Image

    opened.thumbnail((SMALL, SMALL), PIL.Image.Resampling.NEAREST)
    grey = np.nan_to_num(np.asarray(opened, np.float32))
    top = 65535.0 if opened.mode.startswith("I") and grey.max() > 255 else max(1.0, grey.max())
    return PIL.Image.fromarray((np.clip(grey / top, 0, 1) * 255).astype(np.uint8))


def _on_white(picture: Image) -> Image:
    import PIL.Image

    clear = picture.convert("RGBA")
    white = PIL.Image.new("RGBA", clear.size, "white")
    return PIL.Image.alpha_composite(white, clear).convert("RGB")
