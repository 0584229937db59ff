"""Pixels: `read_frame` gives one frame of a file with all that is needed to show, measure and analyze it.

The only road from a file to pixels. pydicom reads them, one frame at a time, so that a clip of a
thousand frames never lies in memory. Native pixels are read here, compressed ones in the decoding
process. What was odd or assumed is in the frame's notes; what cannot be shown honestly is refused.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from core.dicom.bit_cells import WHOLE_CELLS, read_cells
from core.dicom.colour import to_rgb
from core.dicom.colour_profile import COLOUR_PROFILE_KEYWORDS, colour_profile, to_srgb
from core.dicom.decoding import decode
from core.dicom.directions import DIRECTION_KEYWORDS, patient_directions
from core.dicom.fragments import frame_bytes
from core.dicom.gate import (
    DEFLATED_LITTLE,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    Refused,
    Survey,
    open_admitted,
    open_regular,
)
from core.dicom.grey_scale import GREY_SCALE_KEYWORDS, functional_groups, grey_scale
from core.dicom.image_pixel import (
    IMAGE_PIXEL_KEYWORDS,
    PixelDescription,
    compressed_frames,
    describe,
    is_unfolded,
)
from core.dicom.lookalikes import read_lookalike, remember
from core.dicom.overlays import OVERLAY_TAGS, overlays
from core.dicom.palette import PALETTE_KEYWORDS, palette_to_rgb
from core.dicom.raster import is_raster, read_raster
from core.dicom.real_world import REAL_WORLD_KEYWORDS, real_world_mappings
from core.dicom.shutters import SHUTTER_KEYWORDS, display_shutter
from core.dicom.spacing import SPACING_KEYWORDS, pixel_spacing
from core.dicom.stream_agreement import agreed, believed_syntax
from core.dicom.tags import READING_ERRORS, Attributes, quiet_pydicom, read_attributes
from core.dicom.uptake import UPTAKE_KEYWORDS, UPTAKE_TAGS, uptake
from core.imaging.frame import Frame, FrameSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.dicom.index import Instance

_KEYWORDS: tuple[str | int, ...] = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"),
    *("BodyPartExamined", "ViewPosition", "ImageLaterality", "Laterality"),
    *DIRECTION_KEYWORDS,
    *(
        "PatientID",
        "PatientAge",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "ContentDate",
        "AcquisitionDate",
    ),
    *("LossyImageCompression", "BurnedInAnnotation"),
    *IMAGE_PIXEL_KEYWORDS,
    *GREY_SCALE_KEYWORDS,
    *SPACING_KEYWORDS,
    *PALETTE_KEYWORDS,
    *COLOUR_PROFILE_KEYWORDS,
    *SHUTTER_KEYWORDS,
    *REAL_WORLD_KEYWORDS,
    *OVERLAY_TAGS,
)
_PET_KEYWORDS = (*_KEYWORDS, *UPTAKE_KEYWORDS, *UPTAKE_TAGS)
_ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
_DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
LOSSY_SYNTAXES = frozenset(
    f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 52, 53, 54, 55, 56, 81, 91, 93, 203)
)


class StoredValues(NamedTuple):
    """Stored values of one frame before any colour is converted, and how they are to be understood.

    `pixels`: the header's description, corrected by what the code stream says of itself.
    """

    values: NDArray[np.generic]
    photometric_interpretation: str
    pixels: PixelDescription


def read_frame(source: Instance | Path | str, frame_index: int = 0) -> Frame:
    """One frame of a DICOM, PNG or JPEG file; `frame_index` counts from 0.

    Grey values are the stored ones, exactly (masked and sign-extended to Bits Stored and High Bit); colour
    is RGB. Raises `UnreadableFile` or `MissingDecoder`, each naming the file. Safe in any thread.
    """
    path = _path_of(source)
    try:
        alike = read_lookalike(path) if frame_index == 0 else None
        if alike is not None:
            return alike
        if is_raster(path):
            return read_raster(path, frame_index)
        with quiet_pydicom():  # once for all its values
            stream, found, attributes = _opened(path)
            with stream:
                return _dicom_frame(path, stream, attributes, found, frame_index)
    except Refused as refusal:
        raise _named_to_the_reader(refusal, source) from refusal
    except OSError as error:
        raise _unopened(path, error) from error
    except READING_ERRORS as error:
        raise Refused(path.name, f"the file is damaged ({type(error).__name__}: {error}).") from error


def _named_to_the_reader(refusal: Refused, source: Instance | Path | str) -> Refused:
    """The same refusal under the name that a file has in its archive, instead of the number it lies under."""
    if isinstance(source, str | Path) or not source.origin or refusal.name != source.path.name:
        return refusal
    return type(refusal)(source.named_path.name, refusal.reason, refusal.hint)


def stored_values(source: Instance | Path | str, frame_index: int = 0) -> StoredValues:
    """Stored values of one DICOM frame as they are in the file: YBR stays YBR, a palette stays indices.

    For checks against other decoders; to show or measure, use `read_frame`.
    """
    path = _path_of(source)
    try:
        stream, found, attributes = _opened(path)
        with stream:
            pixels = _described(attributes, found, frame_index)
            return _stored_values(stream, attributes, found, pixels, frame_index)
    except OSError as error:
        raise _unopened(path, error) from error


def mask_to_stored(
    values: NDArray[np.generic], bits_stored: int, high_bit: int, *, signed: bool
) -> NDArray[np.generic]:
    """Values of Bits Stored up to High Bit, sign-extended if signed; whatever lies in other bits is dropped.

    PS3.5 8.1.1: unused bits may hold anything (overlays of old files, garbage). Shift left until High Bit
    is on top, then right until Bits Stored remain: the right shift of a signed type extends the sign.
    """
    if values.dtype.kind not in "iu":
        return values
    allocated = 8 * values.dtype.itemsize
    left, right = allocated - 1 - high_bit, allocated - bits_stored
    if left <= 0 and right <= 0:
        return values
    shifted = values.astype(f"{'i' if signed else 'u'}{values.dtype.itemsize}", copy=True)
    np.left_shift(shifted, left, out=shifted)
    np.right_shift(shifted, right, out=shifted)
    return shifted


def _opened(path: Path) -> tuple[BinaryIO, Survey, Attributes]:
    """The file open for its pixels, with its survey and its attributes (without notes yet)."""
    status = path.stat()
    found, attributes = _header(path, status.st_mtime_ns, status.st_size)
    if found.transfer_syntax_uid == DEFLATED_LITTLE:
        return open_admitted(path).stream, found, attributes.afresh()
    return open_regular(path), found, attributes.afresh()


@lru_cache(maxsize=4)
def _header(path: Path, _modified_ns: int, _size: int) -> tuple[Survey, Attributes]:
    """Header of an unchanged file: read once for all frames of a clip.

    The functional groups of a long enhanced object take longer to read than its frames: over all frames of
    the real files at hand 7 s instead of 43 s (measured).
    """
    opened = open_admitted(path)
    with opened.stream as stream:
        return opened.survey, read_attributes(stream, _PET_KEYWORDS)


def _dicom_frame(
    path: Path, stream: BinaryIO, attributes: Attributes, found: Survey, frame_index: int
) -> Frame:
    """The story of a DICOM frame: description, stored values, colour, grey scale, spacing, source."""
    for note in found.notes:
        attributes.note(note)
    pixels = _described(attributes, found, frame_index)
    values, photometric, pixels = _stored_values(stream, attributes, found, pixels, frame_index)
    if pixels.pixel_representation == 1 and values.dtype.kind == "u":
        signed = values.view(f"i{values.dtype.itemsize}")
        values = mask_to_stored(signed, pixels.bits_stored, pixels.high_bit, signed=True)
    if pixels.samples_per_pixel == 3:
        values, photometric = to_rgb(values, photometric, pixels, attributes), "RGB"
    elif photometric == "PALETTE COLOR":
        values, photometric = palette_to_rgb(values, attributes, pixels, path.name), "RGB"
    elif photometric not in ("MONOCHROME1", "MONOCHROME2"):
        attributes.note(f"Photometric Interpretation {photometric} is unknown; MONOCHROME2 is assumed.")
        photometric = "MONOCHROME2"
    if values.ndim == 3:
        values = to_srgb(values.astype(np.uint8, copy=False), colour_profile(attributes), attributes.note)
    groups = functional_groups(attributes, frame_index)
    grey = grey_scale(attributes, groups, pixels)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        attributes.note("Some pixels are no finite numbers.")
    spacing = pixel_spacing(attributes, groups.item("PixelMeasuresSequence"))
    words = partial(_whole_words, stream, attributes, found, pixels, frame_index)
    planes = overlays(attributes, frame_index, words)
    shutter = display_shutter(
        groups.item("FrameDisplayShutterSequence") or attributes, planes, spacing.aspect
    )
    if shutter is not None and shutter.bitmap is not None:
        planes = tuple(plane for plane in planes if plane is not shutter.bitmap)
    frame = Frame(
        stored=values,
        photometric_interpretation=photometric,
        bits_stored=8 if photometric == "RGB" else pixels.bits_stored,
        modality_transform=grey.modality_transform,
        windows=grey.windows,
        voi_tables=grey.voi_tables,
        inverse_presentation=grey.inverse_presentation,
        padding=grey.padding,
        overlays=planes,
        shutter=shutter,
        real_world=real_world_mappings(attributes, groups, signed=pixels.pixel_representation == 1),
        uptake=uptake(attributes),
        spacing=spacing,
        source=_frame_source(path, attributes, found, pixels, frame_index),
        notes=tuple(attributes.notes),
    )
    if not planes:  # those in bits of the pixels are of this file alone
        is_pet = frame.uptake is not None or frame.source.modality == "PT"
        remember(path, frame, found, pixels, _PET_KEYWORDS if is_pet else _KEYWORDS)
    return frame


def _described(attributes: Attributes, found: Survey, frame_index: int) -> PixelDescription:
    """The checked description of the pixels, if the file has the frame that was asked for."""
    if not found.pixel_keyword:
        rows, columns = attributes.integer("Rows"), attributes.integer("Columns")
        described = f": the header describes {rows} × {columns} pixels, but none are present"
        raise Refused(found.name, f"no image in it{described if rows and columns else ''}.")
    pixels = describe(attributes, found)
    if not 0 <= frame_index < pixels.frames:
        raise Refused(
            found.name,
            f"frame {frame_index + 1} was asked for; the last one is {pixels.frames}.",
        )
    return pixels


def _stored_values(
    stream: BinaryIO, attributes: Attributes, found: Survey, pixels: PixelDescription, frame_index: int
) -> StoredValues:
    """Stored values of one frame, masked where the header's bits apply."""
    if not found.is_encapsulated:
        return _native_values(stream, attributes, found, pixels, frame_index)
    data = _encoded_frame(stream, attributes, found, pixels, frame_index)
    syntax = found.transfer_syntax_uid
    if syntax in (_ENCAPSULATED_UNCOMPRESSED, _DEFLATED_FRAMES):
        return _frame_from_bytes(data, syntax, found, pixels)
    syntax = believed_syntax(data, syntax, attributes)
    decoded = decode(found.name, data, syntax, pixels)
    own, masked = agreed(data, syntax, pixels, attributes)
    values = _masked(decoded.values, own) if masked else decoded.values
    return StoredValues(values, decoded.photometric_interpretation, own)


