"""DICOM files and pictures made in code: seeded, with lesions of known place and size, and odd ones.

Nothing here is a patient. Every writer takes the path or folder to write to and returns what is known of
the result; `changes` sets any attribute by keyword, `None` deletes it.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
from openjpeg.utils import encode_array
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
    SecondaryCaptureImageStorage,
    UltrasoundMultiFrameImageStorage,
    generate_uid,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

IMPLEMENTATION = "1.2.826.0.1.3680043.8.498.1"


@dataclass(frozen=True, slots=True, eq=False)
class ChestPhantom:
    """A chest film whose truth is known; boxes are (row, column, past row, past column)."""

    path: Path
    stored: NDArray[np.uint16]
    lesion_box: tuple[int, int, int, int] | None
    lesion_centre: tuple[float, float] | None
    lesion_radius: float
    lung_boxes: tuple[tuple[int, int, int, int], tuple[int, int, int, int]]
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str


def uid(*parts: object) -> str:
    """A UID that is the same for the same parts."""
    return str(generate_uid(entropy_srcs=[str(part) for part in parts]))


def chest_picture(
    rows: int = 512, columns: int = 480, *, lesion: bool = True, seed: int = 0
) -> tuple[NDArray[np.float64], tuple[float, float], float]:
    """A drawn frontal chest, 0 (air) to 1 (metal), with the centre and radius of its lesion.

    Bright spine, ribs, heart and diaphragm, dark lungs; the lesion is a soft round opacity in the lung at
    the left of the picture, whether drawn or not.
    """
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:rows, 0:columns].astype(np.float64)
    v, h = down / rows, across / columns
    body = _ellipse(v, h, 0.56, 0.5, 0.62, 0.47)
    picture = 0.05 + 0.55 * body
    for side in (0.29, 0.71):
        lung = _ellipse(v, h, 0.47, side, 0.33, 0.155)
        picture -= 0.38 * lung
        for rib in range(7):
            centre = 0.2 + 0.085 * rib + 0.35 * (h - side) ** 2
            picture += 0.06 * lung * np.exp(-(((v - centre) / 0.012) ** 2))
    picture += 0.18 * np.exp(-(((h - 0.5) / 0.05) ** 2)) * body
    picture += 0.22 * _ellipse(v, h, 0.6, 0.56, 0.14, 0.13)
    picture += 0.02 * rng.standard_normal((rows, columns))
    centre, radius = (0.42 * rows, 0.28 * columns), 0.055 * columns
    if lesion:
        distance = np.hypot(down + 0.5 - centre[0], across + 0.5 - centre[1])
        picture += 0.3 / (1 + np.exp((distance - radius) / (0.12 * radius)))
    return np.clip(picture, 0, 1), centre, radius


def write_chest_film(
    path: Path,
    *,
    lesion: bool = True,
    monochrome1: bool = False,
    rows: int = 512,
    columns: int = 480,
    seed: int = 0,
    patient_name: str = "Phantom^Chest",
    patient_id: str = "PHANTOM-1",
    transfer_syntax_uid: str = ExplicitVRLittleEndian,
    **changes: object,
) -> ChestPhantom:
    """A DX film of 12 bits in 16, PA, 45 years old, 0.2 mm at the detector, with one window."""
    picture, centre, radius = chest_picture(rows, columns, lesion=lesion, seed=seed)
    stored = np.round((1 - picture if monochrome1 else picture) * 4095).astype(np.uint16)
    study, series = uid("study", patient_id), uid("series", patient_id)
    sop = uid("film", path.name, seed, lesion, monochrome1)
    ds = _image(
        stored,
        SOPClassUID=DigitalXRayImageStorageForPresentation,
        SOPInstanceUID=sop,
        StudyInstanceUID=study,
        SeriesInstanceUID=series,
        PatientName=patient_name,
        PatientID=patient_id,
        PatientBirthDate="19810204",
        PatientAge="045Y",
        PatientSex="F",
        StudyDate="20260302",
        StudyTime="101500",
        StudyDescription="Chest PA",
        AccessionNumber="A-1",
        Modality="DX",
        SeriesNumber=1,
        SeriesDescription="Chest",
        InstanceNumber=1,
        BodyPartExamined="CHEST",
        ViewPosition="PA",
        ImageLaterality="U",
        PatientOrientation=["L", "F"],
        ImageType=["ORIGINAL", "PRIMARY", ""],
        Manufacturer="Phantom",
        BitsStored=12,
        HighBit=11,
        PhotometricInterpretation="MONOCHROME1" if monochrome1 else "MONOCHROME2",
        PresentationLUTShape="INVERSE" if monochrome1 else "IDENTITY",
        WindowCenter="2048",
        WindowWidth="4096",
        ImagerPixelSpacing=[0.2, 0.2],
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
    )
    _write(path, ds, changes, transfer_syntax_uid)
    margin = radius + 1
    box = (
        int(centre[0] - margin),
        int(centre[1] - margin),
        int(centre[0] + margin) + 1,
        int(centre[1] + margin) + 1,
    )
    lungs = tuple(
        (int(0.14 * rows), int((side - 0.155) * columns), int(0.8 * rows), int((side + 0.155) * columns))
        for side in (0.29, 0.71)
    )
    return ChestPhantom(
        path,
        stored,
        box if lesion else None,
        centre if lesion else None,
        radius,
        (lungs[0], lungs[1]),
        study,
        series,
        sop,
    )


def write_ct_series(
    folder: Path,
    slices: int = 5,
    *,
    spacing_mm: float = 2.5,
    rows: int = 32,
    columns: int = 40,
    seed: int = 0,
    series_number: int = 2,
    **changes: object,
) -> tuple[Path, ...]:
    """An axial CT series, its files named in random order; returned from feet to head.

    Slice k holds the value 100 + k everywhere but in a random corner, with rescale −1024.
    """
    rng = np.random.default_rng(seed)
    names = rng.permutation(slices)
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for index in range(slices):
        stored = np.full((rows, columns), 100 + index, np.uint16)
        stored[: rows // 4, : columns // 4] = rng.integers(0, 4000, (rows // 4, columns // 4))
        path = folder / f"{names[index]:05d}"
        ds = _image(
            stored,
            SOPClassUID=CTImageStorage,
            SOPInstanceUID=uid("ct", seed, series_number, index),
            StudyInstanceUID=uid("ct study", seed),
            SeriesInstanceUID=uid("ct series", seed, series_number),
            FrameOfReferenceUID=uid("ct frame", seed),
            PatientName="Phantom^Volume",
            PatientID="PHANTOM-2",
            StudyDate="20260303",
            StudyTime="090000",
            Modality="CT",
            SeriesNumber=series_number,
            SeriesDescription="Axial",
            InstanceNumber=slices - index,
            ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
            ImagePositionPatient=[-10.0, -20.0, index * spacing_mm - 100],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[0.7, 0.7],
            SliceThickness=5.0,  # not the spacing, on purpose
            RescaleSlope=1,
            RescaleIntercept=-1024,
            WindowCenter=[40, -600],
            WindowWidth=[400, 1500],
            WindowCenterWidthExplanation=["SOFT TISSUE", "LUNG"],
        )
        _write(path, ds, changes)
        paths.append(path)
    return tuple(paths)


def write_grey(
    path: Path,
    stored: NDArray[np.generic],
    *,
    transfer_syntax_uid: str = ExplicitVRLittleEndian,
    **changes: object,
) -> Dataset:
    """A secondary capture of any integer array, (rows, columns) or (frames, rows, columns)."""
    ds = _image(
        stored,
        SOPClassUID=SecondaryCaptureImageStorage,
        SOPInstanceUID=uid("grey", path.name),
        StudyInstanceUID=uid("grey study"),
        SeriesInstanceUID=uid("grey series"),
        PatientName="Phantom^Grey",
        PatientID="PHANTOM-3",
        Modality="OT",
        InstanceNumber=1,
    )
    return _write(path, ds, changes, transfer_syntax_uid)


def write_colour(
    path: Path,
    rgb: NDArray[np.uint8],
    *,
    planar: bool = False,
    transfer_syntax_uid: str = ExplicitVRLittleEndian,
    **changes: object,
) -> Dataset:
    """An ultrasound clip or picture of RGB samples, (rows, columns, 3) or (frames, rows, columns, 3)."""
    samples = np.moveaxis(rgb, -1, -3) if planar else rgb
    frames = rgb.shape[0] if rgb.ndim == 4 else None
    ds = _image(
        samples,
        shape=rgb.shape[-3:-1],
        frames=frames,
        SOPClassUID=UltrasoundMultiFrameImageStorage if frames else SecondaryCaptureImageStorage,
        SOPInstanceUID=uid("colour", path.name),
        StudyInstanceUID=uid("colour study"),
        SeriesInstanceUID=uid("colour series"),
        PatientName="Phantom^Colour",
        PatientID="PHANTOM-4",
        Modality="US",
        InstanceNumber=1,
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=int(planar),
    )
    return _write(path, ds, changes, transfer_syntax_uid)


def write_palette(
    path: Path,
    indices: NDArray[np.uint8],
    tables: NDArray[np.uint16],
    *,
    first: int = 0,
    bits: int = 16,
    **changes: object,
) -> Dataset:
    """A palette image; `tables` has one row each for red, green and blue."""
    ds = _image(
        indices,
        SOPClassUID=SecondaryCaptureImageStorage,
        SOPInstanceUID=uid("palette", path.name),
        StudyInstanceUID=uid("palette study"),
        SeriesInstanceUID=uid("palette series"),
        PatientID="PHANTOM-5",
        Modality="OT",
        PhotometricInterpretation="PALETTE COLOR",
    )
    for channel, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        setattr(ds, f"{channel}PaletteColorLookupTableDescriptor", [len(table) % 65536, first, bits])
        data = table.astype("<u2" if bits == 16 else "u1").tobytes()
        setattr(ds, f"{channel}PaletteColorLookupTableData", data + b"\0" * (len(data) % 2))
    return _write(path, ds, changes)


def write_not_an_image(path: Path) -> None:
    """A valid DICOM object without pixels (a basic text report)."""
    ds = Dataset()
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    ds.SOPInstanceUID = uid("report", path.name)
    ds.StudyInstanceUID, ds.SeriesInstanceUID = uid("sr study"), uid("sr series")
    ds.PatientName, ds.PatientID, ds.Modality = "Phantom^Report", "PHANTOM-6", "SR"
    _write(path, ds, {})


def write_truncated(path: Path, source: Path, size: int) -> None:
    """The first `size` bytes of another file (from its end if negative)."""
    path.write_bytes(source.read_bytes()[:size])


def write_nested(path: Path, depth: int, *, undefined: bool = True, private: bool = False) -> None:
    """A grey film with a sequence nested `depth` deep before its pixels."""
    tag = struct.pack("<HH", 0x0009, 0x1010) if private else struct.pack("<HH", 0x0008, 0x1140)
    vr = b"UN" if private else b"SQ"
    item, item_end = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0"
    sequence_end, undefined_length = b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xff\xff\xff\xff"
    if undefined:
        head = tag + vr + b"\0\0" + undefined_length + item + undefined_length
        if private:  # inside a UN of undefined length all is implicit
            inner = tag + undefined_length + item + undefined_length
            body = head + inner * (depth - 1) + (item_end + sequence_end) * depth
        else:
            body = head * depth + (item_end + sequence_end) * depth
    else:
        parts: list[bytes] = []
        length = 0
        for _ in range(depth):
            parts.append(
                tag + vr + b"\0\0" + struct.pack("<I", length + 8) + item + struct.pack("<I", length)
            )
            length += 20
        body = b"".join(reversed(parts))
    _write_raw(path, body)


def write_flood(path: Path, elements: int) -> None:
    """A grey film with very many private elements before its pixels."""
    one = b"US" + struct.pack("<HH", 2, 1)
    body = b"".join(
        struct.pack("<HH", 9 + 2 * (n >> 15), 0x1000 + (n & 0x7FFF)) + one for n in range(elements)
    )
    _write_raw(path, body)


def write_deflate_bomb(path: Path, mebibytes: int) -> None:
    """A deflated file that grows to so many MiB of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = packer.compress(struct.pack("<HH2sHI", 0x0008, 0x0008, b"UN", 0, mebibytes * 2**20))
    head += packer.flush(zlib.Z_FULL_FLUSH)
    # What follows a full flush depends on nothing before it: one MiB is compressed once.
    piece = packer.compress(b"\0" * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush()
    path.write_bytes(_preamble_and_meta("1.2.840.10008.1.2.1.99") + head + piece * mebibytes + end)


def write_lying_size(
    path: Path,
    *,
    rows: int = 65_535,
    columns: int = 65_535,
    frames: int = 1,
    pixel_bytes: int = 512,
    declared_bytes: int | None = None,
    encapsulated: bool = False,
    transfer_syntax_uid: str = ExplicitVRLittleEndian,
) -> None:
    """A film whose header promises more pixels than `pixel_bytes` hold."""
    size = b"".join(
        (
            _short(0x0028, 0x0002, 1),
            struct.pack("<HH2sH", 0x0028, 0x0004, b"CS", 12) + b"MONOCHROME2 ",
            struct.pack("<HH2sH", 0x0028, 0x0008, b"IS", 12) + str(frames).encode().ljust(12),
            _short(0x0028, 0x0010, rows),
            _short(0x0028, 0x0011, columns),
            _short(0x0028, 0x0100, 16),
            _short(0x0028, 0x0101, 16),
            _short(0x0028, 0x0102, 15),
            _short(0x0028, 0x0103, 0),
        )
    )
    data = bytes(pixel_bytes)
    if encapsulated:
        fragments = b"\xfe\xff\x00\xe0\0\0\0\0" + b"\xfe\xff\x00\xe0" + struct.pack("<I", pixel_bytes) + data
        pixels = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + fragments
        pixels += b"\xfe\xff\xdd\xe0\0\0\0\0"
    else:
        declared = pixel_bytes if declared_bytes is None else declared_bytes
        pixels = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, declared) + data
    path.write_bytes(_preamble_and_meta(transfer_syntax_uid) + size + pixels)


