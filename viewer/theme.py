"""Dark and quiet: palette, one accent colour, fonts, and icons that take the palette's colours."""

from __future__ import annotations

import logging
import math
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QByteArray, QLoggingCategory, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap, QTextLayout
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from core.resources import resource_path

_log = logging.getLogger(__name__)

TEXT_PX = 13
SMALL_TEXT_PX = 12
"""The two sizes in use at a text size of 100 %: see `scaled`."""
LEAST_TEXT_PX = 11
"""Nothing is written smaller."""

_HEADING_PX = 20
_BESIDE_PX = 60
_ENDLESS_PX = 1e6
_ICON_SIZES_PX = (16, 20, 24, 32, 48, 64)
# Rendered at three times the size as well: a screen of scale 2 or 3 gets its own pixels.
_APP_ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


class Colour(StrEnum):
    """All colours of the window; colour maps of the difference are in `core.imaging.heatmap`."""

    FILM = "#000000"
    WINDOW = "#16181b"
    RAISED = "#1f2226"
    HOVER = "#2b2f35"
    LINE = "#3a3f46"
    QUIET = "#8f979f"
    TEXT = "#d9dcdf"
    ACCENT = "#4fc3e8"
    ACCENT_DARK = "#175a70"
    TWIN = "#d667c4"
    WARNING = "#e0b050"
    FAILURE = "#ec7a6c"
    AXIAL = "#e58f98"
    CORONAL = "#8fcf7d"
    SAGITTAL = "#e3cf6a"


HEADING_STYLE = f"color: {Colour.QUIET}; border-top: 1px solid {Colour.LINE}; padding-top: 6px;"
"""Of the words that begin a part of a panel."""


def apply_theme(app: QApplication, text_percent: int = 100) -> None:
    """Give the whole program its look: Fusion in dark, our fonts, our palette."""
    app.setStyle("Fusion")
    app.styleHints().setColorScheme(Qt.ColorScheme.Dark)
    app.setPalette(_palette())
    app.setWindowIcon(icon("app"))
    app.setFont(_font(load_fonts(), text_percent))
    app.setStyleSheet(_style())


def apply_text_size(text_percent: int) -> None:
    """Write everything in another size, at once; nothing happens if it is that already.

    Widgets hear of it by `QEvent.Type.FontChange`; what is painted asks `scaled` or `panel.text_font`.
    """
    app = QApplication.instance()
    font = _font(load_fonts(), text_percent)
    if isinstance(app, QApplication) and font.pixelSize() != app.font().pixelSize():
        app.setFont(font)
        app.setStyleSheet(_style())


def scaled(px: float) -> int:
    """A length that goes with the text: so many pixels at a text size of 100 %, more if it is larger."""
    size_px = QApplication.font().pixelSize()
    return round(px) if size_px <= TEXT_PX else round(px * size_px / TEXT_PX)


def take_size(window: QWidget, width: int, height: int) -> None:
    """Give a new window so many pixels, but no more than its screen has room for with a title bar."""
    room = window.screen().availableSize()
    window.resize(min(width, room.width() - _BESIDE_PX), min(height, room.height() - _BESIDE_PX))


def check_fonts() -> str:
    """A plain sentence if not a single font can be used, else ""."""
    if _families():
        return ""
    return (
        "No font was found, so no text can be shown. Install one (Debian: apt install fonts-dejavu-core) "
        "or put .ttf files into resources/fonts."
    )


def icon(name: str) -> QIcon:
    """The line icon `name` of resources/icons in the palette's colours: normal, disabled, switched on.

    Raises `FileNotFoundError` for a name that has no file: a bug, not something to show.
    """
    drawing = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    if name == "app":
        _add_pictures(made, drawing, Colour.TEXT, _APP_ICON_SIZES_PX)
        return made
    _add_pictures(made, drawing, Colour.TEXT)
    _add_pictures(made, drawing, Colour.LINE, mode=QIcon.Mode.Disabled)
    _add_pictures(made, drawing, Colour.ACCENT, state=QIcon.State.On)
    return made


def text_height_px(text: str, font: QFont) -> int:
    """Room for lines of text in Qt's lists: letters of another script come from a taller font.

    The lists give each line the height of the tallest, and drop the last one where there is less room.
    """
    heights = []
    for words in text.split("\n"):
        layout = QTextLayout(words, font)
        layout.beginLayout()
        line = layout.createLine()
        if line.isValid():
            line.setLineWidth(_ENDLESS_PX)
            heights.append(line.height())
        layout.endLayout()
    return math.ceil(max(heights, default=0.0) * (text.count("\n") + 1))


def _families() -> list[str]:
    return list(QFontDatabase.families())


