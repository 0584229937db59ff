"""A viewport of the desk: a document, the panels that show it, and what links need to know of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.linking import Gaze, GreyScale, Linked, LinkMode, StackPlaces
from core.side_stack import Document, SideStack
from viewer.comparison import Comparison
from viewer.viewpoint import Viewpoint

if TYPE_CHECKING:
    from core.dicom.study import Patient, Series, Study
    from core.imaging.frame import Frame
    from core.imaging.placed_slice import PlacedSlice


class Viewport(QObject):
    """One place of the desk. `mode`: what the reader wants of its links."""

    def __init__(self, document: Document, comparison: Comparison, parent: QObject) -> None:
        super().__init__(parent)
        self.document = document
        self.comparison = comparison
        self.mode = LinkMode.BY_PLACE
        self._plane: tuple[tuple[Series, int], PlacedSlice | None] | None = None
        self._places: tuple[Series, StackPlaces] | None = None
        self._scale: tuple[Frame, GreyScale] | None = None

    @property
    def place(self) -> tuple[Patient, Study, Series] | None:
        """Whose image is shown, or on its way."""
        document = self.document
        if isinstance(document, SideStack):
            return document.place
        selection = document.selection
        if selection is None or document.index is None:
            return None
        try:
            return document.index.place_of(*selection.series.images[selection.position])
        except KeyError:  # closed, and not yet said
            return None

    @property
    def shown_key(self) -> tuple[object, str]:
        """Whose and which series is shown."""
        place, frame = self.place, self.document.frame
        person = None if place is None else (place[0].patient_id, place[0].name, place[0].birth_date)
        return person, "" if frame is None else frame.source.series_instance_uid

    @property
    def plane(self) -> PlacedSlice | None:
        """Where the image that is shown, or on its way, lies in the patient."""
        from core.dicom.frame_places import placed_slice  # pydicom came with the first index

        selection = self.document.selection
        if selection is None:
            return None
        series, position = selection.series, selection.position
        kept = self._plane
        if kept is None or kept[0][0] is not series or kept[0][1] != position:
            self._plane = kept = ((series, position), placed_slice(*series.images[position]))
        return kept[1]

    @property
    def linked(self) -> Linked | None:
        """The viewport as links see it; None while it shows no image."""
        selection, frame, place = self.document.selection, self.document.frame, self.place
        if selection is None or frame is None or place is None:
            return None
        if frame.source.series_instance_uid != selection.series.series_instance_uid:
            return None  # another series is on its way
        view = self.comparison.viewpoint
        return Linked(
            mode=self.mode,
            patient=self.shown_key[0],
            series_instance_uid=selection.series.series_instance_uid,
            frame_of_reference_uid=frame.source.frame_of_reference_uid,
            spacing=frame.spacing,
            shape=(frame.rows, frame.columns),
            plane=self.plane,
            places=self._stack_places(selection.series),
            position=selection.position,
            gaze=Gaze(view.row, view.column, view.zoom, view.quarter_turns, view.flipped),
        )

    @property
    def grey_scale(self) -> GreyScale | None:
        """What decides which windows make sense here; None while it shows no image."""
        presented = self.document.presented
        if presented is None:
            return None
        if self._scale is None or self._scale[0] is not presented.frame:
            self._scale = (presented.frame, GreyScale.of(presented.frame, self.document.presets))
        return self._scale[1]

    def look(self, gaze: Gaze) -> None:
        """Look from elsewhere; turns and mirrors stay."""
        view = self.comparison.viewpoint
        there = replace(view, row=gaze.row, column=gaze.column, zoom=gaze.zoom)
        if there != view:
            self.comparison.set_viewpoint(there)

    def turn_as(self, viewpoint: Viewpoint) -> None:
        """Turn and mirror as another viewport is."""
        view = self.comparison.viewpoint
        self.comparison.set_viewpoint(
            replace(view, quarter_turns=viewpoint.quarter_turns, flipped=viewpoint.flipped)
        )

    def _stack_places(self, series: Series) -> StackPlaces:
        if self._places is None or self._places[0] is not series:
            self._places = (series, StackPlaces.of(series))
        return self._places[1]
