"""How an error or a notice appears: a line with the way out; a dialog only for the program's own faults."""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

import core
from core.errors import ProductError
from viewer.core_sentences import said
from viewer.faults import fault_places
from viewer.language import tr
from viewer.theme import Colour

_log = logging.getLogger(__name__)
_LONGEST_DETAILS = 20_000


class MessageBar(QFrame):
    """One line over the panels: what happened and what to do. Never modal, goes when it is closed.

    The newest message is shown; `Details` opens all that is known about it.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setTextFormat(Qt.TextFormat.PlainText)  # file names may hold what looks like markup
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._details_button = QPushButton(tr("Details"))
        self._details_button.clicked.connect(self._show_details)
        close = QToolButton()
        close.setText("✕")
        close.setToolTip(tr("Close this message"))
        close.setAccessibleName(tr("Close this message"))
        close.clicked.connect(self.clear)
        self._details = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.addWidget(self._text, 1)
        row.addWidget(self._details_button)
        row.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        """What is said now; empty when nothing is."""
        return "" if self.isHidden() else self._text.text()

    def notice(self, text: str, details: str = "") -> None:
        """Say something that went as it should, or that the reader should know."""
        self._say(text, details, Colour.ACCENT)

    def failure(self, text: str, details: str = "") -> None:
        """Say what went wrong and what to do."""
        self._say(text, details, Colour.FAILURE)

    def clear(self) -> None:
        """Close the message."""
        self.hide()
        self.closed.emit()

    def _say(self, text: str, details: str, colour: Colour) -> None:
        _log.info("Shown to the reader: %s", text)
        self._text.setText(text)
        self._details = details
        self._details_button.setVisible(bool(details))
        self.setStyleSheet(
            f"#messageBar {{ background: {Colour.RAISED}; border-left: 4px solid {colour}; "
            f"border-bottom: 1px solid {Colour.LINE}; }}"
        )
        self.show()

    def _show_details(self) -> None:
        TextDialog(tr("Details"), self._text.text(), self._details, self.window()).open()


class TextDialog(QDialog):
    """A sentence and a longer text that can be copied."""

    def __init__(
        self,
        title: str,
        sentence: str,
        text: str,
        parent: QWidget | None = None,
        *,
        monospaced: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(640, 420)
        heading = QLabel(sentence)
        heading.setWordWrap(True)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        content = QPlainTextEdit(text)
        content.setReadOnly(True)
        if monospaced:
            content.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{sentence}\n\n{text}"))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(heading)
        column.addWidget(content, 1)
        column.addWidget(buttons)


def words_for(error: BaseException, tried: str) -> tuple[str, str]:
    """The sentence for the reader and the details behind it.

    A `ProductError` speaks for itself. Anything else is the program's fault and is said so, with a report
    that names places in the program but no values: values may be names of patients.
    """
    if isinstance(error, ProductError):
        return str(error), ""
    return (
        tr(
            "{tried}: the program met an error of its own. Nothing you opened was changed; "
            "the report under Details holds no patient data."
        ).format(tried=said(tried)),
        fault_report(error),
    )


def fault_report(error: BaseException) -> str:
    """Versions, kind of error and where in the program it was; no message, no values, no paths of files."""
    head = (
        f"HealthyTwin {core.__version__}, Python {platform.python_version()}, {platform.system()} "
        f"{platform.release()} {platform.machine()}"
    )
    return "\n".join([head, "", *fault_places(error)])[:_LONGEST_DETAILS]


def install_crash_hook(show: Callable[[BaseException], None]) -> Callable[[], None]:
    """Bring exceptions that nobody caught (slots, timers, painting) to `show`; returns the way back."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)
            return
        show(error)

    sys.excepthook = hook

    def restore() -> None:
        sys.excepthook = before

    return restore
