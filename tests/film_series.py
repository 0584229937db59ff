"""Drawn chest films as one series: files of one Series Instance UID, or the frames of one file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from phantoms import chest_picture, uid, write_chest_film
from PIL import Image
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

ROWS, COLUMNS = 160, 150
_DAMAGED = 4000


def write_film_series(
    folder: Path,
    count: int,
    *,
    lesions: Collection[int] = (),
    laterals: Collection[int] = (),
    broken: Collection[int] = (),
) -> Path:
    """Films `0000.dcm` … of one series, instance numbers from 1; places in the collections count from 0."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(count):
        path = folder / f"{place:04d}.dcm"
        write_chest_film(
            path,
            lesion=place in lesions,
            rows=ROWS,
            columns=COLUMNS,
            seed=1000 + place,
            patient_id="SERIES-1",
            SOPInstanceUID=uid("film of a series", str(folder), place),
            InstanceNumber=place + 1,
            ViewPosition="LL" if place in laterals else "PA",
            transfer_syntax_uid=JPEGLSLossless if place in broken else ExplicitVRLittleEndian,
        )
        if place in broken:
            content = bytearray(path.read_bytes())
            content[-_DAMAGED - 4000 : -4000] = b"\xff\xd8" * (_DAMAGED // 2)
            path.write_bytes(content)
    return folder


def write_film_clip(path: Path, frames: int, *, lesions: Collection[int] = ()) -> Path:
    """The same films as the frames of one file."""
    write_chest_film(path, rows=ROWS, columns=COLUMNS)
    films = [
        chest_picture(ROWS, COLUMNS, lesion=place in lesions, seed=1000 + place)[0] for place in range(frames)
    ]
    ds = dcmread(path)
    ds.NumberOfFrames = frames
    ds.PixelData = np.round(np.stack(films) * 4095).astype("<u2").tobytes()
    ds.save_as(path)
    return path


def write_real_series(folder: Path, films: Sequence[Path]) -> Path:
    """Pictures of films (8-bit grey) as DX files of one series, in this order."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, film in enumerate(films):
        with Image.open(film) as picture:
            stored = np.asarray(picture.convert("L")).astype("<u2") * 16
        path = folder / f"{place:04d}.dcm"
        write_chest_film(
            path,
            rows=stored.shape[0],
            columns=stored.shape[1],
            patient_id="SERIES-2",
            SOPInstanceUID=uid("real film of a series", str(folder), place),
            InstanceNumber=place + 1,
            PixelData=stored.tobytes(),
        )
    return folder