def _whole_words(
    stream: BinaryIO, attributes: Attributes, found: Survey, pixels: PixelDescription, frame_index: int
) -> NDArray[np.generic] | None:
    """The words of a frame with what lies in their unused bits; None for colour."""
    if pixels.samples_per_pixel != 1 or pixels.bits_allocated not in (8, 16, 32):
        return None
    whole = replace(pixels, bits_stored=pixels.bits_allocated, high_bit=pixels.bits_allocated - 1)
    return _stored_values(stream, attributes, found, whole, frame_index).values


def _native_values(
    stream: BinaryIO, attributes: Attributes, found: Survey, pixels: PixelDescription, frame_index: int
) -> StoredValues:
    """One frame of uncompressed pixel data, read at its place."""
    photometric = pixels.photometric_interpretation
    if photometric == "YBR_PARTIAL_420":
        raise Refused(found.name, f"uncompressed {photometric} is retired and cannot be shown.")
    big_endian = found.transfer_syntax_uid == EXPLICIT_BIG
    stream.seek(found.pixel_offset)
    if pixels.bits_allocated not in WHOLE_CELLS:
        cells = _masked(_cells(stream, pixels, frame_index, big_endian), pixels)
        return StoredValues(cells, photometric, pixels)
    layout = photometric
    if pixels.is_sub_sampled:
        layout = "YBR_FULL_422"
        if is_unfolded(pixels, found):
            layout = photometric.removesuffix("_422")
            attributes.note(f"{photometric} is declared, but no sample is left out; read as {layout}.")
            photometric = photometric.replace("FULL_422", "FULL")
    syntax = EXPLICIT_BIG if big_endian else EXPLICIT_LITTLE
    values = _read_native(stream, syntax, found, pixels, layout, frame_index)
    return StoredValues(values, photometric, pixels)


