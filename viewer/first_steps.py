"""What the three panels show, in five sentences with drawings: at the first start, and when asked."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRadialGradient,
)
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from viewer.language import marked, tr
from viewer.theme import Colour, scaled

_DRAWING_PX = 132
_DIALOG_PX = 720
_LESION = (QPointF(0.33, 0.56), 0.075)
# The hot end of the colour map Ember, which is the default of the difference.
_HOT, _WARM = "#f9a03f", "#7a2b52"


class Drawing(Enum):
    """The three panels, as drawn on this page."""

    ORIGINAL = 0
    TWIN = 1
    DIFFERENCE = 2


_NAMES = {
    Drawing.ORIGINAL: marked("Original"),
    Drawing.TWIN: marked("Healthy twin"),
    Drawing.DIFFERENCE: marked("Difference"),
}
_SENTENCES = {
    Drawing.ORIGINAL: marked("Your film, untouched, as its file holds it."),
    Drawing.TWIN: marked(
        "What a model imagines the film would be if it were healthy: invented, never seen in the patient."
    ),
    Drawing.DIFFERENCE: marked(
        "Where the film is denser than its twin by more than the threshold; hatched parts were not analyzed."
    ),
}


class FirstSteps(QWidget):
    """Three drawings, five sentences, and two ways to begin."""

    openRequested = Signal()
    demoRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(tr("What the three panels show"))
        title.setProperty("textSize", "heading")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title.setWordWrap(True)
        panels = QHBoxLayout()
        panels.setSpacing(scaled(14))
        for which in Drawing:
            panels.addLayout(_panel(which), 1)
        words = (
            tr("You decide: accept or dismiss each finding, and write the impression of the report."),
            tr("Nothing leaves this computer, and nothing above the threshold does not mean healthy."),
        )
        last = _sentence("\n".join(words))
        demo, folder = QPushButton(tr("Open the demo study")), QPushButton(tr("Open folder…"))
        demo.setDefault(True)
        demo.clicked.connect(self.demoRequested)
        folder.clicked.connect(self.openRequested)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (folder, demo):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(scaled(14))
        for part in (title, panels, last, buttons):
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)


class FirstStepsDialog(QDialog):
    """The same page once more, when it is asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("First steps"))
        self.page = FirstSteps()
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.page, 1)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        width = scaled(_DIALOG_PX)
        self.resize(width, self.heightForWidth(width))
        self.page.openRequested.connect(self.accept)
        self.page.demoRequested.connect(self.accept)


