"""Draw the two synthetic chest films of the demo study and write them as DX DICOM files.

A drawn phantom, not a copy of any film: thicknesses in mm of soft tissue, lung, bone and air along
each ray of an upright PA exposure, added up to an attenuation and turned into grey as a detector and
its processing would. One film is healthy, one holds a soft ball of known place in the right lung.

Run `python -m resources.demo.make_demo [FOLDER]` to make them again; the bytes never change: random numbers
come from a fixed seed, UIDs from fixed words, the only date is a fixed one, and lossless JPEG-LS leaves an
encoder no choice.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    generate_uid,
)

FloatImage = NDArray[np.float64]

SIDE_PX = 1024
SPACING_MM = 0.35
HEALTHY_FILE = "synthetic-healthy.dcm"
LESION_FILE = "synthetic-lesion.dcm"
LESION_TRUTH_FILE = "lesion.json"

_BITS = 12
_UID_PREFIX = "2.25."
_SIDES = (-1.0, 1.0)
# Attenuation per mm at about 120 kVp, scatter included; only the ratios matter for the picture.
_SOFT, _LUNG, _BONE_EXTRA = 0.0185, 0.0048, 0.021


@dataclass(frozen=True, slots=True)
class Ball:
    """The lesion: soft tissue, round on the film, longer along the ray. The patient's right is left here."""

    centre_x_mm: float = -82.0
    centre_y_mm: float = 186.0
    radius_mm: float = 20.0
    depth_mm: float = 58.0

    @property
    def truth(self) -> dict[str, str | float]:
        """Its place and size in pixels, as tests read them."""
        return {
            "file": LESION_FILE,
            "side": "R",
            "centre_row": round(self.centre_y_mm / SPACING_MM - 0.5, 1),
            "centre_column": round(self.centre_x_mm / SPACING_MM + SIDE_PX / 2 - 0.5, 1),
            "radius_px": round(self.radius_mm / SPACING_MM, 1),
            "radius_mm": self.radius_mm,
        }


class _Canvas:
    """The film plane: `x` in mm from the midline (patient's left positive), `y` in mm from the top."""

    def __init__(self) -> None:
        place = (np.arange(SIDE_PX) + 0.5) * SPACING_MM
        self.x = np.broadcast_to(place - SIDE_PX * SPACING_MM / 2, (SIDE_PX, SIDE_PX))
        self.y = np.broadcast_to(place[:, None], (SIDE_PX, SIDE_PX))

    def tube(self, into: FloatImage, points_mm: FloatImage, radii_mm: FloatImage) -> None:
        """Write the chord through a round tube along `points_mm` (n, 2: x, y) into a thickness image."""
        path = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points_mm, axis=0).T))])
        steps = np.arange(0.0, path[-1], SPACING_MM)
        samples = np.stack([np.interp(steps, path, column) for column in (*points_mm.T, radii_mm)], axis=1)
        for x_mm, y_mm, radius_mm in samples:
            column, row = x_mm / SPACING_MM + SIDE_PX / 2, y_mm / SPACING_MM
            reach = int(radius_mm / SPACING_MM) + 2
            rows = slice(max(0, int(row) - reach), max(0, int(row) + reach + 1))
            columns = slice(max(0, int(column) - reach), max(0, int(column) + reach + 1))
            distance2 = (self.x[rows, columns] - x_mm) ** 2 + (self.y[rows, columns] - y_mm) ** 2
            chord = 2.0 * np.sqrt(np.maximum(radius_mm**2 - distance2, 0.0))
            np.maximum(into[rows, columns], chord, out=into[rows, columns])

    def ellipse(
        self, x_mm: float, y_mm: float, half_mm: tuple[float, float], tilt: float = 0.0
    ) -> FloatImage:
        """Height of a half ball over an ellipse: 1 in the centre, 0 at the rim and outside."""
        dx, dy = self.x - x_mm, self.y - y_mm
        along = (dx * np.cos(tilt) + dy * np.sin(tilt)) / half_mm[0]
        across = (dy * np.cos(tilt) - dx * np.sin(tilt)) / half_mm[1]
        return np.asarray(np.sqrt(np.maximum(1.0 - along**2 - across**2, 0.0)), np.float64)


