"""PNG and JPEG picture files, as they come from teaching files and training folders.

They carry no patient, no units and no millimetres, and say so. Grey values are kept exactly, 8 or 16 bit.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from core.dicom.code_stream import JPEG_BASELINE, read_code_stream
from core.dicom.colour_profile import to_srgb
from core.dicom.gate import Refused, open_regular
from core.imaging.frame import Frame, FrameSource

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_FORMATS = ("PNG", "JPEG")
_HEAD_BYTES = 2**16  # a JPEG says its kind before its pixels
# 8,000 × 8,000: four times the largest detector. Pillow itself warns from 89 million on.
_MAX_PIXELS = 64_000_000
# What Pillow raises for damaged pictures.
_PICTURE_ERRORS = (
    OSError,  # includes UnidentifiedImageError and truncated data
    ValueError,
    SyntaxError,  # broken PNG chunks
    EOFError,
    IndexError,
    TypeError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class RasterHeader:
    """Size of a picture as it will be shown, and whether its file says colour."""

    rows: int
    columns: int
    is_colour: bool


def is_raster(path: Path) -> bool:
    """Whether the file begins as a PNG or JPEG, whatever its name; raises `OSError` if it cannot be read."""
    with open_regular(path) as stream:
        return begins_as_raster(stream)


def begins_as_raster(stream: BinaryIO) -> bool:
    """The same of a file that is open at its start."""
    return stream.read(8).startswith(_MAGIC)


def raster_header(path: Path) -> RasterHeader:
    """Size and kind of a picture, without its pixels; raises `Refused`."""
    with _opened(path) as image:
        columns, rows = image.size
        if _exif_orientation(image) >= 5:
            rows, columns = columns, rows
        return RasterHeader(rows, columns, image.mode not in ("1", "L", "LA", "I;16", "I", "F"))


def raster_fields(path: Path) -> tuple[tuple[str, str], ...]:
    """What the header of a picture says, as names and texts as they are written; raises `Refused`.

    The texts may hold anything: whoever shows them makes them harmless. Pixels are not decoded.
    """
    with _opened(path) as image:
        fields = [("Format", image.format or ""), ("Columns", str(image.width)), ("Rows", str(image.height))]
        fields.append(("Mode", f"{image.mode} ({', '.join(image.getbands())})"))
        for name, value in image.info.items():
            if name != "exif":
                held = f"{len(value):,} bytes" if isinstance(value, bytes) else str(value)
                fields.append((str(name), held))
        try:
            exif = dict(image.getexif())
        except _PICTURE_ERRORS as error:
            fields.append(("EXIF", f"damaged ({type(error).__name__})"))
            exif = {}
        for tag, value in exif.items():
            held = f"{len(value):,} bytes" if isinstance(value, bytes) else str(value)
            fields.append((f"EXIF {ExifTags.TAGS.get(tag, f'{tag:#06x}')}", held))
    return tuple(fields)


def read_raster(path: Path, frame_index: int = 0) -> Frame:
    """Frame of a picture file: MONOCHROME2 if it is grey in fact, else RGB; raises `Refused`."""
    if frame_index != 0:
        raise Refused(path.name, f"a picture has one frame; frame {frame_index + 1} was asked for.")
    notes = ["A picture file, not DICOM: no patient, no units, no millimetres."]
    with _opened(path) as image:
        try:
            orientation = _exif_orientation(image)
            if orientation > 1:
                notes.append(f"Turned as its EXIF orientation {orientation} says.")
                turned = ImageOps.exif_transpose(image)
            else:
                turned = image
            stored = _stored_values(turned, notes)
            if stored.ndim == 3:
                profile = image.info.get("icc_profile")
                stored = to_srgb(stored.astype(np.uint8, copy=False), profile, notes.append)
        except _PICTURE_ERRORS as error:
            raise Refused(
                path.name, "the picture is truncated or damaged.", "Copy the file again."
            ) from error
        lossy = image.format != "PNG"  # also the JPEG of telephones, which Pillow calls MPO
        if stored.dtype == np.uint8 and not lossy and _png_bits(path) == 16:
            notes.append("Of 16 bits a sample the upper 8 are shown.")
    return Frame(
        stored=stored,
        photometric_interpretation="MONOCHROME2" if stored.ndim == 2 else "RGB",
        bits_stored=16 if stored.dtype == np.uint16 else 8,
        source=FrameSource(path=str(path), lossy=lossy, is_dicom=False),
        notes=tuple(notes),
    )


def _opened(path: Path) -> Image.Image:
    """The picture with its header read and its size checked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(path, formats=_FORMATS)
    except (UnidentifiedImageError, *_PICTURE_ERRORS) as error:
        if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
            raise Refused(path.name, f"the picture is larger than {_MAX_PIXELS:,} pixels.") from error
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _unreadable(path) from error
    columns, rows = image.size
    if rows * columns > _MAX_PIXELS:
        image.close()
        raise Refused(path.name, f"the picture has {rows:,} × {columns:,} pixels, more than {_MAX_PIXELS:,}.")
    return image


def _unreadable(path: Path) -> Refused:
    """Why a picture does not open: damaged, or a JPEG of a kind that picture readers do not know."""
    with open_regular(path) as stream:
        found = read_code_stream(stream.read(_HEAD_BYTES), JPEG_BASELINE)
    if found is not None and (found.precision != 8 or found.is_jpeg_lossless or found.is_jpeg_ls):
        kind = "lossless JPEG" if found.is_jpeg_lossless else "JPEG-LS" if found.is_jpeg_ls else "JPEG"
        return Refused(
            path.name,
            f"a picture as {kind} of {found.precision} bits cannot be shown.",
            "Save it as PNG, or bring the DICOM file.",
        )
    return Refused(path.name, "the picture is truncated or damaged.", "Copy the file again.")


def _png_bits(path: Path) -> int:
    """Bits a sample as the header of a PNG says (its IHDR chunk comes first)."""
    with open_regular(path) as stream:
        head = stream.read(26)
    return head[24] if len(head) == 26 and head.startswith(_MAGIC[0]) else 0


def _exif_orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 if there is none or it is damaged."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _PICTURE_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _stored_values(image: Image.Image, notes: list[str]) -> NDArray[np.generic]:
    """Values as stored: exact grey of 8 or 16 bit, or RGB; colour that is grey in fact becomes grey."""
    if image.mode in ("I;16", "I;16B", "I;16L"):
        return np.array(image, dtype=np.uint16)
    if image.mode == "I":  # how some versions open 16-bit PNG
        values = np.asarray(image)
        return np.asarray(np.clip(values, 0, 65_535), dtype=np.uint16)
    if image.mode == "L":
        return np.array(image)
    if image.mode == "1":
        return np.array(image.convert("L"))
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        if np.asarray(image.getchannel("A")).min() < 255:
            notes.append("Transparent parts are shown black.")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image)
    colour = np.array(image.convert("RGB"))
    if np.array_equal(colour[..., 0], colour[..., 1]) and np.array_equal(colour[..., 0], colour[..., 2]):
        grey: NDArray[np.generic] = np.ascontiguousarray(colour[..., 0])
        return grey
    return colour
