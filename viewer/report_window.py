"""The report on paper: preview, PDF, HTML, PNG. Qt prints the page that `core.reporting.html` writes.

`write_pdf` needs no window and no screen; the command line uses it as it is.
"""

from __future__ import annotations

import math
import os
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPixmap,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core import __version__
from core.errors import ProductError
from core.files import write_whole
from core.reporting.html import page
from core.reporting.panels import Panel
from core.reporting.report import Report
from viewer.language import tr
from viewer.picture import image_of
from viewer.theme import load_fonts, take_size

# All layout is in CSS pixels, 96 to the inch, whatever the screen; the printer scales.
_PX_PER_INCH = 96.0
_PAGE_PX = QSizeF(210 / 25.4 * _PX_PER_INCH, 297 / 25.4 * _PX_PER_INCH)
_MARGIN_PX = 46.0
_HEADER_PX = 26.0
_FOOTER_PX = 28.0
_TEXT_PX = 12
_SMALL_PX = 10
_PRINTER_PER_INCH = 300
_ROOM_AFTER_HEADING_PX = 90.0
_QUIET = QColor("#5a636b")
_WARNING = QColor("#7a1f16")
_PREVIEW_WIDTH_PX = 820
# Invisible on purpose: selectors of a glyph's variant.
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def ensure_gui_application() -> QGuiApplication:
    """The running Qt application, or one without windows, offscreen where there is no display."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not shown:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return _made_application()


def write_pdf(reports: Report | Sequence[Report], path: Path) -> None:
    """Write one PDF (A4) of one or several reports, whole or not at all. Raises `CannotWrite`.

    Fonts are embedded. A character that no font can draw stands as its code point, and the report says
    so; nothing outside the report is ever loaded. Any thread that may use Qt's fonts.
    """
    ensure_gui_application()
    reports = (reports,) if isinstance(reports, Report) else tuple(reports)
    stored = QBuffer()
    stored.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(stored)
    writer.setTitle(reports[0].title if reports else tr("Image report"))
    writer.setCreator(f"HealthyTwin {__version__}")
    writer.setResolution(_PRINTER_PER_INCH)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF())
    )
    painter = QPainter(writer)
    scale = _PRINTER_PER_INCH / _PX_PER_INCH
    first = True
    for report in reports:
        pages = _Pages(report)
        for number in range(pages.count):
            if not first:
                writer.newPage()
            first = False
            painter.save()
            painter.scale(scale, scale)
            pages.paint(painter, number)
            painter.restore()
    painter.end()
    write_whole(path, bytes(stored.data().data()))


def write_html(report: Report, path: Path) -> None:
    """Write one self-contained page, whole or not at all. Raises `CannotWrite`."""
    write_whole(path, page(report).encode("utf-8"))


def panel_paths(panels: Sequence[Panel], folder: Path, stem: str) -> tuple[Path, ...]:
    """A PNG file for each panel: `<stem>-<name>.png`."""
    return tuple(folder / f"{stem}-{panel.name}.png" for panel in panels)


def write_panels(panels: Sequence[Panel], paths: Sequence[Path]) -> None:
    """Write each panel as PNG. Raises `CannotWrite`; what was written before stays, whole."""
    for panel, path in zip(panels, paths, strict=True):
        write_whole(path, panel.png())


class ReportWindow(QWidget):
    """Preview of a report and the ways to save it. Draws what it is given; asks for what it needs.

    The owner answers `report_wanted(deidentified)` with `show_report`, `panels_wanted(folder)` by rendering
    panels at image resolution and calling `save_panels`. `saved(paths)` and `failed(error)` tell how it went.
    """

    report_wanted = Signal(bool)
    panels_wanted = Signal(object)
    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, deidentified: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Report"))
        take_size(self, 920, 1000)
        self._report: Report | None = None
        self._names_out = QCheckBox(tr("Leave names out"))
        self._names_out.setChecked(deidentified)
        self._names_out.setToolTip(
            tr("Name, number, dates and descriptions are left out of preview and files.")
        )
        self._names_out.toggled.connect(self._ask)
        self._pdf = self._button(tr("Save PDF…"), self._choose_pdf)
        self._html = self._button(tr("Save HTML…"), self._choose_html)
        self._png = self._button(tr("Save pictures…"), self._choose_folder)
        self._pdf.setDefault(True)
        self._status = QLabel(tr("Drafting the report…"))
        self._status.setWordWrap(True)
        self._sheets = QWidget()
        self._sheet_column = QVBoxLayout(self._sheets)
        self._sheet_column.setSpacing(14)
        scroll = QScrollArea()
        scroll.setWidget(self._sheets)
        scroll.setWidgetResizable(True)
        scroll.setAccessibleName(tr("Pages of the report"))
        row = QHBoxLayout()
        row.addWidget(self._names_out)
        row.addStretch(1)
        for button in (self._png, self._html, self._pdf):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(scroll, 1)
        column.addWidget(self._status)
        self._show_buttons()

    @property
    def deidentified(self) -> bool:
        """Whether the reader wants names left out."""
        return self._names_out.isChecked()

    def show_report(self, report: Report) -> None:
        """Preview a report; one that no longer matches the switch is not shown."""
        if report.deidentified != self.deidentified:
            return
        self._report = report
        self._clear()
        pages = _Pages(report)
        ratio = self.devicePixelRatioF()
        for number in range(pages.count):
            sheet = QLabel()
            sheet.setPixmap(pages.picture(number, _PREVIEW_WIDTH_PX, ratio))
            sheet.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            sheet.setAccessibleName(
                tr("Page {number} of {count}").format(number=number + 1, count=pages.count)
            )
            self._sheet_column.addWidget(sheet)
        self._sheet_column.addStretch(1)
        self._status.setText(
            tr("{count} pages. {caution}").format(count=pages.count, caution=report.research_use)
        )
        self._show_buttons()

    def save_pdf(self, path: Path) -> None:
        """Save the shown report as PDF; `saved` or `failed` follows."""
        report = self._report
        if report is not None:
            self._save(lambda: write_pdf(report, path), path)

    def save_html(self, path: Path) -> None:
        """Save the shown report as one page; `saved` or `failed` follows."""
        report = self._report
        if report is not None:
            self._save(lambda: write_html(report, path), path)

    def save_panels(self, panels: Sequence[Panel], folder: Path) -> None:
        """Save pictures into a folder; `saved` or `failed` follows."""
        paths = panel_paths(panels, folder, self._stem())
        self._save(lambda: write_panels(panels, paths), *paths)

    def _button(self, text: str, chosen: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(chosen)
        return button

    def _ask(self, deidentified: bool) -> None:
        self._report = None
        self._show_buttons()
        self._status.setText(tr("Drafting the report…"))
        self.report_wanted.emit(deidentified)

    def _show_buttons(self) -> None:
        for button in (self._pdf, self._html, self._png):
            button.setEnabled(self._report is not None)

    def _clear(self) -> None:
        while (item := self._sheet_column.takeAt(0)) is not None:
            sheet = item.widget()
            if sheet is not None:
                sheet.deleteLater()

    def _stem(self) -> str:
        """Names of files never name a patient: folders are listed by anyone."""
        return f"healthytwin-{self._report.case}" if self._report is not None else "healthytwin"

    def _choose_pdf(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save PDF"), f"{self._stem()}.pdf", "PDF (*.pdf)")
        if name:
            self.save_pdf(Path(name))

    def _choose_html(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save HTML"), f"{self._stem()}.html", "HTML (*.html)")
        if name:
            self.save_html(Path(name))

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Save pictures into a folder"))
        if name:
            self._status.setText(tr("Drawing the pictures…"))
            self.panels_wanted.emit(Path(name))

    def _save(self, write: Callable[[], None], *paths: Path) -> None:
        try:
            write()
        except ProductError as error:
            self._status.setText(str(error))
            self.failed.emit(error)
            return
        self._status.setText(tr("Saved: {names}").format(names=", ".join(str(path) for path in paths)))
        self.saved.emit(paths)


class _SealedDocument(QTextDocument):
    """Rich text that shows the pictures of its own report and never loads anything."""

    def __init__(self, panels: Sequence[Panel]) -> None:
        super().__init__()
        self._pictures = {_address(panel): image_of(panel.pixels) for panel in panels}

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        picture = self._pictures.get(name.toString() if isinstance(name, QUrl) else name)
        # An empty picture, never None: on None Qt would look for a file itself.
        return QImage(1, 1, QImage.Format.Format_Alpha8) if picture is None else picture


class _Pages:
    """A report laid out on A4: how many pages, and each of them painted in CSS pixels."""

    def __init__(self, report: Report) -> None:
        spelled, self._report = _spelled(report)
        self._document = _SealedDocument(report.pictures)
        self._document.setUseDesignMetrics(True)
        self._document.setDefaultFont(_text_font(_TEXT_PX))
        self._document.setDocumentMargin(0)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._document.setDefaultTextOption(option)
        self._inner = QRectF(
            _MARGIN_PX,
            _MARGIN_PX + _HEADER_PX,
            _PAGE_PX.width() - 2 * _MARGIN_PX,
            _PAGE_PX.height() - 2 * _MARGIN_PX - _HEADER_PX - _FOOTER_PX,
        )
        self._document.setPageSize(self._inner.size())
        self._document.setHtml(spelled)
        self._keep_headings_with_text()

    @property
    def count(self) -> int:
        """Number of pages."""
        return self._document.pageCount()

    def paint(self, painter: QPainter, number: int) -> None:
        """Paint page `number` (from 0) with what stands on every page."""
        self._paint_margins(painter, number)
        painter.save()
        height = self._inner.height()
        painter.translate(self._inner.left(), self._inner.top() - number * height)
        self._document.drawContents(painter, QRectF(0, number * height, self._inner.width(), height))
        painter.restore()

    def picture(self, number: int, width: int, device_ratio: float) -> QPixmap:
        """A page as a picture of `width` logical pixels, for a screen of that ratio."""
        scale = width / _PAGE_PX.width()
        pixmap = QPixmap(math.ceil(width * device_ratio), math.ceil(_PAGE_PX.height() * scale * device_ratio))
        pixmap.setDevicePixelRatio(device_ratio)
        pixmap.fill(Qt.GlobalColor.white)
        with QPainter(pixmap) as painter:
            painter.setRenderHints(
                QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
            )
            painter.scale(scale, scale)
            self.paint(painter, number)
        return pixmap

    def _keep_headings_with_text(self) -> None:
        """Move a heading that would end a page to the next one; Qt's rich text has no word for it."""
        layout, height = self._document.documentLayout(), self._inner.height()
        block = self._document.begin()
        while block.isValid():
            box = layout.blockBoundingRect(block)
            room = height - box.top() % height
            if block.blockFormat().headingLevel() == 2 and room < _ROOM_AFTER_HEADING_PX:
                broken = block.blockFormat()
                broken.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                QTextCursor(block).setBlockFormat(broken)
                # Laid out anew as a whole: on its own Qt would leave what follows a later page break empty.
                self._document.setPageSize(self._inner.size())
            block = block.next()

    def _paint_margins(self, painter: QPainter, number: int) -> None:
        left, right = self._inner.left(), self._inner.right()
        top = QRectF(left, _MARGIN_PX - 8, self._inner.width(), 16)
        bottom = QRectF(left, self._inner.bottom() + 10, self._inner.width(), 16)
        middle = Qt.AlignmentFlag.AlignVCenter
        begin, end = middle | Qt.AlignmentFlag.AlignLeft, middle | Qt.AlignmentFlag.AlignRight
        small, bold = _text_font(_SMALL_PX), _text_font(_SMALL_PX, bold=True)
        painter.setPen(_QUIET)
        painter.setFont(small)
        painter.drawText(top, end, f"HealthyTwin {__version__}")
        room = self._inner.width() - 120
        title = QFontMetricsF(small).elidedText(self._report.running_title, Qt.TextElideMode.ElideRight, room)
        # Isolated, so that a name written from right to left does not turn the line round.
        painter.drawText(top, begin, f"\u2066{title}\u2069")
        painter.drawText(
            bottom, end, tr("Page {number} of {count}").format(number=number + 1, count=self.count)
        )
        painter.drawLine(QPointF(left, top.bottom() + 3), QPointF(right, top.bottom() + 3))
        painter.drawLine(QPointF(left, bottom.top() - 3), QPointF(right, bottom.top() - 3))
        painter.setPen(_WARNING)
        painter.setFont(bold)
        painter.drawText(bottom, begin, self._report.research_use)


