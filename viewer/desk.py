"""The middle of the window: the session's comparison, and viewports of other series beside it.

One viewport is the active one: the focus went there last, a line runs round it, and commands that are about
an image act on it, and on those that are linked to it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from core.hanging import Layout, placed
from core.imaging.display import Grey
from core.imaging.frame import Frame
from core.linking import LinkKind, LinkMode, Relation
from core.priors import priors_of
from core.session import Selection, Session
from core.side_stack import Document
from core.study_list import series_in_list_order
from viewer.comparison import READOUT_PX, READOUT_STYLE, Comparison
from viewer.hanger import Hanger
from viewer.language import tr
from viewer.linker import Linker
from viewer.own_window import OwnWindow
from viewer.pointer import Tool
from viewer.real_size import show_real_size
from viewer.reference_lines import draw_reference_lines
from viewer.series_drag import DraggedSeries, dragged_series
from viewer.side_view import SideView
from viewer.theme import Colour, scaled
from viewer.title_controls import TitleControls
from viewer.viewport import Viewport
from viewer.watch import watch
from viewer.wish import Panel

_GAP_PX = 4
_EDGE_PX = 2
_LEAST_FILM_PX = 260
_PANELS = {"all": None, "original": Panel.ORIGINAL, "twin": Panel.TWIN, "difference": Panel.DIFFERENCE}
_NAMES = {panel: name for name, panel in _PANELS.items()}


class Desk(QWidget):
    """Lays out the viewports, hangs studies by protocol, and hands commands to the active viewport."""

    layoutChanged = Signal()
    activeChanged = Signal()
    """Another viewport is the active one, or what commands may do on it is different now."""
    failed = Signal(object, str)
    told = Signal(str)
    """Something that the reader should know, in one sentence."""
    commanded = Signal(str)
    """Identifier of a command that a gesture of the mouse asks for, in the viewport that is active now."""
    contextRequested = Signal(QPoint)
    """Right click in a viewport beside the first."""

    def __init__(self, session: Session, comparison: Comparison) -> None:
        super().__init__()
        self._session = session
        self.comparison = comparison
        comparison.setParent(self)
        comparison.maximises = False
        self.main = Viewport(session, comparison, self)
        self.linker = Linker(self)
        self.hanger = Hanger(self, session)
        self.active = self.main
        self._sides: list[SideView] = []
        self._layout = Layout()
        self._maximised: tuple[Viewport, Panel | None] | None = None
        self._series: dict[Viewport, tuple[object, str]] = {}
        self._tool = Tool.WINDOW
        self._controls: dict[Viewport, TitleControls] = {}
        self._cuts = QTimer(self)
        self._cuts.setSingleShot(True)
        self._cuts.timeout.connect(self._draw_cuts_now)
        self._windows: dict[tuple[Viewport, Panel | None], OwnWindow] = {}
        self._readout = QLabel(self)
        self._readout.setProperty("textSize", "small")
        self._readout.setStyleSheet(READOUT_STYLE)
        self._readout.setTextFormat(Qt.TextFormat.PlainText)
        self.setAcceptDrops(True)
        self._connect(self.main, closable=False)
        self._listen()
        self.linker.set_viewports(self.viewports)

    def _listen(self) -> None:
        session = self._session
        watch(self, session.selection_changed, self._main_selected)
        watch(self, session.grey_changed, self._main_windowed)
        watch(self, session.settings_changed, self._follow_settings)
        self.linker.changed.connect(self._show_ties)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    # --- what is where -----------------------------------------------------------------------------

    @property
    def layout_shown(self) -> Layout:
        """Rows, columns and the panels of the first viewport."""
        return replace(self._layout, panels=_NAMES[self.comparison.alone])

    @property
    def sides(self) -> tuple[SideView, ...]:
        """The viewports beside the first, row by row."""
        return tuple(self._sides)

    @property
    def viewports(self) -> tuple[Viewport, ...]:
        """All viewports, the session's first."""
        return (self.main, *(side.viewport for side in self._sides))

    @property
    def document(self) -> Document:
        """What commands act on: the session, or the series of the active viewport."""
        return self.active.document

    def choose_grid(self, rows: int, columns: int) -> None:
        """The reader wants so many viewports; they are filled with what comes next. Remembered."""
        self.lay_out(self._with_room(Layout(rows, columns, self.layout_shown.panels)))
        self._fill_empty()
        self.hanger.remember(self.layout_shown)

    def choose_panels(self, panel: Panel | None) -> None:
        """The reader wants one panel of the comparison alone, or all three. Remembered."""
        self.lay_out(replace(self._layout, panels=_NAMES[panel]))
        self.hanger.remember(self.layout_shown)

    def show_beside(self, dragged: DraggedSeries, viewport: Viewport | None = None) -> None:
        """Show a series in a viewport, or in one beside the first: an empty one, the active, or a new one."""
        index = self._session.index
        if index is None:
            return
        key = (dragged.series_instance_uid, dragged.stack)
        series = next((one for one in index.series if one.key == key), None)
        images = () if series is None else series.images
        position = next(
            (
                place
                for place, (instance, frame_index) in enumerate(images)
                if str(instance.path) == dragged.path and frame_index == dragged.frame_index
            ),
            None,
        )
        if series is None or position is None:
            return  # closed meanwhile
        self.hanger.touched = True
        if viewport is self.main:
            self._session.select(*series.images[position])
            return
        if not self._sides:
            self.lay_out(self._with_room(Layout(1, 2, self.layout_shown.panels)))
        side = next((one for one in self._sides if one.viewport is viewport), None)
        if side is None:
            empty = (one for one in self._sides if one.stack.selection is None)
            chosen = (one for one in self._sides if one.viewport is self.active)
            side = next(empty, None) or next(chosen, None) or self._sides[0]
        side.stack.show(series, position)
        self.activate(side.viewport)

    def show_prior(self) -> None:
        """Show the best prior of the session's image beside it; once more, the next older one."""
        selection, index = self._session.selection, self._session.index
        if selection is None or index is None:
            return
        priors = priors_of(index, *selection.series.images[selection.position])
        if not priors:
            self.told.emit(tr("No earlier study of this patient that could be compared is open."))
            return
        if not self._sides:
            self.lay_out(self._with_room(Layout(1, 2, self.layout_shown.panels)))
        side = self._sides[0]
        shown = side.stack.selection
        places = [prior.series.key for prior in priors]
        here = places.index(shown.series.key) if shown is not None and shown.series.key in places else -1
        prior = priors[(here + 1) % len(priors)]
        self.hanger.touched = True
        side.stack.show(prior.series, prior.position)
        self.hanger.remember(self.layout_shown)

    def _with_room(self, layout: Layout) -> Layout:
        """All three panels only where each of them stays large enough to be read."""
        films = layout.columns + 2
        roomy = layout.rows == 1 and self.width() // films >= scaled(_LEAST_FILM_PX)
        if layout.panels != "all" or not layout.beside or roomy:
            return layout
        return replace(layout, panels="original")

    def close_side(self, viewport: Viewport) -> None:
        """Take a series off the desk; the last one takes its viewport along."""
        side = next((one for one in self._sides if one.viewport is viewport), None)
        if side is None:
            return
        self.hanger.touched = True
        side.stack.clear()
        if all(one.stack.selection is None for one in self._sides):
            self.lay_out(Layout(1, 1, self.layout_shown.panels))
            self.hanger.remember(self.layout_shown)
        self.activate(self.main)

    def toggle_maximised(self, viewport: Viewport, panel: Panel | None = None) -> None:
        """One viewport as large as the desk, and of the comparison one panel; or all as before."""
        if self._maximised is not None:
            self._restore()
        else:
            self._maximised = (viewport, self.comparison.alone)
            if viewport is self.main and self.comparison.alone is None:
                self.comparison.set_layout(panel)
        self._place()
        self.layoutChanged.emit()

    def toggle_own_window(self) -> None:
        """The active viewport, or the focused panel of the comparison, in a window of its own; or back."""
        viewport = self.active
        panel = self.comparison.focused_panel() if viewport is self.main else None
        key = (viewport, panel if viewport is self.main else None)
        window = self._windows.get(key)
        if window is not None:
            window.close()
            return
        side = next((one for one in self._sides if one.viewport is viewport), None)
        content: QWidget | None = side
        if side is None:
            content = None if panel is None else self.comparison.take_out(panel)
        if content is None:
            self.told.emit(tr("Click into one of several panels first: it goes into a window of its own."))
            return
        title = content.accessibleName() if side is None else side.title
        window = OwnWindow(
            content,
            f"{title} · HealthyTwin",
            self.window(),
            [*self.actions(), *self.window().actions()],
            partial(self._take_home, key),
        )
        self._windows[key] = window
        self._place()
        window.show_beside()
        self.layoutChanged.emit()

    def _take_home(self, key: tuple[Viewport, Panel | None]) -> None:
        """A window of its own is closed: what it held comes back to its place."""
        viewport, panel = key
        self._windows.pop(key, None)
        if panel is not None:
            self.comparison.bring_back(panel)
        for side in self._sides:
            if side.viewport is viewport:
                side.setParent(self)
        self._place()
        self.layoutChanged.emit()

    def activate(self, viewport: Viewport) -> None:
        """Let commands act on a viewport."""
        if viewport is not self.active:
            self.active = viewport
            focus = QApplication.focusWidget()
            others = (one for one in self.viewports if one is not viewport)
            if focus is not None and any(one.comparison.holds(focus) for one in others):
                viewport.comparison.take_focus()  # keys and commands go to one viewport, not to two
            self.update()
            self._draw_cuts()
            self.activeChanged.emit()

    def activate_next(self, steps: int = 1) -> None:
        """Go to the next viewport, with the focus."""
        viewports = self.viewports
        there = viewports[(viewports.index(self.active) + steps) % len(viewports)]
        there.comparison.take_focus()
        self.activate(there)

    # --- commands of the active viewport -----------------------------------------------------------

    def reset(self) -> None:
        """All of the frame, upright and unmirrored; with all that is linked."""
        self._on_linked(lambda one: one.reset())

    def fit(self) -> None:
        """All of the frame, as large as the viewport allows."""
        self._on_linked(lambda one: one.fit())

    def one_to_one(self) -> None:
        """One pixel of the frame on one of the screen; what is linked keeps the same scale in mm."""
        self.active.comparison.one_to_one()
        self.linker.moved(self.active)

    def real_size(self) -> None:
        """A millimetre of the image on one of the screen; says what that rests on, or why it cannot be."""
        self.told.emit(show_real_size(self.active.comparison, self._session.settings.screen_sizes))
        self.linker.moved(self.active)

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""
        self.active.comparison.zoom_by(factor)
        self.linker.moved(self.active)

    def turn(self, quarter_turns: int) -> None:
        """Turn clockwise on the screen."""
        self._on_linked(lambda one: one.turn(quarter_turns))

    def mirror(self, *, left_right: bool) -> None:
        """Mirror on the screen."""
        self._on_linked(lambda one: one.mirror(left_right=left_right))

    def center_on(self, row: float, column: float) -> None:
        """Bring a position of the session's image into the middle, and what is linked along."""
        self.comparison.center_on(row, column)
        self.linker.moved(self.main)

    def step_image(self, steps: int) -> None:
        """Go on by a number of images."""
        self.document.scroll(steps)

    def show_frame(self, position: int) -> None:
        """Show the image at this place of the series; places outside mean the first or last."""
        self.document.show_frame(position)

    def step_series(self, steps: int) -> None:
        """Show the next or previous series of the list in the active viewport."""
        document = self.document
        if isinstance(document, Session):
            document.step_series(steps)
            return
        selection, index = document.selection, self._session.index
        if selection is None or index is None:
            return
        everything = series_in_list_order(index, self._session.settings)
        place = everything.index(selection.series) + steps
        if 0 <= place < len(everything):
            self.hanger.touched = True
            document.show(everything[place])

    def set_invert(self, invert: bool) -> None:
        """Turn dark and bright round."""
        self.document.set_invert(invert)

    def reset_grey(self) -> None:
        """Go back to the window that the image asks for."""
        self.document.reset_grey()

    def show_preset(self, number: int) -> None:
        """Show the image by one of its named ways."""
        document = self.document
        if number < len(document.presets):
            document.set_grey(document.presets[number].grey)

    def set_tool(self, tool: Tool) -> None:
        """What the left button does, in all viewports."""
        self._tool = tool
        for viewport in self.viewports:
            viewport.comparison.set_tool(tool)

    def toggle_link(self, viewport: Viewport | None = None) -> None:
        """Unlink a viewport, or link it: by its place if it shares one, else by hand as it stands now."""
        viewport = viewport or self.active
        if self.linker.relation_of(viewport) is not Relation.NONE:
            self.linker.set_mode(viewport, LinkMode.OFF)
            return
        self.linker.set_mode(viewport, LinkMode.BY_PLACE)
        if self.linker.relation_of(viewport) is not Relation.NONE:
            self.linker.join(viewport)
            return
        # Of the session's viewport the others are linked: by hand is what somebody did with these.
        others = self.viewports[1:] if viewport is self.main else (viewport,)
        for other in others:
            if self.linker.relation_of(other) is Relation.NONE and other.document.frame is not None:
                self.linker.set_mode(other, LinkMode.BY_HAND)

    def forget_links(self) -> None:
        """Link all viewports by their place again, and none by hand: another study is hung."""
        for viewport in self.viewports:
            viewport.mode = LinkMode.BY_PLACE
        self.linker.set_viewports(self.viewports)

    def toggle_kind(self, kind: LinkKind) -> None:
        """Share one kind of movement, or do not. Remembered."""
        kinds = self.linker.kinds ^ {kind}
        settings = replace(self._session.settings, links=" ".join(one for one in LinkKind if one in kinds))
        self._session.change_settings(settings)

    def _follow_settings(self, _: object) -> None:
        """Take over what the settings say of links and reference lines."""
        words = set(self._session.settings.links.split())
        kinds = frozenset(kind for kind in LinkKind if kind in words)
        if kinds != self.linker.kinds:
            self.linker.set_kinds(kinds)
        self._draw_cuts()

    def _on_linked(self, act: Callable[[Comparison], None]) -> None:
        together = self.linker.kinds & {LinkKind.PAN, LinkKind.ZOOM}
        followers = self.linker.followers(self.active) if together else ()
        for viewport in (*followers, self.active):
            act(viewport.comparison)
        self.linker.moved(self.active)

    # --- the session's viewport --------------------------------------------------------------------

    def _main_selected(self, selection: Selection | None) -> None:
        self.hanger.hang(selection)
        if self.active is self.main:
            self.linker.scrolled(self.main)
        self._draw_cuts()

    def frame_shown(self, frame: Frame | None) -> None:
        """The first viewport shows another image of the session, or none."""
        if frame is not None and self.hanger.apply_look():
            # What was hung with it goes by it, whichever was read first.
            self._series[self.main] = self.main.shown_key
            self.linker.lead(self.main)
        self._shown(self.main, frame)

    def _main_windowed(self, grey: Grey | None, _invert: bool) -> None:
        if not self._session.settling:
            self.linker.windowed(self.main)

    def _shown(self, viewport: Viewport, frame: Frame | None) -> None:
        """A viewport shows another image: of another series it joins those that know its place."""
        if frame is None:
            return
        before, now = self._series.get(viewport), viewport.shown_key
        if before != now:
            self._series[viewport] = now
            if viewport.mode is LinkMode.BY_HAND and before is not None and before[0] != now[0]:
                viewport.mode = LinkMode.BY_PLACE  # what was linked by hand was another patient's
            self.linker.join(viewport)
        self._draw_cuts()
        if viewport is self.active:
            self.activeChanged.emit()

    def _draw_cuts(self) -> None:
        """Once for all that a scroll step moves."""
        if not self._cuts.isActive():
            self._cuts.start()

    def _draw_cuts_now(self) -> None:
        draw_reference_lines(self.viewports, self.active, wanted=self._session.settings.reference_lines)

    def _fill_empty(self) -> None:
        """Put what comes next into viewports that are empty."""
        selection, index = self._session.selection, self._session.index
        if selection is None or index is None:
            return
        image = selection.series.images[selection.position]
        shown = [side.stack.selection for side in self._sides]
        taken = {(one.series.key, one.position) for one in shown if one is not None}
        found = placed(index, *image, (), len(self._sides) + len(taken))
        rest = [one for one in found if one is not None and (one[0].key, one[1]) not in taken]
        for side in self._sides:
            if side.stack.selection is None and rest:
                side.stack.show(*rest.pop(0))

    # --- the viewports themselves ------------------------------------------------------------------

    def lay_out(self, layout: Layout) -> None:
        """Divide the desk; viewports that have no place any more go, new ones are empty."""
        self._restore()
        self._layout = layout
        self.comparison.set_layout(_PANELS[layout.panels])
        while len(self._sides) > layout.beside:
            self._remove(self._sides.pop())
        while len(self._sides) < layout.beside:
            self._sides.append(self._made_side())
        self.linker.set_viewports(self.viewports)
        self._place()
        self.layoutChanged.emit()

    def _made_side(self) -> SideView:
        side = SideView(self._session, self)
        viewport = side.viewport
        side.comparison.maximises = False
        side.comparison.set_tool(self._tool)
        side.failed.connect(self.failed)
        side.told.connect(self.told)
        this = weakref.proxy(self)
        side.contextRequested.connect(lambda place: this._ask_menu(viewport, place))
        side.frameShown.connect(lambda frame: this._shown(viewport, frame))
        side.selected.connect(lambda: this._side_selected(viewport))
        side.greyShown.connect(lambda: this.linker.windowed(viewport))
        self._connect(viewport, closable=True)
        side.show()
        return side

    def _connect(self, viewport: Viewport, *, closable: bool) -> None:
        comparison = viewport.comparison
        this = weakref.proxy(self)
        comparison.moved.connect(lambda: (this.activate(viewport), this.linker.moved(viewport)))
        comparison.scrolled.connect(lambda _steps: this.activate(viewport))
        comparison.readoutChanged.connect(self._readout.setText)
        comparison.told.connect(self.told)
        comparison.commanded.connect(lambda name: (this.activate(viewport), this.commanded.emit(name)))
        comparison.doubleClicked.connect(lambda panel: this.toggle_maximised(viewport, panel))
        controls = TitleControls(closable=closable)
        controls.linkClicked.connect(lambda: this.toggle_link(viewport))
        controls.closeClicked.connect(lambda: this.close_side(viewport))
        comparison.set_title_control(controls)
        controls.setVisible(closable)
        self._controls[viewport] = controls

    def _remove(self, side: SideView) -> None:
        viewport = side.viewport
        if self.active is viewport:
            self.activate(self.main)
        window = self._windows.get((viewport, None))
        if window is not None:
            window.close()
        self._controls.pop(viewport)
        self._series.pop(viewport, None)
        side.close_stack()
        side.hide()
        side.deleteLater()

    def _side_selected(self, viewport: Viewport) -> None:
        if self.active is viewport:
            self.linker.scrolled(viewport)
            self.activeChanged.emit()
        self._draw_cuts()

    def _restore(self) -> None:
        if self._maximised is not None:
            alone = self._maximised[1]
            self._maximised = None
            self.comparison.set_layout(alone)
            self._place()

    def _show_ties(self) -> None:
        several = len(self.viewports) > 1
        for viewport, controls in self._controls.items():
            controls.setVisible(several)
            controls.show_tie(self.linker.relation_of(viewport), viewport.mode)
        self._draw_cuts()

    def _ask_menu(self, viewport: Viewport, place: QPoint) -> None:
        self.activate(viewport)
        self.contextRequested.emit(place)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None:
            return
        for viewport in self.viewports:
            if viewport.comparison.holds(new):
                self.activate(viewport)

    # --- geometry, drops ---------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Films of comfortable size."""
        return QSize(1000, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the viewports their shares."""
        self._place()
        self.linker.moved(self.active)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The gaps, and a line round the active viewport."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(Colour.WINDOW))
            if self._sides and self._maximised is None:
                place = self.viewports.index(self.active)
                painter.fillRect(self._cell(place), QColor(Colour.ACCENT))

    def _widgets(self) -> tuple[QWidget, ...]:
        return (self.comparison, *self._sides)

    def _place(self) -> None:
        several = bool(self._sides) and self._maximised is None
        self._readout.setVisible(several)
        self._readout.setGeometry(0, self.height() - scaled(READOUT_PX), self.width(), scaled(READOUT_PX))
        for viewport in self.viewports:
            viewport.comparison.set_readout_visible(not several)
        for place, widget in enumerate(self._widgets()):
            if (self.viewports[place], None) in self._windows:
                continue
            if several:
                widget.setGeometry(self._cell(place).adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX))
                widget.show()
            else:
                shown = self.main if self._maximised is None else self._maximised[0]
                widget.setVisible(self.viewports[place] is shown)
                if self.viewports[place] is shown:
                    widget.setGeometry(self.rect())
        self.update()

    def _cell(self, place: int) -> QRect:
        """A viewport's share. In a single row the comparison of three panels gets that of three."""
        rows, columns = self._layout.rows, self._layout.columns
        row, column = divmod(place, columns)
        shares = [1] * columns
        if rows == 1 and self.comparison.alone is None:
            shares[0] = 3
        width, height = self.width() + _GAP_PX, self.height() - scaled(READOUT_PX) + _GAP_PX
        left = width * sum(shares[:column]) // sum(shares)
        right = width * sum(shares[: column + 1]) // sum(shares)
        top, bottom = height * row // rows, height * (row + 1) // rows
        return QRect(left, top, right - left - _GAP_PX, bottom - top - _GAP_PX)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A row of the study list may be dropped."""
        if dragged_series(event.mimeData()) is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show the series in the viewport under the mouse."""
        dragged = dragged_series(event.mimeData())
        if dragged is None:
            event.ignore()
            return
        place = event.position().toPoint()
        under = next(
            (
                viewport
                for viewport, widget in zip(self.viewports, self._widgets(), strict=True)
                if widget.isVisible() and widget.geometry().contains(place)
            ),
            None,
        )
        event.acceptProposedAction()
        # With one viewport a drop into the right half divides the desk.
        beside = not self._sides and place.x() > self.width() // 2 and self._session.frame is not None
        self.show_beside(dragged, None if beside else under)
