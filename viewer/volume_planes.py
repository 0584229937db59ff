"""The three planes of a volume side by side: one crosshair, one window, each from its own viewpoint.

A plane that is one voxel thick is cut at once; a slab of many voxels is projected on the volume lane, and
the newest question wins. What is written on a panel is always said of the picture that it shows.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from core.imaging.display import Grey, equivalent_window
from core.imaging.frame import Window
from core.imaging.volume import Plane, PlaneGrid, Point, Values, Volume, picture_of, plane_grid, slab_voxels
from core.jobs import Job, JobContext, JobQueue, Lane
from viewer.image_view import ImageView
from viewer.language import tr
from viewer.picture import BrokenCoding, Levels, Picture, WholeCoding
from viewer.pointer import Tool, WindowBasis
from viewer.viewpoint import Viewpoint, fitted
from viewer.volume_wish import (
    Cut,
    VolumeWish,
    guides_of,
    lookup_basis,
    moved_within,
    plane_content,
    scrolled,
    wished_cut,
)

_GAP_PX = 4
# The first plane takes so much of the width; the other two share the rest, one above the other.
_FIRST_SHARE = 0.58
_HEAVY_VOXELS = 4_000_000
# Planes across thick slices are smooth at every zoom: squares would be taller than what they show.
_NEAREST_FROM_ZOOM = 1000.0


@dataclass(slots=True)
class _Panel:
    """One plane: where it looks from, and which picture it shows."""

    view: ImageView
    grid: PlaneGrid
    viewpoint: Viewpoint
    fits: bool = True
    shown: Cut | None = None
    asked: Cut | None = None
    job: Job | None = None


class VolumePlanes(QWidget):
    """Axial, coronal and sagittal planes of one volume. GUI thread only."""

    wishChanged = Signal(object)
    """`VolumeWish` after the reader changed it with the mouse."""
    pointedAt = Signal(object)
    """`Point` under the mouse, or None."""

    def __init__(
        self,
        volume: Volume,
        wish: VolumeWish,
        jobs: JobQueue,
        failed: Callable[[BaseException], None],
        caption: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.volume = volume
        self.wish = wish
        self._jobs = jobs
        self._failed = failed
        self._caption = caption
        self.grids = {plane: plane_grid(volume, plane) for plane in Plane}
        if volume.values.dtype.kind == "i":
            self._coding: WholeCoding | BrokenCoding = WholeCoding(
                volume.look, int(volume.lowest), int(volume.highest)
            )
        else:
            self._coding = BrokenCoding(volume.look, volume.lowest, volume.highest)
        self._levels: Levels = self._coding.levels_of(wish.grey, wish.invert)
        self._panels = {plane: self._made_panel(plane) for plane in Plane}
        self._before_click: Point = wish.point
        self._show_all()

    # --- what is shown -----------------------------------------------------------------------------

    def set_wish(self, wish: VolumeWish) -> None:
        """Show the volume in another way."""
        before, self.wish = self.wish, wish
        if wish.grey != before.grey or wish.invert != before.invert:
            self._levels = self._coding.levels_of(wish.grey, wish.invert)
        if wish.alone is not before.alone:
            self._arrange()
        self._show_all()

    def set_tool(self, tool: Tool) -> None:
        """What the left button does, in all planes."""
        for panel in self._panels.values():
            panel.view.set_tool(tool)

    def set_texts_visible(self, visible: bool) -> None:
        """Show or hide corner texts, letters and scale bars."""
        for panel in self._panels.values():
            panel.view.set_texts_visible(visible)

    def view(self, plane: Plane) -> ImageView:
        """The viewport of a plane."""
        return self._panels[plane].view

    @property
    def focused(self) -> Plane:
        """The plane that keys scroll: the one with the focus, else the one that is seen best."""
        for plane, panel in self._panels.items():
            if panel.view.hasFocus() and panel.view.isVisible():
                return plane
        return self.wish.alone or Plane.AXIAL

    @property
    def settled(self) -> bool:
        """Whether every plane shows what was wished for."""
        return all(panel.shown == panel.asked for panel in self._panels.values())

    def fit(self) -> None:
        """All of each plane, as large as its panel allows; stays so while the window is resized."""
        for panel in self._panels.values():
            panel.fits = True
            self._fit(panel)

    def zoom_by(self, plane: Plane, factor: float) -> None:
        """Zoom a plane about the middle of its panel."""
        viewpoint = self._panels[plane].viewpoint
        self._take_viewpoint(plane, replace(viewpoint, zoom=viewpoint.zoom * factor))

    def stop(self) -> None:
        """Drop what is being projected."""
        for panel in self._panels.values():
            if panel.job is not None:
                panel.job.cancel()
                panel.job = None

    def step(self, plane: Plane, steps: int) -> None:
        """Go on by a number of pictures of one plane; the crosshair comes along."""
        self._wish(replace(self.wish, point=scrolled(self.grids[plane], self.wish.point, steps)))

    def sizeHint(self) -> QSize:
        """Three planes of comfortable size."""
        return QSize(1000, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first plane large, the others beside it."""
        self._arrange()

    # --- inside ------------------------------------------------------------------------------------

    def _made_panel(self, plane: Plane) -> _Panel:
        view = ImageView(self)
        view.setAccessibleName(tr("Plane: {name}").format(name=plane.value))
        view.set_single_image(False)
        # A lambda that holds this widget would keep it, and the volume, alive for ever.
        this = weakref.proxy(self)
        view.windowed.connect(self._take_window)
        view.viewpointChanged.connect(lambda viewpoint: this._take_viewpoint(plane, viewpoint))
        view.scrolled.connect(lambda steps: this.step(plane, steps))
        view.pointed.connect(lambda row, column: this._take_point(plane, row, column))
        view.hovered.connect(lambda row, column: this._hover(plane, row, column))
        view.cursorLeft.connect(lambda: this.pointedAt.emit(None))
        view.maximiseRequested.connect(lambda: this._maximise(plane))
        grid = self.grids[plane]
        return _Panel(view, grid, fitted(grid.shape[1:], 100, 100))

    def _show_all(self) -> None:
        for plane, panel in self._panels.items():
            self._show(plane, panel)

    def _show(self, plane: Plane, panel: _Panel) -> None:
        """The picture that is wished for, at once or when it has been projected."""
        cut = wished_cut(panel.grid, self.wish)
        if cut != panel.asked and self._is_seen(plane):
            panel.asked = cut
            if panel.job is not None:
                panel.job.cancel()
                panel.job = None
            if cut.projection is None or slab_voxels(panel.grid, cut.picture, cut.slab_mm) <= _HEAVY_VOXELS:
                self._take_picture(panel, cut, _cut(self.volume, panel.grid, cut))
            else:
                panel.job = self._jobs.submit(
                    Lane.VOLUME,
                    tr("Projecting the {plane} plane").format(plane=plane.value),
                    partial(_projected, self.volume, panel.grid, cut),
                    partial(self._projected, plane, cut),
                    self._failed,
                    shown=False,
                )
        self._dress(plane, panel)

    def _is_seen(self, plane: Plane) -> bool:
        return self.wish.alone in {None, plane}

    def _projected(self, plane: Plane, cut: Cut, values: Values) -> None:
        panel = self._panels[plane]
        if panel.asked == cut:
            panel.job = None
            self._take_picture(panel, cut, values)
            self._dress(plane, panel)

    def _take_picture(self, panel: _Panel, cut: Cut, values: Values) -> None:
        panel.shown = cut
        # The coding knows the type of the volume that these values are part of.
        codes = self._coding.codes_of(values)  # type: ignore[arg-type]
        panel.view.set_picture(
            Picture(
                codes,
                self._coding.levels_of,
                (self.volume.lowest, self.volume.highest),
                nearest_from_zoom=_NEAREST_FROM_ZOOM,
            )
        )

    def _dress(self, plane: Plane, panel: _Panel) -> None:
        """Everything but the pixels."""
        view = panel.view
        view.set_levels(self._levels)
        view.set_window_basis(self._basis())
        view.set_guides(guides_of(self.grids, plane, self.wish))
        if panel.shown is not None:
            pending = panel.shown != panel.asked
            view.set_content(
                plane_content(panel.grid, panel.shown, self.wish, self._caption, pending=pending)
            )
        view.set_viewpoint(panel.viewpoint)

    def _basis(self) -> WindowBasis:
        window, falls = equivalent_window(self.wish.grey)
        low, high = lookup_basis(self.wish.grey)
        inverted = (self.volume.look.inverted != self.wish.invert) != falls
        return WindowBasis(window, min(self.volume.lowest, low), max(self.volume.highest, high), inverted)

    def _wish(self, wish: VolumeWish) -> None:
        """What the reader did with the mouse: shown here, and told."""
        self.set_wish(wish)
        self.wishChanged.emit(wish)

    def _take_window(self, window: Window) -> None:
        grey: Grey = window
        invert = self.wish.invert != equivalent_window(self.wish.grey)[1]
        self._wish(replace(self.wish, grey=grey, invert=invert))

    def _take_viewpoint(self, plane: Plane, viewpoint: Viewpoint) -> None:
        panel = self._panels[plane]
        _, rows, columns = panel.grid.shape
        panel.fits = False
        panel.viewpoint = replace(
            viewpoint,
            row=min(max(viewpoint.row, 0.0), float(rows)),
            column=min(max(viewpoint.column, 0.0), float(columns)),
        )
        panel.view.set_viewpoint(panel.viewpoint)

    def _take_point(self, plane: Plane, row: float, column: float) -> None:
        self._before_click = self.wish.point
        point = moved_within(self.grids[plane], self.wish.point, row, column)
        self._wish(replace(self.wish, point=point))

    def _hover(self, plane: Plane, row: float, column: float) -> None:
        shown = self._panels[plane].shown
        if shown is not None:
            self.pointedAt.emit(self.grids[plane].to_patient(shown.picture, row, column))

    def _maximise(self, plane: Plane) -> None:
        # The first half of a double click was a click: the crosshair goes back to where it was.
        alone = plane if self.wish.alone is None else None
        self._wish(replace(self.wish, point=self._before_click, alone=alone))

    def _fit(self, panel: _Panel) -> None:
        area = panel.view.viewport
        _, row_mm, column_mm = panel.grid.spacing_mm
        panel.viewpoint = fitted(panel.grid.shape[1:], area.width(), area.height(), aspect=row_mm / column_mm)
        panel.view.set_viewpoint(panel.viewpoint)

    def _arrange(self) -> None:
        width, height = self.width(), self.height()
        alone = self.wish.alone
        left = int(width * _FIRST_SHARE)
        half = (height - _GAP_PX) // 2
        right = width - left - _GAP_PX
        places = {
            Plane.AXIAL: (0, 0, left, height),
            Plane.CORONAL: (left + _GAP_PX, 0, right, half),
            Plane.SAGITTAL: (left + _GAP_PX, half + _GAP_PX, right, height - half - _GAP_PX),
        }
        for plane, panel in self._panels.items():
            panel.view.setVisible(alone in {None, plane})
            if alone is plane:
                panel.view.setGeometry(0, 0, width, height)
            elif alone is None:
                panel.view.setGeometry(*places[plane])
            if panel.fits:
                self._fit(panel)


def _cut(volume: Volume, grid: PlaneGrid, cut: Cut) -> Values:
    return picture_of(volume, grid, cut.picture, cut.slab_mm, cut.projection)


def _projected(volume: Volume, grid: PlaneGrid, cut: Cut, ctx: JobContext) -> Values:
    """On the volume lane."""
    ctx.checkpoint()
    return _cut(volume, grid, cut)
