"""A series becomes slices of modality values, each at its place in the patient, ready to be a volume.

Pixels come through `read_frame` alone, one frame after the other, and places through `stack_geometry`. It
is read in portions, so that other reading goes in between. Memory is asked for before the first frame; what
is no volume is refused in a sentence as soon as it is known.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.dicom.frame_places import place_of_frame
from core.dicom.frames import read_frame
from core.dicom.geometry import StackGeometry, stack_geometry
from core.dicom.grouping import in_place_order
from core.dicom.index import StudyIndex
from core.errors import OutOfMemory, ProductError, UnreadableFile
from core.imaging.display import to_modality
from core.imaging.frame import Frame, ModalityTransform, Window
from core.imaging.regridding import Axes, PlacedSlices, bytes_needed, thinned, volume_of
from core.imaging.volume import why_no_volume
from core.jobs import NO_JOB, JobContext
from core.memory import available_bytes, memory_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.dicom.index import Series
    from core.imaging.quantities import Uptake
    from core.imaging.volume import Values, Volume

# A volume may take so much of what the system can give: the window and other programs live there, too.
_SHARE_OF_MEMORY = 0.7
_INT16 = np.iinfo(np.int16)
# Of twenty slices one may be unreadable and be interpolated; more would be an invention.
_UNREADABLE_SHARE = 0.05
_SAME_FACTOR = 1e-3


def load_volume(series: Series, ctx: JobContext = NO_JOB, *, axes: Axes = Axes.PATIENT) -> Volume:
    """The volume of a series, read at one go. Any thread; raises `ProductError` for what is none."""
    reading = VolumeReading(series, axes)
    while not reading.read_on(ctx):
        pass
    return reading.made(ctx)


class VolumeReading:
    """A series on its way to placed slices. One thread at a time; nothing is read before `read_on`.

    `done` of `total` frames have been read.
    """

    def __init__(self, series: Series, axes: Axes = Axes.PATIENT) -> None:
        self._series = series = in_place_order(series)
        self._axes = axes
        self._frames = StudyIndex.frames_of(series)
        self._geometry: StackGeometry | None = None
        self._read: list[_Slice] = []
        self._values: Values = np.empty((0, 0, 0), np.int16)
        self._skipped: list[str] = []
        self.total = len(self._frames)
        self.done = 0

    def read_on(self, ctx: JobContext = NO_JOB, seconds: float = 0.2) -> bool:
        """Read for some `seconds`, at least one frame; whether the end is reached.

        Raises `ProductError` as soon as it is known that there will be no volume.
        """
        if self._geometry is None:
            self._geometry = self._checked_geometry()
            self._make_room(self._geometry, 4 if self._series.modality == "PT" else 2)
        until = time.monotonic() + seconds
        while self.done < self.total:
            ctx.report(self.done, self.total, "reading slices")
            self._read_one(self.done)
            self.done += 1
            if time.monotonic() >= until:
                break
        return self.done == self.total

    def made(self, ctx: JobContext = NO_JOB) -> Volume:
        """The volume, once all of the series is read. Any thread."""
        placed = self.placed()
        ctx.checkpoint()
        return volume_of(placed, axes=self._axes, ctx=ctx)

    def placed(self) -> PlacedSlices:
        """What was read, once all of it is; the reading lets go of it."""
        geometry = self._geometry
        if geometry is None or self.done < self.total:
            raise RuntimeError("The series has not been read to its end.")
        values, self._values = self._values[: len(self._read)], np.empty((0, 0, 0), np.int16)
        _fill_background(values, self._read)
        values.setflags(write=False)
        numbers = tuple(one.number for one in self._read)
        middle = self._read[len(self._read) // 2].shell
        column_mm, row_mm = np.linalg.norm(geometry.affine[:3, :2], axis=0)
        look = Frame(
            thinned(values),
            photometric_interpretation=middle.photometric_interpretation,
            modality_transform=ModalityTransform(units=middle.modality_transform.units),
            windows=_windows([one.shell for one in self._read], middle),
            voi_tables=middle.voi_tables,
            inverse_presentation=middle.inverse_presentation,
            uptake=_uptake([one.shell for one in self._read], middle),
            source=middle.source,
        )
        return PlacedSlices(
            values=values,
            positions_mm=self._positions(geometry)[list(numbers)],
            along_row=geometry.affine[:3, 0] / column_mm,
            along_column=geometry.affine[:3, 1] / row_mm,
            row_mm=float(row_mm),
            column_mm=float(column_mm),
            look=look,
            digests=tuple(one.digest for one in self._read),
            numbers=numbers,
            corrections=self._skip_words(),
        )

    def _checked_geometry(self) -> StackGeometry:
        series = self._series
        reason = why_no_volume(series.modality, series.number_of_images)
        if reason:
            raise ProductError(reason, "Choose a CT, MR or PET series.")
        if any(instance.photometric_interpretation not in _GREY for instance in series.instances):
            raise ProductError("Colour images make no volume.", "Choose a series in grey.")
        geometry = stack_geometry(series)
        if geometry is None:
            raise ProductError(
                "The files do not say where their slices lie in the patient (position, direction or pixel "
                "spacing is missing), so no volume can be made of them.",
                "The series can be looked at slice by slice.",
            )
        if geometry.obstacles:
            raise ProductError(
                f"The slices make no volume. {' '.join(geometry.obstacles)}",
                "The series can be looked at slice by slice.",
            )
        return geometry

    def _make_room(self, geometry: StackGeometry, itemsize: int) -> None:
        """Make an array for all slices, if there is memory for it and for what follows."""
        affine = geometry.affine[:, [2, 1, 0, 3]]
        needed = bytes_needed(affine, geometry.shape, itemsize, self._axes, even=geometry.regular)
        available = available_bytes()
        if available is not None and needed > _SHARE_OF_MEMORY * available:
            raise OutOfMemory(
                f"The volume of {geometry.shape[0]} slices needs {memory_words(needed)} of memory; "
                f"{memory_words(available)} are free.",
                "Close other windows and programs, and try again.",
            )
        room: Values = np.empty(geometry.shape, np.int16)
        if itemsize == 4:
            room = np.empty(geometry.shape, np.float32)
        if self._read:
            room[: len(self._read)] = self._values[: len(self._read)]
        self._values = room

    def _read_one(self, number: int) -> None:
        instance, frame_index = self._frames[number]
        try:
            frame = read_frame(instance, frame_index)
        except UnreadableFile as error:
            self._skipped.append(f"slice {number + 1} ({error.message})")
            if len(self._skipped) > max(1, _UNREADABLE_SHARE * self.total):
                raise
            return
        if not frame.is_grey:
            raise ProductError("Colour images make no volume.", "Choose a series in grey.")
        values, background = _modality_values(frame)
        if values.shape != self._values.shape[1:]:
            rows, columns = values.shape
            raise ProductError(
                f"Slice {number + 1} has {rows} × {columns} pixels, others have "
                f"{self._values.shape[1]} × {self._values.shape[2]}: they make no volume.",
                "The series can be looked at slice by slice.",
            )
        if values.dtype == np.float32 and self._values.dtype == np.int16 and self._geometry is not None:
            self._make_room(self._geometry, 4)
        self._values[len(self._read)] = values
        self._read.append(_Slice(number, frame, background))

    def _positions(self, geometry: StackGeometry) -> NDArray[np.float64]:
        """Centre of the first pixel of every frame; exactly on the grid where the stack is one."""
        if geometry.regular:
            normal = np.cross(geometry.affine[:3, 0], geometry.affine[:3, 1])
            normal /= np.linalg.norm(normal)
            places = np.arange(geometry.shape[0]) * geometry.spacing_mm[0]
            return np.asarray(geometry.affine[:3, 3] + np.outer(places, normal))
        places_mm = [place_of_frame(instance, index).position_mm for instance, index in self._frames]
        return np.array(places_mm, np.float64)

    def _skip_words(self) -> tuple[str, ...]:
        if not self._skipped:
            return ()
        return (f"Not readable, interpolated from the neighbours: {'; '.join(self._skipped)}.",)


class _Slice:
    """What is kept of a frame that was read: all but its pixels; where it has no image, as bits."""

    __slots__ = ("background", "digest", "number", "shell")

    def __init__(self, number: int, frame: Frame, background: NDArray[np.bool_] | None) -> None:
        self.number = number
        self.digest = frame.digest
        self.shell = replace(frame, stored=frame.stored[:1, :1].copy(), overlays=(), shutter=None)
        self.background = None if background is None else np.packbits(background)


_GREY = ("MONOCHROME1", "MONOCHROME2", "")


def _modality_values(frame: Frame) -> tuple[Values, NDArray[np.bool_] | None]:
    """Values of a frame, int16 where that is exact, and which of them are no image; None if all are."""
    wide = to_modality(frame.stored, frame.modality_transform)
    outside = ~frame.shows_image(frame.stored) | ~np.isfinite(wide)
    background = outside if outside.any() else None
    if background is not None:
        shown = wide[~background]
        wide[background] = shown.min() if shown.size else 0.0
    if wide.min() >= _INT16.min and wide.max() <= _INT16.max:
        whole = wide.astype(np.int16)
        if (whole == wide).all():
            return whole, background
    return wide.astype(np.float32), background


def _fill_background(values: Values, read: list[_Slice]) -> None:
    """What is no image becomes the lowest value of all that is."""
    lowest = values.min()
    for place, one in enumerate(read):
        if one.background is not None:
            outside = np.unpackbits(one.background, count=values[place].size).astype(np.bool_)
            values[place][outside.reshape(values[place].shape)] = lowest


def _uptake(frames: list[Frame], middle: Frame) -> Uptake | None:
    """The uptake of the middle slice if that of all slices has the same factor."""
    factors = [
        one.uptake.factor for one in frames if one.uptake is not None and one.uptake.factor is not None
    ]
    if len(factors) < len(frames) or max(factors) - min(factors) > _SAME_FACTOR * abs(max(factors)):
        return None
    return middle.uptake


def _windows(frames: list[Frame], middle: Frame) -> tuple[Window, ...]:
    """Windows that all slices share, else those of the middle one."""
    shared = [window for window in frames[0].windows if all(window in one.windows for one in frames)]
    return tuple(dict.fromkeys(shared)) or middle.windows