def write_picture(path: Path, values: NDArray[np.generic], *, exif_orientation: int = 1) -> None:
    """A PNG or JPEG (by the name's ending) of 8- or 16-bit grey or 8-bit RGB."""
    exif = Image.Exif()
    exif[0x0112] = exif_orientation
    Image.fromarray(values).save(path, **({"exif": exif} if exif_orientation > 1 else {}))


def as_file(ds: Dataset, transfer_syntax_uid: str = ExplicitVRLittleEndian) -> Dataset:
    """Give a data set its preamble and file meta information."""
    ds.preamble = b"\0" * 128
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = transfer_syntax_uid
    ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID", SecondaryCaptureImageStorage)
    ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID", "1.2.3")
    ds.file_meta.ImplementationClassUID = IMPLEMENTATION
    return ds


def _ellipse(
    v: NDArray[np.float64], h: NDArray[np.float64], v0: float, h0: float, a: float, b: float
) -> NDArray[np.float64]:
    """1 inside an ellipse, 0 outside, with a soft edge; all in parts of the picture."""
    inside = 1 - np.hypot((v - v0) / a, (h - h0) / b)
    return np.asarray(1 / (1 + np.exp(-inside / 0.03)))


def _image(
    stored: NDArray[np.generic],
    *,
    shape: tuple[int, ...] | None = None,
    frames: int | None = None,
    **attributes: object,
) -> Dataset:
    """A data set with the Image Pixel attributes of an array, and more."""
    if shape is None and stored.ndim == 3:
        frames = stored.shape[0]
    rows, columns = shape or stored.shape[-2:]
    allocated = 8 * stored.dtype.itemsize
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    if frames is not None:
        ds.NumberOfFrames = frames
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated = ds.BitsStored = allocated
    ds.HighBit = allocated - 1
    ds.PixelRepresentation = int(stored.dtype.kind == "i")
    data = stored.astype(stored.dtype.newbyteorder("<")).tobytes()
    ds.add_new(0x7FE00010, "OB" if allocated == 8 else "OW", data + b"\0" * (len(data) % 2))
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def _write(
    path: Path, ds: Dataset, changes: dict[str, object], transfer_syntax_uid: str = ExplicitVRLittleEndian
) -> Dataset:
    for keyword, value in changes.items():
        if value is None:
            if keyword in ds:
                delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    as_file(ds)
    if transfer_syntax_uid != ExplicitVRLittleEndian:
        _compress(ds, transfer_syntax_uid)
    ds.save_as(path, enforce_file_format=False)
    return ds