def _cells(
    stream: BinaryIO, pixels: PixelDescription, frame_index: int, big_endian: bool
) -> NDArray[np.generic]:
    """One frame of samples that share bytes."""
    count = pixels.rows * pixels.columns * pixels.samples_per_pixel
    first_bit = frame_index * pixels.frame_bits
    cells = read_cells(stream, first_bit, count, pixels.bits_allocated, big_endian=big_endian)
    if pixels.samples_per_pixel == 1:
        return cells.reshape(pixels.rows, pixels.columns)
    if pixels.planar_configuration == 1:
        return np.moveaxis(cells.reshape(-1, pixels.rows, pixels.columns), 0, -1)
    return cells.reshape(pixels.rows, pixels.columns, -1)


def _read_native(
    source: BinaryIO | bytes,
    syntax: str,
    found: Survey,
    pixels: PixelDescription,
    layout: str,
    frame_index: int,
) -> NDArray[np.generic]:
    """Let pydicom take one frame out of uncompressed bytes; `layout`: a photometric interpretation."""
    options: dict[str, object] = {
        "rows": pixels.rows,
        "columns": pixels.columns,
        "number_of_frames": 1 if isinstance(source, bytes) else pixels.frames,
        "samples_per_pixel": pixels.samples_per_pixel,
        "bits_allocated": pixels.bits_allocated,
        "bits_stored": pixels.bits_stored,
        "photometric_interpretation": layout,
        "pixel_representation": pixels.pixel_representation,
        "planar_configuration": pixels.planar_configuration,
        "pixel_keyword": pixels.pixel_keyword,
        "pixel_vr": found.pixel_vr,
        "correct_unused_bits": False,  # done by `mask_to_stored`, which also knows High Bit
    }
    with quiet_pydicom():
        # The gate has looked, and is stricter than pydicom's validation.
        values, _ = get_decoder(UID(syntax)).as_array(
            source,
            index=frame_index,
            raw=True,
            validate=False,
            **options,  # type: ignore[arg-type]  # pydicom annotates each option with the type of them all
        )
    return _masked(values, pixels)


