"""The scores of a series under the scroll bar: a cell an image, a row a model; a click goes to the image."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QToolTip, QWidget

from core.series_scores import P_STEPS, Cell, ImageResult, Outcome, Scores, cells
from core.session import Selection, Session
from viewer import scored_series
from viewer.language import marked, tr
from viewer.theme import Colour, icon, scaled
from viewer.watch import watch

ROW_PX = 15
"""Height of the row of one model, at a text size of 100 %."""
_TICK_PX = 3
_TEXT_PX = 11
# Darker to brighter, blue to yellow: told apart without red and green, and by their heights alone.
_STEP_COLOURS = ("#4d6478", "#7fa8c9", "#e69f00", "#fff2a8")
_BARS = tuple(QColor(name) for name in _STEP_COLOURS)
_TICK = QColor(Colour.TWIN)
_REFUSED = QBrush(QColor(Colour.QUIET), Qt.BrushStyle.BDiagPattern)
_FAILED = QBrush(QColor(Colour.FAILURE), Qt.BrushStyle.DiagCrossPattern)
_WAITING = QBrush(QColor(Colour.LINE), Qt.BrushStyle.Dense4Pattern)
_STEP_HEIGHTS = (0.25, 0.5, 0.75, 1.0)
_STEP_WORDS = (
    marked("p above 0.2: like most healthy films"),
    marked("p from 0.05 to 0.2"),
    marked("p from 0.01 to 0.05: at most 5 in 100 healthy films score as high"),
    marked("p at most 0.01: at most 1 in 100 healthy films scores as high"),
)
_OUTCOME_WORDS = {
    Outcome.WAITING: marked("not analyzed yet"),
    Outcome.REFUSED: marked("not suitable for the model: no opinion"),
    Outcome.FAILED: marked("could not be read or analyzed"),
}
_EXAMPLES = (
    (ImageResult(Outcome.SCORED, p_value=1.0), _STEP_WORDS[0]),
    (ImageResult(Outcome.SCORED, p_value=P_STEPS[0]), _STEP_WORDS[1]),
    (ImageResult(Outcome.SCORED, p_value=P_STEPS[1]), _STEP_WORDS[2]),
    (ImageResult(Outcome.SCORED, p_value=P_STEPS[2]), _STEP_WORDS[3]),
    (
        ImageResult(Outcome.SCORED, findings=1),
        marked("tick on top: a region above the calibrated threshold"),
    ),
    *((ImageResult(outcome), words) for outcome, words in _OUTCOME_WORDS.items()),
)


class ScoreBar(QObject):
    """The parts of the strip, for a row under the scroll bar: `lead`, `strip`, `legend`, or `line` alone.

    Nothing is there for a single image, and while what the models say is hidden. GUI thread only.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._shown = True
        self.lead = _Lead(parent)
        self.strip = ScoreStrip(parent)
        self.legend = _ScoreLegend(parent)
        self.line = QLabel(parent)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setStyleSheet(f"color: {Colour.QUIET};")
        self.line.setProperty("text", "small")
        self.lead.button.clicked.connect(lambda: scored_series.analyze(session))
        self.strip.imageWanted.connect(session.show_frame)
        watch(self, session.selection_changed, self._show_selection)
        watch(self, session.series_analysis.changed, self._show)
        watch(self, session.choice_changed, self._show)
        watch(self, session.settings_changed, self._show)
        self._show()

    def set_shown(self, shown: bool) -> None:
        """Whether the scroll bar is that of the session's image, which alone has scores."""
        self._shown = shown
        self._show()

    def _show_selection(self, selection: Selection | None) -> None:
        self._show()

    def _show(self, *_: object) -> None:
        selection = self._session.selection
        several = selection is not None and selection.count > 1
        shown = self._shown and several and scored_series.shows_scores(self._session)
        scores = scored_series.scores_of(self._session) if shown else ()
        reason = scored_series.why_not(self._session) if shown else ""
        if not reason and scores and all(one.common_refusal for one in scores):
            reason = tr("No scores: {reason}").format(reason=scores[0].common_refusal)
        if self.line.text() != reason:
            self.line.setText(reason)
        self.line.setVisible(bool(shown and reason))
        for part in (self.lead, self.strip, self.legend):
            part.setVisible(bool(shown and not reason))
        if selection is not None and shown and not reason:
            self.lead.show_scores(scores, running=scored_series.is_running(self._session))
            self.strip.show_scores(scores, selection.position)


