"""Original | healthy twin | difference, side by side: one viewpoint, window and cursor for all three.

The widget keeps a `Wish` and resolves it into three panels; it changes nothing else. What the reader does
comes out as signals with plain values. Results that belong to other pixels are not shown, whoever sends
them.
"""

from __future__ import annotations

import weakref
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from core.imaging.composition import Layers
from core.imaging.display import Grey, Levels, equivalent_window
from core.imaging.findings import Finding
from core.imaging.frame import Frame, LookupTable, PixelSpacing, Window
from core.imaging.heatmap import HeatmapStyle
from core.imaging.marks import Mark
from core.imaging.measurements import Measured
from core.imaging.presentation import Presentation, Presented, carried_over
from core.imaging.region_window import region_window
from core.inference.analysis import Analysis, Answer
from viewer.flat_legend import FLAT_LEGEND_PX
from viewer.guides import Cut, Guides
from viewer.image_view import ImageView
from viewer.invitation import Invitation
from viewer.language import tr
from viewer.legend import LEGEND_PX, LegendStrip
from viewer.motion import Motion
from viewer.panel import PanelContent, StatusKind
from viewer.picture import Picture
from viewer.planes import Planes
from viewer.pointer import Tool, WindowBasis
from viewer.presented_view import box_of, home_of, zoom_of
from viewer.probe import readout
from viewer.sign_chooser import SignChooser
from viewer.theme import Colour, scaled
from viewer.twin_tools import TwinTools
from viewer.veil import Second
from viewer.viewpoint import Viewpoint, fitted_to
from viewer.wish import (
    NO_MAP,
    Panel,
    TwinMode,
    Wish,
    drawn_map,
    legend_of,
    picture_name,
    resolve,
)

_GAP_PX = 3
_NARROW_PX = 340
READOUT_PX = 24
READOUT_STYLE = f"color: {Colour.TEXT}; background: {Colour.RAISED}; padding-left: 8px;"


