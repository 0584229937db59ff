"""Which differences the third panel shows, chosen in its title bar: denser, more lucent, or both."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from core.imaging.heatmap import HeatmapStyle, Shows
from viewer.language import marked, tr
from viewer.theme import Colour

_WORDS = {
    Shows.DENSER: marked("denser"),
    Shows.LUCENT: marked("more lucent"),
    Shows.BOTH: marked("both"),
}


def words_of(shows: Shows) -> str:
    """What a reader calls these differences."""
    return tr(_WORDS[shows])


class SignChooser(QToolButton):
    """A button with a menu of the three; says which one was chosen, and shows which one is on."""

    chosen = Signal(object)
    """`Shows` that the reader wants."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("text", "small")
        self.setStyleSheet(f"QToolButton {{ color: {Colour.TEXT}; padding: 0 14px 0 3px; }}")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip(tr("Which differences from the twin are shown"))
        self.setAccessibleName(tr("Differences shown"))
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._entries = {shows: menu.addAction(words_of(shows)) for shows in Shows}
        for shows, entry in self._entries.items():
            entry.setData(shows.value)
            entry.setCheckable(True)
        menu.triggered.connect(self._choose)
        self.setMenu(menu)
        self.show_style(HeatmapStyle(0.0), agreement=False)

    def show_style(self, style: HeatmapStyle, *, agreement: bool) -> None:
        """Say what is on. The agreement of two models is that of one sign: both are not offered then."""
        shown = Shows(style.sign.value) if agreement else style.shows
        self.setText(words_of(shown))
        self.adjustSize()  # nothing lays it out in a title bar
        for shows, entry in self._entries.items():
            entry.setChecked(shows is shown)
        both = self._entries[Shows.BOTH]
        both.setEnabled(not agreement)
        both.setToolTip(tr("Two models agree on one kind of difference at a time") if agreement else "")

    def _choose(self, entry: QAction) -> None:
        self.chosen.emit(Shows(entry.data()))
