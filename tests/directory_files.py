"""Tables of contents (DICOMDIR) made in code, with whatever references a test wants."""

from __future__ import annotations

from pathlib import Path

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage


def write_directory(path: Path, *references: object, offsets: int | None = None, **changes: object) -> Path:
    """A DICOMDIR with one record for each reference; `offsets` is what all its links say."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.FileSetID = "DISC"
    ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = offsets or 0
    ds.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = offsets or 0
    ds.FileSetConsistencyFlag = 0
    records = []
    for reference in references:
        record = Dataset()
        record.OffsetOfTheNextDirectoryRecord = offsets or 0
        record.RecordInUseFlag = 0xFFFF
        record.OffsetOfReferencedLowerLevelDirectoryEntity = offsets or 0
        record.DirectoryRecordType = "IMAGE" if reference else "PATIENT"
        if reference:
            # What fits no short value is written as one without a limit.
            vr = "UC" if len("\\".join(reference)) > 60_000 else "CS"
            record.add(DataElement(0x00041500, vr, reference, validation_mode=IGNORE))
        for keyword, value in changes.items():
            setattr(record, keyword, value)
        records.append(record)
    ds.DirectoryRecordSequence = records
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)
    return path
