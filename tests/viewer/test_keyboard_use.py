"""By keyboard alone: whatever takes the focus shows that it has it, and says its name to a screen reader.

Every window that a command of the menus opens is looked at, so that a new one needs no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from phantoms import write_ct_series
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from reading_room import command

from core.session import Session
from viewer.actions import ACTIONS
from viewer.main_window import MainWindow

# Commands that end the program or wipe what others here need.
_LEFT_OUT = {"quit", "close_all", "full_screen"}
# Parts that Qt makes of its own widgets; the whole is looked at instead.
_PARTS = ("qt_", "_layout")


@pytest.fixture
def window(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """The shared window, larger; whatever asks a person is answered at once, for nobody is here."""
    for ask, answer in (
        ("getExistingDirectory", ""),
        ("getOpenFileName", ("", "")),
        ("getOpenFileNames", ([], "")),
        ("getSaveFileName", ("", "")),
    ):
        monkeypatch.setattr(QFileDialog, ask, lambda *asked, answer=answer: answer)
    for ask in ("question", "warning", "information", "critical"):
        monkeypatch.setattr(QMessageBox, ask, lambda *asked: QMessageBox.StandardButton.Cancel)
    window.resize(1400, 900)
    yield window
    for one in window.findChildren(QWidget):
        if one.isWindow() and not isinstance(one, QMenu):
            one.close()


def windows_of(window: MainWindow) -> list[QWidget]:
    """The window, and all that were opened from it."""
    kinds = (QMenu,)
    children = [one for one in window.findChildren(QWidget) if one.isWindow() and not isinstance(one, kinds)]
    return [window, *(one for one in children if one.isVisible())]


def open_everything(window: MainWindow, qtbot: QtBot, session: Session) -> list[QWidget]:
    """Run every command that opens something: those whose name ends in an ellipsis, and what Help holds."""
    for action in ACTIONS:
        if action.id in _LEFT_OUT or not (action.text.endswith("…") or action.menu == "Help"):
            continue
        if command(window, action.id).isEnabled():
            command(window, action.id).trigger()
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=20_000)
    return windows_of(window)


def focusable(root: QWidget) -> Iterator[QWidget]:
    """Widgets of one window that the Tab key may reach, on pages that are not in front, too."""
    for widget in root.findChildren(QWidget):
        if widget.window() is not root or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        parent = widget.parentWidget()
        inside = isinstance(parent, QAbstractSpinBox | QComboBox) or isinstance(widget, QScrollBar | QMenu)
        if inside or widget.objectName().startswith(_PARTS) or widget.focusProxy() is not None:
            continue
        yield widget


def place_of(widget: QWidget) -> str:
    """Where a widget is, for whoever has to name it."""
    parents = []
    parent = widget.parentWidget()
    while parent is not None:
        parents.append(type(parent).__name__)
        parent = parent.parentWidget()
    return f"{type(widget).__name__} {widget.objectName()!r} in {' < '.join(parents)}"


def name_of(widget: QWidget) -> str:
    """What a screen reader says."""
    seen = QAccessible.queryAccessibleInterface(widget)
    name = seen.text(QAccessible.Text.Name) if seen is not None else ""
    if isinstance(widget, QTabBar) and not name:
        name = " ".join(widget.tabText(tab) for tab in range(widget.count()))
    return name.strip("✕◀▶↺… ")


def shows_focus(widget: QWidget, root: QWidget) -> bool:
    """Whether it looks otherwise with the focus than without."""
    corner = widget.mapTo(root, QPoint(0, 0))
    area = QRect(corner, widget.size()).adjusted(-4, -4, 4, 4).intersected(root.rect())

    def picture(*, focused: bool) -> object:
        if focused:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            widget.clearFocus()
        QApplication.processEvents()
        return root.grab(area).toImage()

    without = picture(focused=False)
    with_it = picture(focused=True)
    assert widget.hasFocus(), place_of(widget)
    return with_it != without


def check_names(windows: list[QWidget]) -> None:
    nameless = [place_of(widget) for root in windows for widget in focusable(root) if not name_of(widget)]
    assert not nameless, "give these an accessible name:\n" + "\n".join(nameless)


def check_focus(windows: list[QWidget], qtbot: QtBot) -> None:
    hidden = []
    for root in windows:
        # Modal dialogs are in front of what is behind them, which gets no keys meanwhile.
        for other in windows:
            if isinstance(other, QDialog) and other is not root:
                other.hide()
        root.show()
        root.activateWindow()
        qtbot.waitUntil(root.isActiveWindow)
        for widget in list(focusable(root)):  # rings come and go meanwhile
            in_sight = widget.isVisible() and widget.isEnabled() and not widget.visibleRegion().isEmpty()
            if in_sight and not shows_focus(widget, root):
                hidden.append(place_of(widget))
    assert not hidden, "nothing shows that these have the focus:\n" + "\n".join(hidden)


def test_every_widget_has_a_name_and_shows_its_focus(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    opened(film)
    windows = open_everything(window, qtbot, session)
    assert len(windows) >= 9, "trainer, models, comparison, report, doctor, attributes, log, about …"
    check_names(windows)
    check_focus(windows, qtbot)


def test_the_windows_of_a_volume_can_be_used_by_keyboard(
    window: MainWindow, session: Session, opened: Callable[..., Session], tmp_path: Path, qtbot: QtBot
) -> None:
    write_ct_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    command(window, "planes").trigger()
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=20_000)
    windows = windows_of(window)
    assert len(windows) == 2
    check_names(windows)
    check_focus(windows, qtbot)


def test_an_empty_window_can_be_used_by_keyboard(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    windows = open_everything(window, qtbot, session)
    check_names(windows)
    check_focus(windows, qtbot)


def test_tab_walks_through_the_window_and_comes_back(
    window: MainWindow, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    opened(film)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.comparison.setFocus()
    walked: list[QWidget] = []
    for _ in range(200):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now in walked:
            break
        walked.append(now)
    else:
        pytest.fail("Tab never comes back")
    assert any(isinstance(one, QLineEdit) for one in walked)
    assert any(isinstance(one, QAbstractSlider) for one in walked)
    assert len(walked) > 10