def _add_pictures(
    made: QIcon,
    drawing: str,
    colour: Colour,
    sizes_px: tuple[int, ...] = _ICON_SIZES_PX,
    *,
    mode: QIcon.Mode = QIcon.Mode.Normal,
    state: QIcon.State = QIcon.State.Off,
) -> None:
    """The drawing in a colour, in all sizes; it is parsed once for them, as that costs more than to paint."""
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour.value).encode()))
    for size_px in sizes_px:
        pixmap = QPixmap(size_px, size_px)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            renderer.render(painter, QRectF(0, 0, size_px, size_px))
        made.addPixmap(pixmap, mode, state)


@lru_cache(maxsize=1)
def load_fonts() -> tuple[str, ...]:
    """Families of the fonts that ship with the program, in the order of their file names: Latin first."""
    # Qt tells of each of our fonts that lacks an Indic script before it takes the one that has it.
    QLoggingCategory.setFilterRules("qt.text.font.db.info=false")
    folder = resource_path("fonts")
    families: list[str] = []
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    for file in files:
        if file.suffix.lower() not in {".ttf", ".otf", ".ttc"}:
            continue
        number = QFontDatabase.addApplicationFont(str(file))
        if number < 0:
            _log.info("The font file %s could not be loaded.", file.name)
            continue
        families += QFontDatabase.applicationFontFamilies(number)
    return tuple(dict.fromkeys(families))


def _font(shipped: tuple[str, ...], text_percent: int) -> QFont:
    """Our own Latin font first, so that pictures of the window are the same on every machine."""
    font = QFont()
    if shipped:
        others = [family for family in font.families() if family not in shipped]
        font.setFamilies([*shipped, *others])
    font.setPixelSize(max(LEAST_TEXT_PX, round(TEXT_PX * text_percent / 100)))
    return font


def _palette() -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, Colour.WINDOW),
        (role.Base, Colour.RAISED),
        (role.AlternateBase, Colour.WINDOW),
        (role.Button, Colour.RAISED),
        (role.ToolTipBase, Colour.RAISED),
        (role.WindowText, Colour.TEXT),
        (role.Text, Colour.TEXT),
        (role.ButtonText, Colour.TEXT),
        (role.ToolTipText, Colour.TEXT),
        (role.BrightText, Colour.FAILURE),
        (role.PlaceholderText, Colour.QUIET),
        (role.Link, Colour.ACCENT),
        (role.Highlight, Colour.ACCENT_DARK),
        (role.HighlightedText, Colour.TEXT),
        (role.Accent, Colour.ACCENT),
        (role.Mid, Colour.LINE),
        (role.Midlight, Colour.HOVER),
        (role.Dark, Colour.FILM),
        (role.Light, Colour.LINE),
        (role.Shadow, Colour.FILM),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(Colour.LINE).lighter(150))
    return palette


def _style() -> str:
    """The style sheet for the text size in use.

    A label in another size than the rest says which by its property `textSize`: `small` or `heading`. A style
    sheet of its own would keep the size that was in use when it was made.
    """
    return f"""
*[textSize="small"] {{ font-size: {scaled(SMALL_TEXT_PX)}px; }}
*[textSize="heading"] {{ font-size: {scaled(_HEADING_PX)}px; }}
QToolTip {{
    color: {Colour.TEXT}; background: {Colour.RAISED}; border: 1px solid {Colour.LINE}; padding: 3px;
}}
QMainWindow::separator {{ background: {Colour.FILM}; width: 4px; height: 4px; }}
QMainWindow::separator:hover {{ background: {Colour.ACCENT_DARK}; }}
QDockWidget::title {{ background: {Colour.RAISED}; padding: 5px 8px; }}
QToolBar {{
    background: {Colour.WINDOW}; border: 0; border-bottom: 1px solid {Colour.LINE};
    spacing: 2px; padding: 2px;
}}
QToolBar::separator {{ background: {Colour.LINE}; width: 1px; margin: 5px 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 4px; }}
QToolButton:hover {{ background: {Colour.HOVER}; }}
QToolButton::menu-button {{ border: 0; border-radius: 4px; width: 14px; }}
QToolButton::menu-button:hover {{ background: {Colour.LINE}; }}
QToolButton[popupMode="1"] {{ padding-right: 16px; }}
QToolButton:checked {{ background: {Colour.ACCENT_DARK}; }}
QPushButton {{
    background: {Colour.HOVER}; border: 1px solid {Colour.LINE}; border-radius: 4px; padding: 5px 12px;
}}
QPushButton:hover {{ background: {Colour.LINE}; }}
QPushButton:disabled {{ color: {Colour.QUIET}; background: {Colour.RAISED}; }}
QPushButton:default:enabled {{ background: {Colour.ACCENT_DARK}; border-color: {Colour.ACCENT}; }}
QToolButton:focus, QPushButton:focus, QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus,
QAbstractItemView:focus, QScrollArea:focus {{ border: 1px solid {Colour.ACCENT}; }}
QStatusBar {{ background: {Colour.WINDOW}; border-top: 1px solid {Colour.LINE}; }}
QStatusBar::item {{ border: 0; }}
"""