def _frame_from_bytes(data: bytes, syntax: str, found: Survey, pixels: PixelDescription) -> StoredValues:
    """One frame that is only wrapped, or deflated on its own (PS3.5 A.4.10, A.4.11)."""
    needed = math.ceil(pixels.frame_bits / 8)
    if syntax == _DEFLATED_FRAMES:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, needed + 1)
    if len(data) < needed:
        raise Refused(found.name, f"truncated: a frame needs {needed:,} bytes, {len(data):,} are present.")
    photometric = pixels.photometric_interpretation
    values = _read_native(data[:needed], EXPLICIT_LITTLE, found, pixels, photometric, 0)
    return StoredValues(values, photometric, pixels)


def _masked(values: NDArray[np.generic], pixels: PixelDescription) -> NDArray[np.generic]:
    """Values in the machine's byte order, masked to the bits that the header declares."""
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if pixels.bits_allocated == 1 or pixels.pixel_keyword != "PixelData":
        return values
    return mask_to_stored(
        values, pixels.bits_stored, pixels.high_bit, signed=pixels.pixel_representation == 1
    )


def _encoded_frame(
    stream: BinaryIO, attributes: Attributes, found: Survey, pixels: PixelDescription, frame_index: int
) -> bytes:
    """The compressed bytes of one frame, put together from its fragments."""
    frames = compressed_frames(attributes, found, pixels)
    return frame_bytes(stream, found.fragments, frames, frame_index)


