"""From files to a volume: values, places, memory, and what is refused in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from marked_volumes import (
    AIR,
    AXIAL,
    CORONAL,
    MARKS,
    SAGITTAL,
    Acquisition,
    brightest,
    marked,
    turned,
    write_enhanced,
    write_series,
)
from phantoms import write_colour, write_truncated

from core.dicom import volume_reading
from core.dicom.index import scan
from core.dicom.study import Series
from core.dicom.volume_reading import VolumeReading, load_volume
from core.errors import OutOfMemory, ProductError, UnreadableFile
from core.imaging.frame import Frame, Window
from core.imaging.quantities import Uptake
from core.imaging.regridding import Axes
from core.imaging.volume import Plane, Volume, picture_of, plane_grid
from core.jobs import Cancelled, JobContext

GANTRY = Acquisition(turned(AXIAL, 18.0), through=(0.0, 0.0, 1.0), column_mm=1.5)


def series_of(folder: Path) -> Series:
    (series,) = scan([folder]).series
    return series


def truth_at(volume: Volume) -> np.ndarray:
    places = np.moveaxis(np.indices(volume.values.shape), 0, -1) @ volume.affine[:3, :3].T
    return marked(places + volume.affine[:3, 3])


@pytest.mark.parametrize("directions", [AXIAL, CORONAL, SAGITTAL, turned(AXIAL, 0.4, 0.5)])
@pytest.mark.parametrize("down", [1, -1])
def test_values_lie_where_the_files_say(tmp_path: Path, directions, down: int):
    """Whichever way slices were numbered: each voxel holds what was there in the patient."""
    write_series(tmp_path, Acquisition(directions, places=tuple(down * (3.0 * n - 36) for n in range(25))))
    volume = load_volume(series_of(tmp_path))
    assert volume.values.dtype == np.int16
    assert volume.values.shape == (25, 48, 40)
    assert np.abs(truth_at(volume) - volume.values).max() <= 0.51
    assert not volume.corrections
    assert volume.units == "HU"
    assert volume.look.windows == (Window(0, 2000),)


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.parametrize("axes", Axes)
def test_a_tilted_gantry_is_straightened(tmp_path: Path, plane: Plane, axes: Axes):
    write_series(tmp_path, GANTRY)
    volume = load_volume(series_of(tmp_path), axes=axes)
    assert "askew by 18.0°" in volume.corrections[0]
    grid = plane_grid(volume, plane)
    pictures = np.stack([picture_of(volume, grid, number) for number in range(grid.shape[0])])
    picture, row, column = brightest(pictures)
    found = np.array(grid.to_patient(picture, row + 0.5, column + 0.5))
    assert np.linalg.norm(found - MARKS["left"]) < 2.5


def test_a_missing_slice_is_interpolated_and_said(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition())
    paths[9].unlink()
    volume = load_volume(series_of(tmp_path))
    assert volume.values.shape[0] == 25
    assert volume.corrections[0].startswith("Slice spacing is uneven (3.00 to 6.00 mm)")
    # The slice above the gap is the tenth of the series that is there.
    assert volume.sources.nearest((0.0, 0.0, -6.0)) == 9


def test_a_slice_that_cannot_be_read_is_interpolated_and_said(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition())
    series = series_of(tmp_path)
    write_truncated(paths[9], paths[9], 1500)
    volume = load_volume(series)
    assert volume.values.shape[0] == 25
    assert volume.corrections[0].startswith("Not readable, interpolated from the neighbours: slice 10 (")
    assert len(volume.corrections) == 2
    assert volume.sources.nearest((0.0, 0.0, -6.0)) == 10


def test_too_many_unreadable_slices_end_it(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition())
    series = series_of(tmp_path)
    for path in paths[5:8]:
        write_truncated(path, path, 1500)
    with pytest.raises(UnreadableFile):
        load_volume(series)


def test_each_slice_has_its_own_rescale(tmp_path: Path):
    """PET writes another slope into every file."""
    taken = Acquisition(places=tuple(3.0 * n for n in range(8)))
    paths = write_series(tmp_path, taken)
    for number, path in enumerate(paths):
        file = pydicom.dcmread(path)
        file.RescaleSlope = 1 + number % 3
        file.PixelData = np.rint(file.pixel_array / file.RescaleSlope).astype("<u2").tobytes()
        file.save_as(path)
    volume = load_volume(series_of(tmp_path))
    assert volume.values.dtype == np.int16
    assert np.abs(truth_at(volume) - volume.values).max() <= 2.01


def test_values_that_are_not_whole_stay_exact(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition(places=tuple(3.0 * n for n in range(8))))
    stored = [pydicom.dcmread(path).pixel_array for path in paths]
    file = pydicom.dcmread(paths[5])
    file.RescaleSlope = 0.25
    file.save_as(paths[5])
    volume = load_volume(series_of(tmp_path))
    assert volume.values.dtype == np.float32
    assert np.array_equal(volume.values[5], stored[5] * np.float32(0.25) + np.float32(AIR))
    assert np.array_equal(volume.values[4], stored[4] + np.float32(AIR))


def test_values_too_large_for_16_bits_stay_exact(tmp_path: Path):
    write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)), RescaleSlope=30)
    volume = load_volume(series_of(tmp_path))
    assert volume.values.dtype == np.float32
    assert volume.highest > 32767


def test_padding_is_the_lowest_value(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)), RescaleIntercept=0)
    for number, path in enumerate(paths):
        file = pydicom.dcmread(path)
        pixels = file.pixel_array + np.uint16(50 * (number + 1))
        pixels[:10, :10] = 60000
        file.PixelData = pixels.astype("<u2").tobytes()
        file.add_new(0x00280120, "US", 60000)
        file.save_as(path)
    volume = load_volume(series_of(tmp_path))
    assert volume.values.dtype == np.int16
    assert (volume.values[:, :10, :10] == 50).all()
    assert volume.lowest == 50


def test_frames_of_an_enhanced_object(tmp_path: Path):
    write_enhanced(tmp_path / "enhanced", Acquisition())
    series = series_of(tmp_path)
    volume = load_volume(series)
    assert volume.values.shape == (25, 48, 40)
    assert np.abs(truth_at(volume) - volume.values).max() <= 2.01
    assert volume.look.windows == (Window(50, 350),)
    instance, frame = series.images[volume.sources.nearest((0.0, 0.0, 36.0))]
    assert instance.path.name == "enhanced"
    position = pydicom.dcmread(instance.path).PerFrameFunctionalGroupsSequence[frame]
    assert position.PlanePositionSequence[0].ImagePositionPatient[2] == 36.0


def test_windows_that_differ_from_slice_to_slice_are_those_of_the_middle_one(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)))
    for number, path in enumerate(paths):
        file = pydicom.dcmread(path)
        file.WindowCenter = 100 + number
        file.save_as(path)
    assert load_volume(series_of(tmp_path)).look.windows == (Window(101, 2000),)


def test_monochrome1_stays_turned_round(tmp_path: Path):
    write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)), PhotometricInterpretation="MONOCHROME1")
    assert load_volume(series_of(tmp_path)).look.inverted


def test_it_is_read_in_portions(tmp_path: Path):
    write_series(tmp_path, Acquisition(places=tuple(3.0 * n for n in range(6))))
    reading = VolumeReading(series_of(tmp_path))
    steps = []
    while not reading.read_on(seconds=0.0):
        steps.append(reading.done)
        with pytest.raises(RuntimeError, match="to its end"):
            reading.placed()
    assert steps == [1, 2, 3, 4, 5]
    assert (reading.done, reading.total) == (6, 6)
    assert reading.placed().values.shape[0] == 6


def test_it_can_be_stopped_and_says_how_far_it_is(tmp_path: Path):
    write_series(tmp_path, Acquisition(places=tuple(3.0 * n for n in range(6))))
    told: list[tuple[int, int]] = []

    class Stopping(JobContext):
        def report(self, done: int, total: int, text: str = "") -> None:
            told.append((done, total))
            if done == 3:
                raise Cancelled

    with pytest.raises(Cancelled):
        load_volume(series_of(tmp_path), Stopping())
    assert told == [(0, 6), (1, 6), (2, 6), (3, 6)]


def test_memory_is_asked_for_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_series(tmp_path, Acquisition())
    series = series_of(tmp_path)
    monkeypatch.setattr(volume_reading, "available_bytes", lambda: 120_000)
    monkeypatch.setattr(volume_reading, "read_frame", lambda *_: pytest.fail("a frame was read"))
    with pytest.raises(OutOfMemory, match="25 slices needs 1 MB of memory; 1 MB are free"):
        load_volume(series)


def test_a_system_that_says_nothing_of_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)))
    monkeypatch.setattr(volume_reading, "available_bytes", lambda: None)
    assert load_volume(series_of(tmp_path)).values.shape[0] == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ImagePositionPatient": None}, "do not say where their slices lie"),
        ({"ImageOrientationPatient": None}, "do not say where their slices lie"),
        ({"PixelSpacing": None}, "do not say where their slices lie"),
        ({"Modality": "US"}, "Planes are for CT, MR and PET, not for US"),
    ],
)
def test_what_is_no_volume_is_refused_in_words(tmp_path: Path, changes: dict[str, object], words: str):
    write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)), **changes)
    with pytest.raises(ProductError, match=words):
        load_volume(series_of(tmp_path))


def test_two_slices_are_refused(tmp_path: Path):
    write_series(tmp_path, Acquisition(places=(0.0, 3.0)))
    with pytest.raises(ProductError, match="A volume takes 3 slices; this series has 2"):
        load_volume(series_of(tmp_path))


def test_slices_of_other_sizes_are_refused(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)))
    file = pydicom.dcmread(paths[1])
    file.Rows = 24
    file.PixelData = file.PixelData[: len(file.PixelData) // 2]
    file.save_as(paths[1])
    # The index keeps them apart; another caller may not.
    parts = scan([tmp_path]).series
    mixed = replace(
        parts[0], instances=tuple(one for part in parts for one in part.instances), frame_order=()
    )
    with pytest.raises(ProductError, match="differ in rows and columns"):
        load_volume(mixed)


def test_slices_of_other_pixel_spacing_are_refused(tmp_path: Path):
    paths = write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)))
    file = pydicom.dcmread(paths[1])
    file.PixelSpacing = [1.0, 1.0]
    file.save_as(paths[1])
    with pytest.raises(ProductError, match="differ in pixel spacing"):
        load_volume(series_of(tmp_path))


def test_colour_is_refused(tmp_path: Path):
    for number in range(3):
        write_colour(
            tmp_path / f"{number}",
            np.zeros((8, 8, 3), np.uint8),
            SOPClassUID="1.2.840.10008.5.1.4.1.1.4",
            Modality="MR",
            SOPInstanceUID=f"1.2.{number + 1}",
            ImagePositionPatient=[0, 0, number],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[1, 1],
        )
    with pytest.raises(ProductError, match="Colour images make no volume"):
        load_volume(series_of(tmp_path))


def _as_simpleitk_sees_it(folder: Path) -> sitk.Image:
    """The series by pydicom and SimpleITK alone: none of the code under test."""
    files = [pydicom.dcmread(path) for path in folder.rglob("*.dcm")]
    orientation = np.array(files[0].ImageOrientationPatient, float)
    row, column = orientation[:3], orientation[3:]
    normal = np.cross(row, column)
    files.sort(key=lambda file: float(np.dot(file.ImagePositionPatient, normal)))
    slope = [float(file.get("RescaleSlope", 1)) for file in files]
    intercept = [float(file.get("RescaleIntercept", 0)) for file in files]
    values = np.stack([f.pixel_array * s + i for f, s, i in zip(files, slope, intercept, strict=True)])
    first, last = (np.array(file.ImagePositionPatient, float) for file in (files[0], files[-1]))
    image = sitk.GetImageFromArray(values.astype(np.float32))
    image.SetOrigin(first.tolist())
    row_mm, column_mm = (float(part) for part in files[0].PixelSpacing)
    image.SetSpacing([column_mm, row_mm, float(np.linalg.norm(last - first)) / (len(files) - 1)])
    image.SetDirection(np.stack([row, column, normal], axis=1).ravel().tolist())
    return image


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ct_chest_lidc0314_60", "mr_t1_studyforrest_64"])
def test_planes_of_real_series_are_those_of_simpleitk(real_series: Callable[[str], Path], name: str):
    folder = real_series(name)
    volume = load_volume(series_of(folder))
    image = _as_simpleitk_sees_it(folder)
    for plane in Plane:
        grid = plane_grid(volume, plane)
        steps = grid.affine[:3, :3] / np.linalg.norm(grid.affine[:3, :3], axis=0)
        for picture in np.linspace(0, grid.shape[0] - 1, 7).round().astype(int):
            target = sitk.Image([grid.shape[2], grid.shape[1], 1], sitk.sitkFloat32)
            target.SetOrigin((grid.affine[:3, 3] + grid.affine[:3, 0] * picture).tolist())
            target.SetSpacing([grid.spacing_mm[2], grid.spacing_mm[1], grid.spacing_mm[0]])
            target.SetDirection(steps[:, [2, 1, 0]].ravel().tolist())
            expected = sitk.Resample(image, target, sitk.Transform(), sitk.sitkLinear, volume.lowest)
            difference = np.abs(sitk.GetArrayFromImage(expected)[0] - picture_of(volume, grid, int(picture)))
            # Whole numbers are rounded; on the rim of the slices a voxel may fall to either side of it.
            assert np.quantile(difference, 0.995) <= 0.51, (plane, picture)
            assert difference.mean() < 0.4


@pytest.mark.shared
def test_the_real_series_say_what_they_should(real_series: Callable[[str], Path]):
    ct, mr, pt = (
        load_volume(series_of(real_series(name)))
        for name in ("ct_chest_lidc0314_60", "mr_t1_studyforrest_64", "pt_qin_headneck0024_60")
    )
    assert (ct.values.shape, ct.values.dtype, ct.units, ct.notes) == ((60, 512, 512), np.int16, "HU", ())
    assert plane_grid(ct, Plane.CORONAL).spacing_mm == pytest.approx((0.78125, 4.0, 0.78125))
    assert mr.notes == ("The slices lie 8° oblique; the planes were resampled to the patient's axes.",)
    assert (pt.values.dtype, pt.units) == (np.float32, "BQML")
    assert not (*ct.corrections, *mr.corrections, *pt.corrections)


def test_the_uptake_of_all_slices():
    """One factor for the series, or none is told."""
    frame = Frame(np.zeros((2, 2), np.int16), uptake=Uptake(0.5))
    same = [frame, replace(frame, uptake=Uptake(0.50001))]
    assert volume_reading._uptake(same, frame) == Uptake(0.5)
    assert volume_reading._uptake([*same, replace(frame, uptake=Uptake(0.6))], frame) is None
    assert volume_reading._uptake([*same, replace(frame, uptake=Uptake(reason="why"))], frame) is None
    assert volume_reading._uptake([replace(frame, uptake=None)], frame) is None
