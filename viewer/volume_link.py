"""One place in the patient, in a volume's planes and in the main window: whatever series that shows.

Images of one frame of reference (PS3.3 C.7.4.1) share their millimetres. Where the shown slice holds the
crosshair, lines mark it there; a click on the slice brings the crosshair to it. Nothing else of the main
window changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.imaging.volume import Point
from core.session import Session
from viewer.comparison import Comparison
from viewer.guides import Guides
from viewer.theme import Colour
from viewer.volume_window import VolumeWindow
from viewer.watch import watch

if TYPE_CHECKING:
    from core.imaging.frame import Frame
    from core.imaging.placed_slice import PlacedSlice

# A slice holds what lies no farther from it than half the way to the next; alone it is as thin as this.
_THINNEST_MM = 1.0


class VolumeLink(QObject):
    """Keeps one volume window and the main window at one place. Lives as long as the volume window."""

    def __init__(self, session: Session, comparison: Comparison, window: VolumeWindow) -> None:
        super().__init__(window)
        self._session = session
        self._comparison = comparison
        self._window = window
        self._point: Point | None = None
        self._marks = False
        window.pointChanged.connect(self._take_point)
        comparison.pointed.connect(self._move_window)
        watch(self, session.frame_changed, self._frame_changed)

    def _take_point(self, point: Point | None) -> None:
        self._point = point
        self._mark()

    def _frame_changed(self, frame: Frame | None) -> None:
        self._mark()

    def _mark(self) -> None:
        """Lines on the shown slice where the crosshair lies in it; those of another volume are left alone."""
        guides = self._guides()
        if guides is not None or self._marks:
            self._comparison.set_guides(guides)
        self._marks = guides is not None

    def _guides(self) -> Guides | None:
        place, point = self._shown_slice(), self._point
        if place is None or point is None or self._session.selection is None:
            return None
        distance, row, column = place.from_patient(point)
        reach = max(self._session.selection.series.slice_spacing_mm or 0.0, _THINNEST_MM) / 2
        if abs(distance) > reach + 1e-6:
            return None
        return Guides(row, column, Colour.ACCENT, Colour.ACCENT)

    def _move_window(self, row: float, column: float) -> None:
        place = self._shown_slice()
        if place is not None:
            self._window.move_to(place.to_patient(row, column))

    def _shown_slice(self) -> PlacedSlice | None:
        """Where the shown slice lies, if its millimetres are those of the volume."""
        # Imported here: pydicom costs a third of a second that the first window should not wait for.
        from core.dicom.frame_places import placed_slice

        frame, selection, volume = self._session.frame, self._session.selection, self._window.volume
        if frame is None or selection is None or volume is None or selection.loading:
            return None
        if not _same_frame_of_reference(frame, volume.look):
            return None
        return placed_slice(selection.instance, frame.source.frame_index)


def _same_frame_of_reference(one: Frame, other: Frame) -> bool:
    """The same frame of reference, or the same series: anonymized files may name another one each."""
    if one.source.series_instance_uid == other.source.series_instance_uid:
        return True
    reference = one.source.frame_of_reference_uid
    return bool(reference) and reference == other.source.frame_of_reference_uid
