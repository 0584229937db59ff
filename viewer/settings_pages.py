"""Pages of the preferences that are made from the fields of `core.settings.Settings`: a row for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, fields
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.inference.analysis import model_name
from core.settings import Settings
from viewer.language import marked, tr
from viewer.theme import Colour, scaled

GENERAL, DISPLAY, MODELS = marked("General"), marked("Display"), marked("Models")
PRIVACY, MEMORY = marked("Privacy"), marked("Memory")
PAGES: dict[str, tuple[str, ...]] = {
    GENERAL: (),
    DISPLAY: (
        "text_percent",
        "icon_px",
        "thumbnail_px",
        "show_corner_texts",
        "reference_lines",
        "heatmap_opacity",
        "detail_preserving_twin",
        "blink_hz",
        "lens_radius_px",
    ),
    MODELS: ("analyze_automatically", "model", "device", "model_folder", "test_films"),
    PRIVACY: ("deidentify_report", "remember_studies", "show_recent_studies", "keep_decisions"),
    MEMORY: ("frame_memory_mb",),
}
"""Which preferences stand on which page, in their order; all others stand on the first."""

_HELP_WIDTH_PX = 520
_TITLE_WIDTH_PX = 210
_FOLDERS = {"model_folder", "test_films"}
_UNITS = {"px": "px", "mb": "MB", "percent": "%", "hz": "Hz", "mm": "mm", "s": "s"}
"""Units by the end of a field's name."""
_CHOICE_NAMES = {
    "healthygan": model_name("healthygan"),
    "sr-anogan": model_name("sr-anogan"),
    "cpu": "CPU",
    "cuda": "CUDA",
    "mps": "MPS",
}


class Page(QWidget):
    """A page of the preferences: it shows settings, says what is wished, and filters its rows."""

    changed = Signal()

    def fill(self, settings: Settings) -> None:
        """Show these settings."""
        raise NotImplementedError

    def wished(self) -> dict[str, object]:
        """Values by name of field, as the rows say now: every field that this page is about."""
        raise NotImplementedError

    def narrow(self, words: tuple[str, ...]) -> int:
        """Show only rows that hold all the words, lower case; how many these are."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Editor:
    """The control of a row: how it is read and filled, and in what of it the focus goes."""

    widget: QWidget
    focus: QWidget
    read: Callable[[], object]
    write: Callable[[Any], None]  # the value's type is known to the field alone


class _Row(QWidget):
    """Title and control in a line, the explanation below."""

    def __init__(self, one: Field[Any], editor: _Editor) -> None:  # a field knows its type at run time only
        super().__init__()
        title, help_text = tr(one.metadata["title"]), tr(one.metadata["help"])
        choices = " ".join(_choice_name(choice) for choice in one.metadata["choices"])
        self.words = f"{title} {help_text} {choices} {one.name}".casefold()
        editor.focus.setObjectName(one.name)
        editor.focus.setToolTip(help_text)
        editor.focus.setAccessibleName(title)
        editor.focus.setAccessibleDescription(help_text)
        name = QLabel(title)
        name.setBuddy(editor.focus)
        name.setWordWrap(True)
        name.setFixedWidth(scaled(_TITLE_WIDTH_PX))
        name.setFixedHeight(max(name.heightForWidth(name.width()), editor.widget.sizeHint().height()))
        explanation = QLabel(help_text)
        explanation.setWordWrap(True)
        # A layout gives wrapped words the height of one line, and cuts off the others.
        explanation.setFixedWidth(scaled(_HELP_WIDTH_PX))
        explanation.setFixedHeight(explanation.heightForWidth(explanation.width()))
        explanation.setStyleSheet(f"color: {Colour.QUIET};")
        line = QHBoxLayout()
        line.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        if isinstance(editor.widget, QLineEdit) or editor.widget is not editor.focus:
            line.addWidget(editor.widget, 1, Qt.AlignmentFlag.AlignTop)
        else:
            line.addWidget(editor.widget, 0, Qt.AlignmentFlag.AlignTop)
            line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(explanation)


class RowsPage(Page):
    """The preferences of one page, one below the other."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._editors: dict[str, _Editor] = {}
        self._rows: list[_Row] = []
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(4, 0, 8, 0)
        column.setSpacing(0)
        for one in fields_of(page):
            editor = _editor(one, self.changed.emit)
            self._editors[one.name] = editor
            row = _Row(one, editor)
            self._rows.append(row)
            column.addWidget(row)
        column.addStretch(1)
        area = _Area()
        area.setWidget(holder)
        area.setMinimumWidth(holder.sizeHint().width() + area.verticalScrollBar().sizeHint().width())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def fill(self, settings: Settings) -> None:
        """Show these settings."""
        for name, editor in self._editors.items():
            editor.write(getattr(settings, name))

    def wished(self) -> dict[str, object]:
        """Values by name of field, as the rows say now."""
        return {name: editor.read() for name, editor in self._editors.items()}

    def narrow(self, words: tuple[str, ...]) -> int:
        """Show only rows that hold all the words, lower case; how many these are."""
        hits = 0
        for row in self._rows:
            hit = all(word in row.words for word in words)
            row.setVisible(hit)
            hits += hit
        return hits


