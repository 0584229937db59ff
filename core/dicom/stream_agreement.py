"""Where a code stream and the header around it disagree: which of the two is believed, and what is said.

A code stream is made by the encoder that saw the pixels, the header often by another program. So the stream
is believed about its own kind, precision and sign; the header about bits that only it knows of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from core.dicom.code_stream import JPEG_2000, JPEG_LS, RLE_LOSSLESS, read_code_stream, sniffed_transfer_syntax
from core.dicom.codecs import decoding_syntax
from core.dicom.tags import uid_name

if TYPE_CHECKING:
    from core.dicom.image_pixel import PixelDescription
    from core.dicom.tags import Attributes

_UNCOMPRESSED = frozenset(
    {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"}
)


class Agreed(NamedTuple):
    """How decoded values are to be understood: their bits, and whether the header's mask applies."""

    pixels: PixelDescription
    masked: bool


def believed_syntax(data: bytes, syntax: str, attributes: Attributes) -> str:
    """The transfer syntax to decode a code stream by: the declared one, unless its bytes say another."""
    sniffed = sniffed_transfer_syntax(data)
    if syntax in _UNCOMPRESSED:
        attributes.note("The transfer syntax says uncompressed, the pixel data is compressed; it is decoded.")
        return sniffed or syntax
    if sniffed and _family(sniffed) != _family(syntax):
        attributes.note(
            f"The transfer syntax says {uid_name(syntax) or syntax}, the compressed pixels are "
            f"{_family(sniffed)}; they are decoded as that."
        )
        return sniffed
    return syntax


def agreed(data: bytes, syntax: str, pixels: PixelDescription, attributes: Attributes) -> Agreed:
    """The description of the values that a decoder gives for this code stream.

    JPEG 2000 and JPEG-LS decoders give values in the stream's own precision. They are signed if either of the
    two says so: an encoder that was given the bits of signed values cannot know. Of lossy JPEG the
    upper bits are pixels, whatever the header says; of lossless JPEG they may be overlays and garbage, which
    the header's bits mask, and a sign fills no more bits than the stream has.
    """
    like = decoding_syntax(syntax)
    stream = read_code_stream(data, like) if like != RLE_LOSSLESS else None
    if stream is None:
        return Agreed(pixels, masked=True)
    precise = like in JPEG_2000 or like in JPEG_LS
    if stream.is_signed and pixels.pixel_representation == 0:
        attributes.note(
            "The compressed pixels are signed, the header says unsigned; they are read as signed."
        )
        pixels = replace(pixels, pixel_representation=1)
    precision = stream.precision
    if precision > pixels.bits_stored and (precise or not stream.is_jpeg_lossless):
        attributes.note(
            f"The compressed pixels have {precision} bits a sample, the header says {pixels.bits_stored}; "
            f"all {precision} are used."
        )
    elif precision > pixels.high_bit:
        return Agreed(pixels, masked=not precise)
    else:
        precision = min(precision, pixels.bits_stored)
    return Agreed(replace(pixels, bits_stored=precision, high_bit=precision - 1), masked=not precise)


def _family(syntax: str) -> str:
    """Kind of code stream of a transfer syntax, in words."""
    like = decoding_syntax(syntax)
    if like in JPEG_2000:
        return "JPEG 2000"
    if like in JPEG_LS:
        return "JPEG-LS"
    return "RLE" if like == RLE_LOSSLESS else "JPEG" if like.startswith("1.2.840.10008.1.2.4.") else like