def _compress(ds: Dataset, transfer_syntax_uid: str) -> None:
    """Compress with pydicom's encoders where it has one, else with the codec libraries themselves."""
    if transfer_syntax_uid in (RLELossless, JPEGLSLossless, JPEGLSNearLossless):
        ds.compress(transfer_syntax_uid, generate_instance_uid=False)
        return
    colour = ds.SamplesPerPixel == 3
    pixels = ds.pixel_array if colour or "NumberOfFrames" in ds else ds.pixel_array[np.newaxis]
    frames = pixels if "NumberOfFrames" in ds or not colour else pixels[np.newaxis]
    if transfer_syntax_uid in (JPEG2000Lossless, JPEG2000):
        coded = [
            encode_array(f, bits_stored=ds.BitsStored, photometric_interpretation=int(colour)) for f in frames
        ]
        if colour:
            ds.PhotometricInterpretation = "YBR_RCT"
    elif transfer_syntax_uid == JPEGLosslessSV1:
        coded = [imagecodecs.ljpeg_encode(f, bitspersample=ds.BitsStored) for f in frames]
    else:
        space = "RGB" if colour else "GRAYSCALE"
        out = "YCBCR" if colour else "GRAYSCALE"
        coded = [imagecodecs.jpeg8_encode(f, 95, colorspace=space, outcolorspace=out) for f in frames]
        if colour:
            ds.PhotometricInterpretation = "YBR_FULL_422"
    if colour:
        ds.PlanarConfiguration = 0
    ds.file_meta.TransferSyntaxUID = transfer_syntax_uid
    ds.PixelData = encapsulate(coded)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True