class PanelDrawing(QWidget):
    """A chest film drawn with a few lines, as one of the panels would show it. No film of a person."""

    def __init__(self, which: Drawing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._which = which
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Drawing: {panel}").format(panel=tr(_NAMES[which])))

    def sizeHint(self) -> QSize:
        """As high as wide; the text below says how wide."""
        return QSize(scaled(_DRAWING_PX), scaled(_DRAWING_PX))

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Film, lesion or map, border of the panel."""
        side = min(self.width(), self.height())
        place = QRectF((self.width() - side) / 2, 0, side, side).adjusted(1.5, 1.5, -1.5, -1.5)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.save()
            painter.translate(place.topLeft())
            painter.scale(place.width(), place.height())
            _paint_film(painter)
            if self._which is not Drawing.TWIN:
                _paint_lesion(painter)
            if self._which is Drawing.DIFFERENCE:
                _paint_map(painter)
            painter.restore()
            twin = self._which is Drawing.TWIN
            painter.setPen(QPen(QColor(Colour.TWIN if twin else Colour.LINE), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)


def _panel(which: Drawing) -> QVBoxLayout:
    """Drawing, name and sentence of a panel."""
    name = QLabel(tr(_NAMES[which]).upper())
    font = name.font()
    font.setBold(True)
    name.setFont(font)
    name.setAlignment(Qt.AlignmentFlag.AlignCenter)
    name.setStyleSheet(f"color: {Colour.TWIN if which is Drawing.TWIN else Colour.TEXT};")
    column = QVBoxLayout()
    column.setSpacing(scaled(6))
    column.addWidget(PanelDrawing(which))
    column.addWidget(name)
    column.addWidget(_sentence(tr(_SENTENCES[which])))
    column.addStretch(1)
    return column


def _sentence(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    label.setStyleSheet(f"color: {Colour.QUIET};")
    return label


def _paint_film(painter: QPainter) -> None:
    """A frontal chest on the unit square: soft tissue, lungs, ribs, mediastinum and heart, diaphragm."""
    painter.fillRect(QRectF(0, 0, 1, 1), QColor(10, 10, 11))
    body = QPainterPath()
    body.moveTo(0.02, 1.0)
    body.cubicTo(0.03, 0.5, 0.06, 0.24, 0.36, 0.16)
    body.cubicTo(0.44, 0.12, 0.42, 0.05, 0.42, 0.0)
    body.lineTo(0.58, 0.0)
    body.cubicTo(0.58, 0.05, 0.56, 0.12, 0.64, 0.16)
    body.cubicTo(0.94, 0.24, 0.97, 0.5, 0.98, 1.0)
    body.closeSubpath()
    tissue = QLinearGradient(0, 0, 0, 1)
    tissue.setColorAt(0, QColor(120, 120, 122))
    tissue.setColorAt(1, QColor(168, 168, 170))
    painter.fillPath(body, tissue)
    lungs = QPainterPath()
    for sign in (-1, 1):
        lung = QPainterPath()
        lung.moveTo(0.5 + sign * 0.07, 0.23)
        lung.cubicTo(0.5 + sign * 0.2, 0.14, 0.5 + sign * 0.36, 0.3, 0.5 + sign * 0.39, 0.78)
        lung.cubicTo(0.5 + sign * 0.28, 0.68, 0.5 + sign * 0.16, 0.68, 0.5 + sign * 0.09, 0.76)
        lung.closeSubpath()
        lungs.addPath(lung)
    painter.fillPath(lungs, QColor(34, 34, 36))
    painter.save()
    painter.setClipPath(lungs)
    painter.setPen(QPen(QColor(120, 120, 122, 80), 0.018))
    for number in range(6):
        for sign in (-1, 1):
            rib = QPainterPath(QPointF(0.5 + sign * 0.04, 0.2 + number * 0.095))
            rib.quadTo(0.5 + sign * 0.3, 0.16 + number * 0.1, 0.5 + sign * 0.42, 0.36 + number * 0.1)
            painter.drawPath(rib)
    painter.restore()
    heart = QRadialGradient(QPointF(0.55, 0.63), 0.2)
    heart.setColorAt(0, QColor(205, 205, 207))
    heart.setColorAt(0.75, QColor(180, 180, 182))
    heart.setColorAt(1, QColor(150, 150, 152, 0))
    painter.fillRect(QRectF(0.46, 0.1, 0.08, 0.75), QColor(186, 186, 188))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(heart))
    painter.drawEllipse(QPointF(0.55, 0.63), 0.19, 0.17)


def _paint_lesion(painter: QPainter) -> None:
    centre, radius = _LESION
    glow = QRadialGradient(centre, radius)
    glow.setColorAt(0, QColor(165, 165, 167))
    glow.setColorAt(0.6, QColor(140, 140, 142, 200))
    glow.setColorAt(1, QColor(120, 120, 122, 0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(glow))
    painter.drawEllipse(centre, radius, radius)


def _paint_map(painter: QPainter) -> None:
    """The lesion in the colours of the map, its box, and the hatched border that no model saw."""
    centre, radius = _LESION
    heat = QRadialGradient(centre, radius)
    heat.setColorAt(0, QColor(_HOT))
    heat.setColorAt(0.7, QColor(_WARM))
    heat.setColorAt(1, QColor(0, 0, 0, 0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(heat))
    painter.drawEllipse(centre, radius, radius)
    pen = QPen(QColor(Colour.ACCENT), 0.012)
    pen.setDashPattern([3.0, 2.0])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = radius * 1.15
    painter.drawRect(QRectF(centre.x() - reach, centre.y() - reach, 2 * reach, 2 * reach))
    edge = QPainterPath()
    edge.addRect(QRectF(0, 0, 1, 1))
    inner = QPainterPath()
    inner.addRect(QRectF(0.05, 0.05, 0.9, 0.9))
    painter.save()
    painter.setClipPath(edge.subtracted(inner))
    painter.setPen(QPen(QColor(205, 205, 205, 140), 0.008))
    for step in range(80):
        painter.drawLine(QPointF(step / 40 - 1, 1.0), QPointF(step / 40, 0.0))
    painter.restore()
