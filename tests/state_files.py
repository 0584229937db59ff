"""Presentation states made in code, as other systems write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from phantoms import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

GRAYSCALE_STATE = "1.2.840.10008.5.1.4.1.1.11.1"


def lut(entries: np.ndarray, first: int, bits: int, vr: str = "US") -> Dataset:
    """An item of a LUT sequence."""
    item = Dataset()
    count = 0 if len(entries) == 65_536 else len(entries)
    item.add_new(0x00283002, vr, [count, first, bits])
    item.add_new(0x00283006, "OW", entries.astype("<u2").tobytes())
    return item


def reference(image: Dataset, *frames: int) -> Dataset:
    """An item that names an image, or some of its frames."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    if frames:
        item.ReferencedFrameNumber = list(frames)
    return item


def voi(
    center: float = 0, width: float = 0, *tables: Dataset, images: list[Dataset] | None = None
) -> Dataset:
    """An item of the Softcopy VOI LUT Sequence: a window, or tables."""
    item = Dataset()
    if tables:
        item.VOILUTSequence = list(tables)
    else:
        item.WindowCenter, item.WindowWidth = center, width
    if images is not None:
        item.ReferencedImageSequence = images
    return item


def write_state(path: Path, image: Dataset, *, frames: tuple[int, ...] = (), **changes: object) -> Dataset:
    """A grayscale state about one image; `changes` by keyword, or `_GGGGEEEE` with (VR, value)."""
    ds = Dataset()
    ds.SOPClassUID = GRAYSCALE_STATE
    ds.SOPInstanceUID = uid("state", path.name)
    ds.StudyInstanceUID, ds.SeriesInstanceUID = image.StudyInstanceUID, uid("states")
    ds.StudyDate, ds.StudyTime, ds.StudyID = "20240102", "101500", "1"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "Phantom^State", "PHANTOM", "", ""
    ds.ReferringPhysicianName, ds.AccessionNumber, ds.Manufacturer = "", "", "Phantoms"
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = "PR", "1", "1"
    ds.ContentLabel, ds.ContentDescription, ds.ContentCreatorName = "STATE", "", ""
    ds.PresentationCreationDate, ds.PresentationCreationTime = "20240102", "101500"
    series = Dataset()
    series.SeriesInstanceUID = image.SeriesInstanceUID
    series.ReferencedImageSequence = [reference(image, *frames)]
    ds.ReferencedSeriesSequence = [series]
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner = [1, 1]
    area.DisplayedAreaBottomRightHandCorner = [image.Columns, image.Rows]
    area.PresentationSizeMode = "SCALE TO FIT"
    area.PresentationPixelAspectRatio = [1, 1]
    ds.DisplayedAreaSelectionSequence = [area]
    ds.PresentationLUTShape = "IDENTITY"
    for name, value in changes.items():
        if name.startswith("_"):
            ds.add_new(int(name[1:], 16), *value)  # type: ignore[misc]  # a VR and a value
        elif value is None:
            del ds[name]
        else:
            setattr(ds, name, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.save_as(path, enforce_file_format=True)
    return ds