def _frame_source(
    path: Path, attributes: Attributes, found: Survey, pixels: PixelDescription, frame_index: int
) -> FrameSource:
    directions = patient_directions(attributes, functional_groups(attributes, frame_index))
    burned_in = attributes.code("BurnedInAnnotation")
    return FrameSource(
        path=str(path),
        frame_index=frame_index,
        number_of_frames=pixels.frames,
        study_instance_uid=attributes.uid("StudyInstanceUID"),
        series_instance_uid=attributes.uid("SeriesInstanceUID"),
        sop_instance_uid=attributes.uid("SOPInstanceUID"),
        sop_class_uid=attributes.uid("SOPClassUID"),
        frame_of_reference_uid=attributes.uid("FrameOfReferenceUID"),
        transfer_syntax_uid=found.transfer_syntax_uid,
        modality=attributes.code("Modality"),
        body_part_examined=attributes.text("BodyPartExamined"),
        view_position=attributes.code("ViewPosition"),
        image_laterality=attributes.code("ImageLaterality") or attributes.code("Laterality"),
        patient_orientation=directions,
        patient_age_years=_age_years(attributes),
        patient_sex=attributes.code("PatientSex"),
        patient_id=attributes.text("PatientID"),
        lossy=attributes.code("LossyImageCompression") == "01" or found.transfer_syntax_uid in LOSSY_SYNTAXES,
        burned_in_annotation={"YES": True, "NO": False}.get(burned_in),
    )


def _age_years(attributes: Attributes) -> float | None:
    """Age in years: Patient's Age (nnnD, nnnW, nnnM, nnnY), else from birth date and study date."""
    age = attributes.code("PatientAge").strip()
    per_year = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0}
    number, unit = (age[:-1], age[-1]) if age and age[-1] in per_year else (age, "Y")
    if number.isdecimal() and number.isascii() and len(number) <= 4:
        years = int(number) / per_year[unit]
        if years <= 130:
            return years
    if age:
        attributes.note(f"Patient Age “{age[:10]}” is no age; ignored.")
    born = _date(attributes.text("PatientBirthDate"))
    for keyword in ("StudyDate", "AcquisitionDate", "ContentDate"):
        taken = _date(attributes.text(keyword))
        if born is not None and taken is not None:
            years = (taken - born).days / 365.25
            return years if 0 <= years <= 130 else None
    return None


def _date(text: str) -> date | None:
    """Date of a DA value, also with the points of ACR-NEMA."""
    digits = text.replace(".", "")[:8]
    if len(digits) != 8 or not (digits.isascii() and digits.isdecimal()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _path_of(source: Instance | Path | str) -> Path:
    return Path(source) if isinstance(source, str | Path) else source.path


def _unopened(path: Path, error: OSError) -> Refused:
    words = (error.strerror or str(error) or type(error).__name__).lower()
    return Refused(path.name, f"cannot be read: {words}.", "Is it still there, and may you read it?")
