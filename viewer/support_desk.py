"""Puts the text for support together behind the window, and onto the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from core.jobs import Job, Lane
from core.models.collection import ModelEntry, list_models, own_model_folder
from core.session import Session
from viewer.computer import look, rows
from viewer.language import tr
from viewer.program_log import program_log
from viewer.support_text import support_text


def copy_for_support(session: Session, told: Callable[[str], None]) -> Job:
    """Copy versions, computer, models and the last messages, without patient data; `told` gets the text.

    The models are read in the read lane; `told` runs on the GUI thread, unless the job is cancelled.
    """
    folder = own_model_folder(session.settings)

    def copy(models: tuple[ModelEntry, ...]) -> None:
        computer = look(session.device_text, session.image_memory)
        text = support_text(
            qt=qVersion(),
            computer=[f"{name}: {value}" for name, value in rows(computer)],
            models=models,
            settings=session.settings,
            log=program_log().lines,
        )
        QGuiApplication.clipboard().setText(text)
        told(text)

    title = tr("Putting the text for support together")
    return session.jobs.submit(
        Lane.READ, title, lambda ctx: list_models(folder), copy, urgent=True, shown=False
    )