def draw_film(lesion: Ball | None, seed: int) -> NDArray[np.uint16]:
    """The film's stored values, 12 bit, bright = dense. The noise follows `seed`, the anatomy does not."""
    canvas = _Canvas()
    lungs = _lungs(canvas) * (1.0 - _mediastinum(canvas))
    dense_in_lung = _vessels(canvas, np.random.Generator(np.random.PCG64(7)))
    if lesion is not None:
        ball = canvas.ellipse(lesion.centre_x_mm, lesion.centre_y_mm, (lesion.radius_mm, lesion.radius_mm))
        dense_in_lung = dense_in_lung + lesion.depth_mm * ball
    lung_tissue = np.maximum(lungs - np.minimum(dense_in_lung, lungs), 0.0)
    soft = np.maximum(_body(canvas) - lung_tissue - _airways(canvas) - _gas_below(canvas), 0.0)
    bone = np.minimum(_ribs(canvas) + _spine(canvas) + _shoulder_girdle(canvas), soft + lung_tissue)
    attenuation = _SOFT * soft + _LUNG * lung_tissue + _BONE_EXTRA * bone
    noise = np.random.Generator(np.random.PCG64(seed))
    parenchyma = sum(_blur(_normal(noise), radius) * radius * 1.2 for radius in (2, 4, 9))
    attenuation = _blur(attenuation + 0.0021 * lung_tissue * parenchyma / 3.0, 1)
    quantum = _blur(_normal(noise), 1) * 0.035 * np.exp((attenuation - 3.0) / 2.2)
    grey = 1.0 / (1.0 + np.exp(-(attenuation + quantum - 2.5) / 0.98))
    grey = (grey - 0.0724) / (0.96 - 0.0724)
    return np.clip(np.rint(grey * 3900.0 + 60.0), 0, 2**_BITS - 1).astype(np.uint16)


def write_films(folder: Path) -> tuple[Path, Path]:
    """Write both films and the lesion's place into `folder`; returns the healthy and the other film."""
    lesion = Ball()
    healthy, abnormal = folder / HEALTHY_FILE, folder / LESION_FILE
    _dataset(draw_film(None, seed=101), "healthy", "No lesion was drawn.", "20260105").save_as(
        healthy, enforce_file_format=True
    )
    words = f"A mass of soft tissue, diameter {2 * lesion.radius_mm:.0f} mm, was drawn into the right lung."
    _dataset(draw_film(lesion, seed=202), "lesion", words, "20260608").save_as(
        abnormal, enforce_file_format=True
    )
    (folder / LESION_TRUTH_FILE).write_text(json.dumps(lesion.truth, indent=2) + "\n", encoding="utf-8")
    return healthy, abnormal


def _curve(y: FloatImage, knots: dict[float, float]) -> FloatImage:
    """A smooth curve through (y in mm -> value) knots: straight pieces, rounded by a 12 mm average."""
    grid = np.arange(-60.0, 440.0, 0.5)
    values = np.interp(grid, list(knots), list(knots.values()))
    kernel = np.full(25, 1.0 / 25.0)
    rounded = np.convolve(np.convolve(np.pad(values, 24, mode="edge"), kernel, "valid"), kernel, "valid")
    return np.interp(y, grid, rounded)


def _body(canvas: _Canvas) -> FloatImage:
    half = _curve(
        canvas.y, {0: 56, 14: 58, 26: 74, 40: 118, 54: 172, 70: 205, 105: 205, 150: 172, 210: 158, 358: 154}
    )
    depth = _curve(canvas.y, {0: 118, 40: 150, 110: 205, 230: 222, 358: 226})
    share = np.minimum(np.abs(canvas.x) / half, 1.0)
    torso = depth * np.sqrt(1.0 - share**2.6)
    # Soft tissue of the chest wall and the muscles in front of the arm pit, thicker than an ellipse has it.
    wall = sum(26.0 * canvas.ellipse(side * 146, 110, (40, 75), side * 0.35) for side in _SIDES)
    return torso + np.where(share < 1.0, wall, 0.0)


def _lungs(canvas: _Canvas) -> FloatImage:
    """Thickness of lung along the ray, before the mediastinum takes its part."""
    thickness = np.zeros_like(canvas.x, dtype=np.float64)
    for side in _SIDES:
        out = side * canvas.x
        outer = _curve(canvas.y, {30: 66, 50: 78, 75: 98, 110: 114, 160: 126, 220: 134, 300: 138})
        inner = _curve(canvas.y, {30: 30, 60: 15, 120: 12, 180: 10, 300: 8})
        apex = np.sqrt(np.clip(1.0 - (np.maximum(68.0 - canvas.y, 0.0) / 30.0) ** 2, 0.0, 1.0))
        middle, half = (outer + inner) / 2.0, (outer - inner) / 2.0 * apex
        across = np.minimum(np.abs(out - middle) / np.maximum(half, 1e-3), 1.0)
        depth = _curve(canvas.y, {35: 70, 70: 118, 120: 158, 220: 176, 300: 170})
        lung = depth * np.sqrt(1.0 - across**2.4)
        thickness += lung * _above_diaphragm(canvas, out, side)
    return thickness