class Comparison(QWidget):
    """The three linked panels with their legend and the read-out line, or an invitation to open a study.

    Setters take frozen values and may be called in any order; each redraws only what it changes. The
    viewpoint is kept here, since it belongs to nothing but the screen. GUI thread only.
    """

    windowed = Signal(object, bool)
    """`Window` wished for by dragging, and the inversion that goes with it (a falling LUT needs one)."""
    viewpointChanged = Signal(object)
    """The new `Viewpoint`, after it is shown."""
    moved = Signal()
    """The reader panned or zoomed with the mouse, after that is shown."""
    scrolled = Signal(int)
    contextRequested = Signal(QPoint)
    layoutChanged = Signal(object)
    """The `Panel` that is shown alone, or None for all three, after it is shown."""
    doubleClicked = Signal(object)
    """The `Panel` that was double-clicked."""
    readoutChanged = Signal(str)
    """What stands under the cursor, in words."""
    findingClicked = Signal(str)
    told = Signal(str)
    """Why what the reader did changes nothing, in one sentence."""
    commanded = Signal(str)
    """Identifier of a command that a gesture of the mouse asks for."""
    pointed = Signal(float, float)
    """Frame (row, column) clicked on in the original."""
    markDrawn = Signal(object)
    markChanged = Signal(object)
    markSelected = Signal(str)
    showsChosen = Signal(object)
    """`core.imaging.heatmap.Shows` wished for; answer with `set_heatmap`."""
    twinModeChanged = Signal(object)
    """`TwinMode` wished for; answer with `set_twin_pixels`."""
    openRequested = Signal()
    demoRequested = Signal()

    def __init__(self, parent: QWidget | None = None, *, invites: bool = True) -> None:
        super().__init__(parent)
        self._invites = invites
        self._has_readout = True
        self._out: set[Panel] = set()
        self.maximises = True
        """Whether a double click shows a panel alone, or all again."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._wish = Wish()
        self._viewpoint = Viewpoint(0, 0, 1)
        self._fits = True
        self._alone: Panel | None = None
        self._seconds: tuple[Second | None, Second | None] = (None, None)
        self._lens_place = (0.0, 0.0)
        self._settling = False
        self._wished_mode = TwinMode.DETAIL_PRESERVING
        self._picture: Picture | None = None
        self._twin: Picture | None = None
        self._twin_values: NDArray[np.float32] | None = None
        self._twin_shown: NDArray[np.float32] | None = None
        self._read: Frame | None = None
        self._presented: Presented | None = None
        self._state: Presentation | None = None
        self._levels: Levels | None = None
        self._twin_levels: Levels | None = None
        self._drawn = NO_MAP
        self._map_from: tuple[object, ...] | None = None
        self._place: tuple[float, float] | None = None
        self._views = tuple(ImageView(self) for _ in Panel)
        this = weakref.proxy(self)
        self._resizing = Motion(self, lambda: this._draw_drafts(False))
        self.twin_tools = TwinTools(self, self._views)
        self.twin_tools.swapped.connect(self._refresh)
        self.twin_tools.changed.connect(self._show_veils)
        self._legend = LegendStrip(self)
        self._readout = QLabel(self)
        self._readout.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._readout.setProperty("textSize", "small")
        self._readout.setStyleSheet(READOUT_STYLE)
        self._mode_button = self._make_mode_button()
        self._views[Panel.TWIN].set_header_widget(self._mode_button)
        self._sign_chooser = SignChooser()
        self._sign_chooser.chosen.connect(self.showsChosen)
        self._views[Panel.DIFFERENCE].set_header_widget(self._sign_chooser)
        self._invitation = Invitation(self)
        self._invitation.openRequested.connect(self.openRequested)
        self._invitation.demoRequested.connect(self.demoRequested)
        for panel, name in zip(
            Panel, (tr("Original"), tr("Healthy twin, synthetic"), tr("Difference")), strict=True
        ):
            self._views[panel].setAccessibleName(name)
            self._connect(panel)
        self.set_tool(Tool.WINDOW)
        self._refresh()
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Text of another size needs other room."""
        if event.type() is QEvent.Type.FontChange:
            self._arrange()
        super().changeEvent(event)

    # What is shown

    def set_frame(
        self, frame: Frame | None, caption: tuple[str, ...] = (), *, settling: bool = False
    ) -> None:
        """Show another frame, or None for the invitation; all results of the frame before are gone.

        `settling`: more is said of it at once, and shown with it by `settle`. A frame of the same size in the
        same series keeps the viewpoint, so that scrolling stays in place.
        """
        self.twin_tools.blink.stop()
        before = self._wish.frame
        kept = {"style", "opinion", "layers", "title", "warning"}
        fresh = Wish()
        self._wish = replace(
            self._wish,
            **{part.name: getattr(fresh, part.name) for part in fields(Wish) if part.name not in kept},
        )
        self._wish = replace(self._wish, frame=frame, caption=caption, measured=self._measures(frame))
        self._picture = None if frame is None else Picture.of_frame(frame)
        self._levels = None
        self._read, self._presented = frame, None
        self._remake_planes()
        self._forget_twin()
        self._place = None
        self._map_from = None
        if frame is None:
            self._invitation.invite()
        stays = (
            before is not None
            and frame is not None
            and before.stored.shape == frame.stored.shape
            and before.source.series_instance_uid == frame.source.series_instance_uid != ""
        )
        if frame is not None:
            for view in self._views:
                view.set_single_image(frame.source.number_of_frames <= 1)
        # A frame that is fitted anew needs its own pixel aspect first.
        self._settling = settling and stays
        self._refresh()
        if frame is not None and not stays:
            self._lens_place = (frame.rows / 2, frame.columns / 2)
            self.reset()

    def set_presented(self, presented: Presented | None) -> None:
        """The frame as a presentation state, or its file, wants it to be shown; another frame's is ignored.

        Another state than before shows what it wants to be seen, as far as the panels allow.
        """
        read = self._read
        if presented is None or read is None or presented.frame.stored is not read.stored:
            return
        before = None if self._presented is None else self._presented.state
        state_before, self._state = self._state, presented.state
        if presented.state is before is state_before:
            self._presented = presented  # as it is painted already
            return
        if presented.state is not before:
            self._picture = Picture.of_frame(presented.frame)
            self._levels = None
            if self._twin_values is not None:
                self._show_twin_values(self._twin_values, presented.frame)
        self._presented = presented
        name = "" if presented.state is None else presented.state.name
        self._wish = replace(self._wish, frame=presented.frame, graphics=presented.graphics, state_name=name)
        self._remake_planes()
        self._refresh()
        if presented.state is not state_before:
            self.reset()

    def set_layers(self, layers: Layers) -> None:
        """Which of shutter, overlays and graphics are painted."""
        self._wish = replace(self._wish, layers=layers)
        self._remake_planes()
        self._refresh()

    def settle(self) -> None:
        """All is said of a new frame: show it, once."""
        if self._settling:
            self._settling = False
            self._refresh()

    def set_loading(self, text: str) -> None:
        """Clear the panels and say what is being read."""
        self.set_frame(None)
        self._invitation.say_loading(text)

    def set_failed(self, message: str, hint: str = "") -> None:
        """Clear the panels and say what could not be shown and what to do."""
        self.set_frame(None)
        self._invitation.say_failed(message, hint)

    def set_first_steps(self, wanted: bool) -> None:
        """Whether the panels are explained at length the next time that nothing is shown."""
        self._invitation.first_steps = wanted

    @property
    def teaches(self) -> bool:
        """Whether the panels are explained now."""
        return self._invitation.teaches

    def set_caption(self, caption: tuple[str, ...]) -> None:
        """Lines in the upper left corner of the original."""
        self._change(caption=caption)

    def set_title(self, title: str, warning: str = "") -> None:
        """What the original is called, and what must be known of whose image it is."""
        self._change(title=title, warning=warning)

    def set_readout_visible(self, visible: bool) -> None:
        """Whether the line under the panels is shown; else `readoutChanged` alone says what it says."""
        if visible != self._has_readout:
            self._has_readout = visible
            self._arrange()

    def take_focus(self) -> None:
        """Let keys go to a panel that is shown."""
        view = self._views[Panel.ORIGINAL if self._alone is None else self._alone]
        view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_title_control(self, widget: QWidget) -> None:
        """Put a control into the title bar of the original."""
        self._views[Panel.ORIGINAL].set_header_widget(widget)

    def set_aside(self, words: str) -> None:
        """How the image differs in place from the one that it follows; "" where it does not."""
        self._change(aside=words)

    def set_cuts(self, cuts: tuple[Cut, ...]) -> None:
        """Lines where the planes of other viewports cut the original."""
        self._views[Panel.ORIGINAL].set_cuts(cuts)

    def set_single_image(self, single: bool) -> None:
        """Whether the series has nothing to scroll through, so that the wheel zooms."""
        for view in self._views:
            view.set_single_image(single)

    def set_grey(self, grey: Grey, invert: bool = False) -> None:
        """How modality values become grey, in all three panels."""
        self._wish = replace(self._wish, grey=grey, invert=invert)
        self._remake_levels()
        self._refresh()

    def set_answer(self, answer: Answer | None) -> None:
        """What the models said of the shown frame; an answer on other pixels counts as none.

        Its twin comes with `set_twin_pixels`; one that is shown stays while its analysis does.
        """
        frame = self._wish.frame
        if answer is not None and (frame is None or answer.frame_digest != frame.digest):
            answer = None
        if answer is not None and any(one.frame_digest != answer.frame_digest for one in answer.analyses):
            answer = None
        if answer is self._wish.answer:
            return
        self._keep_twin_of(replace(self._wish, answer=answer))
        self._refresh()

    def set_opinion(self, opinion: str) -> None:
        """Whose twin and map are shown: a model kind, or `core.reading.AGREEMENT` for both maps in one."""
        if opinion == self._wish.opinion:
            return
        self._keep_twin_of(replace(self._wish, opinion=opinion))
        self._refresh()

    def set_twin_pixels(
        self,
        analysis: Analysis,
        values: NDArray[np.float32],
        mode: TwinMode = TwinMode.DETAIL_PRESERVING,
    ) -> None:
        """The twin of `analysis` on the frame's own pixels, in modality values; computed elsewhere.

        Ignored unless `analysis` is the one that is shown. The panel names the `mode` of what it shows.
        """
        frame = self._wish.frame
        if frame is None or analysis is not self._wish.shown_analysis:
            return
        if values is not self._twin_values:
            self._show_twin_values(values, frame)
        self._change(twin_mode=mode)

    def set_twin_mode(self, mode: TwinMode) -> None:
        """Wish for another kind of twin; the old one stays, under its own name, until pixels arrive."""
        self._wished_mode = mode
        self._mode_button.setText(tr(mode.value))
        self._refresh()

    @property
    def twin_mode(self) -> TwinMode:
        """The kind of twin that is wished for."""
        return self._wished_mode

    def set_heatmap(self, style: HeatmapStyle, thresholds: tuple[float, ...] = ()) -> None:
        """Threshold, colours, opacity and sign of the map; runs no model.

        `thresholds`: one an analysis of the answer, for their agreement; empty = `style`'s for all.
        """
        self._change(style=style, thresholds=thresholds)

    def set_findings(
        self,
        findings: tuple[Finding, ...],
        accepted: frozenset[str] = frozenset(),
        dismissed: frozenset[str] = frozenset(),
        selected: str = "",
    ) -> None:
        """Boxes: accepted solid, undecided dashed, dismissed hidden, the selected one in all panels."""
        self._change(findings=findings, accepted=accepted, dismissed=dismissed, selected=selected)

    def set_marks(self, marks: tuple[Mark, ...], selected: str = "", *, key_image: bool = False) -> None:
        """The reader's marks, in all panels, and which of them is selected; a star for a key image."""
        self._change(marks=marks, selected_mark=selected, key_image=key_image)

    def set_status(self, text: str, kind: StatusKind, reasons: tuple[str, ...] = ()) -> None:
        """What the analysis is doing, on the twin and the difference: an empty map is never a clean one.

        `reasons` follow in the middle of a panel that has nothing to show.
        """
        self._change(status=text, status_kind=kind, reasons=reasons)

    def set_guides(self, guides: Guides | None) -> None:
        """Lines across the original, where planes of a volume cut it; None hides them."""
        self._views[Panel.ORIGINAL].set_guides(guides)

    def set_tool(self, tool: Tool) -> None:
        """What the left button does, in all panels."""
        for view in self._views:
            view.set_tool(tool)

    def set_texts_visible(self, visible: bool) -> None:
        """Show or hide corner texts, letters and scale bars."""
        for view in self._views:
            view.set_texts_visible(visible)

    def set_flicker(self, on: bool) -> None:
        """Show the twin in the place of the original while `on`, under the twin's own title and border."""
        self.twin_tools.hold(on)

    def toggle_blink(self) -> None:
        """Let original and twin take turns by themselves, or stop that; nothing blinks without a twin."""
        blink = self.twin_tools.blink
        if blink.runs:
            blink.stop()
        elif self._twin is not None:
            blink.start()

    # From where

    @property
    def viewpoint(self) -> Viewpoint:
        """From where all panels look."""
        return self._viewpoint

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Look from elsewhere, in all panels."""
        self._fits = False
        self._look(viewpoint)

    def fit(self) -> None:
        """All of the frame, as large as the panels allow; stays so while the window is resized."""
        frame = self._wish.frame
        if frame is None:
            return
        area = self._area()
        self._fits = True
        self._look(
            fitted_to(
                (0, 0, frame.rows, frame.columns) if self._presented is None else box_of(self._presented),
                area.width(),
                area.height(),
                aspect=self._views[0].mapping.aspect,
                turned_as=self._viewpoint,
            )
        )

    def one_to_one(self) -> None:
        """One pixel of the frame on one pixel of the screen, whatever the screen's scale."""
        self.set_viewpoint(replace(self._viewpoint, zoom=1 / self.devicePixelRatioF()))

    @property
    def spacing(self) -> PixelSpacing:
        """That of the frame; unknown without one."""
        return PixelSpacing() if self._wish.frame is None else self._wish.frame.spacing

    def real_size(self, px_per_mm: float) -> bool:
        """A millimetre of the image on one of the screen; False, and no change, without pixel spacing."""
        column_mm = None if self._wish.frame is None else self._wish.frame.spacing.column_mm
        if column_mm is None:
            return False
        self.set_viewpoint(replace(self._viewpoint, zoom=column_mm * px_per_mm))
        return True

    def reset(self) -> None:
        """All of the frame, upright and unmirrored; or as a presentation state wants it."""
        self._viewpoint = Viewpoint(0, 0, 1)
        if self._presented is not None:
            self._viewpoint = home_of(self._presented)
        zoom = None
        if self._presented is not None:
            per_mm = self.screen().physicalDotsPerInch() / 25.4
            zoom = zoom_of(self._presented, per_mm, self.devicePixelRatioF())
        self.fit()
        if zoom is not None:
            self.set_viewpoint(replace(self._viewpoint, zoom=zoom))

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""
        self.set_viewpoint(replace(self._viewpoint, zoom=self._viewpoint.zoom * factor))

    def turn(self, quarter_turns: int) -> None:
        """Turn clockwise on the screen."""
        self._turn_to(self._viewpoint.turned(quarter_turns))

    def mirror(self, *, left_right: bool) -> None:
        """Mirror on the screen."""
        self._turn_to(self._viewpoint.mirrored(left_right=left_right))

    def center_on(self, row: float, column: float) -> None:
        """Bring a frame position (a finding, say) into the middle of all panels."""
        self.set_viewpoint(replace(self._viewpoint, row=row, column=column))

    def set_layout(self, alone: Panel | None) -> None:
        """All three panels, or one alone."""
        if alone is self._alone:
            return
        self._alone = alone
        self._arrange()
        self._refresh()
        self.layoutChanged.emit(alone)

    def finding_at(self, place: QPoint) -> str:
        """Identifier of the finding under a place of the screen; "" where there is none."""
        found = (view.finding_at(view.mapFromGlobal(place)) for view in self._views if view.isVisible())
        return next(filter(None, found), "")

    @property
    def box_in_sight(self) -> tuple[float, float, float, float]:
        """(top, left, bottom, right) of the part of the frame that the panels show."""
        area, mapping = self._area(), self._views[Panel.ORIGINAL].mapping
        mapping = replace(mapping, width=area.width(), height=area.height())
        first, last = mapping.to_frame(0, 0), mapping.to_frame(area.width(), area.height())
        (top, bottom), (left, right) = (sorted(pair) for pair in zip(first, last, strict=True))
        return top, left, bottom, right

    @property
    def alone(self) -> Panel | None:
        """The panel that fills the widget, or None for all three."""
        return self._alone

    def take_out(self, panel: Panel) -> ImageView | None:
        """The view of a panel, for a window of its own, where it shows what it showed here.

        None: it is out already, or nothing would be left here.
        """
        if panel in self._out or self._shown_here() in ([panel], []):
            return None
        self._out.add(panel)
        self._arrange()
        return self._views[panel]

    def bring_back(self, panel: Panel) -> None:
        """Take a panel home from its window."""
        if panel in self._out:
            self._out.discard(panel)
            self._views[panel].setParent(self)
            self._arrange()

    def holds(self, widget: QWidget) -> bool:
        """Whether a widget is this one or one inside it, also where a panel has a window of its own."""
        return any(one is widget or one.isAncestorOf(widget) for one in (self, *self._views))

    def focused_panel(self) -> Panel | None:
        """The panel that has the focus, wherever it is."""
        return next((panel for panel in Panel if self._views[panel].hasFocus()), None)

    def picture_name(self, panel: Panel) -> str:
        """Which picture of `core.reporting.panels` saves what a panel shows; "" while it shows none."""
        return picture_name(self._wish, panel)

    # Inside

    def sizeHint(self) -> QSize:
        """Three panels of comfortable size."""
        return QSize(1000, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the panels equal shares; a fitted view stays fitted."""
        self._arrange()

    def _change(self, **changes: object) -> None:
        if all(getattr(self._wish, name) == value for name, value in changes.items()):
            return  # as while scrolling, when each image says again that it has no answer yet
        self._wish = replace(self._wish, **changes)  # type: ignore[arg-type]  # fields of Wish, checked by tests
        self._refresh()

    def _show_twin_values(self, values: NDArray[np.float32], frame: Frame) -> None:
        """The twin as a picture that belongs to the frame as it is shown."""
        self._twin_values = values
        self._twin_shown = values if self._read is None else carried_over(values, self._read, frame)
        self._twin = Picture.of_modality_values(self._twin_shown, frame)
        self._twin_levels = self._twin.levels_of(self._wish.grey, self._wish.invert)
        self._wish = replace(self._wish, measured=self._measures(self._read, values))

    def _remake_planes(self) -> None:
        """Shutter and overlays for the original, the shutter alone for twin and difference."""
        frame, layers = self._wish.frame, self._wish.layers
        if frame is None:
            self._wish = replace(self._wish, planes=(None, None))
            return
        over = Planes.of_frame(frame, layers)
        plain = over if not frame.overlays else Planes.of_frame(frame, replace(layers, overlays=False))
        self._wish = replace(self._wish, planes=(over, plain))

    def _measures(
        self, frame: Frame | None, twin: NDArray[np.float32] | None = None
    ) -> tuple[Measured | None, Measured | None, Measured | None]:
        """What marks measure in each panel: the film, the twin on the same pixels, and lengths alone."""
        if frame is None:
            return None, None, None
        this = weakref.proxy(self)
        film = Measured(frame, shown=lambda row, column: this._shown_value(row, column))
        bare = Measured(frame, lengths_only=True, brief=True)
        return film, bare if twin is None else Measured(frame, twin, brief=True), bare

    def _shown_value(self, row: int, column: int) -> int | None:
        """Presentation value of a pixel of a grey film."""
        if self._picture is None or self._levels is None or self._picture.codes.ndim != 2:
            return None
        return int(self._levels[self._picture.codes[row, column]])

    def _forget_twin(self) -> None:
        self._twin = self._twin_values = self._twin_levels = self._twin_shown = None
        self._wish = replace(self._wish, twin_mode=None)

    def _remake_levels(self) -> None:
        grey, invert = self._wish.grey, self._wish.invert
        self._levels = None if self._picture is None else self._picture.levels_of(grey, invert)
        self._twin_levels = None if self._twin is None else self._twin.levels_of(grey, invert)

    def _keep_twin_of(self, wish: Wish) -> None:
        """Take over a wish; a twin that does not belong to its analysis goes."""
        before = self._wish.shown_analysis
        self._wish = wish
        if wish.shown_analysis is not before:
            self._forget_twin()
            self.twin_tools.blink.stop()

    def _remake_map(self) -> None:
        """Compute the map anew if what it comes from is new."""
        wish = self._wish
        analyses = wish.answer.analyses if wish.answer is not None else ()
        made_from = (analyses, wish.opinion, wish.style, wish.thresholds)
        if made_from != self._map_from:
            self._map_from = made_from
            self._drawn = drawn_map(wish)
            self._legend.show_meaning(legend_of(wish) if analyses else None)

    def _pixels(self, panel: Panel) -> tuple[Picture | None, Levels | None]:
        if self._levels is None and self._picture is not None:
            self._remake_levels()
        if panel is Panel.TWIN:
            return self._twin, self._twin_levels
        if panel is Panel.DIFFERENCE and self._wish.shown_analysis is None:
            return None, None
        return self._picture, self._levels

    def _refresh(self) -> None:
        """Show the wish in all panels."""
        if self._settling:
            return
        self._remake_map()
        contents = resolve(self._wish, self._viewpoint, self._drawn)
        basis = self._window_basis()
        for panel, view in zip(Panel, self._views, strict=True):
            picture, levels = self._pixels(self._source(panel))
            view.set_picture(picture)
            view.set_levels(levels)
            view.set_content(self._content_of(panel, contents))
            view.set_window_basis(basis)
        self._seconds = (self._second(self._other, contents), self._second(Panel.DIFFERENCE, contents))
        self._show_veils()
        self._invitation.setVisible(self._wish.frame is None and self._invites)
        if self._wish.frame is None:
            self._invitation.raise_()
        pending = self._twin is not None and self._wish.twin_mode is not self._wished_mode
        self._mode_button.setText(tr(self._wished_mode.value) + (" …" if pending else ""))
        self._mode_button.setVisible(self._twin is not None)
        self._sign_chooser.show_style(self._wish.style, agreement=self._wish.shows_agreement)
        self._sign_chooser.setVisible(self._wish.shown_analysis is not None)
        self._show_readout()

    @property
    def _host(self) -> Panel:
        """The panel in which flicker, curtain and lens are seen: the original, or the one that is alone."""
        return Panel.ORIGINAL if self._alone is None else self._alone

    @property
    def _other(self) -> Panel:
        """What they show in its place."""
        return Panel.ORIGINAL if self._host is Panel.TWIN else Panel.TWIN

    def _source(self, panel: Panel) -> Panel:
        """Which panel's picture and words a panel shows now."""
        swapped = self.twin_tools.shows_twin and self._twin is not None and panel is self._host
        return self._other if swapped else panel

    def _content_of(self, panel: Panel, contents: tuple[PanelContent, ...]) -> PanelContent:
        content = contents[self._source(panel)]
        return self.twin_tools.dressed(content) if panel is self._host else content

    def _second(self, panel: Panel, contents: tuple[PanelContent, ...]) -> Second | None:
        """The picture of another panel, to be seen within the host; None as long as there is no twin."""
        picture, levels = self._pixels(panel)
        if self._twin is None or picture is None or levels is None:
            return None
        return Second(picture, levels, contents[panel], synthetic=panel is Panel.TWIN)

    def _show_veils(self) -> None:
        """Curtain and lens over the host, nothing over the others."""
        host = self._host
        self.twin_tools.set_host(self._views[host])
        names = (tr("ORIGINAL"), tr("SYNTHETIC TWIN"), tr("DIFFERENCE"))
        veils = self.twin_tools.veils(names[host], *self._seconds, self._lens_place)
        for panel, view in zip(Panel, self._views, strict=True):
            view.set_veils(veils if panel is host else ())

    def _window_basis(self) -> WindowBasis | None:
        """Where a drag starts; its range covers the data and the LUTs that it may leave."""
        frame, picture = self._wish.frame, self._picture
        if frame is None or picture is None:
            return None
        window, falls = equivalent_window(self._wish.grey)
        lowest, highest = picture.value_range
        for table in (*frame.voi_tables, self._wish.grey):
            if isinstance(table, LookupTable):
                lowest = min(lowest, table.first_mapped)
                highest = max(highest, table.first_mapped + table.entries.size - 1)
        inverted = (frame.inverted != self._wish.invert) != falls
        return WindowBasis(window, lowest, highest, inverted)

    def _tell_window(self, window: Window) -> None:
        falls = equivalent_window(self._wish.grey)[1]
        self.windowed.emit(window, self._wish.invert != falls)

    def _take_region(self, top: float, left: float, bottom: float, right: float) -> None:
        """The pixels of a box of the frame are to fill the grey scale, in whichever panel it was drawn."""
        frame = self._wish.frame
        window = None if frame is None else region_window(frame, (top, left, bottom, right))
        if window is not None:
            self._tell_window(window)
        elif frame is not None and frame.is_grey:
            self.told.emit(tr("No pixel of the image lies in this box: the window stays as it is."))
        elif frame is not None:
            self.told.emit(tr("A colour image has no window."))

    def _area(self) -> QRect:
        """The viewport of a visible panel: all are of one size."""
        return self._views[next(iter(self._shown_here()), Panel.ORIGINAL)].viewport

    def _shown_here(self) -> list[Panel]:
        """The panels that share this widget, from left to right."""
        return [panel for panel in Panel if self._alone in {None, panel} and panel not in self._out]

    def _look(self, viewpoint: Viewpoint) -> None:
        frame = self._wish.frame
        if frame is not None:
            # The middle stays on the frame, so that it cannot be lost.
            viewpoint = replace(
                viewpoint,
                row=min(max(viewpoint.row, 0.0), float(frame.rows)),
                column=min(max(viewpoint.column, 0.0), float(frame.columns)),
            )
        self._viewpoint = viewpoint
        for view in self._views:
            view.set_viewpoint(viewpoint)
        contents = resolve(self._wish, viewpoint, self._drawn)
        self._views[Panel.ORIGINAL].set_content(self._content_of(Panel.ORIGINAL, contents))
        self.viewpointChanged.emit(viewpoint)

    def _take_viewpoint(self, viewpoint: Viewpoint) -> None:
        if viewpoint.zoom != self._viewpoint.zoom:
            self._draw_drafts(self._resizing.step())
        self.set_viewpoint(viewpoint)
        self.moved.emit()

    def _draw_drafts(self, drafts: bool) -> None:
        for view in self._views:
            view.set_draft(drafts)

    def _turn_to(self, viewpoint: Viewpoint) -> None:
        fits = self._fits
        self.set_viewpoint(viewpoint)
        if fits:
            self.fit()

    def _arrange(self) -> None:
        width, height = self.width(), self.height() - (scaled(READOUT_PX) if self._has_readout else 0)
        shows_difference = self._alone in {None, Panel.DIFFERENCE}
        shown = self._shown_here()
        legend_px, flat_px = scaled(LEGEND_PX) if shows_difference else 0, 0
        if shows_difference and _lies_flat(width // max(len(shown), 1), height):
            # Narrow panels are higher than their films: below these is room, beside them none.
            legend_px, flat_px = 0, scaled(FLAT_LEGEND_PX)
            height -= flat_px
        share = (width - legend_px - _GAP_PX * (len(shown) - 1)) // max(len(shown), 1)
        for panel, view in zip(Panel, self._views, strict=True):
            if panel in self._out:
                continue
            view.setVisible(panel in shown)
            if panel in shown:
                place = shown.index(panel)
                view.setGeometry(place * (share + _GAP_PX), 0, share, height)
        self._legend.setVisible(shows_difference)
        upright = QRect(width - legend_px, 0, legend_px, height)
        self._legend.setGeometry(QRect(0, height, width, flat_px) if flat_px else upright)
        self._readout.setVisible(self._has_readout)
        self._readout.setGeometry(0, height + flat_px, width, scaled(READOUT_PX))
        self._invitation.setGeometry(0, 0, width, self.height())
        if self._fits:
            self.fit()

    def _make_mode_button(self) -> QToolButton:
        button = QToolButton()
        button.setText(tr(self._wished_mode.value))
        button.setToolTip(
            tr("Which healthy twin is shown: the film with the model's changes, or its raw output")
        )
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setProperty("textSize", "small")
        button.setStyleSheet(f"QToolButton {{ color: {Colour.TWIN}; padding: 0 14px 0 3px; }}")
        menu = QMenu(button)
        for mode in TwinMode:
            menu.addAction(tr(mode.value)).setData(mode.value)
        menu.triggered.connect(self._choose_mode)
        button.setMenu(menu)
        return button

    def _choose_mode(self, action: QAction) -> None:
        mode = TwinMode(action.data())
        if mode is not self._wished_mode:
            self.set_twin_mode(mode)
            self.twinModeChanged.emit(mode)

    def _connect(self, panel: Panel) -> None:
        view = self._views[panel]
        # A lambda that holds this widget would keep it alive for ever; bound methods do not.
        this = weakref.proxy(self)
        view.windowed.connect(self._tell_window)
        view.viewpointChanged.connect(self._take_viewpoint)
        view.hovered.connect(lambda row, column: this._point_at((row, column), panel))
        view.cursorLeft.connect(lambda: this._point_at(None, panel))
        view.scrolled.connect(self.scrolled)
        view.contextRequested.connect(self.contextRequested)
        view.maximiseRequested.connect(lambda: this._double_clicked(panel))
        view.findingClicked.connect(self.findingClicked)
        view.commanded.connect(self.commanded)
        view.regionDrawn.connect(self._take_region)
        if panel is Panel.ORIGINAL:
            view.pointed.connect(self.pointed)
        view.markDrawn.connect(self.markDrawn)
        view.markChanged.connect(self.markChanged)
        view.markSelected.connect(self.markSelected)

    def _double_clicked(self, panel: Panel) -> None:
        if self.maximises:
            self.set_layout(panel if self._alone is None else None)
        self.doubleClicked.emit(panel)

    def _point_at(self, place: tuple[float, float] | None, panel: Panel) -> None:
        """One cursor for all: a cross-hair in the other panels, the mouse itself in this one."""
        self._place = place
        if place is not None:
            self._lens_place = place
            self._show_veils()
        for other, view in zip(Panel, self._views, strict=True):
            view.set_cursor_place(None if other is panel else place)
        self._show_readout()

    def _show_readout(self) -> None:
        text = ""
        if self._place is not None and self._picture is not None and self._levels is not None:
            row, column = int(self._place[0]), int(self._place[1])
            code = self._picture.codes[row, column]
            shown = int(self._levels[code]) if self._picture.codes.ndim == 2 else None
            text = readout(self._wish, self._place, shown, self._twin_shown)
        if text != self._readout.text():
            self._readout.setText(text)
            self.readoutChanged.emit(text)


def _lies_flat(share_px: int, height_px: int) -> bool:
    """Whether panels of this size lose more to a legend beside them than to one below."""
    return share_px < scaled(_NARROW_PX) and height_px > 1.5 * share_px
