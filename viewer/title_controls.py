"""The controls in the title bar of a viewport: how it is linked, and away with it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from core.linking import LinkMode, Relation
from viewer.language import marked, tr
from viewer.theme import icon, scaled

_ICON_PX = 16

_TIES = {
    Relation.PLACE: marked("Linked: the same place in the patient. Click to unlink this viewport"),
    Relation.HAND: marked("Linked by hand, with the difference kept. Click to unlink this viewport"),
}
_OFF = marked("Not linked, as you chose. Click to link it again")
_NOTHING_SHARED = marked(
    "Not linked: no shared frame of reference. Click to link by hand, as the images stand now"
)


class TitleControls(QWidget):
    """A link button that says how the viewport is tied, and a close button where it can be closed."""

    linkClicked = Signal()
    closeClicked = Signal()

    def __init__(self, *, closable: bool) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.link = self._button("unlink", self.linkClicked)
        row.addWidget(self.link)
        if closable:
            close = self._button("dismiss", self.closeClicked)
            close.setToolTip(tr("Take this series off the desk"))
            close.setAccessibleName(tr("Take this series off the desk"))
            row.addWidget(close)
        self.show_tie(Relation.NONE, LinkMode.BY_PLACE)

    def _button(self, name: str, clicked: SignalInstance) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setIconSize(QSize(scaled(_ICON_PX), scaled(_ICON_PX)))
        button.setAutoRaise(True)
        # Tab goes from film to film; the keyboard has a command for this.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setStyleSheet("QToolButton { padding: 1px 2px; }")
        button.clicked.connect(clicked)
        return button

    def show_tie(self, tie: Relation, mode: LinkMode) -> None:
        """Say how the viewport is tied to the others; one that shares no place can be linked by hand."""
        words = tr(_TIES.get(tie, _OFF if mode is LinkMode.OFF else _NOTHING_SHARED))
        self.link.setIcon(icon("unlink" if tie is Relation.NONE else "link"))
        self.link.setText(tr("by hand") if tie is Relation.HAND else "")
        by_hand = tie is Relation.HAND
        self.link.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon if by_hand else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        self.link.setToolTip(words)
        self.link.setAccessibleName(words.partition(".")[0])
        self.adjustSize()
        bar = self.parentWidget()
        if bar is not None:
            bar.update()  # the words of the title bar stand beside this