def _spelled(report: Report) -> tuple[str, Report]:
    """The page of a report in characters that can be drawn, and the report that it shows."""
    missing: set[str] = set()

    def spell(text: str) -> str:
        letters = [(letter, _has_glyph(letter)) for letter in text]
        missing.update(letter for letter, drawable in letters if not drawable)
        return "".join(letter if drawable else f"[U+{ord(letter):04X}]" for letter, drawable in letters)

    made = page(report, spell, _address)
    shown = replace(report, running_title=spell(report.running_title))
    if not missing:
        return made, shown
    codes = ", ".join(f"U+{ord(letter):04X}" for letter in sorted(missing))
    note = f"No font on this computer draws {codes}: written as [U+…] with the number of the character."
    noted = replace(shown, cautions=(*report.cautions, note))
    return page(noted, spell, _address), noted


def _address(panel: Panel) -> str:
    return f"panel:{panel.name}"


@lru_cache(maxsize=8192)
def _has_glyph(letter: str) -> bool:
    """Whether a font draws this character. Asks the layout itself, so that the answer is what is printed."""
    if unicodedata.category(letter) in ("Cc", "Cf", "Zs", "Zl", "Zp"):
        return True
    if any(ord(letter) in selectors for selectors in _VARIATION_SELECTORS):
        return True
    layout = QTextLayout(letter, _text_font(_TEXT_PX))
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return all(0 not in run.glyphIndexes() for run in layout.glyphRuns())


def _text_font(size_px: int, *, bold: bool = False) -> QFont:
    """The shipped fonts, Latin first, then whatever the computer has."""
    font = QFont()
    font.setFamilies([*load_fonts(), *font.families()])
    font.setPixelSize(size_px)
    font.setBold(bold)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@lru_cache(maxsize=1)
def _made_application() -> QGuiApplication:
    """The application that is made where none runs; kept, since Qt does not keep it."""
    return QGuiApplication(["healthytwin"])
