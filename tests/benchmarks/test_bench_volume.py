"""Planes and slabs of a CT of 500 × 512 × 512 voxels, beside SimpleITK's resampling and projections.

The peer gets its image ready-made; it answers in its own image, we in an array and the codes of the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
import pyqtgraph as pg
import pytest
import SimpleITK as sitk
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from core.imaging.frame import Frame, ModalityTransform, Window
from core.imaging.regridding import PlacedSlices, thinned, volume_of
from core.imaging.volume import Plane, PlaneGrid, Projection, Volume, picture_of, plane_grid
from core.jobs import JobQueue
from viewer.picture import WholeCoding
from viewer.volume_planes import VolumePlanes
from viewer.volume_wish import VolumeWish

SHAPE = (500, 512, 512)
ROW_MM, SLICE_MM = 0.7, 1.0
SLAB_MM = 20.0
OBLIQUE = 12.0


def _slices(values: np.ndarray, degrees: float = 0.0) -> PlacedSlices:
    angle = np.radians(degrees)
    along_column = np.array([0.0, np.cos(angle), np.sin(angle)])
    normal = np.cross([1.0, 0.0, 0.0], along_column)
    return PlacedSlices(
        values=values,
        positions_mm=np.outer(np.arange(len(values)) * SLICE_MM, normal),
        along_row=np.array([1.0, 0.0, 0.0]),
        along_column=along_column,
        row_mm=ROW_MM,
        column_mm=ROW_MM,
        look=Frame(
            thinned(values), modality_transform=ModalityTransform(units="HU"), windows=(Window(40, 400),)
        ),
        digests=("bench",),
        numbers=tuple(range(len(values))),
    )


@pytest.fixture(scope="module")
def volume() -> Volume:
    return volume_of(_slices(np.random.default_rng(0).integers(-1000, 3000, SHAPE, dtype=np.int16)))


@pytest.fixture(scope="module")
def image(volume: Volume) -> sitk.Image:
    made = sitk.GetImageFromArray(volume.values)
    made.SetSpacing([ROW_MM, ROW_MM, SLICE_MM])
    return made


def _pictures(grid: PlaneGrid) -> Callable[[], int]:
    places = count()
    return lambda: 40 + next(places) * 7 % (grid.shape[0] - 80)


def _target(grid: PlaneGrid, picture: int, pictures: int = 1) -> sitk.Image:
    target = sitk.Image([grid.shape[2], grid.shape[1], pictures], sitk.sitkInt16)
    target.SetOrigin((grid.affine[:3, 3] + grid.affine[:3, 0] * picture).tolist())
    target.SetSpacing([grid.spacing_mm[2], grid.spacing_mm[1], grid.spacing_mm[0]])
    steps = grid.affine[:3, :3] / np.linalg.norm(grid.affine[:3, :3], axis=0)
    target.SetDirection(steps[:, [2, 1, 0]].ravel().tolist())
    return target


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.benchmark(group="one plane of 500 x 512 x 512")
def test_plane(benchmark: BenchmarkFixture, volume: Volume, plane: Plane):
    grid, coding = (
        plane_grid(volume, plane),
        WholeCoding(volume.look, int(volume.lowest), int(volume.highest)),
    )
    picture = _pictures(grid)
    benchmark(lambda: coding.codes_of(picture_of(volume, grid, picture())))


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.benchmark(group="one plane of 500 x 512 x 512")
def test_plane_with_simpleitk(benchmark: BenchmarkFixture, volume: Volume, image: sitk.Image, plane: Plane):
    grid = plane_grid(volume, plane)
    picture, still = _pictures(grid), sitk.Transform()
    benchmark(lambda: sitk.Resample(image, _target(grid, picture()), still, sitk.sitkLinear, -1000.0))


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.benchmark(group="MIP of 20 mm of 500 x 512 x 512")
def test_slab(benchmark: BenchmarkFixture, volume: Volume, plane: Plane):
    grid = plane_grid(volume, plane)
    picture = _pictures(grid)
    benchmark(lambda: picture_of(volume, grid, picture(), SLAB_MM, Projection.MAXIMUM))


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.benchmark(group="MIP of 20 mm of 500 x 512 x 512")
def test_slab_with_simpleitk(benchmark: BenchmarkFixture, volume: Volume, image: sitk.Image, plane: Plane):
    grid = plane_grid(volume, plane)
    axis = 2 - grid.axes[0]
    picture = _pictures(grid)

    def project() -> sitk.Image:
        first, last = grid.slab(picture(), SLAB_MM)
        size, start = list(image.GetSize()), [0, 0, 0]
        size[axis], start[axis] = last - first, first
        return sitk.MaximumProjection(sitk.RegionOfInterest(image, size, start), axis)

    benchmark(project)


@pytest.mark.parametrize("how", Projection)
@pytest.mark.benchmark(group="projection of the whole volume, 500 x 512 x 512")
def test_whole(benchmark: BenchmarkFixture, volume: Volume, how: Projection):
    grid = plane_grid(volume, Plane.CORONAL)
    benchmark.pedantic(lambda: picture_of(volume, grid, 256, 1e6, how), rounds=5)


@pytest.mark.parametrize("how", Projection)
@pytest.mark.benchmark(group="projection of the whole volume, 500 x 512 x 512")
def test_whole_with_simpleitk(benchmark: BenchmarkFixture, image: sitk.Image, how: Projection):
    project = {
        Projection.MAXIMUM: sitk.MaximumProjection,
        Projection.MINIMUM: sitk.MinimumProjection,
        Projection.MEAN: sitk.MeanProjection,
    }[how]
    benchmark.pedantic(lambda: project(image, 1), rounds=5)


@pytest.mark.benchmark(group="oblique slices to the patient's axes, 160 x 512 x 512")
def test_resampling(benchmark: BenchmarkFixture):
    values = np.random.default_rng(0).integers(-1000, 3000, (160, 512, 512), dtype=np.int16)
    slices = _slices(values, OBLIQUE)
    benchmark.pedantic(lambda: volume_of(slices), rounds=2)


@pytest.mark.benchmark(group="oblique slices to the patient's axes, 160 x 512 x 512")
def test_resampling_with_simpleitk(benchmark: BenchmarkFixture):
    values = np.random.default_rng(0).integers(-1000, 3000, (160, 512, 512), dtype=np.int16)
    slices = _slices(values, OBLIQUE)
    made = volume_of(slices)

    def resample() -> sitk.Image:
        image = sitk.GetImageFromArray(slices.values)
        image.SetSpacing([ROW_MM, ROW_MM, SLICE_MM])
        directions = np.stack([slices.along_row, slices.along_column, slices.normal], axis=1)
        image.SetDirection(directions.ravel().tolist())
        grid = plane_grid(made, Plane.AXIAL)
        target = _target(grid, 0, grid.shape[0])
        return sitk.Resample(image, target, sitk.Transform(), sitk.sitkLinear, -1000.0, sitk.sitkFloat32)

    benchmark.pedantic(resample, rounds=2)


def _wishes(volume: Volume) -> Callable[[], VolumeWish]:
    """The crosshair on its way through the volume: all three planes are new each time."""
    places, grey = count(), Window(40, 400)

    def wish() -> VolumeWish:
        step = next(places) % 100
        x, y, z = volume.centre
        return VolumeWish((x + step * ROW_MM, y - step * ROW_MM, z + step * SLICE_MM), grey)

    return wish


@pytest.mark.benchmark(group="crosshair moves: three planes of 500 x 512 x 512 painted, 1600 x 900")
def test_crosshair(benchmark: BenchmarkFixture, qapp: QApplication, qtbot: QtBot, volume: Volume):
    wish = _wishes(volume)
    jobs = JobQueue(lambda call: call())
    planes = VolumePlanes(volume, wish(), jobs, lambda error: None)
    qtbot.addWidget(planes)
    planes.resize(1600, 900)
    planes.show()

    def move() -> None:
        planes.set_wish(wish())
        planes.repaint()
        qapp.processEvents()

    benchmark(move)
    jobs.shutdown()


@pytest.mark.benchmark(group="crosshair moves: three planes of 500 x 512 x 512 painted, 1600 x 900")
def test_crosshair_in_pyqtgraph(
    benchmark: BenchmarkFixture, qapp: QApplication, qtbot: QtBot, volume: Volume
):
    """Three image items and their lines, each plane cut by indexing: no letters, no texts, no scale."""
    widget = pg.GraphicsLayoutWidget()
    qtbot.addWidget(widget)
    widget.resize(1600, 900)
    items, lines = [], []
    for number in range(3):
        box = widget.addViewBox(lockAspect=True, invertY=True, row=number // 2, col=number % 2)
        items.append(pg.ImageItem(axisOrder="row-major", levels=(-160, 240)))
        box.addItem(items[-1])
        for angle in (0, 90):
            lines.append(pg.InfiniteLine(angle=angle))
            box.addItem(lines[-1])
    widget.show()
    values, places = volume.values, count()

    def move() -> None:
        step = next(places) % 100
        for item, picture in zip(
            items, (values[250 + step], values[:, 256 - step], values[:, :, 256 + step]), strict=True
        ):
            item.setImage(picture, autoLevels=False)
        for line in lines:
            line.setValue(256 + step)
        widget.repaint()
        qapp.processEvents()

    benchmark(move)
