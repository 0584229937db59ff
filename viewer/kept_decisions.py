"""What a reader does with the journal as a whole: wipe it, after a question, or take its log out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.session import Session
from viewer.language import tr


def ask_to_forget(session: Session, parent: QWidget) -> QMessageBox:
    """Ask before all decisions are wiped: they are work, and nothing brings them back."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(tr("Forget all decisions"))
    box.setText(
        tr(
            "Wipe all findings, notes, impressions and drawings that you ever made, of every study? Nothing "
            "brings them back. The images themselves stay as they are."
        )
    )
    forget = box.addButton(tr("Forget all decisions"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    forget.clicked.connect(session.forget_decisions)
    box.open()
    return box


def ask_log_file(session: Session, parent: QWidget) -> None:
    """Let the reader choose where the moments of readings with the impression first go, as a table."""
    start = str(Path(session.settings.last_folder) / "reading-log.csv")
    name, _ = QFileDialog.getSaveFileName(parent, tr("Export the reading log"), start, "CSV (*.csv)")
    if name:
        session.write_reading_log(Path(name))
