"""The Image Pixel attributes (PS3.3 C.7.6.3) checked against the pixels that are there.

What is missing is completed with a note; what cannot be true is refused with declared against present,
before a single byte is allocated for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.dicom.bit_cells import WHOLE_CELLS, container_bits
from core.dicom.code_stream import RLE_LOSSLESS
from core.dicom.fragments import Frames, frames_of
from core.dicom.gate import Refused, Survey, size_words

if TYPE_CHECKING:
    from core.dicom.tags import Attributes

IMAGE_PIXEL_KEYWORDS = (
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated"),
    *("BitsStored", "HighBit", "PixelRepresentation", "PlanarConfiguration", "ExtendedOffsetTable"),
)
_MAX_FRAME_BYTES = 2**30
# A blank frame compresses a thousandfold, so small frames may claim any ratio: the decoding process has
# its own limits. Above that size the ratio must be believable.
_FRAME_BYTES_WITHOUT_RATIO = 64 * 2**20
_MAX_RATIO = 2_000
_MAX_RLE_RATIO = 64  # PackBits: two bytes give at most 128
_COLOUR_OF_THREE = frozenset(
    {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_422", "YBR_PARTIAL_420"}
)


@dataclass(frozen=True, slots=True)
class PixelDescription:
    """The Image Pixel attributes (PS3.3 C.7.6.3), checked and completed; `frames` is what is present."""

    rows: int
    columns: int
    frames: int
    declared_frames: int
    samples_per_pixel: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    planar_configuration: int
    photometric_interpretation: str
    pixel_keyword: str

    @property
    def is_sub_sampled(self) -> bool:
        """Whether the header says that two pixels share their chrominance (native data alone)."""
        return self.photometric_interpretation in ("YBR_FULL_422", "YBR_PARTIAL_422")

    @property
    def frame_bits(self) -> int:
        """Bits of one uncompressed frame as stored (YBR_FULL_422 is sub-sampled only when native)."""
        return self.rows * self.columns * self.samples_per_pixel * self.bits_allocated


def describe(attributes: Attributes, found: Survey) -> PixelDescription:
    """The checked description of the pixels: what is missing is completed with a note, lies are refused.

    Raises `Refused` if the declared pixels cannot be there: for native data each opened frame must be
    whole; a file with fewer frames than declared is admitted with those that are there, and a note.
    """
    name = found.name
    rows, columns = attributes.integer("Rows"), attributes.integer("Columns")
    if rows is None or columns is None:
        missing = " and ".join(
            word for word, value in (("rows", rows), ("columns", columns)) if value is None
        )
        raise Refused(name, f"the header does not say how many {missing} the image has.")
    if not (0 < rows <= 65_535 and 0 < columns <= 65_535):
        raise Refused(name, f"the header declares {rows} × {columns} pixels, which is no image size.")
    samples = attributes.integer("SamplesPerPixel")
    photometric = attributes.code("PhotometricInterpretation")
    if samples is None:
        samples = 3 if photometric in _COLOUR_OF_THREE else 1
        attributes.note(f"Samples Per Pixel is missing; {samples} is assumed.")
    if samples not in (1, 3):
        raise Refused(name, f"the header declares {samples} samples per pixel; only 1 and 3 can be shown.")
    if not photometric:
        photometric = "RGB" if samples == 3 else "MONOCHROME2"
        attributes.note(f"Photometric Interpretation is missing; {photometric} is assumed.")
    bits_allocated, bits_stored, high_bit = _bits(attributes, found)
    declared = attributes.integer("NumberOfFrames")
    if declared is not None and declared < 1:
        attributes.note(f"Number Of Frames is {declared}; 1 is assumed.")
    declared = max(declared or 1, 1)
    representation = attributes.integer("PixelRepresentation")
    if representation not in (0, 1):
        if found.pixel_keyword == "PixelData":
            attributes.note("Pixel Representation is missing or invalid; unsigned values are assumed.")
        representation = 0
    description = PixelDescription(
        rows=rows,
        columns=columns,
        frames=declared,
        declared_frames=declared,
        samples_per_pixel=samples,
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=high_bit,
        pixel_representation=representation,
        planar_configuration=1 if samples == 3 and attributes.integer("PlanarConfiguration") == 1 else 0,
        photometric_interpretation=photometric,
        pixel_keyword=found.pixel_keyword,
    )
    if bits_allocated not in WHOLE_CELLS:
        description = _with_fitting_cells(description, found)
    return _with_present_frames(description, found, attributes)


def _bits(attributes: Attributes, found: Survey) -> tuple[int, int, int]:
    """Bits Allocated, Bits Stored and High Bit that fit each other."""
    allocated = attributes.integer("BitsAllocated")
    if found.pixel_keyword != "PixelData":
        wanted = 32 if found.pixel_keyword == "FloatPixelData" else 64
        if allocated not in (None, wanted):
            attributes.note(f"Bits Allocated is {allocated}; {found.pixel_keyword} has {wanted}.")
        return wanted, wanted, wanted - 1
    if allocated is None:
        raise Refused(found.name, "the header does not say how many bits a sample has.")
    if not 1 <= allocated <= 64:
        raise Refused(found.name, f"the header declares {allocated} bits per sample, which cannot be shown.")
    if allocated not in WHOLE_CELLS:
        attributes.note(f"Bits Allocated is {allocated}, which the standard does not allow any more.")
    stored = attributes.integer("BitsStored")
    if stored is None or not 1 <= stored <= allocated:
        words = "missing" if stored is None else stored
        attributes.note(f"Bits Stored is {words}; all {allocated} allocated bits are used.")
        stored = allocated
    high = attributes.integer("HighBit")
    if high is None or not stored - 1 <= high < allocated:
        if high is not None:
            attributes.note(
                f"High Bit is {high}, which does not fit {stored} bits stored; {stored - 1} is used."
            )
        high = stored - 1
    return allocated, stored, high


def _with_fitting_cells(pixels: PixelDescription, found: Survey) -> PixelDescription:
    """Odd Bits Allocated as the pixel data shows them: samples packed, or each in a word of its own.

    Raises `Refused` where the size of the pixel data fits neither.
    """
    whole = replace(pixels, bits_allocated=container_bits(pixels.bits_allocated))
    if found.is_encapsulated:  # a code stream has its own precision
        return whole
    packed_bytes, whole_bytes = (
        math.ceil(one.frame_bits * one.declared_frames / 8) for one in (pixels, whole)
    )
    if found.pixel_bytes <= packed_bytes + 2:
        return pixels
    if whole_bytes <= found.pixel_bytes <= whole_bytes + 2:
        return whole
    raise Refused(
        found.name,
        f"the header declares {pixels.bits_allocated} bits per sample, {size_words(packed_bytes)} of pixels; "
        f"{size_words(found.pixel_bytes)} are present.",
    )


def _with_present_frames(pixels: PixelDescription, found: Survey, attributes: Attributes) -> PixelDescription:
    """The description with the number of frames that are really there; refuses if that is none."""
    frame_bytes = math.ceil(pixels.frame_bits / 8)
    if frame_bytes > _MAX_FRAME_BYTES:
        raise Refused(
            found.name,
            f"the header declares {pixels.rows} × {pixels.columns} pixels ({size_words(frame_bytes)} a "
            f"frame); {size_words(found.pixel_bytes)} of pixel data are present.",
        )
    if found.is_encapsulated:
        _check_ratio(pixels, found, frame_bytes)
        frames = compressed_frames(attributes, found, pixels)
        for note in frames.notes:
            attributes.note(note)
        present = _present(pixels, found, frames)
    else:
        present = _native_frames(pixels, found)
        if found.ends_early and present >= pixels.declared_frames:
            attributes.note("The length of the pixel data is overstated; all declared pixels are present.")
    declared = pixels.declared_frames
    if present < declared:
        attributes.note(f"{present} of {declared} declared frames are present.")
    return replace(pixels, frames=min(present, declared))


def _native_frames(pixels: PixelDescription, found: Survey) -> int:
    """Whole frames among the bytes that are present."""
    bits = pixels.frame_bits
    if pixels.is_sub_sampled and not is_unfolded(pixels, found):
        bits = bits // 3 * 2
    elif pixels.photometric_interpretation == "YBR_PARTIAL_420":
        bits = bits // 2
    whole = found.pixel_bytes * 8 // bits
    if whole == 0:
        needed = math.ceil(bits * pixels.declared_frames / 8)
        word = "truncated: " if found.ends_early else ""
        raise Refused(
            found.name,
            f"{word}the header declares {size_words(needed)} of pixels, "
            f"{size_words(found.pixel_bytes)} are present.",
            "Copy or fetch the file again.",
        )
    return whole


def is_unfolded(pixels: PixelDescription, found: Survey) -> bool:
    """Whether native YBR that declares shared chrominance has it for each pixel, as some writers do."""
    return found.pixel_bytes * 8 >= pixels.frame_bits * pixels.declared_frames


def compressed_frames(attributes: Attributes, found: Survey, pixels: PixelDescription) -> Frames:
    """Which fragments of the file make which frame; frames that break off are not among them."""
    return frames_of(found.fragments, pixels.declared_frames, attributes.raw("ExtendedOffsetTable"))


def _check_ratio(pixels: PixelDescription, found: Survey, frame_bytes: int) -> None:
    """Refuse more pixels than so many compressed bytes can hold."""
    rle = found.transfer_syntax_uid == RLE_LOSSLESS
    ratio = frame_bytes / max(found.pixel_bytes, 1)
    believable = ratio <= (_MAX_RLE_RATIO if rle else _MAX_RATIO)
    if not believable and (rle or frame_bytes > _FRAME_BYTES_WITHOUT_RATIO):
        raise Refused(
            found.name,
            f"the header declares {size_words(frame_bytes)} a frame, "
            f"{size_words(found.pixel_bytes)} of compressed pixels are present.",
        )


def _present(pixels: PixelDescription, found: Survey, frames: Frames) -> int:
    """Compressed frames that are whole; refuses if there is none."""
    if len(found.fragments) == 0:
        raise Refused(
            found.name,
            f"truncated: no whole compressed frame among {size_words(found.pixel_bytes)} of pixel data.",
            "Copy or fetch the file again.",
        )
    if len(frames.starts) == 0:
        word = "image" if pixels.declared_frames == 1 else "first frame"
        raise Refused(
            found.name,
            f"truncated: the compressed {word} breaks off after {size_words(found.pixel_bytes)}.",
            "Copy or fetch the file again.",
        )
    return len(frames.starts)
