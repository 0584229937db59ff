"""The preferences in pages with a search; a new field of `core.settings.Settings` appears by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.session import Session
from core.settings import Settings
from viewer.keys_page import KeysPage
from viewer.language import marked, tr
from viewer.mouse_page import MousePage
from viewer.screen_page import ScreenPage
from viewer.settings_pages import DISPLAY, GENERAL, MEMORY, MODELS, PAGES, PRIVACY, Page, RowsPage
from viewer.theme import scaled
from viewer.windows_page import WindowsPage

KEYS, MOUSE = marked("Keys"), marked("Mouse")
WINDOWS, SCREEN = marked("Windows"), marked("Screen")
_SIZE_PX = (860, 640)  # on a screen of 1280 x 800 with room for its title bar
_LIST_PX = 180
_PAGES: tuple[tuple[str, Callable[[], Page]], ...] = (
    (GENERAL, lambda: RowsPage(GENERAL)),
    (DISPLAY, lambda: RowsPage(DISPLAY)),
    (KEYS, KeysPage),
    (MOUSE, MousePage),
    (WINDOWS, WindowsPage),
    (SCREEN, ScreenPage),
    (MODELS, lambda: RowsPage(MODELS)),
    (PRIVACY, lambda: RowsPage(PRIVACY)),
    (MEMORY, lambda: RowsPage(MEMORY)),
)


class SettingsDialog(QDialog):
    """OK and Apply take what all pages say; Defaults puts the program's own values into them.

    The search finds rows on all pages by words of title, explanation and choices. `page`: which one is shown
    first, by its English name.
    """

    def __init__(self, session: Session, parent: QWidget | None = None, page: str = GENERAL) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Settings"))
        self._session = session
        self._search = QLineEdit()
        self._search.setObjectName("search")
        self._search.setPlaceholderText(tr("Search the settings"))
        self._search.setAccessibleName(tr("Search the settings"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._narrow)
        self._list = QListWidget()
        self._list.setObjectName("pages")
        self._list.setAccessibleName(tr("Pages"))
        self._list.setFixedWidth(scaled(_LIST_PX))
        self._list.setStyleSheet("QListWidget::item { padding: 5px 6px; }")
        self._stack = QStackedWidget()
        self._pages: list[Page] = []
        for title, make in _PAGES:
            made = make()
            self._pages.append(made)
            self._stack.addWidget(made)
            self._list.addItem(QListWidgetItem(tr(title)))
        self._none = QLabel(tr("No setting holds these words."))
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(self._none)
        self._list.currentRowChanged.connect(self._show_page)
        self._buttons = self._made_buttons()
        self._lay_out()
        self._fill(session.settings)
        for one in self._pages:
            one.changed.connect(self._refresh_apply)
        self._list.setCurrentRow([title for title, _ in _PAGES].index(page))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._search.setFocus)
        self.resize(
            scaled(_SIZE_PX[0]), min(scaled(_SIZE_PX[1]), self.screen().availableSize().height() - 60)
        )
        self._list.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses the button that has the focus; in a row, a table or the search it closes nothing."""
        on_button = isinstance(self.focusWidget(), QPushButton)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not on_button:
            event.accept()
            return
        super().keyPressEvent(event)

    @property
    def wished(self) -> Settings:
        """What the pages say now."""
        values = {name: value for page in self._pages for name, value in page.wished().items()}
        return replace(self._session.settings, **values)  # type: ignore[arg-type]  # editors keep the types

    def _made_buttons(self) -> QDialogButtonBox:
        kind = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kind.Ok | kind.Apply | kind.Cancel | kind.RestoreDefaults)
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        buttons.button(kind.Apply).clicked.connect(self._apply)
        defaults = buttons.button(kind.RestoreDefaults)
        defaults.setToolTip(tr("Puts the program's own values into all pages; OK or Apply takes them."))
        defaults.clicked.connect(self._fill_defaults)
        return buttons

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self._search)
        left.addWidget(self._list, 1)
        self._search.setFixedWidth(self._list.width())
        middle = QHBoxLayout()
        middle.addLayout(left)
        middle.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.addLayout(middle, 1)
        column.addWidget(self._buttons)

    def _fill(self, settings: Settings) -> None:
        for page in self._pages:
            page.fill(settings)
        self._refresh_apply()

    def _fill_defaults(self) -> None:
        """What the window remembers for itself stays."""
        defaults = Settings()
        shown = {name for page in self._pages for name in page.wished()}
        self._fill(replace(self._session.settings, **{name: getattr(defaults, name) for name in shown}))

    def _show_page(self, place: int) -> None:
        if place >= 0:
            self._stack.setCurrentIndex(place)

    def _narrow(self, text: str) -> None:
        words = tuple(text.casefold().split())
        hits = [page.narrow(words) for page in self._pages]
        with QSignalBlocker(self._list):
            for place, ((title, _), count) in enumerate(zip(_PAGES, hits, strict=True)):
                self._list.item(place).setHidden(not count)
                self._list.item(place).setText(f"{tr(title)} ({count})" if words else tr(title))
            here = self._list.currentRow()
            if not any(hits):
                self._stack.setCurrentWidget(self._none)
                return
            if not hits[here]:
                # A setting is more likely to be meant than a command that is called alike.
                here = max(range(len(hits)), key=lambda place: (bool(hits[place]), _has_rows(place)))
                self._list.setCurrentRow(here)
        self._stack.setCurrentIndex(here)

    def _refresh_apply(self) -> None:
        changed = self.wished != self._session.settings
        self._buttons.button(QDialogButtonBox.StandardButton.Apply).setEnabled(changed)

    def _apply(self) -> None:
        self._session.change_settings(self.wished)
        self._refresh_apply()

    def _take(self) -> None:
        self._session.change_settings(self.wished)
        self.accept()


def _has_rows(place: int) -> bool:
    return _PAGES[place][0] in PAGES