def _above_diaphragm(canvas: _Canvas, out: FloatImage, side: float) -> FloatImage:
    """1 above the dome; below it the little lung of the recess behind it."""
    top_x, top_y, fall = (74.0, 236.0, 47.0) if side < 0 else (78.0, 247.0, 42.0)
    outward = np.maximum(out - top_x, 0.0) / (137.0 - top_x)
    inward = np.maximum(top_x - out, 0.0) / 60.0
    dome = top_y + fall * outward**2.3 + 13.0 * inward**2
    below = canvas.y - dome
    recess = 0.13 * np.exp(-np.maximum(below, 0.0) / 13.0)
    return np.clip(0.5 - below / 1.6, 0.0, 1.0) * (1.0 - recess) + recess


def _mediastinum(canvas: _Canvas) -> FloatImage:
    """Share of the lung's depth that heart, great vessels and hila take (0 to 1)."""
    heart = canvas.ellipse(24, 216, (66, 44), 0.55) ** 0.6 * 0.93
    base = canvas.ellipse(8, 180, (40, 46), -0.2) ** 0.7 * 0.85
    atrium = canvas.ellipse(-12, 212, (27, 38)) ** 0.7 * 0.8
    knob = canvas.ellipse(20, 106, (19, 19)) * 0.75
    pulmonary = canvas.ellipse(24, 140, (18, 26)) * 0.65
    descending = canvas.ellipse(16, 190, (15, 110)) * 0.5
    cava = canvas.ellipse(-13, 112, (14, 80)) * 0.55
    hila = [
        canvas.ellipse(side * 34, 146 + 5 * (side < 0), (16, 27), side * 0.3) ** 1.7 * 0.33 for side in _SIDES
    ]
    middle = np.exp(-(np.abs(canvas.x / 16.0) ** 3))
    parts = (heart, base, atrium, knob, pulmonary, descending, cava, *hila, middle)
    left = np.ones_like(heart)
    for part in parts:
        left = left * (1.0 - part)
    return 1.0 - left


def _vessels(canvas: _Canvas, random: np.random.Generator) -> FloatImage:
    """Soft tissue of the pulmonary vessels: trees that leave the hila and thin out towards the wall."""
    thickness = np.zeros_like(canvas.x, dtype=np.float64)

    def grow(x_mm: float, y_mm: float, angle: float, radius_mm: float, length_mm: float) -> None:
        bend = (random.random() - 0.5) * 0.5
        angles = angle + bend * np.linspace(0.0, 1.0, 6)
        steps = length_mm / 6.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        points = np.concatenate([[[x_mm, y_mm]], np.array([x_mm, y_mm]) + np.cumsum(steps, axis=0)])
        canvas.tube(thickness, points, np.linspace(radius_mm, 0.8 * radius_mm, 7))
        if radius_mm < 0.55:
            return
        spread = 0.3 + 0.35 * random.random()
        for turn, share in ((spread, 0.74), (-spread * 0.8, 0.8)):
            longer = length_mm * (0.78 + 0.2 * random.random())
            grow(points[-1, 0], points[-1, 1], angles[-1] + turn, radius_mm * share, longer)

    for side in _SIDES:
        start = 0.0 if side > 0 else np.pi
        for turn in (-1.15, -0.55, 0.05, 0.5, 0.95, 1.3):
            grow(side * 30.0, 146.0, start + side * turn, 3.6 if turn > 0 else 2.9, 27.0)
    return thickness * 1.9


def _airways(canvas: _Canvas) -> FloatImage:
    air = np.zeros_like(canvas.x, dtype=np.float64)
    trachea = np.array([[0.0, -5.0], [-1.0, 60.0], [-3.0, 124.0]])
    canvas.tube(air, trachea, np.array([8.0, 8.0, 8.5]))
    canvas.tube(air, np.array([[-3.0, 122.0], [-26.0, 150.0]]), np.array([6.5, 5.0]))
    canvas.tube(air, np.array([[-3.0, 122.0], [30.0, 152.0]]), np.array([6.0, 4.5]))
    return air


def _gas_below(canvas: _Canvas) -> FloatImage:
    """The stomach's gas bubble under the left dome."""
    bubble = 62.0 * canvas.ellipse(72, 288, (33, 21), 0.15)
    level = np.clip((300.0 - canvas.y) / 1.5, 0.0, 1.0)
    return bubble * level