class ScoreStrip(QWidget):
    """One cell an image and model, as wide as the room allows; fewer cells than images where it is narrow.

    Height and colour of a bar follow the p-value in fixed steps, a tick on top stands for a finding. What
    has no score has no bar: a dotted line (not analyzed), hatching (not suitable) or a cross-hatch (failed).
    """

    imageWanted = Signal(int)
    """The place of an image in the series, counted from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scores: tuple[Scores, ...] = ()
        self._position = 0
        self._cells: tuple[tuple[Cell, ...], ...] = ()
        self._picture: QPixmap | None = None
        self.setAccessibleName(tr("Scores of the series"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumWidth(60)

    def sizeHint(self) -> QSize:
        """As high as there are models."""
        return QSize(200, self._height_px())

    def _height_px(self) -> int:
        return max(len(self._scores), 1) * _row_px()

    def show_scores(self, scores: tuple[Scores, ...], position: int) -> None:
        """Show these results, with a frame around the image that is on screen."""
        if scores is not self._scores:
            self._scores = scores
            self._picture = None
            self.setFixedHeight(self._height_px())
            self.setAccessibleDescription("; ".join(f"{one.title}: {one.summary}" for one in scores))
            self._arrange()
        self._position = position
        self.update()

    def _arrange(self) -> None:
        self._cells = tuple(cells(one.results, self.width()) for one in self._scores)
        self._picture = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cells as there is room for."""
        self._arrange()
        super().resizeEvent(event)

    # --- where is what -----------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many cells a row has."""
        return len(self._cells[0]) if self._cells else 0

    def place_of(self, number: int) -> QRect:
        """Where a cell is, over all rows."""
        left, right = (round(edge * self.width() / self.count) for edge in (number, number + 1))
        return QRect(left, 0, max(right - left, 1), self.height())

    def _number_at(self, across: float) -> int:
        return min(max(int(across * self.count / max(self.width(), 1)), 0), self.count - 1)

    def _image_at(self, where: QPointF) -> int:
        """The image to go to: the one that the cell under the mouse stands for."""
        row = min(max(int(where.y() // _row_px()), 0), len(self._cells) - 1)
        return self._cells[row][self._number_at(where.x())].at

    def words_at(self, where: QPointF) -> str:
        """What the tool tip says: the image's number, and what each model says of it."""
        if not self.count:
            return ""
        image, total = self._image_at(where), len(self._scores[0].results)
        cell = self._cells[0][self._number_at(where.x())]
        title = tr("Image {number} of {total}").format(number=f"{image + 1:,}", total=f"{total:,}")
        if cell.last > cell.first:
            first, last = f"{cell.first + 1:,}", f"{cell.last + 1:,}"
            title += " " + tr("(stands for images {first} to {last})").format(first=first, last=last)
        told = [f"{one.title}: {' '.join(one.results[image].lines)}" for one in self._scores]
        return "\n".join((title, *told))

    # --- mouse -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the image under the mouse."""
        if event.button() is Qt.MouseButton.LeftButton and self.count:
            self.imageWanted.emit(self._image_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse while the button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton and self.count:
            self.imageWanted.emit(self._image_at(event.position()))

    def changeEvent(self, event: QEvent) -> None:
        """Another text size: rows of another height."""
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(self._height_px())
            self._picture = None
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what is under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_of(self._number_at(event.pos().x())) if self.count else QRect()
            QToolTip.showText(event.globalPos(), self.words_at(QPointF(event.pos())), self, place)
            return True
        return super().event(event)

    # --- painting ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a frame around the shown image; rows are painted anew only where they change."""
        if not self.count:
            return
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            self._picture = self._painted()
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            total = len(self._scores[0].results)
            here = self.place_of(((self._position + 1) * self.count - 1) // total)
            frame = here.adjusted(-1, 0, 0, -1) if here.width() < 3 else here.adjusted(0, 0, -1, -1)
            painter.setPen(QPen(QColor(Colour.TEXT), 1))
            painter.drawRect(frame)

    def _painted(self) -> QPixmap:
        picture = QPixmap(self.size() * self.devicePixelRatioF())
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        picture.fill(QColor(Colour.FILM))
        with QPainter(picture) as painter:
            places, high = [self.place_of(number) for number in range(self.count)], _row_px()
            for row, in_row in enumerate(self._cells):
                for place, cell in zip(places, in_row, strict=True):
                    room = QRect(place.left(), row * high + 1, place.width(), high - 2)
                    _paint_cell(painter, cell.result, room)
        return picture


def _row_px() -> int:
    return scaled(ROW_PX)


def _paint_cell(painter: QPainter, result: ImageResult, room: QRect) -> None:
    """The bar of one result; wide cells leave a gap to the next."""
    if room.width() > 3:
        room = room.adjusted(0, 0, -1, 0)
    if result.outcome is Outcome.SCORED:
        height = round((room.height() - _TICK_PX) * _STEP_HEIGHTS[result.step])
        bar = QRect(room.left(), room.bottom() + 1 - height, room.width(), height)
        painter.fillRect(bar, _BARS[result.step])
        if result.findings:
            painter.fillRect(QRect(room.left(), room.top(), room.width(), _TICK_PX - 1), _TICK)
        return
    body = room.adjusted(0, _TICK_PX, 0, 0)
    if result.outcome is Outcome.REFUSED:
        painter.fillRect(body, _REFUSED)
    elif result.outcome is Outcome.FAILED:
        painter.fillRect(body, _FAILED)
    else:
        middle = body.center().y()
        line = QRect(body.left(), middle, body.width(), 2)
        painter.fillRect(line, _WAITING)


class _Lead(QWidget):
    """Left of the strip: the button that starts or stops, and in words what each row says."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setAccessibleName(tr("Analyze the whole series"))
        self.button.setIconSize(QSize(14, 14))
        self.button.setStyleSheet("padding: 1px;")
        self._running: bool | None = None
        self._words = _Lines()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.button)
        row.addWidget(self._words, 1)

    def show_scores(self, scores: tuple[Scores, ...], *, running: bool) -> None:
        """Say how many stand out; the button stops while it runs."""
        if running != self._running:
            self._running = running
            self.button.setIcon(icon("cancel" if running else "analyze"))
            words = tr("Stop analyzing the series") if running else tr("Analyze the whole series")
            self.button.setToolTip(words)
            self.button.setAccessibleName(words)
        done = all(one.done == len(one.results) for one in scores)
        self.button.setEnabled(running or not done)
        self._words.show_lines(tuple(f"{one.title}: {one.summary}" for one in scores))


class _Lines(QWidget):
    """Lines of small text beside the rows of the strip, cut where they are too long."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[str, ...] = ()

    def show_lines(self, lines: tuple[str, ...]) -> None:
        """Other words; the whole of them is in the tool tip."""
        if lines != self._lines:
            self._lines = lines
            self.setToolTip("\n".join(lines))
            self.setAccessibleName("; ".join(lines))
            self.setFixedHeight(len(lines) * _row_px())
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Another text size: other lines."""
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(len(self._lines) * _row_px())
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each line at the height of its row."""
        font = QFont(self.font())
        font.setPixelSize(scaled(_TEXT_PX))
        metrics = QFontMetrics(font)
        with QPainter(self) as painter:
            painter.setFont(font)
            painter.setPen(QColor(Colour.QUIET))
            for number, words in enumerate(self._lines):
                room = QRect(0, number * _row_px(), self.width(), _row_px())
                cut = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
                painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), cut)


class _ScoreLegend(QWidget):
    """What the cells of the strip look like, each with its words in the tool tip."""

    _CELL_PX = 10

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._take_room()
        self.setToolTip("\n".join(f"{n + 1}. {tr(words)}" for n, (_, words) in enumerate(_EXAMPLES)))
        all_words = "; ".join(tr(words) for _, words in _EXAMPLES)
        self.setAccessibleName(tr("What the cells mean, from the left: {words}").format(words=all_words))

    def changeEvent(self, event: QEvent) -> None:
        """Another text size: as high as a row of the strip is now."""
        if event.type() == QEvent.Type.FontChange:
            self._take_room()
        super().changeEvent(event)

    def _take_room(self) -> None:
        self.setFixedSize(len(_EXAMPLES) * self._CELL_PX, _row_px())

    def paintEvent(self, event: QPaintEvent) -> None:
        """One example beside the other, in the order of the tool tip."""
        with QPainter(self) as painter:
            for number, (example, _) in enumerate(_EXAMPLES):
                room = QRect(number * self._CELL_PX, 1, self._CELL_PX - 1, _row_px() - 2)
                _paint_cell(painter, example, room)
