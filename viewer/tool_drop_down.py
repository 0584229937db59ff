"""A button of the toolbar for several tools: it shows the one used last, the others are one click away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget


class ToolDropDown(QToolButton):
    """The button takes the tool that it shows, its arrow opens the menu of all."""

    def __init__(self, name: str, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._actions = tuple(actions)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions(list(actions))
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        for action in actions:
            action.toggled.connect(self._follow)
        self._show(self._actions[0])

    def _follow(self, checked: bool) -> None:
        chosen = next((one for one in self._actions if one.isChecked()), None)
        if chosen is not None:
            self._show(chosen)

    def _show(self, action: QAction) -> None:
        self.setDefaultAction(action)
        self.setAccessibleName(f"{self._name}: {action.text()}")
