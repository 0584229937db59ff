"""The preferences, made from the fields of `core.settings.Settings`: a new field appears by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, fields, replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.session import Session
from core.settings import Settings
from viewer.theme import Colour

_Editor = tuple[QWidget, Callable[[], object]]


_HELP_WIDTH_PX = 560
_MOST_HEIGHT_PX = 720  # of a screen of 800


class SettingsDialog(QDialog):
    """One row a preference, with its words; OK takes them all, Defaults puts the defaults into the rows."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings")
        self._session = session
        self._readers: dict[str, Callable[[], object]] = {}
        self._form = QFormLayout()
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        restore = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.clicked.connect(lambda: self._fill(_with_defaults(self._session.settings)))
        rows = QWidget()
        rows.setLayout(self._form)
        self._area = QScrollArea()
        self._area.setWidget(rows)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.addWidget(self._area)
        column.addWidget(buttons)
        self._fill(session.settings)
        wanted = rows.sizeHint()
        self._area.setMinimumWidth(wanted.width() + self._area.verticalScrollBar().sizeHint().width())
        self.resize(self.sizeHint().width(), min(wanted.height() + 80, _MOST_HEIGHT_PX))

    @property
    def wished(self) -> Settings:
        """What the rows say now."""
        values = {name: read() for name, read in self._readers.items()}
        return replace(self._session.settings, **values)  # type: ignore[arg-type]  # editors keep the types

    def _fill(self, settings: Settings) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        for one in fields(settings):
            if not one.metadata["in_dialog"]:
                continue
            editor, read = _editor(one, getattr(settings, one.name))
            editor.setObjectName(one.name)
            editor.setToolTip(one.metadata["help"])
            editor.setAccessibleName(one.metadata["title"])
            self._readers[one.name] = read
            words = QLabel(one.metadata["help"])
            words.setWordWrap(True)
            # A form gives wrapped words the height of one line, and cuts off the others.
            words.setFixedWidth(_HELP_WIDTH_PX)
            words.setFixedHeight(words.heightForWidth(_HELP_WIDTH_PX))
            words.setStyleSheet(f"color: {Colour.QUIET};")
            self._form.addRow(one.metadata["title"], editor)
            self._form.addRow("", words)

    def _take(self) -> None:
        self._session.change_settings(self.wished)
        self.accept()


def _with_defaults(settings: Settings) -> Settings:
    """Defaults for what the dialog shows; what the window remembers for itself stays."""
    kept = {
        one.name: getattr(settings, one.name) for one in fields(settings) if not one.metadata["in_dialog"]
    }
    return replace(Settings(), **kept)


def _editor(one: Field[Any], value: object) -> _Editor:  # a dataclass field knows its type at run time only
    choices, bounds = one.metadata["choices"], one.metadata["range"]
    if isinstance(value, bool):
        check = QCheckBox()
        check.setChecked(value)
        return check, check.isChecked
    if choices:
        combo = QComboBox()
        combo.addItems(choices)
        combo.setCurrentText(str(value))
        return combo, combo.currentText
    if isinstance(value, int):
        spin = QSpinBox()
        spin.setRange(*(round(bound) for bound in bounds))
        spin.setValue(value)
        return spin, spin.value
    if isinstance(value, float):
        real = QDoubleSpinBox()
        real.setRange(*bounds)
        real.setSingleStep((bounds[1] - bounds[0]) / 20)
        real.setValue(value)
        return real, real.value
    line = QLineEdit(str(value))
    return line, line.text