class _Area(QScrollArea):
    """Rows that scroll; the row that gets the focus comes into sight."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def fields_of(page: str) -> tuple[Field[Any], ...]:  # of any type: see `Settings`
    """The fields whose rows stand on a page, in their order."""
    shown = {one.name: one for one in fields(Settings) if one.metadata["in_dialog"]}
    if page == GENERAL:
        elsewhere = {name for names in PAGES.values() for name in names}
        return tuple(one for name, one in shown.items() if name not in elsewhere)
    return tuple(shown[name] for name in PAGES[page] if name in shown)


def _choice_name(choice: str) -> str:
    return _CHOICE_NAMES.get(choice) or tr(choice)


def _editor(one: Field[Any], changed: Callable[[], None]) -> _Editor:  # see `_Row`
    value, choices, bounds = one.default, one.metadata["choices"], one.metadata["range"]
    if isinstance(value, bool):
        return _check_editor(changed)
    if choices:
        return _choice_editor(choices, changed)
    unit = _UNITS.get(one.name.rpartition("_")[2], "")
    if isinstance(value, int):
        return _whole_editor(bounds, unit, changed)
    if isinstance(value, float):
        return _real_editor(bounds, unit, changed)
    return _text_editor(changed, folder=one.name in _FOLDERS, title=one.metadata["title"])


def _check_editor(changed: Callable[[], None]) -> _Editor:
    check = QCheckBox()
    check.toggled.connect(lambda on: changed())
    return _Editor(check, check, check.isChecked, check.setChecked)


def _choice_editor(choices: tuple[str, ...], changed: Callable[[], None]) -> _Editor:
    combo = QComboBox()
    for choice in choices:
        combo.addItem(_choice_name(choice), choice)
    combo.currentIndexChanged.connect(lambda place: changed())
    return _Editor(
        combo, combo, combo.currentData, lambda value: combo.setCurrentIndex(combo.findData(value))
    )


def _whole_editor(bounds: tuple[float, float], unit: str, changed: Callable[[], None]) -> _Editor:
    spin = QSpinBox()
    spin.setRange(*(round(bound) for bound in bounds))
    spin.setSingleStep(max(round((bounds[1] - bounds[0]) / 100), 1))
    spin.setSuffix(f" {unit}" if unit else "")
    spin.setGroupSeparatorShown(True)
    spin.valueChanged.connect(lambda value: changed())
    return _Editor(spin, spin, spin.value, spin.setValue)


def _real_editor(bounds: tuple[float, float], unit: str, changed: Callable[[], None]) -> _Editor:
    """A share of a whole is shown in per cent; any other number in its unit."""
    share = not unit and bounds[0] >= 0 and bounds[1] == 1
    scale = 100.0 if share else 1.0
    spin = QDoubleSpinBox()
    spin.setDecimals(0 if share or unit == "px" else 1)
    spin.setRange(bounds[0] * scale, bounds[1] * scale)
    spin.setSingleStep(5 if share else (bounds[1] - bounds[0]) / 20)
    spin.setSuffix(" %" if share else f" {unit}" if unit else "")
    spin.valueChanged.connect(lambda value: changed())
    exact = [0.0]

    def read() -> float:
        # What was not touched stays as exact as it was.
        same = round(exact[0] * scale, spin.decimals()) == spin.value()
        return exact[0] if same else min(max(spin.value() / scale, bounds[0]), bounds[1])

    def write(value: float) -> None:
        exact[0] = value
        spin.setValue(value * scale)

    return _Editor(spin, spin, read, write)


def _text_editor(changed: Callable[[], None], *, folder: bool, title: str) -> _Editor:
    line = QLineEdit()
    line.textChanged.connect(lambda text: changed())
    if not folder:
        return _Editor(line, line, line.text, line.setText)
    choose = QPushButton(tr("Choose…"))
    choose.setAccessibleName(tr("Choose: {title}").format(title=tr(title)))

    def ask() -> None:
        name = QFileDialog.getExistingDirectory(choose, tr(title), line.text())
        if name:
            line.setText(name)

    choose.clicked.connect(ask)
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(line, 1)
    row.addWidget(choose)
    return _Editor(holder, line, line.text, line.setText)