def _ribs(canvas: _Canvas) -> FloatImage:
    """Bone of the ribs: each a loop in a plane that falls forwards, seen from behind."""
    total = np.zeros_like(canvas.x, dtype=np.float64)
    for number in range(1, 11):
        start_y = 36.0 + 19.5 * number + 0.22 * number**2
        fall = 26.0 + 64.0 * min(number / 5.0, 1.0)
        lateral = float(
            _curve(np.array([start_y + fall / 2]), {30: 58, 75: 92, 110: 112, 160: 128, 220: 137, 300: 141})[
                0
            ]
        )
        last = np.pi * (0.74 if number < 8 else 0.64)
        turn = np.linspace(0.07, last, 90)
        arch = -5.0 * np.sin(np.clip(turn / 1.1, 0, np.pi))
        for side in _SIDES:
            # Not quite symmetric, as no chest is.
            points = np.stack(
                [
                    side * lateral * np.sin(turn),
                    start_y + fall * (1.0 - np.cos(turn)) / 2.0 + arch - 1.5 * side,
                ],
                axis=1,
            )
            height = np.interp(turn, [0.0, 0.6, 1.6, last], [4.6, 5.6, 6.2, 7.0])
            outer, marrow = np.zeros_like(total), np.zeros_like(total)
            canvas.tube(outer, points, height)
            canvas.tube(marrow, points, height - 1.5)
            # The front part is thinner and partly cartilage; at the wall the ray runs along the bone.
            share = np.clip(1.0 - (canvas.y - (start_y + fall * 0.55)) / (fall * 0.55), 0.35, 1.0)
            total += 1.35 * share * (outer - 0.8 * marrow)
    return total


def _spine(canvas: _Canvas) -> FloatImage:
    """Vertebral bodies with discs between them, pedicles and spinous processes."""
    sway = 1.5 * np.sin(canvas.y / 90.0)
    across = np.abs(canvas.x - sway) / (15.0 + canvas.y / 90.0)
    pitch = 21.0 + canvas.y / 60.0
    phase = np.abs(((canvas.y + 6.0) / pitch) % 1.0 - 0.5) * 2.0
    body = np.sqrt(np.maximum(1.0 - across**3, 0.0)) * (1.0 - 0.32 * np.clip((phase - 0.76) / 0.12, 0.0, 1.0))
    total = 9.0 * body
    y_mm = 8.0
    while y_mm < 370.0:
        for side in _SIDES:
            total = total + 5.0 * canvas.ellipse(side * 9.5, y_mm, (3.2, 4.6))
        total = total + 6.0 * canvas.ellipse(0.0, y_mm + 8.0, (2.6, 6.5))
        y_mm += 21.0 + y_mm / 60.0
    return total


def _shoulder_girdle(canvas: _Canvas) -> FloatImage:
    """Clavicles, scapulae and the heads of the humeri."""
    total = np.zeros_like(canvas.x, dtype=np.float64)
    for side in _SIDES:
        outer, marrow = np.zeros_like(total), np.zeros_like(total)
        clavicle = np.array(
            [[13.0, 74.0], [35.0, 66.0], [70.0, 58.0], [105.0, 43.0], [135.0, 32.0], [158.0, 30.0]]
        )
        clavicle[:, 0] *= side
        clavicle[:, 1] += 1.2 * side
        canvas.tube(outer, clavicle, np.array([6.8, 5.2, 4.8, 4.8, 5.6, 6.4]))
        canvas.tube(marrow, clavicle, np.array([5.2, 3.7, 3.3, 3.3, 4.1, 4.9]))
        total += 1.7 * (outer - 0.72 * marrow)
        blade, ridge = np.zeros_like(total), np.zeros_like(total)
        canvas.tube(
            blade,
            np.array([[side * 160.0, 66.0], [side * 150.0, 110.0], [side * 139.0, 158.0]]),
            np.array([7.0, 4.5, 3.5]),
        )
        canvas.tube(
            ridge,
            np.array([[side * 112.0, 62.0], [side * 140.0, 47.0], [side * 172.0, 34.0]]),
            np.array([2.5, 4.0, 6.5]),
        )
        total += 1.1 * blade + 0.9 * ridge
        total += 13.0 * canvas.ellipse(side * 180.0, 58.0, (21.0, 22.0)) ** 0.7
    return total


