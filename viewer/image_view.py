"""One viewport: the picture, what lies over it, and the mouse, handed on to tools.

Paints viewport first. What shows of the picture (kept by `Picture`) and the layer of the heatmap (kept
here) are made anew only when what they depend on changes: a window drag costs a look-up, the cursor of a
neighbour costs nothing but drawing.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.imaging.display import Levels
from viewer import mouse_table
from viewer.focus_ring import SHOWS_FOCUS
from viewer.graphic_painter import paint_graphics
from viewer.guides import Cut, Guides, paint_cuts
from viewer.mark_tools import MarkLayer
from viewer.mouse_tools import GuideLines
from viewer.panel import (
    PanelContent,
    looks_the_same,
    paint_corners,
    paint_drawings,
    paint_letters,
    paint_map,
    screen_rect,
    status_colour,
    text_font,
)
from viewer.picture import Picture
from viewer.pointer import CLICK_PX, Drag, PointerTool, Tool, WindowBasis
from viewer.theme import SMALL_TEXT_PX, TEXT_PX, Colour, scaled
from viewer.toolbox import TOOLS
from viewer.veil import Veil
from viewer.viewpoint import Mapping, Viewpoint

HEADER_PX = 46
"""Height of the title bar at a text size of 100 %: see `header_px`."""
_BORDER_PX = 2
_STRIPE_PX = 2
_ZOOM_PER_STEP = 1.2


class ImageView(QWidget):
    """A viewport with its title bar. Setters change what is shown; signals say what the reader did.

    Nothing that the reader does changes the view by itself: whoever listens sets the new viewpoint or
    window, in all panels alike. GUI thread only.
    """

    windowed = Signal(object)
    """`Window` wished for by dragging."""
    viewpointChanged = Signal(object)
    """`Viewpoint` wished for by panning or zooming."""
    hovered = Signal(float, float)
    """Frame (row, column) under the mouse, inside the frame."""
    cursorLeft = Signal()
    """The mouse is on no pixel of the frame any more."""
    scrolled = Signal(int)
    """Frames to go forward (down) or back."""
    contextRequested = Signal(QPoint)
    """Right click without a drag, in global coordinates."""
    maximiseRequested = Signal()
    """Double click."""
    commanded = Signal(str)
    """Identifier of a command that a gesture of the mouse asks for."""
    findingClicked = Signal(str)
    """Identifier of the finding whose box was clicked."""
    pointed = Signal(float, float)
    """Frame (row, column) clicked on or, with the crosshair, dragged to."""
    regionDrawn = Signal(float, float, float, float)
    """Row and column of two opposite corners of a box whose pixels are to fill the window."""
    markDrawn = Signal(object)
    """A new `Mark`, without name and identifier."""
    markChanged = Signal(object)
    """A `Mark` of the content as it is wished for: dragged, or with other words."""
    markSelected = Signal(str)
    """Identifier of the mark that was clicked; "" when a click met none while one was selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(SHOWS_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(120, 160)
        self._picture: Picture | None = None
        self._levels: Levels | None = None
        self._content = PanelContent("", Colour.LINE)
        self._viewpoint = Viewpoint(0, 0, 1)
        self._basis: WindowBasis | None = None
        self._tool = Tool.WINDOW
        self._single_image = True
        self._texts_visible = True
        self._cursor: tuple[float, float] | None = None
        self._guides: Guides | None = None
        self._veils: tuple[Veil, ...] = ()
        self._tools: dict[Tool, PointerTool] = {}
        self._overlays: list[PointerTool] = [MarkLayer(self), GuideLines(self)]
        self._drag: Drag | None = None
        self._taker: PointerTool = self._overlays[0]  # whose the drag is
        self._cuts: tuple[Cut, ...] = ()
        self._wheel_rest = 0
        self._header_widget: QWidget | None = None
        self._draft = False
        self._map_layer: QImage | None = None
        self._map_key: tuple[object, ...] = ()
        self._header: QImage | None = None
        self._header_key: tuple[object, ...] = ()

    # What is shown

    def set_picture(self, picture: Picture | None) -> None:
        """Show other pixels, or none."""
        if picture is not self._picture:
            self._picture = picture
            self.update()

    def set_levels(self, levels: Levels | None) -> None:
        """Presentation value of each code of the picture: the window, made into a table."""
        if levels is not self._levels:
            self._levels = levels
            self.update()

    def set_content(self, content: PanelContent) -> None:
        """Titles, texts, heatmap, findings and marks."""
        if not looks_the_same(content, self._content):
            self._content = content
            self.update()

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Where to look from."""
        self._viewpoint = viewpoint
        self.update()

    def set_draft(self, draft: bool) -> None:
        """Whether nearest pixels will do, as for a film that changes its size under the hand."""
        if draft != self._draft:
            self._draft = draft
            self.update()

    def set_window_basis(self, basis: WindowBasis | None) -> None:
        """Where the next window drag starts."""
        self._basis = basis

    def set_cursor_place(self, place: tuple[float, float] | None) -> None:
        """Frame (row, column) of the cross-hair that follows the mouse of another panel; None hides it."""
        if place != self._cursor:
            self._cursor = place
            self.update()

    def set_guides(self, guides: Guides | None) -> None:
        """Lines across the whole film where other planes cut it; they can be dragged. None hides them."""
        if guides != self._guides:
            self._guides = guides
            self.update()

    def set_veils(self, veils: tuple[Veil, ...]) -> None:
        """What lies over parts of the film, the last on top; only what changes is painted anew."""
        for veil in set(veils) ^ set(self._veils):
            self.update(veil.reach(self.mapping).translated(self.viewport.topLeft()))
        self._veils = veils

    @property
    def veils(self) -> tuple[Veil, ...]:
        """What lies over parts of the film."""
        return self._veils

    def set_edge_cursor(self, shape: Qt.CursorShape | None) -> None:
        """The mouse is on something that can be moved; None: it shows the tool again."""
        self.setCursor(shape if shape is not None else self.tool_object(self._tool).cursor)

    def set_cuts(self, cuts: tuple[Cut, ...]) -> None:
        """Lines where the planes of other viewports cut the film."""
        if cuts != self._cuts:
            self._cuts = cuts
            self.update()

    def set_tool(self, tool: Tool) -> None:
        """What the left button does."""
        if tool is not self._tool:
            self.tool_object(self._tool).cancel()
            self.update()
        self._tool = tool
        self.setCursor(self.tool_object(tool).cursor)

    def set_single_image(self, single: bool) -> None:
        """Whether there is nothing to scroll through, so that the wheel zooms."""
        self._single_image = single

    def set_header_widget(self, widget: QWidget) -> None:
        """Put a control at the left end of the second line of the title bar."""
        widget.setParent(self)
        widget.move(6, scaled(23))
        self._header_widget = widget
        widget.show()

    def set_texts_visible(self, visible: bool) -> None:
        """Show or hide corner texts, letters and the scale bar."""
        self._texts_visible = visible
        self.update()

    @property
    def picture(self) -> Picture | None:
        """The pixels that are shown."""
        return self._picture

    @property
    def levels(self) -> Levels | None:
        """Presentation value of each code of the picture."""
        return self._levels

    @property
    def content(self) -> PanelContent:
        """What is shown beside the pixels."""
        return self._content

    @property
    def chosen(self) -> PointerTool:
        """What does the work of the tool that the reader chose."""
        return self.tool_object(self._tool)

    @property
    def guides(self) -> Guides | None:
        """The lines of other planes."""
        return self._guides

    @property
    def viewport(self) -> QRect:
        """Where the film is, in widget coordinates: all but the title bar and the border."""
        return self.rect().adjusted(_BORDER_PX, header_px(), -_BORDER_PX, -_BORDER_PX)

    @property
    def mapping(self) -> Mapping:
        """Frame positions to positions in the viewport and back."""
        spacing = self._content.spacing
        aspect = (
            spacing.row_mm / spacing.column_mm
            if spacing.row_mm is not None and spacing.column_mm is not None
            else 1.0
        )
        area = self.viewport
        return Mapping(self._viewpoint, max(area.width(), 1), max(area.height(), 1), aspect)

    def sizeHint(self) -> QSize:
        """Large: the film is what the window is for."""
        return QSize(420, 560)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Background, film, heatmap, drawings, texts, title bar."""
        # As a context: an error on the way must not leave the painter open, which ends the process.
        with QPainter(self) as painter:
            area, mapping = self.viewport, self.mapping
            painter.save()
            painter.setClipRect(area)
            painter.translate(area.topLeft())
            self._paint_film(painter, mapping)
            painter.restore()
            self._paint_header(painter)

    def _paint_film(self, painter: QPainter, mapping: Mapping) -> None:
        content = self._content
        room = QRect(0, 0, self.viewport.width(), self.viewport.height())
        if self._picture is None or self._levels is None:
            painter.fillRect(room, QColor(Colour.FILM))
            self._paint_message(painter, mapping)
            return
        ratio = self.devicePixelRatioF()
        shown = self._picture.shown(mapping, ratio, self._levels, draft=self._draft)
        # Only beside the film: a background under it costs as much again as drawing it.
        film = (
            QRect()
            if shown is None
            else _whole_pixels(shown[1], shown[0].deviceIndependentSize()).intersected(room)
        )
        for part in _beside(film, room):
            painter.fillRect(part, QColor(Colour.FILM))
        if shown is not None:
            painter.drawImage(shown[1], shown[0])
        if content.planes is not None:
            content.planes.paint(painter, mapping, ratio)
        self._paint_map(painter, mapping, ratio)
        for veil in self._veils:
            veil.paint(painter, mapping, ratio)
        paint_graphics(painter, content.graphics, mapping)
        paint_drawings(painter, content, mapping)
        if self._cuts:
            paint_cuts(painter, self._cuts, mapping)
        for one in self._on_the_film():
            painter.save()
            one.paint(painter, mapping)
            painter.restore()
        if self._texts_visible:
            paint_letters(painter, content, mapping)
            paint_corners(painter, content, mapping)
        if self._cursor is not None:
            self._paint_cross_hair(painter, mapping)
        if content.message:
            self._paint_message(painter, mapping)

    def _paint_map(self, painter: QPainter, mapping: Mapping, ratio: float) -> None:
        """Heatmap and hatch; what is painted a second time, from the same place, stays on a layer.

        While the film moves a layer would be made for each step, at several times the cost.
        """
        content = self._content
        if content.crop is None and content.edges is None:
            return
        key = (content.heat, content.labels, content.edges, content.crop, content.frame_shape, mapping, ratio)
        if key != self._map_key:
            self._map_layer, self._map_key = None, key
            paint_map(painter, content, mapping)
            return
        if self._map_layer is None:
            size = QSize(math.ceil(mapping.width * ratio), math.ceil(mapping.height * ratio))
            layer = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            layer.setDevicePixelRatio(ratio)
            layer.fill(0)
            with QPainter(layer) as brush:
                brush.setFont(painter.font())
                paint_map(brush, content, mapping)
            self._map_layer = layer
        painter.drawImage(QPointF(0, 0), self._map_layer)

    def _paint_message(self, painter: QPainter, mapping: Mapping) -> None:
        """Why there is nothing to see, in the middle."""
        painter.save()
        painter.setFont(text_font(painter, TEXT_PX))
        painter.setPen(QColor(status_colour(self._content.status_kind)))
        room = QRectF(16, 16, mapping.width - 32, mapping.height - 32)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(flags), self._content.message)
        painter.restore()

    def _paint_cross_hair(self, painter: QPainter, mapping: Mapping) -> None:
        if self._cursor is None:
            return
        x, y = mapping.to_screen(*self._cursor)
        gap, arm = 5.0, 14.0
        for colour, width in ((QColor(0, 0, 0, 200), 3.0), (QColor(Colour.ACCENT), 1.2)):
            painter.setPen(QPen(colour, width))
            for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                near = QPointF(x + across * gap, y + down * gap)
                painter.drawLine(near, QPointF(x + across * arm, y + down * arm))

    def _paint_header(self, painter: QPainter) -> None:
        content = self._content
        border = QColor(
            Colour.ACCENT if self.hasFocus() and content.border is Colour.LINE else content.border
        )
        painter.drawImage(QPointF(0, 0), self._refreshed_header(painter))
        inside = self.rect().adjusted(_BORDER_PX, _BORDER_PX, -_BORDER_PX, -_BORDER_PX)
        for part in _beside(inside, self.rect()):  # a drawn line leaves a corner out, and nothing is under it
            painter.fillRect(part, border)
        if self.hasFocus() and content.border is not Colour.LINE:
            # The border says whose panel this is: the focus stands inside of it.
            painter.setPen(QColor(Colour.ACCENT))
            painter.drawRect(inside.adjusted(0, 0, -1, -1))

    def _refreshed_header(self, painter: QPainter) -> QImage:
        """The title bar on a picture of its own, kept while neither its words nor its width change."""
        content, ratio = self._content, self.devicePixelRatioF()
        control = self._header_widget
        used = 0 if control is None or control.isHidden() else control.sizeHint().width() + 4
        words = (content.title, content.subtitle, content.status, content.status_kind)
        key = (*words, content.border, content.stripe, used, self.width(), ratio, painter.font())
        if self._header is None or key != self._header_key:
            image = QImage(
                math.ceil(self.width() * ratio), math.ceil(header_px() * ratio), QImage.Format.Format_RGB32
            )
            image.setDevicePixelRatio(ratio)
            with QPainter(image) as brush:
                brush.setFont(painter.font())
                self._paint_title_bar(brush, used)
            self._header, self._header_key = image, key
        return self._header

    def _paint_title_bar(self, painter: QPainter, used: int) -> None:
        """Title, subtitle and status; `used`: how much of the second line a control covers."""
        content = self._content
        painter.fillRect(QRect(0, 0, self.width(), header_px()), QColor(Colour.RAISED))
        bold = text_font(painter, SMALL_TEXT_PX, bold=True)
        plain = text_font(painter, SMALL_TEXT_PX)
        title = content.title
        if content.border is Colour.TWIN:
            # Where there is no room for both, the word that says that this was invented stays.
            kept = QFontMetricsF(plain).horizontalAdvance(content.subtitle) + 10
            left_over = max(self.width() - 18.0 - kept, 0)
            title = QFontMetricsF(bold).elidedText(title, Qt.TextElideMode.ElideRight, left_over)
        title_width = QFontMetricsF(bold).horizontalAdvance(title)
        colour = Colour.TEXT if content.border is Colour.LINE else content.border
        left, room = 9.0, self.width() - 18.0
        painter.setFont(bold)
        painter.setPen(QColor(colour))
        painter.drawText(QRectF(left, scaled(4), room, scaled(18)), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(plain)
        painter.setPen(QColor(Colour.QUIET if content.border is Colour.LINE else content.border))
        beside = QRectF(left + title_width + 8, scaled(4), max(room - title_width - 8, 0), scaled(18))
        _draw_elided(painter, beside, content.subtitle)
        painter.setPen(QColor(status_colour(content.status_kind)))
        below = QRectF(left + used, scaled(24), max(room - used, 0), scaled(18))
        _draw_elided(painter, below, content.status)
        if content.stripe is not None:
            painter.fillRect(
                QRect(0, header_px() - _STRIPE_PX, self.width(), _STRIPE_PX), QColor(content.stripe)
            )

    # The mouse

    def add_overlay(self, overlay: PointerTool) -> None:
        """Keep something on the film whatever the tool is; the last one added lies on top."""
        self._overlays.append(overlay)
        self.update()

    def remove_overlay(self, overlay: PointerTool) -> None:
        """Take it off the film."""
        self._overlays.remove(overlay)
        self.update()

    def tool_object(self, tool: Tool) -> PointerTool:
        """The object that does a tool's work in this view."""
        if tool not in self._tools:
            self._tools[tool] = TOOLS[tool](self)
        return self._tools[tool]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag with what lies here, or with the tool of the button."""
        position = self._in_viewport(event.position())
        if self._drag is not None or not self._follows_the_hand or position.y() < 0:
            return
        button, chosen = event.button(), self.tool_object(self._tool)
        table = mouse_table.current()
        if table.command(button):
            self.commanded.emit(table.command(button))
            return
        tool = table.drag(button, event.modifiers(), self._tool)
        taker = PointerTool(self) if tool is None else self.tool_object(tool)
        if button is Qt.MouseButton.LeftButton:
            takers = (one for one in reversed(self._overlays) if one.grabs(position, chosen))
            taker = next(takers, taker)
        if taker.draws and self._picture is None:
            return
        drag = Drag(button, position, position, self.mapping, self._basis, event.modifiers())
        self._drag, self._taker = drag, taker
        taker.press(drag)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the drag, and say where the mouse is."""
        position = self._in_viewport(event.position())
        drag = self._drag
        if drag is not None:
            drag.here, drag.modifiers = position, event.modifiers()
            if drag.moved or drag.travelled.manhattanLength() >= CLICK_PX:
                drag.moved = True
                self._taker.move(drag)
        else:
            for one in (*self._overlays, self.tool_object(self._tool)):
                one.hover(position, event.modifiers())
        self._tell_place(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag; without one it was a click."""
        drag = self._drag
        if drag is None or event.button() is not drag.button:
            return
        self._drag = None
        drag.modifiers = event.modifiers()
        if drag.moved:
            self._taker.release(drag)
        elif not self._taker.click(drag):
            self._click(drag, event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for this panel alone, or for all again, unless something on the film takes it."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag = None
            position = self._in_viewport(event.position())
            asked = (*reversed(self._overlays), self.tool_object(self._tool))
            if position.y() < 0 or not any(one.double_click(position, event.modifiers()) for one in asked):
                self._double_click()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll through the frames or zoom, as the table of the mouse says."""
        if not self._follows_the_hand:
            return
        # With Alt held Qt turns the wheel on its side.
        turned, position = (
            event.angleDelta().y() or event.angleDelta().x(),
            self._in_viewport(event.position()),
        )
        asked = (*reversed(self._overlays), self.tool_object(self._tool))
        done = mouse_table.current().wheel(event.modifiers(), single_image=self._single_image)
        if any(one.wheel(turned, position, event.modifiers()) for one in asked):
            pass
        elif done == mouse_table.ZOOM:
            factor = _ZOOM_PER_STEP ** (turned / 120)
            self.viewpointChanged.emit(self.mapping.zoomed(factor, position.x(), position.y()))
        elif done != mouse_table.NOTHING:
            # Fine wheels and touch pads send parts of a step.
            self._wheel_rest += turned
            steps = int(self._wheel_rest / 120)
            if steps:
                self._wheel_rest -= steps * 120
                self.scrolled.emit(-steps * (10 if done == mouse_table.SCROLL_TEN else 1))
        event.accept()

    @property
    def _follows_the_hand(self) -> bool:
        """An empty panel beside a film moves, scrolls and windows with it; nothing can be drawn there."""
        return self._picture is not None or self._basis is not None

    def _double_click(self) -> None:
        done = mouse_table.current().does("double")
        if done == mouse_table.MAXIMISE:
            self.maximiseRequested.emit()
        elif done != mouse_table.NOTHING:
            self.commanded.emit(done)

    def point_to(self, position: QPointF) -> None:
        """Say which place of the frame is meant, never one outside of it."""
        if self._picture is not None:
            row, column = self.mapping.to_frame(position.x(), position.y())
            rows, columns = self._picture.shape
            self.pointed.emit(min(max(row, 0.0), float(rows)), min(max(column, 0.0), float(columns)))

    def event(self, event: QEvent) -> bool:
        """Tool tips only over the title bar: nothing may pop up over the film."""
        if isinstance(event, QHelpEvent):
            words = self.words_at(event.pos())
            if words:
                QToolTip.showText(event.globalPos(), words, self)
            return True
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.chosen.unfinished
        ):
            event.accept()  # ours, before the window resets the view
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc: forget what is unfinished."""
        if event.key() == Qt.Key.Key_Escape and self.chosen.unfinished:
            self.chosen.cancel()
        else:
            super().keyPressEvent(event)

    def words_at(self, place: QPoint) -> str:
        """The status in full, where the title bar may have no room for it; "" over the film."""
        return self._content.status if place.y() < header_px() else ""

    def changeEvent(self, event: QEvent) -> None:
        """Text of another size: what was kept is painted anew, and the control moves with the title bar."""
        if event.type() is QEvent.Type.FontChange:
            self._header, self._map_key = None, ()
            if self._header_widget is not None:
                self._header_widget.move(6, scaled(23))
            self.update()
        super().changeEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse went elsewhere."""
        for one in self._on_the_film():
            one.leave()
        self.cursorLeft.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus went."""
        self.update()

    def _on_the_film(self) -> tuple[PointerTool, ...]:
        """Overlays, the tool of a drag and the chosen one, each once, from the lowest to the uppermost."""
        ends = (self._taker,) if self._drag is not None else ()
        return tuple(dict.fromkeys((*self._overlays, *ends, self.tool_object(self._tool))))

    def _in_viewport(self, position: QPointF) -> QPointF:
        return position - QPointF(self.viewport.topLeft())

    def _tell_place(self, position: QPointF) -> None:
        row, column = self.mapping.to_frame(position.x(), position.y())
        rows, columns = self._picture.shape if self._picture is not None else (0, 0)
        if position.y() >= 0 and 0 <= row < rows and 0 <= column < columns:
            self.hovered.emit(row, column)
        else:
            self.cursorLeft.emit()

    def _click(self, drag: Drag, place: QPoint) -> None:
        if drag.button is Qt.MouseButton.RightButton:
            self.contextRequested.emit(place)
        elif drag.button is Qt.MouseButton.LeftButton:
            if self._content.selected_mark:
                self.markSelected.emit("")
            identifier = self._finding_at(drag.start)
            if identifier:
                self.findingClicked.emit(identifier)
            else:
                self.point_to(drag.start)

    def finding_at(self, place: QPoint) -> str:
        """Identifier of the finding under a place of this widget; "" where there is none."""
        return self._finding_at(self._in_viewport(QPointF(place))) if self.rect().contains(place) else ""

    def _finding_at(self, position: QPointF) -> str:
        """The smallest box under the mouse: of two nested ones the inner can still be reached."""
        hit = []
        for box in self._content.boxes:
            first_row, first_column, last_row, last_column = box.box
            rect = screen_rect(
                self.mapping, first_row, first_column, last_row - first_row, last_column - first_column
            ).adjusted(-CLICK_PX, -CLICK_PX, CLICK_PX, CLICK_PX)
            if rect.contains(position):
                hit.append((rect.width() * rect.height(), box.identifier))
        return min(hit)[1] if hit else ""


def header_px() -> int:
    """Height of the title bar: it goes with the size of the text."""
    return scaled(HEADER_PX)


def _whole_pixels(corner: QPointF, size: QSizeF) -> QRect:
    """The pixels that a picture covers whole."""
    left, top = math.ceil(corner.x()), math.ceil(corner.y())
    right, bottom = math.floor(corner.x() + size.width()), math.floor(corner.y() + size.height())
    return QRect(left, top, max(right - left, 0), max(bottom - top, 0))


def _beside(inner: QRect, room: QRect) -> tuple[QRect, ...]:
    """What of a room lies above, below, left and right of a rectangle inside it."""
    if inner.isEmpty():
        return (room,)
    across, down = room.x() + room.width(), room.y() + room.height()
    right, below = inner.x() + inner.width(), inner.y() + inner.height()
    return (
        QRect(room.x(), room.y(), room.width(), inner.y() - room.y()),
        QRect(room.x(), below, room.width(), down - below),
        QRect(room.x(), inner.y(), inner.x() - room.x(), inner.height()),
        QRect(right, inner.y(), across - right, inner.height()),
    )


def _draw_elided(painter: QPainter, room: QRectF, text: str) -> None:
    shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
