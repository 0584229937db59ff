"""The page of the preferences on which a screen is measured with a bank card, for real size."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from core.settings import Settings, Table
from viewer.language import tr
from viewer.screen_scale import (
    CARD_HEIGHT_MM,
    CARD_WIDTH_MM,
    LEAST_PX_PER_MM,
    MOST_PX_PER_MM,
    measured_px_per_mm,
    scale_of,
    screen_key,
    with_measure,
)
from viewer.settings_pages import Page
from viewer.theme import Colour
from viewer.wrapped_label import WrappedLabel

_STEPS = 100  # of the slider, in a pixel per millimetre
_USUAL_PX_PER_MM = 96 / 25.4


class CardPicture(QWidget):
    """A bank card with a ruler below, as large as they are if the measure is right."""

    def __init__(self) -> None:
        super().__init__()
        self._px_per_mm = _USUAL_PX_PER_MM
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def card_px(self) -> float:
        """Width of the card as it is painted, in device-independent pixels."""
        return CARD_WIDTH_MM * self._px_per_mm

    def set_scale(self, px_per_mm: float) -> None:
        """Paint with so many device-independent pixels in a millimetre."""
        self._px_per_mm = px_per_mm
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Room for a card on a usual screen."""
        return QSize(400, 290)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card, its width between two marks, and a ruler in centimetres."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            wide, high = self.card_px, CARD_HEIGHT_MM * self._px_per_mm
            card = QRectF(8, 8, wide, high)
            painter.setPen(QPen(QColor(Colour.ACCENT), 1.5))
            painter.setBrush(QColor(Colour.RAISED))
            painter.drawRoundedRect(card, 3 * self._px_per_mm, 3 * self._px_per_mm)
            painter.setPen(QColor(Colour.TEXT))
            painter.drawText(card, Qt.AlignmentFlag.AlignCenter, tr("Hold a bank card here"))
            base = card.bottom() + 14
            painter.setPen(QPen(QColor(Colour.QUIET), 1))
            for mm in range(int(CARD_WIDTH_MM) + 1):
                x = 8 + mm * self._px_per_mm
                painter.drawLine(round(x), round(base), round(x), round(base + (14 if mm % 10 == 0 else 6)))
                if mm % 10 == 0:
                    painter.drawText(round(x) + 3, round(base) + 26, f"{mm // 10}")


class ScreenPage(Page):
    """Measures the screen that the window is on; without a measure the screen's own word counts."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Table = ()
        self._name = WrappedLabel()
        self._state = WrappedLabel()
        explain = WrappedLabel()
        explain.setText(
            tr(
                "For the command Real size. Hold a bank card (or a ruler) to the screen and move the slider "
                "until the picture is exactly as wide. Each screen is remembered by its name and number."
            )
        )
        self._card = CardPicture()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("card")
        self._slider.setRange(round(LEAST_PX_PER_MM * _STEPS), round(MOST_PX_PER_MM * _STEPS))
        self._slider.setAccessibleName(tr("Width of the card"))
        self._slider.valueChanged.connect(lambda value: self._measure(value / _STEPS))
        self._number = QDoubleSpinBox()
        self._number.setDecimals(2)
        self._number.setSingleStep(0.01)
        self._number.setRange(LEAST_PX_PER_MM, MOST_PX_PER_MM)
        self._number.setSuffix(tr(" px/mm"))
        self._number.setAccessibleName(tr("Device pixels in a millimetre"))
        self._number.valueChanged.connect(self._measure)
        self._forget = QPushButton(tr("Forget this measure"))
        self._forget.clicked.connect(self._forget_measure)
        line = QHBoxLayout()
        line.addWidget(self._slider, 1)
        line.addWidget(self._number)
        line.addWidget(self._forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 8, 0)
        for widget in (self._name, explain):
            column.addWidget(widget)
        column.addWidget(self._card, 1)
        column.addLayout(line)
        column.addWidget(self._state)
        self.fill(Settings())

    def fill(self, settings: Settings) -> None:
        """Show the measure of the screen that this page is on."""
        self._rows = settings.screen_sizes
        self._show()

    def wished(self) -> dict[str, object]:
        """Measures of all screens."""
        return {"screen_sizes": self._rows}

    def narrow(self, words: tuple[str, ...]) -> int:
        """One row: found by its words."""
        text = (
            f"{tr('Screen')} {tr('Real size')} {self._name.text()} {tr('Hold a bank card here')}".casefold()
        )
        return int(all(word in text for word in words))

    def showEvent(self, event: QShowEvent) -> None:
        """The window may be on another screen than before."""
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        screen, key = self.screen(), screen_key(self.screen())
        ratio = screen.devicePixelRatio()
        measured = measured_px_per_mm(key, self._rows)
        scale = scale_of(screen, self._rows)
        device = _USUAL_PX_PER_MM * ratio if scale is None else scale.px_per_mm * ratio
        self._name.setText(key)
        with QSignalBlocker(self._slider), QSignalBlocker(self._number):
            self._slider.setValue(round(device * _STEPS))
            self._number.setValue(device)
        self._card.set_scale(device / ratio)
        self._forget.setEnabled(measured is not None)
        if scale is None:
            self._state.setText(tr("This screen does not say how large it is: real size needs a measure."))
        elif scale.measured:
            self._state.setText(tr("Measured by you."))
        else:
            self._state.setText(tr("As the screen says of itself; not measured."))

    def _measure(self, px_per_mm: float) -> None:
        self._rows = with_measure(screen_key(self.screen()), px_per_mm, self._rows)
        self._show()
        self.changed.emit()

    def _forget_measure(self) -> None:
        self._rows = with_measure(screen_key(self.screen()), None, self._rows)
        self._show()
        self.changed.emit()