def _normal(random: np.random.Generator) -> FloatImage:
    """Nearly normal noise, mean 0, spread 1, from plain uniform numbers (their stream is fixed for ever)."""
    total = sum(random.random((SIDE_PX, SIDE_PX)) for _ in range(4))
    return np.asarray((total - 2.0) * np.sqrt(3.0), np.float64)


def _blur(image: FloatImage, radius_px: int) -> FloatImage:
    """Three box averages in a row in both directions: close to a Gaussian, and the same everywhere."""
    width = 2 * radius_px + 1
    for axis in (0, 1):
        for _ in range(3):
            pad = [(0, 0), (0, 0)]
            pad[axis] = (radius_px + 1, radius_px)
            sums = np.cumsum(np.pad(image, pad, mode="edge"), axis=axis)
            upper, lower = (
                np.take(sums, range(width, sums.shape[axis]), axis),
                np.take(sums, range(sums.shape[axis] - width), axis),
            )
            image = (upper - lower) / width
    return image


def _uid(words: str) -> UID:
    return generate_uid(prefix=_UID_PREFIX, entropy_srcs=["healthytwin demo study", words])


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _dataset(stored: NDArray[np.uint16], name: str, words: str, date: str) -> FileDataset:
    """A whole DX object (PS3.3 A.26) around the stored values."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = _uid(f"{name} image")
    meta.FileMetaInformationVersion = b"\0\1"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid("implementation")
    meta.ImplementationVersionName = "HEALTHYTWIN"
    film = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    _describe_patient_and_study(film, name, date)
    _describe_image(film, words)
    film.SOPClassUID, film.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    film.Rows, film.Columns = stored.shape
    film.SamplesPerPixel, film.PhotometricInterpretation = 1, "MONOCHROME2"
    film.BitsAllocated, film.BitsStored, film.HighBit, film.PixelRepresentation = 16, _BITS, _BITS - 1, 0
    film.PixelData = stored.astype("<u2").tobytes()
    film.compress(JPEGLSLossless, generate_instance_uid=False)
    return film


def _describe_patient_and_study(film: FileDataset, name: str, date: str) -> None:
    film.SpecificCharacterSet = "ISO_IR 192"
    film.PatientName, film.PatientID = "SYNTHETIC^DEMO", "SYNTHETIC-1"
    film.PatientBirthDate, film.PatientSex, film.PatientAge = "", "O", "045Y"
    film.StudyInstanceUID, film.SeriesInstanceUID = _uid(f"{name} study"), _uid(f"{name} series")
    film.StudyID, film.StudyDate, film.StudyTime = name.upper(), date, "120000"
    film.StudyDescription = f"Synthetic chest film ({name})"
    film.AccessionNumber, film.ReferringPhysicianName = "", ""
    film.Modality, film.SeriesNumber, film.InstanceNumber = "DX", 1, 1
    film.SeriesDescription, film.BodyPartExamined = "Drawn PA chest phantom", "CHEST"
    film.PresentationIntentType = "FOR PRESENTATION"
    film.Manufacturer = "HealthyTwin demo script"


def _describe_image(film: FileDataset, words: str) -> None:
    film.ImageType = ["DERIVED", "PRIMARY"]
    film.ImageComments = f"SYNTHETIC: drawn by a program, shows no person. {words}"
    film.DerivationDescription = "Synthetic film drawn by resources/demo/make_demo.py of HealthyTwin."
    film.ContentDate, film.ContentTime = film.StudyDate, film.StudyTime
    film.AcquisitionDate, film.AcquisitionTime = film.StudyDate, film.StudyTime
    film.BurnedInAnnotation, film.LossyImageCompression = "NO", "00"
    film.PatientOrientation, film.ViewPosition, film.ImageLaterality = ["L", "F"], "PA", "U"
    film.ViewCodeSequence = [_code("272479007", "SCT", "postero-anterior")]
    film.AnatomicRegionSequence = [_code("51185008", "SCT", "Chest")]
    film.PatientOrientationCodeSequence = [_code("10904000", "SCT", "erect")]
    film.PositionerType = "NONE"
    film.ImagerPixelSpacing = [SPACING_MM, SPACING_MM]
    film.DetectorType = "SCINTILLATOR"
    film.PixelIntensityRelationship, film.PixelIntensityRelationshipSign = "LOG", -1
    film.RescaleIntercept, film.RescaleSlope, film.RescaleType = 0, 1, "US"
    film.PresentationLUTShape = "IDENTITY"
    film.WindowCenter, film.WindowWidth = 2048, 4096
    film.AcquisitionContextSequence = []


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for path in write_films(where):
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