def _short(group: int, element: int, value: int) -> bytes:
    return struct.pack("<HH2sHH", group, element, b"US", 2, value)


def _preamble_and_meta(transfer_syntax_uid: str) -> bytes:
    value = transfer_syntax_uid.encode() + b"\0" * (len(transfer_syntax_uid) % 2)
    meta = struct.pack("<HH2sH", 0x0002, 0x0010, b"UI", len(value)) + value
    return b"\0" * 128 + b"DICM" + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta)) + meta


def _write_raw(path: Path, body: bytes) -> None:
    """A small grey film with raw bytes between its meta information and its image attributes."""
    pixels = bytes(range(64)) * 2
    path.write_bytes(
        _preamble_and_meta(ExplicitVRLittleEndian)
        + body
        + _short(0x0028, 0x0002, 1)
        + struct.pack("<HH2sH", 0x0028, 0x0004, b"CS", 12)
        + b"MONOCHROME2 "
        + _short(0x0028, 0x0010, 8)
        + _short(0x0028, 0x0011, 8)
        + _short(0x0028, 0x0100, 16)
        + _short(0x0028, 0x0101, 16)
        + _short(0x0028, 0x0102, 15)
        + _short(0x0028, 0x0103, 0)
        + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, len(pixels))
        + pixels
    )
